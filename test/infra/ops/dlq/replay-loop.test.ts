import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readLetters } from '../../../../infra/ops/dlq/letter.ts';
import { replayLoop, type ReplayOptions } from '../../../../infra/ops/dlq/replay-loop.ts';
import type { Scan } from '../../../../infra/ops/dlq/scan.ts';
import { fakeClock } from '../run.ts';
import { envelopeOf, letterBody } from './letters.ts';
import { startSqs, type TestSqs } from '../../../support/sqs.ts';

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

async function letter(queue: string, uid: string, attributes: Record<string, string> = {}): Promise<void> {
  await sqs.send(queue, letterBody(uid), { code: 'http_404', detail: 'gone', destination: 'log/all', ...attributes });
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

    expect(result).toEqual({ replayed: 13, guarded: 0, returned: 0, refused: 0, refusals: [] });
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

  test('puts back what it has not sent of an envelope when it is interrupted', async () => {
    const interrupt = new AbortController();
    const { source, letters, target } = fixture(interrupt.signal);
    await sqs.send(letters, envelopeOf([letterBody('a'), letterBody('b'), letterBody('c')]));
    const clock = { ...fakeClock(), sleep: async () => interrupt.abort() };

    const result = await replay(source, target, { perSecond: 1, clock });

    expect(result.replayed).toBe(1);
    expect(await uidsIn(target)).toEqual(['a']);
    const [rest] = await sqs.drain(letters);
    expect(readLetters(rest ?? {}, 'log').map(({ event }) => event?.uid)).toEqual(['b', 'c']);
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

  test('leaves letters that fail again while it runs, and says how many', async () => {
    const { source, letters, target } = fixture();
    for (let n = 0; n < 12; n += 1) await letter(letters, `u${n}`);
    const failing = (uid: string): boolean => uid === 'u0' || uid === 'u7';

    let failedAgain: Promise<unknown> = Promise.resolve();
    const result = await replay(source, target, {
      attributesOf: ({ event, replays }) => {
        const { uid = '' } = event ?? {};
        const attributes = { replays: String(replays + 1) };
        if (failing(uid)) failedAgain = failedAgain.then(() => letter(letters, uid, attributes));
        return attributes;
      },
    });
    await failedAgain;

    expect(result.replayed).toBe(12);
    expect(await sqs.counts(letters)).toEqual({ visible: 2, inFlight: 0 });
    expect(await replay(source, target)).toMatchObject({ replayed: 2, returned: 0 });
    expect((await uidsIn(target)).filter(failing)).toEqual(['u0', 'u0', 'u7', 'u7']);
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
