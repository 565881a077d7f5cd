import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { MAX_EVENTS, pack } from '../../functions/core/contract/envelope.ts';
import { createHandler } from '../../functions/core/runtime/handler.ts';
import { sampleKubeEvent } from '../../functions/core/contract/sample.ts';
import { createRouter } from '../../functions/fanout/router.ts';
import { loadConfig, loadConfigs } from '../../infra/discover.ts';
import { startSinkService, type SinkService } from '../support/sink-services/start.ts';
import { loadSink } from '../support/sink-under-test.ts';
import { sqsRecord } from '../support/sqs-record.ts';
import { startSqs, type TestSqs } from '../support/sqs.ts';
import { table } from './table.ts';

/** Events to measure with: one in a message, or many. */
const EVENTS = { singly: 1000, together: 10_000 } as const;
/** Chats are paced to the vendor's rate: a few invocations tell all there is to tell. */
const CHAT_INVOCATIONS = 2;
const ROUTER_DESTINATIONS = 3;
const ROUTER_BATCH = 10;
const silent = { stdout: () => {}, stderr: () => {} };
const ample = { getRemainingTimeInMillis: () => 60_000 };

/** How events come: so many in a message, so many messages in an invocation. */
interface Load {
  readonly perMessage: number;
  readonly batchSize: number;
  readonly events: number;
}

/**
 * Events a second from each sink's queue through its handler to its service, all on this machine: received, delivered and
 * deleted. Beside it what of that is the function's own time, as Lambda bills it, and what the service was asked for.
 */
export async function benchSinks(): Promise<string> {
  const rows: string[][] = [];
  for (const { type, chat, runtime = {} } of await loadConfigs()) {
    const batchSize = chat ? 10 : (runtime.batchSize ?? 10);
    const measured: Measured[] = [];
    for (const perMessage of [1, runtime.envelopeEvents ?? MAX_EVENTS]) {
      const perBatch = batchSize * perMessage;
      const wanted = perMessage === 1 ? EVENTS.singly : EVENTS.together;
      const events = chat ? CHAT_INVOCATIONS * perBatch : Math.ceil(wanted / perBatch) * perBatch;
      const service = await startSinkService(type);
      try {
        const one = await benchSink(type, service, { perMessage, batchSize, events });
        measured.push(one);
        rows.push([type, `${batchSize} x ${perMessage}`, ...figures(one), one.requests]);
      } finally {
        await service?.stop();
      }
    }
    rows.push([type, 'ratio', ...ratios(measured), '']);
  }
  return table(['sink', 'messages x events', 'events/s', 'ms per 1,000 events', 'requests per 1,000 events'], rows);
}

interface Measured {
  readonly events: number;
  readonly seconds: number;
  /** Of them, those of the function. */
  readonly functionSeconds: number;
}

function figures({ events, seconds, functionSeconds }: Measured): readonly string[] {
  return [(events / seconds).toFixed(0), ((functionSeconds * 1_000_000) / events).toFixed(0)];
}

/** How many times as many events a second, and how much less time of the function: the second against the first. */
function ratios([singly, together]: readonly Measured[]): readonly string[] {
  if (!singly || !together) return ['', ''];
  const ratio = (secondsOf: (each: Measured) => number): string =>
    (secondsOf(singly) / singly.events / (secondsOf(together) / together.events)).toFixed(1);
  return [ratio(({ seconds }) => seconds), ratio(({ functionSeconds }) => functionSeconds)];
}

async function benchSink(
  type: string,
  service: SinkService | undefined,
  load: Load,
): Promise<Measured & { readonly requests: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'courier-bench-'));
  const sqs = await startSqs();
  try {
    store(folder, `destinations/${type}/bench`, { repeats: 'all', ...service?.document });
    if (service?.secrets) store(folder, `secrets/${type}/bench`, service.secrets);
    const { sink } = await loadSink(type);
    const queueUrl = sqs.createQueue('bench');
    const env = { DESTINATIONS: `file:${folder}`, QUEUE_URL: queueUrl, DEAD_LETTER_QUEUE_URL: queueUrl };
    const output = { stdout: () => {}, stderr: (line: string) => notDelivered(type, line) };
    const handler = createHandler(sink, { env, output });
    await handler(batch(0, { ...load, batchSize: 1 }, `${type}/bench`), ample);
    const before = service?.requests?.() ?? 0;
    const measured = await time(sqs, queueUrl, load, `${type}/bench`, (event) => handler(event, ample));
    const made = service?.requests && ((service.requests() - before) * 1000) / load.events;
    return { ...measured, requests: made === undefined ? '-' : made.toFixed(0) };
  } finally {
    await sqs.stop();
    rmSync(folder, { recursive: true });
  }
}

