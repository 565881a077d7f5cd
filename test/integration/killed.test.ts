import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openMessage } from '../../functions/core/contract/envelope.ts';
import { delivered, rejected, retry, type Outcome } from '../../functions/core/contract/outcome.ts';
import { REDRIVE_MARGIN } from '../../functions/core/runtime/attempts.ts';
import { createHandler } from '../../functions/core/runtime/handler.ts';
import type { QueueCalls } from '../../functions/core/runtime/queue-calls.ts';
import { createRouter } from '../../functions/fanout/router.ts';
import { seededRandom } from '../../infra/seeded-random.ts';
import { startQueues, type EmbeddedQueues, type QueuePair } from '../../localstack/embedded/embedded-queues.ts';
import { startEventSource, type EventSource, type QueueFunction } from '../../localstack/embedded/event-source.ts';
import { createDestinationsFolder, type DestinationsFolder } from '../support/embedded.ts';
import {
  expectEnds,
  FILTER,
  isFiltered,
  isPoison,
  isRefused,
  isTransient,
  lettersIn,
  putLedger,
  uidOf,
} from '../support/killed-ledger.ts';
import { probeSink } from '../support/probe-sink.ts';

/** With 20,000 it takes three minutes on a quiet machine. */
const EVENTS = Number(process.env['LEDGER_EVENTS'] ?? 4000);
const MINUTES = 60_000;
const MAX_RECEIVES = 5;
const SOURCE = { batchSize: 10, windowSeconds: 0, maxConcurrency: 2, timeoutSeconds: 5 };
const PAIR = { visibilitySeconds: 6, redriveReceives: MAX_RECEIVES + REDRIVE_MARGIN };

let folder: DestinationsFolder;
let queues: EmbeddedQueues;
let sources: readonly EventSource[] = [];

beforeEach(async () => {
  folder = await createDestinationsFolder();
  queues = await startQueues();
});

afterEach(async () => {
  await Promise.all(sources.map((source) => source.stop()));
  await queues.stop();
  await folder.remove();
});

/** What a function is given of the process that it runs in. */
interface Life {
  readonly calls: QueueCalls;
  readonly isOver: () => boolean;
  /** Ends the process, as a crash or a kill does: whatever else it does has no effect. */
  readonly end: () => void;
}

/**
 * A function whose process is killed now and then, before or after a call to SQS took effect; the next invocation begins
 * another one. What lay in the hands of an invocation that was killed is given to `touched`.
 */
function killable(start: (life: Life) => QueueFunction, seed: number, touched: Set<string>): QueueFunction {
  const random = seededRandom(seed);
  const spawn = () => {
    let over = false;
    let left = 20 + Math.floor(random() * 300);
    const death = Promise.withResolvers<never>();
    death.promise.catch(() => {});
    const end = (): void => {
      over = true;
      death.reject(new Error('the process has ended'));
    };
    const isOver = (): boolean => over;
    const mayDie = (): void => {
      left -= 1;
      if (left <= 0) end();
      if (over) throw new Error('the process has ended');
    };
    const mortal =
      <Args extends readonly unknown[], Reply>(call: (...args: Args) => Promise<Reply>) =>
      async (...args: Args): Promise<Reply> => {
        mayDie();
        const reply = await call(...args);
        mayDie();
        return reply;
      };
    const calls = {
      sendMessageBatch: mortal(queues.calls.sendMessageBatch),
      changeMessageVisibilityBatch: mortal(queues.calls.changeMessageVisibilityBatch),
      deleteMessageBatch: mortal(queues.calls.deleteMessageBatch),
    };
    return { run: start({ calls, isOver, end }), death: death.promise, isOver };
  };
  let process = spawn();
  return async (event, context) => {
    if (process.isOver()) process = spawn();
    const { run, death } = process;
    const touch = (): void => {
      for (const { body } of event.Records) for (const uid of uidsIn(body)) touched.add(uid);
    };
    try {
      const response = await Promise.race([run(event, context), death]);
      // Its batch has come again meanwhile.
      if (context.getRemainingTimeInMillis() === 0) touch();
      return response;
    } catch (error) {
      touch();
      throw error;
    }
  };
}

