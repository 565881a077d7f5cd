import { AdaptiveCard, SerializationContext, Versions } from 'adaptivecards';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import type { ClusterEvent } from '../../../functions/core/contract/event.ts';
import { sampleEvent, sampleKubeEvent } from '../../../functions/core/contract/sample.ts';
import { isRecord, recordOf } from '../../../functions/core/contract/untrusted.ts';
import { parseSecrets, parseSettings } from '../../../functions/core/destinations/destination.ts';
import { config } from '../../../functions/sinks/teams/config.ts';
import { outcomeOf } from '../../../functions/sinks/teams/errors.ts';
import { cardIn, teamsMessage } from '../../../functions/sinks/teams/message.ts';
import { sink } from '../../../functions/sinks/teams/sink.ts';
import { anyText } from '../../support/any-text.ts';
import { expectDocumented } from '../../support/documented-codes.ts';
import { openDestination, type LiveDestination } from '../../support/live-destination.ts';
import { markdownTargets } from '../../support/markdown.ts';
import { storms } from '../../support/storms.ts';
import { startTeams, type TeamsFake, type TeamsFlow } from '../../support/vendors/teams.ts';
import { wellKnownEvents } from '../../support/well-known-events.ts';

const jane = { id: 'jane@example.com', name: 'Jane Doe' };
const open: { fake: TeamsFake; destination: LiveDestination }[] = [];
afterEach(async () => {
  for (const { fake, destination } of open.splice(0)) {
    await destination.close();
    await fake.stop();
  }
});

async function start(flow: Partial<TeamsFlow> = {}, options: Readonly<Record<string, unknown>> = {}) {
  const fake = await startTeams({ shape: 'message', mentionable: [jane.id], ...flow });
  const destination = await openDestination('teams', { options, secrets: { webhookUrl: fake.webhookUrl } });
  open.push({ fake, destination });
  return { fake, deliver: (...events: readonly ClusterEvent[]) => destination.deliver(events) };
}

function optionsOf(document: object) {
  const parsed = parseSettings(config, JSON.stringify(document));
  if ('problems' in parsed) throw new Error(JSON.stringify(parsed.problems));
  return parsed.value.options;
}

const evicted = { reason: 'Evicted', message: 'The node was low on resource: memory.' };
const links = { Logs: 'https://logs.example.com/${ event.object.name }', Wiki: 'https://logs.example.com/' };

/** What Microsoft's own parser has against a card. */
function complaintsOf(json: object): readonly string[] {
  const card = new AdaptiveCard();
  const context = new SerializationContext(Versions.v1_4);
  card.parse(json, context);
  const parsed = Array.from({ length: context.eventCount }, (_, index) => context.getEventAt(index).message);
  const { validationEvents } = card.validateProperties();
  return [...parsed, ...validationEvents.map(({ message }) => message)];
}

describe('against a flow as strict as the real one, which loses what it does not like', () => {
  it.each(['message', 'card'] as const)('is posted in the shape that the flow takes: %s', async (shape) => {
    const { fake, deliver } = await start({ shape }, { shape, links, mentions: [jane] });

    expect(await deliver(sampleEvent())).toEqual([{ status: 'delivered' }]);
    expect(await deliver(sampleEvent(evicted))).toEqual([{ status: 'delivered' }]);
    expect(await deliver(...wellKnownEvents)).toHaveLength(wellKnownEvents.length);
    expect(fake.cards).toHaveLength(3);
    expect([...fake.failedRuns, ...fake.refusals]).toEqual([]);
  });

  it('is lost without a word in the shape of another flow, of which nothing can be told here', async () => {
    const { fake, deliver } = await start({ shape: 'message' }, { shape: 'card' });

    expect(await deliver(sampleEvent())).toEqual([{ status: 'delivered' }]);
    expect(fake.failedRuns).toEqual(['ExpressionEvaluationFailed']);
  });

  it.each([
    ['off', 'flow_off'],
    ['deleted', 'flow_off'],
    ['schema', 'schema_mismatch'],
    ['not anyone', 'url_refused'],
  ] as const)('is rejected for the destination where the flow is: %s', async (state, code) => {
    const { fake, deliver } = await start({ state });

    expect(await deliver(sampleEvent())).toMatchObject([{ status: 'rejected', scope: 'destination', code }]);
    expect(fake.cards).toEqual([]);
  });

  it('is tried again once the platform has recovered', async () => {
    const { fake, deliver } = await start();
    fake.failNext({ status: 502, body: '<html>Bad Gateway</html>' });

    expect(await deliver(sampleEvent())).toMatchObject([{ status: 'retry', code: 'http_502', afterMs: 60_000 }]);
    expect(await deliver(sampleEvent())).toEqual([{ status: 'delivered' }]);
  });

  it('comes back after a minute once it sends too fast', async () => {
    let now = Date.now();
    const { fake, deliver } = await start({ now: () => now });
    for (let sent = 0; sent < 4; sent += 1) expect(await deliver(sampleEvent())).toEqual([{ status: 'delivered' }]);

    expect(await deliver(sampleEvent())).toMatchObject([{ status: 'retry', code: 'http_429', afterMs: 60_000 }]);
    now += 60_000;
    expect(await deliver(sampleEvent())).toEqual([{ status: 'delivered' }]);
    expect(fake.cards).toHaveLength(5);
  });
});

