import { afterAll, beforeAll, expect, it } from 'vitest';
import { parseMessage } from '../../functions/core/contract/message.ts';
import { delivered, retry } from '../../functions/core/contract/outcome.ts';
import { REDRIVE_MARGIN } from '../../functions/core/runtime/attempts.ts';
import { replayLoop } from '../../infra/ops/dlq/replay-loop.ts';
import { createDestinationsFolder, type DestinationsFolder } from '../support/embedded.ts';
import { probeBodies, probeFunction } from '../support/probe-function.ts';
import { numberOf, probeSink } from '../support/probe-sink.ts';
import { createSqsModel, MODEL_ENDPOINT } from '../support/sqs-model.ts';

const PER_SECOND = 20;
const OUTAGE_SECONDS = 3600;
/** What the router writes every two seconds, and how long a function gathers messages. */
const ENVELOPE_SECONDS = 2;
const WINDOW_SECONDS = 15;
const MAX_RECEIVES = 8;
const BATCH_SIZE = 10;
const ENVELOPE_EVENTS = 200;

/*
 * An hour of 20 events a second is 72,000 events. In every window of 15 s the router writes 15 / 2 = 8 envelopes at most. Those
 * of one attempt failed in one invocation and travel together from then on: 15 x 20 / 200 = 2 envelopes for each of the seven
 * attempts that are tried again. That makes 8 + 7 x 2 = 22 messages in a window, three batches of ten. The delays between eight
 * attempts add up to less than 46 minutes, so what is left at the end lasts no longer than that, without new ones:
 * (3600 + 2760) / 15 = 424 windows, so 1,272 invocations (596 it takes), and one request to the destination in each.
 * An invocation sends what it holds anew in two calls to SQS at most, and letters go in tens.
 */
const PER_WINDOW = Math.ceil(WINDOW_SECONDS / ENVELOPE_SECONDS);
const PER_ATTEMPT = Math.ceil((WINDOW_SECONDS * PER_SECOND) / ENVELOPE_EVENTS);
const BATCHES = Math.ceil((PER_WINDOW + (MAX_RECEIVES - 1) * PER_ATTEMPT) / BATCH_SIZE);
const WINDOWS = (OUTAGE_SECONDS + 46 * 60) / WINDOW_SECONDS;
const MOST_INVOCATIONS = BATCHES * WINDOWS;
const CALLS_PER_INVOCATION = 2;

let folder: DestinationsFolder;
beforeAll(async () => {
  folder = await createDestinationsFolder();
  await folder.write('destinations/probe/a', {});
});
afterAll(() => folder.remove());

it('an hour without a destination at 20 events a second costs requests by the minute, and one replay ends it', async () => {
  const deliveries = new Map<number, number>();
  let isDown = true;
  let requests = 0;
  let invocations = 0;
  const sqs = createSqsModel({
    visibilitySeconds: 375,
    redrive: { own: { to: 'dead', maxReceives: MAX_RECEIVES + REDRIVE_MARGIN } },
  });
  let calls = 0;
  sqs.client.middlewareStack.add(
    (next) => async (args) => {
      calls += 1;
      return next(args);
    },
    { step: 'initialize' },
  );
  const sink = probeSink({
    async send(events) {
      requests += 1;
      if (isDown) return retry('http_503', 'unavailable');
      for (const event of events) deliveries.set(numberOf(event), (deliveries.get(numberOf(event)) ?? 0) + 1);
      return delivered;
    },
  });
  const handler = probeFunction(sqs, sink, folder.path, MAX_RECEIVES);
  /** All that is visible, in batches; then the window goes by. */
  const work = async (): Promise<void> => {
    for (;;) {
      const batch = sqs.receive('own', BATCH_SIZE, (ids) => ids);
      if (batch.length === 0) break;
      invocations += 1;
      sqs.begin(undefined);
      const { batchItemFailures } = await handler({ Records: [...batch] }, { getRemainingTimeInMillis: () => 60_000 });
      expect(batchItemFailures).toEqual([]);
      sqs.remove(
        'own',
        batch.map(({ messageId }) => messageId),
      );
    }
    sqs.wait(WINDOW_SECONDS);
  };

  let put = 0;
  for (let second = 0; second < OUTAGE_SECONDS; second += WINDOW_SECONDS) {
    for (const due = second + WINDOW_SECONDS; put < due * PER_SECOND;) {
      const numbers = Array.from({ length: PER_SECOND * ENVELOPE_SECONDS }, () => (put += 1));
      for (const body of probeBodies(numbers)) sqs.put('own', body);
    }
    await work();
  }
  isDown = false;
  while (sqs.messages('own').length > 0) await work();

  const letters = sqs.messages('dead');
  expect(requests).toBeLessThanOrEqual(invocations);
  expect(invocations).toBeLessThanOrEqual(MOST_INVOCATIONS);
  expect(calls).toBeLessThanOrEqual(invocations * CALLS_PER_INVOCATION + letters.length / 10);
  expect(letters.every(({ body }) => parseMessage(body).kind === 'event')).toBe(true);
  expect(letters.every(({ attributes }) => attributes['attempts'] === String(MAX_RECEIVES))).toBe(true);
  expect(letters.length + deliveries.size).toBe(put);
  expect(letters.length).toBeGreaterThan(put / 10);

  const { signal } = new AbortController();
  const source = { sqs: sqs.client, queueUrl: `${MODEL_ENDPOINT}/dead`, owner: 'probe', signal, waitSeconds: 0 };
  const { replayed } = await replayLoop(source, { targetUrl: `${MODEL_ENDPOINT}/own` });
  expect(replayed).toBe(letters.length);
  while (sqs.messages('own').length > 0) await work();

  expect(sqs.messages('dead')).toEqual([]);
  expect(deliveries.size).toBe(put);
  expect([...deliveries.values()].every((count) => count === 1)).toBe(true);
}, 600_000);
