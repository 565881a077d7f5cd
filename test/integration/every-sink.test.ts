import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { SendMessageBatchCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startEmbeddedStack, type EmbeddedStack } from '../../localstack/embedded.ts';
import { writeMessage, type EventMessage } from '../../functions/core/event.ts';
import { loadConfigs } from '../../infra/discover.ts';
import { sinkServices, type SinkService } from '../support/sink-services.ts';

const OBJECTS = 40;
const REPEATS = 25;
const EVENTS = OBJECTS * REPEATS;
/** Occurrences 1 and 10 of each object. */
const CHAT_EVENTS = OBJECTS * 2;

const configs = await loadConfigs();
const services = new Map<string, SinkService>();
const lines: string[] = [];
/** What went wrong at which destination, for the message of a failing test. */
const troubles = new Set<string>();
let folder: string;
let stack: EmbeddedStack;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'courier-every-'));
  store('destinations/log/every', {});
  // One after the other: together they would starve each other's start on a small machine.
  for (const [type, start] of Object.entries(sinkServices)) {
    const service = await start();
    services.set(type, service);
    store(`destinations/${type}/every`, service.document);
    if (service.secrets) store(`secrets/${type}/every`, service.secrets);
  }
  stack = await startEmbeddedStack({ folder, print: (line) => lines.push(line), log: note });
});

afterAll(async () => {
  await stack?.stop();
  await Promise.all([...services.values()].map((service) => service.stop()));
  rmSync(folder, { recursive: true });
});

it('has a service for every sink', () => {
  expect([...services.keys(), 'log'].toSorted()).toEqual(configs.map(({ type }) => type).toSorted());
});

it('brings 1,000 events with repeats to every destination, once in every store', async () => {
  await sendAll();
  await expectDelivered(1);
  await expectStored();
}, 300_000);

it('leaves the stores as they are when everything is delivered a second time', async () => {
  await sendAll();
  await expectDelivered(2);
  await expectStored();
}, 300_000);

/** What every event times every destination must come to, and that nothing is left over. */
async function expectDelivered(times: number): Promise<void> {
  const chats = configs.filter(({ chat }) => chat).length;
  const stores = configs.length - chats;
  const expected = times * (stores * EVENTS + chats * CHAT_EVENTS);
  const isDone = (): boolean => {
    const { delivered, waiting } = stack.summary();
    return (delivered >= expected && waiting === 0) || troubles.size > 0;
  };
  await expect.poll(isDone, { timeout: 280_000, interval: 200 }).toBe(true);
  expect([...troubles]).toEqual([]);
  expect(stack.summary().delivered).toBe(expected);
  expect(stack.summary()).toMatchObject({ events: times * EVENTS, filtered: 0, deadLettered: 0, waiting: 0 });
}

function note(line: string): void {
  const { level, message, destination, code, detail } = JSON.parse(line);
  if (level !== 'info' || code) troubles.add([destination, message, code, detail].join(' '));
}

async function expectStored(): Promise<void> {
  for (const [type, service] of services) {
    const ids = await service.ids?.();
    if (ids) expect(new Set(ids).size, type).toBe(EVENTS);
    if (ids && isKeyed(type)) expect(ids, type).toHaveLength(EVENTS);
  }
  expect(new Set(lines.map((line) => JSON.parse(line).id)).size).toBe(EVENTS);
}

/** Whether the service itself keeps one copy; the others keep each, with the identity to tell them by. */
function isKeyed(type: string): boolean {
  return ['elasticsearch', 'influxdb', 'mysql', 'mongo'].includes(type);
}

async function sendAll(): Promise<void> {
  for (let count = 1; count <= REPEATS; count += 1) {
    for (let first = 0; first < OBJECTS; first += 10) {
      const Entries = Array.from({ length: 10 }, (_, index) => ({
        Id: String(index),
        MessageBody: writeMessage(occurrence(first + index, count)),
      }));
      const reply = await stack.queues.client.send(
        new SendMessageBatchCommand({ QueueUrl: stack.ingestQueueUrl, Entries }),
      );
      expect(reply.Successful).toHaveLength(10);
    }
  }
}

function occurrence(object: number, count: number): EventMessage {
  const second = String(count).padStart(2, '0');
  return {
    v: 1,
    kind: 'event',
    cluster: 'every',
    seenAt: `2026-11-23T08:00:${second}.500Z`,
    change: count === 1 ? 'added' : 'modified',
    previousCount: count - 1,
    event: {
      metadata: {
        name: `pod-${object}.17ab`,
        namespace: 'shop',
        uid: `uid-${object}`,
        resourceVersion: String(object * 1000 + count),
      },
      involvedObject: { apiVersion: 'v1', kind: 'Pod', namespace: 'shop', name: `pod-${object}` },
      type: 'Warning',
      reason: object % 2 === 0 ? 'BackOff' : 'Unhealthy',
      message: `occurrence ${count} of pod-${object} "with" 'quotes'\nand 🔥`,
      count,
      firstTimestamp: '2026-11-23T08:00:00Z',
      lastTimestamp: `2026-11-23T08:00:${second}Z`,
      source: { component: 'kubelet', host: 'node-1' },
    },
  };
}

function store(path: string, document: object): void {
  const file = join(folder, `${path}.json`);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify(document));
}