describe('what a flow answers', () => {
  const now = new Date('2026-11-23T08:00:00Z');
  const answered = (status: number, body = '', headers = {}) => outcomeOf({ status, headers, body }, now);

  it.each([
    [202, ''],
    [200, ''],
    [200, '1'],
  ])('is a success: %i %j', (status, body) => {
    expect(answered(status, body)).toEqual({ status: 'delivered' });
  });

  it.each([
    [
      200,
      'Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 429 with ...',
      'throttled',
    ],
    [
      200,
      'Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 413 with ...',
      'message_too_long',
    ],
    [
      200,
      'Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 502 with ...',
      'delivery_failed',
    ],
    [200, '<html>Sign in</html>', 'unreadable_reply'],
    [400, '{"error":{"code":"InvalidRequestContent","message":"x"}}', 'message_refused'],
    [400, '', 'http_400'],
    [401, '', 'http_401'],
    [403, '', 'http_403'],
    [404, '{"error":{"code":"WorkflowNotFound","message":"x"}}', 'flow_gone'],
    [410, '', 'http_410'],
    [413, '', 'http_413'],
    [503, '', 'http_503'],
  ])('is an error, also inside of a success: %i %s', (status, body, code) => {
    const outcome = answered(status, body);

    expect(outcome).toMatchObject({ code });
    expectDocumented(config, [outcome]);
  });

  it('is heeded where it says when to come back', () => {
    expect(answered(503, '', { 'retry-after': '5' })).toMatchObject({ status: 'retry', afterMs: 5000 });
    expect(answered(503)).toMatchObject({ status: 'retry', afterMs: 60_000 });
  });
});

describe('the card', () => {
  const options = optionsOf({ links, mentions: [jane], labels: ['Owner: platform team'] });

  it.each([
    ...wellKnownEvents.map((event, index) => ({ name: `${event.reason} ${index}`, events: [event] })),
    ...storms,
  ])("is valid to Microsoft's own parser: $name", ({ events }) => {
    for (const language of ['en', 'zh'] as const)
      expect(complaintsOf(cardIn(teamsMessage(events, { ...options, language })))).toEqual([]);
  });

  it('is refused by that parser where it is wrong', () => {
    const card = cardIn(teamsMessage([sampleEvent()], options));

    expect(complaintsOf({ ...card, body: [{ type: 'Nothing' }] })).not.toEqual([]);
    expect(complaintsOf({ ...card, body: [{ type: 'Container', style: 'loud', items: [] }] })).not.toEqual([]);
  });

  it('mentions members only where it is critical, in a text of their own', () => {
    const calm = cardIn(teamsMessage([sampleEvent()], options));
    const critical = cardIn(teamsMessage([sampleEvent(evicted)], options));

    expect(JSON.stringify(calm)).not.toContain('<at>');
    expect(critical.body[1]).toMatchObject({ type: 'TextBlock', text: '<at>Jane Doe</at>' });
    expect(critical.msteams.entities).toEqual([{ type: 'mention', text: '<at>Jane Doe</at>', mentioned: jane }]);
  });

  it('has the colour of its severity behind the title', () => {
    expect(cardIn(teamsMessage([sampleEvent()], options)).body[0]).toMatchObject({ style: 'warning', bleed: true });
    expect(cardIn(teamsMessage([sampleEvent(evicted)], options)).body[0]).toMatchObject({ style: 'attention' });
  });

  it('leaves room for what quotes and backslashes take where the card is a text inside of JSON', () => {
    const events = Array.from({ length: 100 }, (_, index) =>
      sampleEvent({ message: '"\\'.repeat(2000), reason: `"${index}"`, metadata: { uid: String(index) } }),
    );
    const json = JSON.stringify(cardIn(teamsMessage(events, options)));

    expect(Buffer.byteLength(json)).toBeLessThanOrEqual(18_000);
    expect(Buffer.byteLength(JSON.stringify(json))).toBeLessThanOrEqual(20_000);
  });

  it('tells of 60 events in a line each', () => {
    const events = Array.from({ length: 60 }, (_, index) =>
      sampleEvent({ reason: `Reason${index}`, metadata: { uid: String(index) } }),
    );

    expect(JSON.stringify(cardIn(teamsMessage(events, optionsOf({}))))).not.toContain('more:');
  });
});

const HOSTILE = [
  '<at>Jane Doe</at>',
  '<at>everyone</at>',
  '@everyone',
  '[x](http://evil.example)',
  '![x](http://evil.example/i.png)',
  'https://evil.example',
  'www.evil.example',
  '{{DATE(2026-11-23T08:00:00Z)}}',
  '{{TIME(2026-11-23T08:00:00Z)}}',
  "@{triggerBody()?['x']}",
  '**b**',
  '# head',
  '- item',
  '<img src=x>',
  '&lt;at&gt;',
  '"\\',
  '\u202E',
  '\uD800',
  '容',
  '😀',
  '\n\n',
  'word ',
];
const MEGABYTE = '[x](http://evil.example)'.repeat(45_000);

