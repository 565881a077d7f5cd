import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { MAX_EVENTS, pack } from '../../functions/core/contract/envelope.ts';
import { createHandler } from '../../functions/core/runtime/handler.ts';
import { sampleKubeEvent } from '../../functions/core/contract/sample.ts';
import { createRouter } from '../../functions/fanout/router.ts';
import { loadConfig, loadConfigs } from '../../infra/discover.ts';
import { sinkServices, type SinkService } from '../support/sink-services.ts';
import { loadSink } from '../support/sink-under-test.ts';
import { sqsRecord } from '../support/sqs-record.ts';
import { startSqs } from '../support/sqs.ts';
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

/** Events a second through each sink's handler to its service on this machine, and what the service was asked for. */
export async function benchSinks(): Promise<string> {
  const rows: string[][] = [];
  for (const { type, chat, runtime = {} } of await loadConfigs()) {
    const batchSize = chat ? 10 : (runtime.batchSize ?? 10);
    const rates: number[] = [];
    for (const perMessage of [1, runtime.envelopeEvents ?? MAX_EVENTS]) {
      const service = await sinkServices[type]?.();
      const perBatch = batchSize * perMessage;
      const wanted = perMessage === 1 ? EVENTS.singly : EVENTS.together;
      const events = chat ? CHAT_INVOCATIONS * perBatch : Math.ceil(wanted / perBatch) * perBatch;
      try {
        const { seconds, requests } = await benchSink(type, service, { perMessage, batchSize, events });
        rates.push(events / seconds);
        rows.push([type, `${batchSize} x ${perMessage}`, ...figures(events, seconds), requests]);
      } finally {
        await service?.stop();
      }
    }
    const [singly = 0, together = 0] = rates;
    rows.push([type, 'ratio', (together / singly).toFixed(1), '', '']);
  }
  return table(['sink', 'messages x events', 'events/s', 'ms per 1,000 events', 'requests per 1,000 events'], rows);
}

function figures(events: number, seconds: number): readonly string[] {
  return [(events / seconds).toFixed(0), ((seconds * 1_000_000) / events).toFixed(0)];
}

async function benchSink(
  type: string,
  service: SinkService | undefined,
  load: Load,
): Promise<{ readonly seconds: number; readonly requests: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'courier-bench-'));
  try {
    store(folder, `destinations/${type}/bench`, { repeats: 'all', ...service?.document });
    if (service?.secrets) store(folder, `secrets/${type}/bench`, service.secrets);
    const { sink } = await loadSink(type);
    const unused = 'http://127.0.0.1:9/000000000000/unused';
    const env = { DESTINATIONS: `file:${folder}`, QUEUE_URL: unused, DEAD_LETTER_QUEUE_URL: unused };
    const output = { stdout: () => {}, stderr: (line: string) => notDelivered(type, line) };
    const handler = createHandler(sink, { env, output });
    await handler(batch(0, { ...load, batchSize: 1 }, `${type}/bench`), ample);
    const before = service?.requests?.() ?? 0;
    const seconds = await time(load, (first) => handler(batch(first, load, `${type}/bench`), ample));
    const made = service?.requests && ((service.requests() - before) * 1000) / load.events;
    return { seconds, requests: made === undefined ? '-' : made.toFixed(0) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What is not delivered at once must not count as fast. */
function notDelivered(type: string, line: string): void {
  if (/retried|rejected|given up/.test(line)) throw new Error(`${type}: ${line}`);
}

/** Events a second through the router, each copied to several destinations, on an SQS in this process. */
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
    const router = createRouter(loadConfig, { env, output: silent, queueClient: sqs.client });
    const rows: string[][] = [];
    const rates: number[] = [];
    for (const perMessage of [1, MAX_EVENTS]) {
      const load = {
        perMessage,
        batchSize: ROUTER_BATCH,
        events: perMessage === 1 ? EVENTS.singly : EVENTS.together,
      };
      await router(batch(0, load), ample);
      const seconds = await time(load, (first) => router(batch(first, load), ample));
      rates.push(load.events / seconds);
      rows.push([`${ROUTER_BATCH} x ${perMessage}`, ...figures(load.events, seconds)]);
    }
    const [singly = 0, together = 0] = rates;
    rows.push(['ratio', (together / singly).toFixed(1), '']);
    return table(['router, messages x events', 'events/s', 'ms per 1,000 events'], rows);
  } finally {
    await sqs.stop();
    rmSync(folder, { recursive: true });
  }
}

/** Seconds for all events of a load. */
async function time(
  { perMessage, batchSize, events }: Load,
  invoke: (first: number) => Promise<SQSBatchResponse>,
): Promise<number> {
  let seconds = 0;
  for (let first = 0; first < events; first += perMessage * batchSize) {
    const start = performance.now();
    const { batchItemFailures } = await invoke(first);
    seconds += (performance.now() - start) / 1000;
    if (batchItemFailures.length > 0) throw new Error(`${batchItemFailures.length} messages failed`);
  }
  return seconds;
}

function batch(first: number, { perMessage, batchSize }: Load, destination?: string): SQSEvent {
  const items = Array.from({ length: perMessage * batchSize }, (_, index) => {
    const version = String(first + index);
    const metadata = { ...sampleKubeEvent.metadata, uid: `uid-${version}`, resourceVersion: version };
    const event = { ...sampleKubeEvent, metadata };
    return { item: JSON.stringify({ seenAt: '2026-11-23T08:00:00Z', change: 'added', event }) };
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
