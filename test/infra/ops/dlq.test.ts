import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { replayLoop, type ReplayOptions } from '../../../infra/ops/dlq/replay-loop.ts';
import { readLetter, type Letter } from '../../../infra/ops/dlq/letter.ts';
import { queueState, scan, type Scan } from '../../../infra/ops/dlq/scan.ts';
import { readSelection, SELECTION_OPTIONS } from '../../../infra/ops/dlq/selection.ts';
import { defineCommand } from '../../../infra/ops/command.ts';
import { sampleKubeEvent } from '../../../functions/core/contract/sample.ts';
import { startSqs, type TestSqs } from '../../support/sqs.ts';

let sqs: TestSqs;
let queues = 0;

beforeAll(async () => {
  sqs = await startSqs();
});

afterAll(() => sqs.stop());

interface Fixture {
  readonly source: Scan;
  readonly letters: string;
  readonly target: string;
}

/** A queue of letters and the queue they came from. */
function fixture(signal: AbortSignal = new AbortController().signal): Fixture {
  queues += 1;
  const letters = sqs.createQueue(`letters-${queues}`);
  const target = sqs.createQueue(`target-${queues}`);
  return { source: { sqs: sqs.client, queueUrl: letters, owner: 'log', signal, waitSeconds: 0 }, letters, target };
}

function body(uid: string, fields: object = {}): object {
  const event = { ...sampleKubeEvent, ...fields, metadata: { ...sampleKubeEvent.metadata, uid } };
  return { v: 1, kind: 'event', cluster: 'c', seenAt: '', change: 'added', destination: 'log/all', event };
}

async function letter(queue: string, uid: string, attributes: Record<string, string> = {}): Promise<void> {
  await sqs.send(queue, body(uid), { code: 'http_404', detail: 'gone', destination: 'log/all', ...attributes });
}

const replay = (source: Scan, targetUrl: string, options: Partial<ReplayOptions> = {}) =>
  replayLoop(source, { targetUrl, maxReplays: 3, ...options });

async function uidsIn(queue: string): Promise<readonly string[]> {
  const messages = await sqs.drain(queue);
  return messages.map(({ Body = '' }): string => JSON.parse(Body).event.metadata.uid).toSorted();
}

describe('replaying a selection', () => {
  test('sends exactly the chosen letters, counts the replay, and leaves the others visible', async () => {
    const { source, letters, target } = fixture();
    for (let n = 0; n < 25; n += 1) await letter(letters, `u${n}`, { code: n % 2 === 0 ? 'a' : 'b', replays: '1' });

    const result = await replay(source, target, { includes: ({ code }) => code === 'a' });

    expect(result).toEqual({ replayed: 13, guarded: 0, refused: 0, refusals: [] });
    const moved = await sqs.drain(target);
    expect(moved).toHaveLength(13);
    expect(moved.map(({ MessageAttributes }) => MessageAttributes?.['replays']?.StringValue)).toEqual(
      moved.map(() => '2'),
    );
    expect(moved.some(({ MessageAttributes }) => MessageAttributes?.['code'] !== undefined)).toBe(false);
    expect(await sqs.counts(letters)).toEqual({ visible: 12, inFlight: 0 });
  });

  test('loses none when it is interrupted and repeated', async () => {
    const interrupt = new AbortController();
    const { source, letters, target } = fixture(interrupt.signal);
    for (let n = 0; n < 40; n += 1) await letter(letters, `u${String(n).padStart(2, '0')}`);

    const first = await replay(source, target, { onProgress: () => interrupt.abort() });
    const between = await sqs.counts(letters);
    const second = await replay({ ...source, signal: new AbortController().signal }, target);

    expect(first.replayed).toBeGreaterThan(0);
    expect(between).toEqual({ visible: 40 - first.replayed, inFlight: 0 });
    expect(first.replayed + second.replayed).toBe(40);
    expect(await uidsIn(target)).toEqual(Array.from({ length: 40 }, (_, n) => `u${String(n).padStart(2, '0')}`));
    expect(await sqs.counts(letters)).toEqual({ visible: 0, inFlight: 0 });
  });

  test('waits no longer for its rate once it is interrupted', async () => {
    const interrupt = new AbortController();
    const { source, letters, target } = fixture(interrupt.signal);
    for (let n = 0; n < 30; n += 1) await letter(letters, `u${n}`);

    // At this rate the second batch would be due in hours.
    const result = await replay(source, target, {
      perSecond: 0.001,
      onProgress: () => setImmediate(() => interrupt.abort()),
    });

    expect(result.replayed).toBeLessThan(30);
    expect(await sqs.counts(letters)).toEqual({ visible: 30 - result.replayed, inFlight: 0 });
  });

  test('leaves letters that were replayed too often, and says how many', async () => {
    const { source, letters, target } = fixture();
    await letter(letters, 'often', { replays: '3' });
    await letter(letters, 'once', { replays: '1' });

    const result = await replay(source, target);

    expect(result).toMatchObject({ replayed: 1, guarded: 1 });
    expect(await uidsIn(target)).toEqual(['once']);
    expect(await uidsIn(letters)).toEqual(['often']);
  });

  test('stops at its limit', async () => {
    const { source, letters, target } = fixture();
    for (let n = 0; n < 15; n += 1) await letter(letters, `u${n}`);

    const result = await replay(source, target, { limit: 12 });

    expect(result.replayed).toBe(12);
    expect(await sqs.counts(letters)).toEqual({ visible: 3, inFlight: 0 });
  });

  test('keeps letters whose copy SQS does not accept', async () => {
    const { source, letters } = fixture();
    await letter(letters, 'kept');

    const result = await replay(source, `${sqs.endpoint}/000000000000/no-such-queue`);

    expect(result).toMatchObject({ replayed: 0, refused: 1 });
    expect(result.refusals).toHaveLength(1);
    expect(await uidsIn(letters)).toEqual(['kept']);
  });
});