describe('5,000 hostile events', () => {
  const text = fc.oneof(
    fc.array(fc.constantFrom(...HOSTILE), { maxLength: 12 }).map((parts) => parts.join('')),
    fc.tuple(fc.constantFrom(...HOSTILE), fc.nat(400)).map(([part, times]) => part.repeat(times)),
    anyText(100),
  );
  const message = fc.oneof({ arbitrary: text, weight: 49 }, { arbitrary: fc.constant(MEGABYTE), weight: 1 });
  const hostile = fc.record({ message, reason: text, name: text, namespace: text, host: text });

  it.each(['message', 'card'] as const)(
    'are all posted, and mention and link nothing that the options do not: %s',
    async (shape) => {
      let now = Date.now();
      const { fake, deliver } = await start(
        { shape, now: () => (now += 1000) },
        { shape, links, mentions: [jane], language: 'zh' },
      );
      await fc.assert(
        fc.asyncProperty(fc.array(hostile, { minLength: 45, maxLength: 45 }), async (list) => {
          const events = list.map((fields, index) => hostileEvent(index, fields));
          expect(new Set(await deliver(...events))).toEqual(new Set([{ status: 'delivered' }]));
        }),
        { numRuns: 50 },
      );
      // One by one they take other paths.
      for (const event of fc.sample(hostile, 250)) await deliver(hostileEvent(1, event));

      expect([...fake.failedRuns, ...fake.refusals]).toEqual([]);
      expect(fake.cards).toHaveLength(50 + 250);
      for (const card of fake.cards) {
        expect(complaintsOf(card)).toEqual([]);
        for (const url of linksIn(card['body'])) expect(url).toMatch(/^https:\/\/logs\.example\.com\/[^/]*$/);
      }
    },
  );
});

/** What the Markdown of a card's texts links to, and its actions open. */
function linksIn(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(linksIn);
  if (!isRecord(value)) return [];
  const { text, url, value: fact, ...rest } = recordOf(value);
  const markdown = [text, fact].filter((each) => typeof each === 'string').flatMap(markdownTargets);
  return [...(typeof url === 'string' ? [url] : []), ...markdown, ...Object.values(rest).flatMap(linksIn)];
}

function hostileEvent(
  index: number,
  {
    message,
    reason,
    name,
    namespace,
    host,
  }: Readonly<Record<'message' | 'reason' | 'name' | 'namespace' | 'host', string>>,
): ClusterEvent {
  return sampleEvent({
    message,
    reason: index % 3 === 0 ? 'Evicted' : reason,
    metadata: { uid: String(index), resourceVersion: '1' },
    involvedObject: { ...sampleKubeEvent.involvedObject, name, namespace },
    source: { component: 'kubelet', host },
  });
}

describe('the destination', () => {
  const problemsOf = (url: string) => {
    const parsed = parseSecrets(config, JSON.stringify({ webhookUrl: url }), {});
    return 'problems' in parsed ? parsed.problems : [];
  };

  it.each([
    'https://acme.webhook.office.com/webhookb2/x@y/IncomingWebhook/z',
    'https://outlook.office.com/webhook/x',
    'https://outlook.office365.com/webhook/x',
    'https://prod-12.westeurope.logic.azure.com:443/workflows/x/triggers/manual/paths/invoke?sig=x',
  ])('refuses an address that is retired, says what to use, and does not show it: %s', (url) => {
    const problems = problemsOf(url);

    expect(problems).toMatchObject([{ field: 'webhookUrl', message: expect.stringMatching(/take (its|the) URL/) }]);
    expect(JSON.stringify(problems)).not.toContain(url);
  });

  it.each([
    'https://default0a1b.00.environment.api.powerplatform.com/powerautomate/automations/direct/workflows/x?sig=y',
    'https://flow.example.us/invoke?sig=y',
  ])('takes any other, such as that of a sovereign cloud: %s', (url) => {
    expect(problemsOf(url)).toEqual([]);
  });

  it.each([
    [{ id: 'everyone', name: 'x' }, 'mentions[0].id'],
    [{ id: 'jane@example.com', name: '<at>x' }, 'mentions[0].name'],
  ])('refuses a mention that is none: %j', (mention, field) => {
    const parsed = parseSettings(config, JSON.stringify({ mentions: [mention] }));

    expect(parsed).toMatchObject({ problems: [{ field }] });
  });

  it('is paced by flow, without showing its URL', () => {
    const parsed = parseSecrets(config, JSON.stringify({ webhookUrl: 'https://flow.example.com/?sig=secret' }), {});
    if ('problems' in parsed) throw new Error('the secrets of the test are wrong');

    expect(sink.pace?.(optionsOf({}), parsed.value)).toEqual({
      key: expect.stringMatching(/^teams:[0-9a-f]{16}$/),
      perMinute: 30,
    });
  });
});
