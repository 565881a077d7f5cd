import type { SinkCase, SinkMessages } from '../../core/contract/case.ts';
import { delivered, type Fate } from '../../core/contract/outcome.ts';
import { MAX_CARD_BYTES, type Element } from './card.ts';
import { cardIn, type TeamsMessage } from './message.ts';

const secrets = {
  webhookUrl:
    'https://default0a1b.00.environment.api.powerplatform.com/powerautomate/automations/direct/workflows/flow0a1b/triggers/manual/paths/invoke?sig=signature-of-the-flow',
};
const request = {
  method: 'POST',
  url: secrets.webhookUrl,
  headers: { 'content-type': 'application/json; charset=utf-8' },
};
const accepted = { status: 202, body: '' };

const shown = {
  timeZone: 'Europe/Berlin',
  links: { Grafana: 'https://grafana.example.com/d/events?pod=${ event.object.name }' },
};
const pairs = [['**', '**']] as const;

export const messages: SinkMessages<TeamsMessage> = {
  title: 'Messages on Microsoft Teams',
  variants: [
    { name: 'English', options: { ...shown, language: 'en' } },
    { name: '中文', options: { ...shown, language: 'zh', timeZone: 'Asia/Shanghai' } },
  ],
  texts(message) {
    const card = cardIn(message);
    return [
      { text: card.body.map(textOf).join('\n'), pairs },
      { text: JSON.stringify(card), limit: { max: MAX_CARD_BYTES, unit: 'utf8' } },
    ];
  },
};

/** An element as people read it. */
function textOf(element: Element): string {
  switch (element.type) {
    case 'TextBlock':
      return element.fontType === 'Monospace' ? `$ ${element.text}` : element.text;
    case 'Container': {
      const text = element.items.map(textOf).join('\n');
      return { emphasis: `> ${text}`, rule: `---\n${text}`, title: `**${text}**\n` }[kindOf(element)];
    }
    case 'FactSet':
      return element.facts.map(({ title, value }) => `${title}  ${value}`).join('\n');
    case 'ActionSet':
      return element.actions.map(({ title, url }) => `[${title}](${url})`).join(' ');
  }
}

function kindOf({ style, separator }: Extract<Element, { type: 'Container' }>): 'emphasis' | 'rule' | 'title' {
  if (separator) return 'rule';
  return style === 'emphasis' ? style : 'title';
}

const text = (value: string, style: object = {}) => ({ type: 'TextBlock', text: value, wrap: true, ...style }) as const;
const monospace = { fontType: 'Monospace', spacing: 'Small' } as const;
const small = { size: 'Small', isSubtle: true } as const;

function titleOf(value: string, style: string) {
  return { type: 'Container', style, bleed: true, items: [text(value, { weight: 'Bolder', size: 'Medium' })] } as const;
}

function cardOf(fallbackText: string, body: readonly object[], msteams: object = {}) {
  return {
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    type: 'AdaptiveCard',
    version: '1.4',
    fallbackText,
    body,
    msteams: { width: 'Full', ...msteams },
  } as const;
}

function messageOf(content: object) {
  return {
    type: 'message',
    attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', content }],
  } as const;
}

const backOff = '🟠 [prod] BackOff · Pod payments/api-7d9f';
const evicted = '🔴 [prod] Evicted · Pod payments/api-7d9f';
const jane = { id: 'jane@example.com', name: 'Jane Doe' };

