import type { SinkCase } from '../../core/contract/case.ts';
import { delivered } from '../../core/contract/outcome.ts';
import { colors } from './blocks.ts';
import { api, botSecrets, headers, mattermost, ok, refusals, secrets, webhook } from './refusals.ts';

export { messages } from './shown.ts';

const plain = (text: string) => ({ type: 'plain_text', text, emoji: false }) as const;
const field = (text: string) => ({ type: 'mrkdwn', text, verbatim: true }) as const;
const literal = (text: string) => ({ type: 'text', text }) as const;
const bold = (text: string) => ({ type: 'text', text, style: { bold: true } }) as const;
const rich = (type: string, ...elements: readonly object[]) => ({ type: `rich_text_${type}`, elements }) as const;
const context = (text: string) => ({ type: 'context', elements: [plain(text)] }) as const;
const unfurl = { unfurl_links: false, unfurl_media: false };

const backOffTitle = '🟠 [prod] BackOff · Pod payments/api-7d9f';
const backOffHint =
  '💡 The container keeps exiting; the pause before each restart grows up to five minutes. The last log lines of its previous run usually say why.';

export const cases: readonly SinkCase[] = [
  {
    name: 'sends one event with all that helps',
    options: { links: { Logs: 'https://grafana.example.com/explore?pod=${ event.object.name }' } },
    secrets,
    events: [{ count: 7 }],
    exchanges: [
      {
        request: {
          ...webhook,
          body: {
            text: backOffTitle,
            blocks: [{ type: 'header', text: plain(backOffTitle) }],
            attachments: [
              {
                color: colors.warning,
                fallback: backOffTitle,
                blocks: [
                  {
                    type: 'rich_text',
                    elements: [rich('quote', literal('Back-off restarting failed container api'))],
                  },
                  {
                    type: 'section',
                    fields: [
                      field('*Container*\napi'),
                      field('*When*\n7 times since 2026-11-23 07:55:00, last at 07:59:30 UTC'),
                      field('*Source*\nkubelet on node-1'),
                    ],
                  },
                  context(backOffHint),
                  {
                    type: 'rich_text',
                    elements: [
                      rich('preformatted', literal('kubectl -n payments describe pod/api-7d9f')),
                      rich(
                        'preformatted',
                        literal('kubectl -n payments logs pod/api-7d9f -c api --previous --tail=50'),
                      ),
                    ],
                  },
                  {
                    type: 'rich_text',
                    elements: [
                      rich('section', {
                        type: 'link',
                        url: 'https://grafana.example.com/explore?pod=api-7d9f',
                        text: 'Logs',
                      }),
                    ],
                  },
                  context('Event 5a0c6d1e/184467'),
                ],
              },
            ],
            ...unfurl,
          },
        },
        reply: { status: 200, body: 'ok' },
      },
    ],
    outcomes: [delivered],
  },
  {
    name: 'sends several events as one digest, and mentions people where one is critical',
    options: { mentions: ['S0123456789', 'U0123456789', 'here'] },
    secrets,
    events: [
      {},
      {
        metadata: { uid: '7c1f4a92-3a4e-4d64-9d0a-0a4f6a1f6b10', resourceVersion: '184470' },
        involvedObject: { apiVersion: 'v1', kind: 'Node', name: 'node-1' },
        type: 'Normal',
        reason: 'NodeNotReady',
        message: 'Node node-1 status is now: NodeNotReady',
        source: { component: 'node-controller' },
      },
    ],
    exchanges: [
      {
        request: {
          ...webhook,
          body: {
            text: '🔴 [prod] 2 events',
            blocks: [
              { type: 'header', text: plain('🔴 [prod] 2 events') },
              { type: 'section', text: field('<!subteam^S0123456789> <@U0123456789> <!here>') },
            ],
            attachments: [
              {
                color: colors.critical,
                fallback: '🔴 [prod] 2 events',
                blocks: [
                  context('NodeNotReady ×1, BackOff ×1'),
                  {
                    type: 'rich_text',
                    elements: [
                      rich('section', bold('🔴 NodeNotReady · Node node-1')),
                      rich('quote', literal('Node node-1 status is now: NodeNotReady')),
                      rich(
                        'section',
                        bold('When: '),
                        literal('2026-11-23 07:59:30 UTC'),
                        bold('\nSource: '),
                        literal('node-controller'),
                        literal('\n'),
                        literal(
                          '💡 The node is unhealthy or no longer reports. Unless it recovers, its pods are evicted after about five minutes. Check the kubelet, the machine and its network.',
                        ),
                      ),
                      rich('preformatted', literal('kubectl describe node/node-1')),
                    ],
                  },
                  context('2026-11-23 07:59:30 UTC'),
                  {
                    type: 'rich_text',
                    elements: [
                      rich(
                        'section',
                        bold('🟠 07:59:30 BackOff · Pod payments/api-7d9f'),
                        literal(' · Back-off restarting failed container api\n'),
                      ),
                    ],
                  },
                  {
                    type: 'rich_text',
                    elements: [
                      rich('section', bold('All of them')),
                      rich('preformatted', literal('kubectl events --all-namespaces')),
                    ],
                  },
                  context('Digest 09349775'),
                ],
              },
            ],
            ...unfurl,
          },
        },
        reply: { status: 200, body: 'ok' },
      },
    ],
    outcomes: [delivered, delivered],
  },
  {
    name: 'sends attachments without blocks to a server that knows none, with mentions in a text of their own',
    options: { format: 'attachments', mentions: ['on-call', 'here'] },
    secrets: mattermost,
    events: [
      {
        reason: 'Evicted',
        message: 'The node was low on resource: memory. <!channel> @all',
        involvedObject: { apiVersion: 'v1', kind: 'Pod', namespace: 'payments', name: 'api-7d9f' },
      },
    ],
    exchanges: [
      {
        request: {
          method: 'POST',
          url: mattermost.webhookUrl,
          headers,
          body: {
            text: '@on-call @here',
            attachments: [
              {
                fallback: '🔴 [prod] Evicted · Pod payments/api-7d9f',
                color: colors.critical,
                title: '🔴 [prod] Evicted · Pod payments/api-7d9f',
                text: [
                  '> The node was low on resource: memory. ＜!channel> @\u200Ball',
                  '💡 The node ran short of a resource and evicted the pod. The message names the resource; find out what uses it up on that node.',
                  '`kubectl -n payments describe pod/api-7d9f`',
                  'Event 5a0c6d1e/184467',
                ].join('\n\n'),
                fields: [
                  { title: 'When', value: '2026-11-23 07:59:30 UTC', short: true },
                  { title: 'Source', value: 'kubelet on node-1', short: true },
                ],
              },
            ],
          },
        },
        reply: { status: 200, body: 'ok' },
      },
    ],
    outcomes: [delivered],
  },
  {
    name: 'sends as a bot, to the channel that the annotation of the namespace chooses',
    options: { channel: '${ event.namespace.annotations["slack/channel"] }', fallbackChannel: 'C0123456789' },
    secrets: botSecrets,
    events: [{}],
    context: { namespaceAnnotations: { 'slack/channel': 'payments-on-call' } },
    exchanges: [{ request: api, reply: { status: 200, body: ok } }],
    outcomes: [delivered],
  },
  {
    name: 'sends to the fallback channel what Slack refuses for the channel, and says so',
    options: { channel: '${ event.namespace.annotations["slack/channel"] }', fallbackChannel: 'C0123456789' },
    secrets: botSecrets,
    events: [{}],
    context: { namespaceAnnotations: { 'slack/channel': 'paymets' } },
    exchanges: [
      { request: api, reply: { status: 200, body: { ok: false, error: 'channel_not_found' } } },
      { request: api, reply: { status: 200, body: ok } },
    ],
    outcomes: [
      {
        status: 'delivered',
        warning: 'sent to the fallback channel, because paymets was refused (HTTP 200: channel_not_found)',
      },
    ],
  },
  ...refusals,
];