function uidsIn(body: string): readonly string[] {
  const opened = openMessage(body);
  return opened.kind === 'events' ? opened.events.map(({ event }) => uidOf(event)) : [];
}

test(
  `of ${EVENTS} events each ends once though functions are killed now and then, and what always kills them dies alone`,
  { timeout: 10 * MINUTES },
  async () => {
    const counts = new Map<string, number>();
    const failedOnce = new Set<string>();
    const touched = new Set<string>();
    const [ingest, own] = ['ingest', 'probe'].map((name) => queues.createPair(name, PAIR));
    if (!ingest || !own) throw new Error('two pairs were expected');
    await folder.write('destinations/probe/a', { filter: FILTER });

    const answer = (uid: string, end: () => void): Outcome => {
      if (isPoison(uid)) {
        end();
        throw new Error('the process has ended');
      }
      if (isRefused(uid)) return rejected('event', 'declared', 'never');
      if (isTransient(uid) && !failedOnce.has(uid)) {
        failedOnce.add(uid);
        return retry('declared', 'not now');
      }
      counts.set(uid, (counts.get(uid) ?? 0) + 1);
      return delivered;
    };
    const sink = (life: Life) =>
      probeSink({
        async send(events) {
          return events.map(({ uid }) => {
            if (life.isOver()) throw new Error('the process has ended');
            return answer(uid, life.end);
          });
        },
      });
    const output = { stdout: () => {}, stderr: () => {} };
    const env = {
      DESTINATIONS: `file:${folder.path}`,
      MAX_RECEIVES: String(MAX_RECEIVES),
      RETRY_BASE_SECONDS: '1',
    };
    const { config } = sink({ calls: queues.calls, isOver: () => false, end: () => {} });
    const functions = [
      [
        ingest,
        killable(
          ({ calls }) =>
            createRouter(async (type) => (type === 'probe' ? config : undefined), {
              env: {
                ...env,
                SINK_QUEUES: JSON.stringify({ probe: own.url }),
                DEAD_LETTER_QUEUE_URL: ingest.deadLetterUrl,
              },
              output,
              queueCalls: calls,
            }),
          1,
          touched,
        ),
      ],
      [
        own,
        killable(
          (life) =>
            createHandler(sink(life), {
              env: { ...env, QUEUE_URL: own.url, DEAD_LETTER_QUEUE_URL: own.deadLetterUrl },
              output,
              queueCalls: life.calls,
            }),
          2,
          touched,
        ),
      ],
    ] as const satisfies readonly (readonly [QueuePair, QueueFunction])[];

    const uids = await putLedger(
      queues.client,
      { ingestUrl: ingest.url, ownUrl: own.url, destination: 'probe/a' },
      EVENTS,
    );
    sources = functions.map(([{ url }, run]) =>
      startEventSource(queues.client, { ...SOURCE, queueUrl: url }, run, () => {}),
    );
    await vi.waitFor(() => expect([ingest, own].map(({ url }) => queues.counts(url).events)).toEqual([0, 0]), {
      timeout: 9 * MINUTES,
      interval: 500,
    });

    const letters = await lettersIn(queues.client, own.deadLetterUrl);
    const again = [...counts].filter(([, count]) => count > 1).map(([uid]) => uid);
    const lettersAgain = letters.map(({ uid }) => uid).filter((uid, index, all) => all.indexOf(uid) !== index);
    process.stderr.write(
      `sent ${EVENTS + 2}, delivered ${counts.size}, filtered ${uids.filter(isFiltered).length}, letters ${letters.length}; in killed hands ${touched.size}, delivered again ${again.length}, letters again ${lettersAgain.length}\n`,
    );
    expectEnds(uids, counts, letters);
    expect(await lettersIn(queues.client, ingest.deadLetterUrl)).toEqual([]);
    expect([...again, ...lettersAgain].filter((uid) => !touched.has(uid))).toEqual([]);
    expect(failedOnce.size).toBe(EVENTS / 20);
  },
);
