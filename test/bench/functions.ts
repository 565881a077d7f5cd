import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { SQSEvent } from 'aws-lambda';
import { writeMessage } from '../../functions/core/contract/message.ts';
import { createHandler } from '../../functions/core/runtime/handler.ts';
import { sampleKubeEvent } from '../../functions/core/contract/sample.ts';
import { createRouter } from '../../functions/fanout/router.ts';
import { loadConfig, loadConfigs } from '../../infra/discover.ts';
import { sinkServices, type SinkService } from '../support/sink-services.ts';
import { loadSink } from '../support/sink-under-test.ts';
import { startSqs } from '../support/sqs.ts';
import { table } from './table.ts';

const EVENTS = 1000;
const WARM_UP_EVENTS = 100;
/** Chats are paced to the vendor's rate: a few invocations tell all there is to tell. */
const CHAT_EVENTS = 20;
const ROUTER_DESTINATIONS = 3;
const silent = { stdout: () => {}, stderr: () => {} };
const ample = { getRemainingTimeInMillis: () => 60_000 };

/** Events a second through each sink's handler to its service on this machine, and what the service was asked for. */
export async function benchSinks(): Promise<string> {
  const rows: string[][] = [];
  for (const { type, chat, runtime } of await loadConfigs()) {
    const service = await sinkServices[type]?.();
    try {
      rows.push([type, ...(await benchSink(type, service, chat ? CHAT_EVENTS : EVENTS, runtime?.batchSize ?? 10))]);
    } finally {
      await service?.stop();
    }
  }
  return table(['sink', 'batch', 'events/s', 'requests per 1,000 events'], rows);
}

async function benchSink(
  type: string,
  service: SinkService | undefined,
  count: number,
  batchSize: number,
): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'courier-bench-'));
  try {
    store(folder, `destinations/${type}/bench`, { repeats: 'all', ...service?.document });
    if (service?.secrets) store(folder, `secrets/${type}/bench`, service.secrets);
    const { sink } = await loadSink(type);
    const unused = 'http://127.0.0.1:9/000000000000/unused';
    const env = { DESTINATIONS: `file:${folder}`, QUEUE_URL: unused, DEAD_LETTER_QUEUE_URL: unused };
    const handler = createHandler(sink, { env, output: silent });
    const deliver = async (from: number, to: number): Promise<void> => {
      for (let first = from; first < to; first += batchSize) {
        const size = Math.min(batchSize, to - first);
        const { batchItemFailures } = await handler(batch(first, size, `${type}/bench`), ample);
        if (batchItemFailures.length > 0) throw new Error(`${type}: ${batchItemFailures.length} events failed`);
      }
    };
    const warmUp = Math.min(WARM_UP_EVENTS, batchSize);
    await deliver(0, warmUp);
    const requests = service?.requests?.() ?? 0;
    const start = performance.now();
    await deliver(warmUp, warmUp + count);
    const seconds = (performance.now() - start) / 1000;
    const made = service?.requests && ((service.requests() - requests) * 1000) / count;
    return [String(batchSize), (count / seconds).toFixed(0), made === undefined ? '-' : made.toFixed(0)];
  } finally {
    rmSync(folder, { recursive: true });
  }
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
    await router(batch(0, WARM_UP_EVENTS), ample);
    const start = performance.now();
    for (let first = 0; first < EVENTS; first += 10) await router(batch(first, 10), ample);
    const perSecond = EVENTS / ((performance.now() - start) / 1000);
    return table(
      ['router', 'events/s', 'copies/s'],
      [['', perSecond.toFixed(0), (perSecond * ROUTER_DESTINATIONS).toFixed(0)]],
    );
  } finally {
    await sqs.stop();
    rmSync(folder, { recursive: true });
  }
}

function batch(first: number, size: number, destination?: string): SQSEvent {
  return {
    Records: Array.from({ length: size }, (_, index) => ({
      messageId: String(first + index),
      receiptHandle: String(first + index),
      body: writeMessage({
        v: 1,
        kind: 'event',
        cluster: 'bench',
        seenAt: '2026-11-23T08:00:00Z',
        change: 'added',
        ...(destination !== undefined && { destination }),
        event: {
          ...sampleKubeEvent,
          metadata: {
            ...sampleKubeEvent.metadata,
            uid: `uid-${first + index}`,
            resourceVersion: String(first + index),
          },
        },
      }),
      attributes: {
        ApproximateReceiveCount: '1',
        SentTimestamp: '0',
        SenderId: '',
        ApproximateFirstReceiveTimestamp: '0',
      },
      messageAttributes: {},
      md5OfBody: '',
      eventSource: 'aws:sqs',
      eventSourceARN: '',
      awsRegion: 'us-east-1',
    })),
  };
}

function store(folder: string, path: string, document: object): void {
  const file = join(folder, `${path}.json`);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify(document));
}