/** What is not delivered at once must not count as fast. */
function notDelivered(type: string, line: string): void {
  if (/retried|rejected|given up/.test(line)) throw new Error(`${type}: ${line}`);
}

/** Events a second from the ingest queue through the router, each copied to several destinations, on an SQS in this process. */
export async function benchRouter(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'courier-bench-'));
  const sqs = await startSqs();
  try {
    for (let each = 0; each < ROUTER_DESTINATIONS; each += 1) {
      store(folder, `destinations/log/bench-${each}`, {
        filter: { match: [{ type: 'Warning', reason: ['Back*', '/^Failed/'] }] },
      });
    }
    const env = {
      DESTINATIONS: `file:${folder}`,
      SINK_QUEUES: JSON.stringify({ log: sqs.createQueue('log') }),
      DEAD_LETTER_QUEUE_URL: sqs.createQueue('dead'),
    };
    const router = createRouter(loadConfig, { env, output: silent, queueCalls: sqs.calls });
    const ingest = sqs.createQueue('ingest');
    const rows: string[][] = [];
    const measured: Measured[] = [];
    for (const perMessage of [1, MAX_EVENTS]) {
      const events = perMessage === 1 ? EVENTS.singly : EVENTS.together;
      const load = { perMessage, batchSize: ROUTER_BATCH, events };
      await router(batch(0, load), ample);
      const one = await time(sqs, ingest, load, undefined, (event) => router(event, ample));
      measured.push(one);
      rows.push([`${ROUTER_BATCH} x ${perMessage}`, ...figures(one)]);
    }
    rows.push(['ratio', ...ratios(measured)]);
    return table(['router, messages x events', 'events/s', 'ms per 1,000 events'], rows);
  } finally {
    await sqs.stop();
    rmSync(folder, { recursive: true });
  }
}

/** Lets a function have all events of a load from its queue, as Lambda does. */
async function time(
  sqs: TestSqs,
  queueUrl: string,
  load: Load,
  destination: string | undefined,
  invoke: (event: SQSEvent) => Promise<SQSBatchResponse>,
): Promise<Measured> {
  let [seconds, functionSeconds] = [0, 0];
  for (let first = 0; first < load.events; first += load.perMessage * load.batchSize) {
    for (const { body } of batch(first, load, destination).Records) await sqs.send(queueUrl, body);
    const start = performance.now();
    const event = await sqs.receive(queueUrl);
    const invoked = performance.now();
    const { batchItemFailures } = await invoke(event);
    functionSeconds += (performance.now() - invoked) / 1000;
    if (event.Records.length < load.batchSize || batchItemFailures.length > 0) throw new Error('not all got through');
    await sqs.remove(queueUrl, event);
    seconds += (performance.now() - start) / 1000;
  }
  return { events: load.events, seconds, functionSeconds };
}

/** Some services take no events of other days. */
const NOW = new Date().toISOString();

function batch(first: number, { perMessage, batchSize }: Load, destination?: string): SQSEvent {
  const items = Array.from({ length: perMessage * batchSize }, (_, index) => {
    const version = String(first + index);
    const metadata = { ...sampleKubeEvent.metadata, uid: `uid-${version}`, resourceVersion: version };
    const event = { ...sampleKubeEvent, metadata, lastTimestamp: NOW };
    return { item: JSON.stringify({ seenAt: NOW, change: 'added', event }) };
  });
  const head = { cluster: 'bench', ...(destination !== undefined && { destination }) };
  const bodies = pack(head, items, perMessage).map(({ body }) => body);
  return { Records: bodies.map((body, index) => sqsRecord(String(first + index), { body })) };
}

function store(folder: string, path: string, document: object): void {
  const file = join(folder, `${path}.json`);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify(document));
}
