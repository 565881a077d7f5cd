import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { startEmbeddedStack, type EmbeddedStack } from '../../localstack/embedded/embedded.ts';
import { createDestinationsFolder, ingest, kubeEvent, type DestinationsFolder } from '../support/embedded.ts';
import { startHttpServer, type Answer, type HttpServer } from '../support/http-server.ts';
import { textsOf } from '../../functions/core/contract/untrusted.ts';

const EVENTS = 10_000;

let folder: DestinationsFolder;
let receiver: HttpServer;
let stack: EmbeddedStack;

beforeEach(async () => {
  folder = await createDestinationsFolder();
});

afterEach(async () => {
  await stack.stop();
  await receiver.stop();
  await folder.remove();
});

test('accounts for every one of 10,000 events when a sink fails for 5 % at first and for 1 % for ever', async () => {
  const accepted: string[] = [];
  const failedOnce = new Set<string>();
  receiver = await startHttpServer(({ body }) => {
    const uid = body.slice(1, -1);
    const number = Number(uid.slice('event-'.length));
    if (number % 100 === 7) return { status: 422 };
    if (number % 20 === 3 && !failedOnce.has(uid)) {
      failedOnce.add(uid);
      return { status: 503 };
    }
    accepted.push(uid);
    return { status: 200 };
  });
  await folder.write('destinations/webhook/ledger', {
    url: receiver.url,
    body: '${ event.uid }',
    filter: { match: [{ type: 'Warning' }] },
  });
  stack = await startEmbeddedStack({ folder: folder.path, print: () => undefined, log: () => undefined });
  const events = Array.from({ length: EVENTS }, (_, number) =>
    kubeEvent(`event-${number}`, { type: number % 10 === 0 ? 'Normal' : 'Warning' }),
  );

  await ingest(stack, events);
  await vi.waitFor(
    () => {
      const { events: arrived, waiting } = stack.summary();
      expect({ arrived, waiting }).toEqual({ arrived: EVENTS, waiting: 0 });
    },
    { timeout: 280_000, interval: 200 },
  );

  expect(stack.summary()).toEqual({
    events: EVENTS,
    seen: EVENTS,
    delivered: 8900,
    filtered: 1000,
    deadLettered: 100,
    waiting: 0,
    retried: 500,
    replayed: 0,
  });
  expect(failedOnce.size).toBe(500);
  const expected = events
    .map(({ metadata }) => textsOf(metadata)['uid'] ?? '')
    .filter((uid) => !uid.endsWith('0') && !/(\D7|07)$/.test(uid));
  expect(accepted.toSorted()).toEqual(expected.toSorted());
});

test('loses nothing while the server of a sink is down, breaks connections, hangs, and answers garbage', async () => {
  const faults: Readonly<Record<string, Answer | 'break' | 'hang'>> = {
    'event-0': 'break',
    'event-1': 'hang',
    'event-2': { status: 500, body: '\u0000\u001B[31m<garbage' },
    'event-3': { status: 503, headers: { 'Retry-After': 'soon' } },
  };
  receiver = await startHttpServer(() => ({ status: 200 }));
  const { url, port } = receiver;
  await folder.write('destinations/webhook/ledger', { url, body: '${ event.uid }' });
  await receiver.stop();
  stack = await startEmbeddedStack({ folder: folder.path, print: () => undefined, log: () => undefined });
  const uids = Array.from({ length: 6 }, (_, number) => `event-${number}`);

  await ingest(
    stack,
    uids.map((uid) => kubeEvent(uid)),
  );
  await vi.waitFor(() => expect(stack.summary().retried).toBeGreaterThanOrEqual(uids.length), { timeout: 60_000 });
  const seen = new Set<string>();
  const accepted: string[] = [];
  receiver = await startHttpServer(({ body }) => {
    const uid = body.slice(1, -1);
    const fault = faults[uid];
    if (fault !== undefined && !seen.has(uid)) {
      seen.add(uid);
      return fault;
    }
    accepted.push(uid);
    return { status: 200 };
  }, port);
  await vi.waitFor(() => expect(stack.summary().waiting).toBe(0), { timeout: 230_000, interval: 200 });

  expect(accepted.toSorted()).toEqual(uids);
  expect([...seen].toSorted()).toEqual(Object.keys(faults));
  expect(stack.summary()).toMatchObject({ seen: 6, delivered: 6, filtered: 0, deadLettered: 0 });
});
