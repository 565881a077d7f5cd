import { SendMessageBatchCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openMessage, pack } from '../../functions/core/contract/envelope.ts';
import { parseMessage } from '../../functions/core/contract/message.ts';
import { delivered, rejected, retry, type Outcome } from '../../functions/core/contract/outcome.ts';
import { recordOf, textOf } from '../../functions/core/contract/untrusted.ts';
import { REDRIVE_MARGIN } from '../../functions/core/runtime/attempts.ts';
import { createHandler } from '../../functions/core/runtime/handler.ts';
import { createRouter } from '../../functions/fanout/router.ts';
import { scan } from '../../infra/ops/dlq/scan.ts';
import { seededRandom } from '../../infra/seeded-random.ts';
import { startQueues, type EmbeddedQueues, type QueuePair } from '../../localstack/embedded/embedded-queues.ts';
import { startEventSource, type EventSource, type QueueFunction } from '../../localstack/embedded/event-source.ts';
import { createDestinationsFolder, kubeEvent, type DestinationsFolder } from '../support/embedded.ts';
import { probeSink } from '../support/probe-sink.ts';

const EVENTS = 20_000;
const MAX_RECEIVES = 5;
const SOURCE = { batchSize: 10, windowSeconds: 0, maxConcurrency: 2, timeoutSeconds: 8 };
const PAIR = { visibilitySeconds: 10, redriveReceives: MAX_RECEIVES + REDRIVE_MARGIN };

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
  readonly client: SQSClient;
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
    let calls = 20 + Math.floor(random() * 300);
    const death = Promise.withResolvers<never>();
    death.promise.catch(() => {});
    const end = (): void => {
      over = true;
      death.reject(new Error('the process has ended'));
    };
    const isOver = (): boolean => over;
    const mayDie = (): void => {
      calls -= 1;
      if (calls <= 0) end();
      if (over) throw new Error('the process has ended');
    };
    const client = new SQSClient({
      endpoint: queues.endpoint,
      useQueueUrlAsEndpoint: false,
      region: 'us-east-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    });
    client.middlewareStack.add(
      (next) => async (args) => {
        mayDie();
        const result = await next(args);
        mayDie();
        return result;
      },
      { step: 'initialize' },
    );
    return { run: start({ client, isOver, end }), death: death.promise, isOver };
  };
  let process = spawn();
  return async (event, context) => {
    if (process.isOver()) process = spawn();
    const { run, death } = process;
    try {
      return await Promise.race([run(event, context), death]);
    } catch (error) {
      for (const { body } of event.Records) for (const uid of uidsIn(body)) touched.add(uid);
      throw error;
    }
  };
}

function uidsIn(body: string): readonly string[] {
  const opened = openMessage(body);
  return opened.kind === 'events' ? opened.events.map(({ event }) => uidOf(event)) : [];
}

function uidOf({ metadata }: { readonly metadata?: unknown }): string {
  return textOf(recordOf(metadata)['uid']);
}

function numberOf(uid: string): number {
  return Number(uid.slice('event-'.length));
}