export const cases: readonly SinkCase[] = [
  {
    name: 'sends one event with all that helps',
    options: { links: { Logs: 'https://grafana.example.com/explore?pod=${ event.object.name }' } },
    secrets,
    events: [{ count: 7 }],
    exchanges: [
      {
        request: {
          ...request,
          body: messageOf(
            cardOf(backOff, [
              titleOf(backOff, 'warning'),
              { type: 'Container', style: 'emphasis', items: [text('Back-off restarting failed container api')] },
              {
                type: 'FactSet',
                facts: [
                  { title: 'Container', value: 'api' },
                  { title: 'When', value: '7 times since 2026-11-23 07:55:00, last at 07:59:30 UTC' },
                  { title: 'Source', value: 'kubelet on node-1' },
                ],
              },
              text(
                '💡 The container keeps exiting; the pause before each restart grows up to five minutes. The last log lines of its previous run usually say why.',
              ),
              text('kubectl -n payments describe pod/api-7d9f', monospace),
              text('kubectl -n payments logs pod/api-7d9f -c api --previous --tail=50', monospace),
              {
                type: 'ActionSet',
                actions: [
                  { type: 'Action.OpenUrl', title: 'Logs', url: 'https://grafana.example.com/explore?pod=api-7d9f' },
                ],
              },
              text('Event 5a0c6d1e/184467', small),
            ]),
          ),
        },
        reply: accepted,
      },
    ],
    outcomes: [delivered],
  },
  {
    name: 'sends a card alone, and mentions members where it is critical',
    options: { shape: 'card', mentions: [jane] },
    secrets,
    events: [
      {
        reason: 'Evicted',
        message: 'The node was low on resource: memory. <at>Jane Doe</at>',
        involvedObject: { apiVersion: 'v1', kind: 'Pod', namespace: 'payments', name: 'api-7d9f' },
      },
    ],
    exchanges: [
      {
        request: {
          ...request,
          body: cardOf(
            evicted,
            [
              titleOf(evicted, 'attention'),
              text('<at>Jane Doe</at>'),
              {
                type: 'Container',
                style: 'emphasis',
                items: [text('The node was low on resource: memory. ＜at>Jane Doe＜/at>')],
              },
              {
                type: 'FactSet',
                facts: [
                  { title: 'When', value: '2026-11-23 07:59:30 UTC' },
                  { title: 'Source', value: 'kubelet on node-1' },
                ],
              },
              text(
                '💡 The node ran short of a resource and evicted the pod. The message names the resource; find out what uses it up on that node.',
              ),
              text('kubectl -n payments describe pod/api-7d9f', monospace),
              text('Event 5a0c6d1e/184467', small),
            ],
            { entities: [{ type: 'mention', text: '<at>Jane Doe</at>', mentioned: jane }] },
          ),
        },
        reply: accepted,
      },
    ],
    outcomes: [delivered],
  },
  refusal(
    'rejects where the flow is turned off',
    400,
    ['WorkflowTriggerIsNotEnabled', "Could not execute workflow 'x' trigger 'manual' with state 'Disabled'."],
    { status: 'rejected', scope: 'destination', code: 'flow_off' },
  ),
  refusal(
    'rejects where the trigger has a schema of its own',
    400,
    ['TriggerInputSchemaMismatch', 'The input body for trigger manual did not match its schema definition.'],
    { status: 'rejected', scope: 'destination', code: 'schema_mismatch' },
  ),
  refusal(
    'rejects an event whose message is refused alone',
    400,
    ['InvalidRequestContent', 'The request content is not valid and could not be deserialized.'],
    { status: 'rejected', scope: 'event', code: 'message_refused' },
  ),
  refusal(
    'rejects where not anyone may trigger the flow, or the URL lacks its signature',
    401,
    ['DirectApiAuthorizationRequired', 'The request must be authenticated only by Shared Access scheme.'],
    { status: 'rejected', scope: 'destination', code: 'url_refused' },
  ),
  refusal('rejects where the flow is gone', 404, ['WorkflowNotFound', 'The workflow could not be found.'], {
    status: 'rejected',
    scope: 'destination',
    code: 'flow_gone',
  }),
  {
    name: 'waits a minute when it is throttled without a time',
    options: {},
    secrets,
    events: [{}],
    exchanges: [{ request, reply: { status: 429, body: '' } }],
    outcomes: [{ status: 'retry', code: 'http_429', detail: 'HTTP 429', afterMs: 60_000 }],
  },
  {
    name: 'waits as long as it is told',
    options: {},
    secrets,
    events: [{}],
    exchanges: [{ request, reply: { status: 429, headers: { 'retry-after': '17' }, body: '' } }],
    outcomes: [{ status: 'retry', code: 'http_429', detail: 'HTTP 429', afterMs: 17_000 }],
  },
  {
    name: 'retries on a server error',
    options: {},
    secrets,
    events: [{}],
    exchanges: [{ request, reply: { status: 502, body: 'Bad Gateway' } }],
    outcomes: [{ status: 'retry', code: 'http_502', detail: 'HTTP 502: Bad Gateway', afterMs: 60_000 }],
  },
];

type Refusal = { readonly status: 'rejected'; readonly scope: 'destination' | 'event'; readonly code: string };

function refusal(
  name: string,
  status: number,
  [code, message]: readonly [code: string, message: string],
  outcome: Refusal,
): SinkCase {
  const fate: Fate = { ...outcome, detail: `HTTP ${status}: ${code}: ${message}` };
  const exchanges = [{ request, reply: { status, body: { error: { code, message } } } }];
  return { name, options: {}, secrets, events: [{}], exchanges, outcomes: [fate] };
}
