import { afterEach, describe, expect, it } from 'vitest';
import { OpsError } from '../../../infra/ops/command.ts';
import type { ConsoleSource } from '../../../infra/console/source.ts';
import { numberedEvent } from '../../support/chat.ts';
import { manualClock } from '../../support/console/clock.ts';
import { startTestConsole, type TestConsole } from '../../support/console/console.ts';
import { memorySource, quietFlow, seen, told } from '../../support/console/memory-source.ts';

let served: TestConsole | undefined;
afterEach(() => served?.stop());

const SECRETS = [
  'https://hooks.example/services/T0KEN-in-plain-document',
  'Bearer T0KEN-of-a-secret-header',
  'https://hooks.slack.com/services/T000/B000/T0KEN-of-slack',
  'https://hooks.example/T0KEN-of-an-earlier-version',
  'https://hooks.example/T0KEN-in-broken-json',
  'T0KEN-misplaced-in-plain-document',
  'https://hooks.example/T0KEN-as-it-is-typed',
] as const;
const [plain, header, slack, earlier, inBroken, misplaced, typed] = SECRETS;
const SAYING = `it was sent to ${plain}, ${encodeURIComponent(header)}, ${slack}, ${misplaced}`;
/** The functions' own redaction has struck it out of what they said; for others it is known once its version was looked at. */
const SAYING_ALL = `${SAYING} and ${Buffer.from(earlier).toString('base64')}`;
const event = numberedEvent(1);

const DOCUMENTS = {
  'destinations/webhook/team': { url: plain, headers: { 'X-Copy': plain }, body: { text: `see ${header}` } },
  'secrets/webhook/team': { secretHeaders: { Authorization: header } },
  'destinations/slack/ops': {},
  'secrets/slack/ops': { webhookUrl: slack },
  'destinations/webhook/broken': `{"url": "${inBroken}" "method": "PUT"}`,
  'destinations/slack/misplaced': { webhookUrl: misplaced },
  'destinations/unknown/type': { whatever: misplaced },
};

async function start(given: Partial<ConsoleSource>, saying = SAYING) {
  const source = memorySource(DOCUMENTS, given);
  const documents = source.stored.get('destinations/webhook/team') ?? [];
  source.stored.set('destinations/webhook/team', [
    ...documents,
    { version: '0', text: JSON.stringify({ url: earlier }) },
  ]);
  const clock = manualClock();
  const running = await startTestConsole(source, { clock });
  served = running;
  source.tell(seen(event), told(event.id, 'webhook/team', 'letter', { code: 'http_403', detail: saying }));
  return { source, served: running, clock };
}