test('of 20,000 events each ends once though functions are killed now and then, and what always kills them dies alone', async () => {
  const counts = new Map<string, number>();
  const failedOnce = new Set<string>();
  const touched = new Set<string>();
  const [ingest, own] = ['ingest', 'probe'].map((name) => queues.createPair(name, PAIR));
  if (!ingest || !own) throw new Error('two pairs were expected');
  await folder.write('destinations/probe/a', { filter: { match: [{ type: 'Warning' }] } });

  const answer = (uid: string, end: () => void): Outcome => {
    if (uid.startsWith('poison')) {
      end();
      throw new Error('the process has ended');
    }
    const number = numberOf(uid);
    if (number % 100 === 7) return rejected('event', 'declared', 'never');
    if (number % 20 === 3 && !failedOnce.has(uid)) {
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
  const { config } = sink({ client: queues.client, isOver: () => false, end: () => {} });
  const functions = [
    [
      ingest,
      killable(
        ({ client }) =>
          createRouter(async (type) => (type === 'probe' ? config : undefined), {
            env: {
              ...env,
              SINK_QUEUES: JSON.stringify({ probe: own.url }),
              DEAD_LETTER_QUEUE_URL: ingest.deadLetterUrl,
            },
            output,
            queueClient: client,
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
            queueClient: life.client,
          }),
        2,
        touched,
      ),
    ],
  ] as const satisfies readonly (readonly [QueuePair, QueueFunction])[];

  const uids = Array.from({ length: EVENTS }, (_, number) => `event-${number}`);
  await putAll(ingest, own, [...uids.slice(0, EVENTS / 2), 'poison-1', ...uids.slice(EVENTS / 2)]);
  sources = functions.map(([{ url }, run]) =>
    startEventSource(queues.client, { ...SOURCE, queueUrl: url }, run, () => {}),
  );
  await vi.waitFor(() => expect([ingest, own].map(({ url }) => queues.counts(url).events)).toEqual([0, 0]), {
    timeout: 550_000,
    interval: 500,
  });

  const letters = await lettersOf(own);
  const dead = new Set(letters.map(({ uid }) => uid));
  const filtered = uids.filter((uid) => numberOf(uid) % 10 === 0);
  const wanted = uids.filter((uid) => numberOf(uid) % 10 !== 0);
  const refused = wanted.filter((uid) => numberOf(uid) % 100 === 7);
  const twice = [...counts].filter(([, count]) => count > 1).map(([uid]) => uid);
  process.stderr.write(
    `sent ${EVENTS + 2}, delivered ${counts.size}, filtered ${filtered.length}, dead-lettered ${dead.size}; in killed hands ${touched.size}, delivered twice or more ${twice.length}\n`,
  );
  expect([...dead].toSorted()).toEqual([...refused, 'poison-1', 'poison-2'].toSorted());
  expect([...counts.keys()].toSorted()).toEqual(wanted.filter((uid) => !dead.has(uid)).toSorted());
  expect(letters.filter(({ uid, code }) => code === undefined && !uid.startsWith('poison'))).toEqual([]);
  expect(await lettersOf(ingest)).toEqual([]);
  expect(twice.filter((uid) => !touched.has(uid))).toEqual([]);
  expect(failedOnce.size).toBeGreaterThan(EVENTS / 25);
});

/** Half of the events in envelopes, half in messages of their own, and one that kills the sink's function among single messages on its queue. */
async function putAll(ingest: QueuePair, own: QueuePair, uids: readonly string[]): Promise<void> {
  const half = Math.ceil(uids.length / 2) + 1;
  const items = uids.map((uid) => ({
    item: JSON.stringify({
      seenAt: '',
      change: 'added',
      event: kubeEvent(uid, { type: !uid.startsWith('poison') && numberOf(uid) % 10 === 0 ? 'Normal' : 'Warning' }),
    }),
  }));
  for (const { body } of pack({ cluster: 'test' }, items.slice(0, half)))
    await queues.client.send(new SendMessageCommand({ QueueUrl: ingest.url, MessageBody: body }));
  const singles = pack({ cluster: 'test' }, items.slice(half), 1);
  for (let from = 0; from < singles.length; from += 10) {
    const Entries = singles.slice(from, from + 10).map(({ body }, index) => ({ Id: String(index), MessageBody: body }));
    await queues.client.send(new SendMessageBatchCommand({ QueueUrl: ingest.url, Entries }));
  }
  const poison = { item: JSON.stringify({ seenAt: '', change: 'added', event: kubeEvent('poison-2') }) };
  for (const { body } of pack({ cluster: 'test', destination: 'probe/a' }, [poison], 1))
    await queues.client.send(new SendMessageCommand({ QueueUrl: own.url, MessageBody: body }));
}

/** The letters of a queue, each of which must be one event. */
async function lettersOf({ deadLetterUrl }: QueuePair): Promise<readonly { uid: string; code: string | undefined }[]> {
  const found: { uid: string; code: string | undefined }[] = [];
  const { signal } = new AbortController();
  const source = { sqs: queues.client, queueUrl: deadLetterUrl, owner: 'probe', signal, waitSeconds: 0 };
  await scan(source, async (letters) => {
    for (const { body, code } of letters) {
      const message = parseMessage(body);
      expect(message.kind).toBe('event');
      if (message.kind === 'event') found.push({ uid: uidOf(message.event), code });
    }
    return [];
  });
  return found;
}
