import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Alike } from '../../../../functions/core/contract/config.ts';
import { writeMessage } from '../../../../functions/core/contract/message.ts';
import { delivered, retry, type Outcome } from '../../../../functions/core/contract/outcome.ts';
import { sampleKubeEvent } from '../../../../functions/core/contract/sample.ts';
import { isRecord } from '../../../../functions/core/contract/untrusted.ts';
import { createHandler } from '../../../../functions/core/runtime/handler.ts';
import { numberOf, probeSink } from '../../../support/probe-sink.ts';
import { driveGathering } from '../../../support/sqs-model-drive.ts';
import { createSqsModel, MODEL_ENDPOINT } from '../../../support/sqs-model.ts';

const WINDOW_SECONDS = 5;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'courier-held-'));
  mkdirSync(join(folder, 'destinations/probe'), { recursive: true });
  writeFileSync(join(folder, 'destinations/probe/a.json'), '{}');
});
afterAll(() => rmSync(folder, { recursive: true }));

interface Sent {
  readonly atSeconds: number;
  readonly numbers: readonly number[];
}

interface Given {
  /** When each event is on the queue, in seconds. */
  readonly times: readonly number[];
  readonly reasonOf?: (number: number) => string;
  readonly keyOf?: Alike['keyOf'];
  readonly answer?: (request: number) => Outcome;
}

/** Lets one environment of a chat work on a model of SQS until nothing is left. */
async function run({
  times,
  reasonOf = () => 'BackOff',
  keyOf = ({ reason }) => reason,
  answer = () => delivered,
}: Given) {
  const sqs = createSqsModel({ visibilitySeconds: 360, redrive: {} });
  const startedAt = sqs.now();
  const sent: Sent[] = [];
  const lines: string[] = [];
  const sink = probeSink({
    alike: { seconds: 65, keyOf },
    send: async (events) => {
      sent.push({ atSeconds: (sqs.now() - startedAt) / 1000, numbers: events.map(numberOf) });
      return answer(sent.length);
    },
  });
  const handler = createHandler(sink, {
    env: {
      DESTINATIONS: `file:${folder}`,
      QUEUE_URL: `${MODEL_ENDPOINT}/own`,
      DEAD_LETTER_QUEUE_URL: `${MODEL_ENDPOINT}/dead`,
    },
    output: { stdout: (line) => lines.push(line), stderr: (line) => lines.push(line) },
    now: () => new Date(sqs.now()),
    random: () => 0.5,
    queueCalls: sqs.calls,
  });
  for (const [number, at] of times.entries()) sqs.put('own', bodyOf(number, reasonOf(number)), {}, at);
  await driveGathering(sqs, { queue: 'own', windowSeconds: WINDOW_SECONDS, invoke: handler });
  expect(sqs.messages('dead')).toEqual([]);
  return { sent, lines };
}

function bodyOf(number: number, reason: string): string {
  const metadata = { ...sampleKubeEvent.metadata, resourceVersion: String(number) };
  return writeMessage({
    v: 1,
    kind: 'event',
    cluster: 'prod',
    destination: 'probe/a',
    seenAt: '2026-11-23T08:00:00Z',
    change: 'added',
    event: { ...sampleKubeEvent, metadata, reason },
  });
}

const withinAMinute = fc
  .array(fc.double({ min: 0, max: 60, noNaN: true }), { minLength: 19, maxLength: 19 })
  .map((times) => [0, ...times]);

it('twenty alike events at any times within a minute are two requests at most, and each is in one', async () => {
  await fc.assert(
    fc.asyncProperty(withinAMinute, async (times) => {
      const { sent } = await run({ times });
      expect(sent.length).toBeLessThanOrEqual(2);
      expect(sent.flatMap(({ numbers }) => numbers).toSorted((a, b) => a - b)).toEqual([...times.keys()]);
      // The first goes at once, the others a minute after it.
      expect(sent[0]?.atSeconds).toBeLessThanOrEqual(WINDOW_SECONDS);
      expect(sent.at(-1)?.atSeconds).toBeLessThanOrEqual(65 + 2 * WINDOW_SECONDS + 1);
    }),
    { numRuns: 60 },
  );
});

it('events of any kinds at any times are each sent once, none more than a minute and its batches late', async () => {
  const storms = fc.array(
    fc.record({ at: fc.double({ min: 0, max: 300, noNaN: true }), kind: fc.integer({ min: 0, max: 3 }) }),
    { minLength: 1, maxLength: 60 },
  );
  await fc.assert(
    fc.asyncProperty(storms, async (storm) => {
      const { sent } = await run({
        times: storm.map(({ at }) => at),
        reasonOf: (number) => `Reason${storm[number]?.kind}`,
      });
      const sentAt = new Map(sent.flatMap(({ atSeconds, numbers }) => numbers.map((each) => [each, atSeconds])));
      expect(sent.flatMap(({ numbers }) => numbers)).toHaveLength(storm.length);
      for (const [number, { at }] of storm.entries())
        expect((sentAt.get(number) ?? Infinity) - at).toBeLessThanOrEqual(65 + 2 * WINDOW_SECONDS + 1);
    }),
    { numRuns: 40 },
  );
});

it('what becomes critical goes at once, past what is held', async () => {
  const reasonOf = (number: number): string => (number === 2 ? 'Evicted' : 'BackOff');
  const { sent } = await run({ times: [0, 10, 20, 30], reasonOf, keyOf: () => 'all are alike' });

  expect(sent.map(({ numbers }) => numbers)).toEqual([[0], [2], [1, 3]]);
});

it('an event whose like was refused is not held for it', async () => {
  const { sent } = await run({
    times: [0, 10],
    answer: (request) => (request === 1 ? retry('busy', 'later') : delivered),
  });

  expect(sent.map(({ numbers }) => numbers)).toEqual([[0], [1], [0]]);
});

it('a held event counts once it is sent, as delivered, and never as retried', async () => {
  const { lines } = await run({ times: [0, 10, 20] });
  const counted = lines.map((line): unknown => JSON.parse(line)).filter(isRecord);

  expect(counted.flatMap((line) => line['Delivered'] ?? [])).toEqual([1, 2]);
  expect(counted.filter((line) => 'Retried' in line || 'RetryAge' in line)).toEqual([]);
});