/** All that a page could ask for. */
const CALLS: readonly (readonly [method: string, path: string, body?: unknown])[] = [
  // Of an earlier version is known only who has looked at it.
  ['GET', '/api/destination?id=webhook/team'],
  ['GET', '/api/about'],
  ['GET', `/api/event?id=${encodeURIComponent(event.id)}`],
  ['GET', '/api/letters'],
  ['POST', '/api/letters/replay', { owner: 'webhook', dryRun: true }],
  ['POST', '/api/letters/replay', { owner: 'webhook', dryRun: false }],
  ['GET', '/api/destinations'],
  ...Object.keys(DOCUMENTS).flatMap((key) => {
    const id = key.replace(/^\w+\//, '');
    return [
      ['GET', `/api/destination?id=${id}`] as const,
      ['POST', '/api/destination/test', { id }] as const,
      ['POST', '/api/destination/rollback', { id, version: '0' }] as const,
      ['POST', '/api/destinations/check', { id, text: JSON.stringify({ url: '[secret]', x: 1 }) }] as const,
      ['POST', '/api/destinations/check', { id, text: '{"url":"[secret]","body":"[secret]"}' }] as const,
      ['PUT', '/api/destination', { id, text: JSON.stringify({ url: typed }), basedOn: '1' }] as const,
    ];
  }),
  ['GET', '/api/silences'],
  ['POST', '/api/silences', { name: 'a', minutes: 5, why: 'b', by: 'c', match: { reason: 'BackOff' } }],
  ['DELETE', '/api/silences?name=a'],
  ['GET', '/api/receiver'],
];

function expectNoSecret(text: string): void {
  const forms = SECRETS.flatMap((secret) => [
    secret,
    encodeURIComponent(secret),
    Buffer.from(secret).toString('base64'),
  ]);
  for (const form of [...forms, 'T0KEN']) expect(text).not.toContain(form);
}

describe('no answer holds a secret', () => {
  it('where all goes well, and services and functions repeat what they were sent', async () => {
    const { served, clock } = await start(
      {
        letters: async () => [
          {
            owner: 'webhook',
            code: 'http_403',
            destination: 'webhook/team',
            count: 1,
            oldest: '2026-11-27T12:00:00Z',
            advice: SAYING_ALL,
            samples: [{ failedAt: '2026-11-27T12:00:00Z', detail: SAYING_ALL, attempts: 1, replays: 0 }],
          },
        ],
        replay: async () => ({ replayed: 1, guarded: 0, refused: 0 }),
        test: async () => ({ status: 'rejected', code: 'http_403', detail: SAYING_ALL }),
        flow: async () => ({
          ...quietFlow,
          clusters: [{ cluster: 'prod', problems: [SAYING_ALL] }],
          stages: [
            {
              owner: 'webhook',
              unit: 'events',
              waiting: 0,
              inFlight: 0,
              letters: 1,
              isPaused: false,
              problems: [SAYING_ALL],
            },
          ],
        }),
      },
      SAYING_ALL,
    );
    for (const [method, path, body] of CALLS) expectNoSecret((await served.call(method, path, { body })).text);
    const stream = await served.stream();
    await clock.advance(1000);
    for (const name of ['live', 'flow']) expectNoSecret(JSON.stringify((await stream.nextOf(name)).data));
  });

  it.each([
    ['says why', () => new OpsError(SAYING, 1)],
    ['breaks', () => new TypeError(`cannot read ${SAYING}`)],
    ['throws no error', () => SAYING],
  ])('where the source %s', async (_, failure) => {
    const fails = async () => {
      throw failure();
    };
    const { served, clock } = await start({
      letters: fails,
      replay: fails,
      test: fails,
      flow: fails,
      versions: fails,
      save: fails,
      putSilence: fails,
      removeSilence: fails,
    });
    const failed: number[] = [];
    for (const [method, path, body] of CALLS.slice(1)) {
      const { status, text } = await served.call(method, path, { body });
      expectNoSecret(text);
      if (status >= 500) failed.push(status);
    }
    const stream = await served.stream();
    await clock.advance(1000);
    expectNoSecret(JSON.stringify((await stream.nextOf('problem')).data));
    expect(failed.length).toBeGreaterThan(10);
  });

  it('where nobody has looked at a destination yet', async () => {
    const { served } = await start({
      test: async () => ({ status: 'retry', detail: SAYING }),
      letters: () => Promise.reject(new OpsError(SAYING)),
    });

    expectNoSecret((await served.call('GET', '/api/letters')).text);
    await served.stop();
    const again = await start({ test: async () => ({ status: 'retry', detail: SAYING }) });
    const reply = await again.served.call('POST', '/api/destination/test', { body: { id: 'webhook/team' } });
    expectNoSecret(reply.text);
    expect(reply.json).toMatchObject({ status: 'retry' });
  });

  it('where a document that is shown is tried out, with a secret where it does not belong', async () => {
    const { served } = await start({});
    const { text } = JSON.parse((await served.call('GET', '/api/destination?id=webhook/team')).text);
    const reply = await served.call('POST', '/api/destinations/check', { body: { id: 'webhook/team', text } });

    expectNoSecret(reply.text);
    expect(reply.json).toMatchObject({ problems: [], preview: [{ isMadeUp: false }] });
    expect(JSON.stringify(reply.json)).toContain('see [secret]');
    const chat = { id: 'slack/ops', text: JSON.stringify({ labels: [`see ${slack}`] }) };
    const message = await served.call('POST', '/api/destinations/check', { body: chat });
    expectNoSecret(message.text);
    expect(JSON.stringify(message.json)).toContain('see [secret]');
  });

  it('where what is to be saved is refused with the secret that it brings', async () => {
    const { served } = await start({
      save: async ({ text }) => {
        throw new OpsError(`ValidationException: the value ${text} is not allowed`);
      },
    });
    const text = JSON.stringify({ url: typed });
    const reply = await served.call('PUT', '/api/destination', { body: { id: 'webhook/new', text, basedOn: '' } });

    expect(reply.json).toEqual({ error: 'ValidationException: the value {"url":"[secret]"} is not allowed' });
  });

  it('where a document is no JSON: it is not shown, because a secret may be anywhere in it', async () => {
    const { served } = await start({});

    expect((await served.call('GET', '/api/destination?id=webhook/broken')).json).toMatchObject({
      text: '[secret]',
      state: 'broken',
    });
    expect((await served.call('GET', '/api/destination?id=unknown/type')).json).toMatchObject({ text: '[secret]' });
  });
});