describe('a scan', () => {
  test('shows each letter once and gives all back, also when its reader fails', async () => {
    const { source, letters } = fixture();
    for (let n = 0; n < 12; n += 1) await letter(letters, `u${n}`);

    const seen: string[] = [];
    await scan(source, async (found) => {
      seen.push(...found.map(({ messageId }) => messageId));
      return [];
    });
    const failing = scan(source, () => Promise.reject(new Error('reader')));

    await expect(failing).rejects.toThrow('reader');
    expect(new Set(seen).size).toBe(12);
    expect(seen).toHaveLength(12);
    expect(await queueState(sqs.client, letters)).toMatchObject({ waiting: 12, hidden: 0 });
  });
});

describe('a letter', () => {
  const attributes = (values: Record<string, string>) =>
    Object.fromEntries(
      Object.entries(values).map(([name, StringValue]) => [name, { DataType: 'String', StringValue }]),
    );

  test('without attributes is unexplained, and its destination comes from the message', () => {
    const read = readLetter({ Body: JSON.stringify(body('u')), Attributes: { SentTimestamp: '1000' } }, 'log');

    expect(read).toMatchObject({ code: 'unexplained', destination: 'log/all', attempts: 0, replays: 0 });
    expect(read.failedAt).toEqual(new Date(1000));
  });

  test('that SQS moved by itself after a replay is unexplained, whatever its old attributes say', () => {
    const read = readLetter(
      {
        Body: JSON.stringify(body('u')),
        MessageAttributes: attributes({ code: 'old', detail: 'old', replays: '2' }),
        Attributes: { SentTimestamp: '1000', DeadLetterQueueSourceArn: 'arn:aws:sqs:x:0:q' },
      },
      'log',
    );

    expect(read).toMatchObject({ code: 'unexplained', replays: 2 });
  });

  test('of the router that nobody can read keeps its body', () => {
    const read = readLetter(
      { Body: '\u0000not json', MessageAttributes: attributes({ code: 'invalid_message', destination: 'router' }) },
      'router',
    );

    expect(read).toMatchObject({ code: 'invalid_message', destination: 'router', body: '\u0000not json' });
    expect(read.event).toBeUndefined();
  });
});

describe('a selection', () => {
  const now = new Date('2026-11-23T12:00:00Z');
  const example: Letter = readLetter(
    {
      Body: JSON.stringify(body('u')),
      MessageAttributes: {
        code: { DataType: 'String', StringValue: 'http_404' },
        failedAt: { DataType: 'String', StringValue: '2026-11-23T10:00:00Z' },
      },
    },
    'log',
  );

  async function includes(...argv: readonly string[]): Promise<boolean | string> {
    let result: boolean | string = 'not run';
    const command = defineCommand({
      usage: '',
      about: '',
      examples: [],
      options: SELECTION_OPTIONS,
      async run(args) {
        result = readSelection(args, now).includes(example);
        return 0;
      },
    });
    const io = {
      out: () => undefined,
      err: () => undefined,
      progress: () => undefined,
      stdin: async () => '',
      askSecret: async () => '',
      env: {},
      signal: new AbortController().signal,
    };
    await command.run(argv, io).catch((error: unknown) => (result = String(error)));
    return result;
  }

  test.each([
    [[], true],
    [['--code', 'http_404'], true],
    [['--code', 'timeout,http_404'], true],
    [['--code', 'timeout'], false],
    [['--destination', 'log/all'], true],
    [['--destination', 'log/other'], false],
    [['--namespace', 'pay*'], true],
    [['--namespace', 'prod-*'], false],
    [['--reason', '/^Back/'], true],
    [['--reason', 'Failed'], false],
    [['--since', '3h'], true],
    [['--since', '1h'], false],
    [['--until', '2026-11-23T11:00:00Z'], true],
    [['--until', '2h'], false],
    [['--code', 'http_404', '--namespace', 'payments', '--since', '1d'], true],
  ] as const)('by %j', async (argv, expected) => {
    expect(await includes(...argv)).toBe(expected);
  });

  test.each([
    [['--since', 'yesterday'], /--since is yesterday, expected a duration such as 2h/],
    [['--reason', '/(/'], /--reason: not a valid regular expression/],
  ] as const)('fails on %j', async (argv, message) => {
    expect(await includes(...argv)).toMatch(message);
  });
});
