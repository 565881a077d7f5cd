import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { ApiClient } from '../../../relay/cluster/api-client.ts';
import { API_TIMING } from '../../../relay/cluster/event-api.ts';
import { ENRICH } from '../../../relay/config.ts';
import { createEnrichment } from '../../../relay/context/enrichment.ts';
import { createRegistry, createRelayMetrics } from '../../../relay/metrics.ts';
import { createCounts } from '../../../relay/stream/counts.ts';
import { createIntake } from '../../../relay/stream/intake.ts';
import { createWatermark } from '../../../relay/stream/watermark.ts';
import { sleep } from '../../../relay/wait.ts';
import { createTestOutbox } from '../../support/stream.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const never = new AbortController().signal;
/** As long as an event waits, and as timers are late. */
const WAIT_MS = 500;

/** An API server that answers each request after so many milliseconds, with the metadata of what was asked for or with an error. */
function clientAnswering(answers: readonly { readonly afterMs: number; readonly ok: boolean }[]): ApiClient {
  let requests = 0;
  return {
    open: () => Promise.reject(new Error('no')),
    async json({ path }) {
      const { afterMs = 0, ok = true } = answers[(requests += 1) % answers.length] ?? {};
      await sleep(afterMs, never);
      if (!ok) throw new Error('no');
      if (path === '/api/v1') return { resources: [{ name: 'pods', kind: 'Pod', namespaced: true }] };
      return { metadata: { name: path.split('/').at(-1), labels: { app: 'web' } } };
    },
    serverNow: () => Date.now(),
    close() {},
  };
}

const answer = fc.record({ afterMs: fc.constantFrom(0, 1, 100, 400, 600, 5000), ok: fc.boolean() });
const step = fc.record({ pod: fc.nat(8), afterMs: fc.constantFrom(0, 0, 10, 200), isGap: fc.boolean() });

test.each(ENRICH)(
  'with ENRICH=%s what is read is sent once, in its order and in time, and the cursor follows',
  async (enrich) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(answer, { minLength: 1 }),
        fc.array(step, { maxLength: 25 }),
        async (answers, steps) => {
          const metrics = createRelayMetrics(createRegistry('test'));
          const enrichment = createEnrichment(
            // Namespaces of its own: their metadata is asked for as well.
            { enrich, namespaces: ['shop'] },
            { client: clientAnswering(answers), timing: API_TIMING, metrics, log: () => {} },
          );
          const outbox = createTestOutbox();
          const watermark = createWatermark({ rv: '0', observedMs: 0 });
          const counts = createCounts(100);
          const ports = { outbox, counts, enrichment, metrics, log: () => {}, serverNow: () => 1 };
          const intake = createIntake({ name: '*', cluster: 'c' }, watermark, ports);
          const read: string[] = [];
          const sent = (): readonly string[] =>
            outbox.pushed.map((message) =>
              message.kind === 'event' ? JSON.stringify(message.event.metadata) : message.kind,
            );
          const versions = new Map<string, number>();
          for (const [nth, { pod, afterMs, isGap }] of steps.entries()) {
            await vi.advanceTimersByTimeAsync(afterMs);
            if (isGap) {
              intake.declareGap('expired', 0);
              read.push('gap');
              continue;
            }
            const metadata = { uid: `uid-${nth}`, name: `e-${nth}` };
            const involvedObject = { apiVersion: 'v1', kind: 'Pod', namespace: 'shop', name: `web-${pod}` };
            intake.live('added', { metadata, involvedObject }, String(nth + 1));
            read.push(JSON.stringify(metadata));
            versions.set(JSON.stringify(metadata), nth + 1);
            // Whatever the cursor says is on the queue, with all before it.
            const reached = [...versions].filter(([, version]) => version <= Number(watermark.rv));
            expect(sent()).toEqual(expect.arrayContaining(reached.map(([event]) => event)));
          }
          await vi.advanceTimersByTimeAsync(WAIT_MS);
          expect(sent()).toEqual(read);
          expect(watermark.size).toBe(0);
          expect(watermark.rv).toBe(String(Math.max(0, ...versions.values())));
        },
      ),
    );
  },
);

describe('with ENRICH=labels and an API server that does not answer', () => {
  /** How many of `count` events of different objects, each of so many bytes, have been sent after a while. */
  async function sentOf(count: number, bytes: number, afterMs = 0): Promise<number> {
    let sent = 0;
    const metrics = createRelayMetrics(createRegistry('test'));
    const client = clientAnswering([{ afterMs: 3_600_000, ok: true }]);
    const enrichment = createEnrichment(
      { enrich: 'labels', namespaces: ['shop'] },
      { client, timing: API_TIMING, metrics, log: () => {} },
    );
    for (let nth = 0; nth < count; nth += 1) {
      const involvedObject = { apiVersion: 'v1', kind: 'Pod', namespace: 'shop', name: `web-${nth}` };
      enrichment.enrich({ metadata: { name: `e-${nth}` }, involvedObject }, bytes, () => (sent += 1));
    }
    await vi.advanceTimersByTimeAsync(afterMs);
    return sent;
  }

  test('an event waits for 450 ms', async () => {
    expect([await sentOf(1, 1, 449), await sentOf(1, 1, 451)]).toEqual([0, 1]);
  });

  test('400 events wait, and the first of more goes as it is', async () => {
    expect([await sentOf(400, 1), await sentOf(401, 1)]).toEqual([0, 1]);
  });

  test('events of 512 KiB wait, and the first of more goes as it is', async () => {
    const kibibyte = 1024;
    expect([await sentOf(2, 256 * kibibyte), await sentOf(3, 256 * kibibyte)]).toEqual([0, 1]);
  });

  test('what needs no context waits behind them, and takes no room', () => {
    const metrics = createRelayMetrics(createRegistry('test'));
    const client = clientAnswering([{ afterMs: 3_600_000, ok: true }]);
    const enrichment = createEnrichment(
      { enrich: 'labels', namespaces: ['shop'] },
      { client, timing: API_TIMING, metrics, log: () => {} },
    );
    const sent: string[] = [];
    const involvedObject = { apiVersion: 'v1', kind: 'Pod', namespace: 'shop', name: 'web' };
    enrichment.enrich({ involvedObject }, 512 * 1024, () => sent.push('event'));
    enrichment.pass(() => sent.push('gap'));
    expect(sent).toEqual([]);
    vi.advanceTimersByTime(450);
    expect(sent).toEqual(['event', 'gap']);
  });
});

test('of twenty thousand objects it is remembered whose they are, and of more those told of last', () => {
  const metrics = createRelayMetrics(createRegistry('test'));
  const client = clientAnswering([]);
  const enrichment = createEnrichment(
    { enrich: 'owners', namespaces: [] },
    { client, timing: API_TIMING, metrics, log: () => {} },
  );
  const tell = (nth: number): void =>
    enrichment.learn({
      involvedObject: { kind: 'DaemonSet', namespace: 'shop', name: 'agent' },
      reason: 'SuccessfulCreate',
      message: `Created pod: p${nth}`,
    });
  const ownerOf = (nth: number): unknown => {
    let owner: unknown;
    const involvedObject = { kind: 'Pod', namespace: 'shop', name: `p${nth}` };
    enrichment.enrich({ involvedObject }, 1, (context) => ({ owner } = context));
    return owner;
  };
  for (let nth = 0; nth < 20_000; nth += 1) tell(nth);
  expect(ownerOf(0)).toEqual({ kind: 'DaemonSet', name: 'agent' });
  tell(20_000);
  expect([ownerOf(0), ownerOf(1)]).toEqual([{ kind: 'DaemonSet', name: 'agent' }, undefined]);
});

test('a request about an object may take two seconds', async () => {
  const limits: number[] = [];
  const client: ApiClient = {
    ...clientAnswering([]),
    async json({ timeoutMs }) {
      limits.push(timeoutMs);
      throw new Error('no');
    },
  };
  const metrics = createRelayMetrics(createRegistry('test'));
  const enrichment = createEnrichment(
    { enrich: 'labels', namespaces: ['shop'] },
    { client, timing: API_TIMING, metrics, log: () => {} },
  );
  const involvedObject = { apiVersion: 'v1', kind: 'Pod', namespace: 'shop', name: 'web' };
  enrichment.enrich({ involvedObject }, 1, () => {});
  await vi.advanceTimersByTimeAsync(1);
  expect(limits).toEqual([2000]);
});

test.each([
  ['', '/api/v1/namespaces/shop/pods/web'],
  ['v1', '/api/v1/namespaces/shop/pods/web'],
  ['apps/v1', undefined],
])(
  'an object whose version is %j is asked for at %s: kubelets leave out that of the core',
  async (apiVersion, path) => {
    const asked: string[] = [];
    const answering = clientAnswering([{ afterMs: 0, ok: true }]);
    const client: ApiClient = {
      ...answering,
      json(request) {
        asked.push(request.path);
        return answering.json(request);
      },
    };
    const metrics = createRelayMetrics(createRegistry('test'));
    const enrichment = createEnrichment(
      { enrich: 'labels', namespaces: ['shop'] },
      { client, timing: API_TIMING, metrics, log: () => {} },
    );
    enrichment.enrich({ involvedObject: { apiVersion, kind: 'Pod', namespace: 'shop', name: 'web' } }, 1, () => {});
    await vi.advanceTimersByTimeAsync(100);
    expect(asked.find((each) => each.endsWith('/web'))).toBe(path);
  },
);

describe('events are counted by what was known of their objects', () => {
  const about = (kind: string, name: string, more: object = {}) => ({
    involvedObject: { apiVersion: 'v1', kind, namespace: 'shop', name },
    ...more,
  });

  async function countsWith(enrich: 'owners' | 'labels', client: ApiClient, ...events: readonly object[]) {
    const registry = createRegistry('test');
    const metrics = createRelayMetrics(registry);
    const enrichment = createEnrichment(
      { enrich, namespaces: ['shop'] },
      { client, timing: API_TIMING, metrics, log: () => {} },
    );
    for (const event of events) {
      enrichment.enrich(event, 1, () => {});
      await vi.advanceTimersByTimeAsync(1000);
    }
    return Object.fromEntries(
      [...registry.render().matchAll(/context_total\{result="(\w+)"\} (\d+)/g)].map(([, result, count]) => [
        result,
        count,
      ]),
    );
  }

  test('as events have told it', async () => {
    const created = { reason: 'SuccessfulCreate', message: 'Created pod: agent-x2kqp' };
    const events = [
      about('DaemonSet', 'agent', created),
      about('Pod', 'agent-x2kqp'),
      about('ReplicaSet', 'web-6c9f7d5b8'),
    ];
    expect(await countsWith('owners', clientAnswering([]), ...events)).toEqual({
      unknown: '1',
      known: '1',
      guessed: '1',
    });
  });

  test('as the API server says it', async () => {
    const known = clientAnswering([{ afterMs: 0, ok: true }]);
    const odd = { involvedObject: { apiVersion: 'v1', kind: 'Secret', namespace: 'shop', name: 'a' } };
    expect(await countsWith('labels', known, about('Pod', 'web'), about('Widget', 'w'), odd)).toEqual({
      known: '1',
      missing: '1',
      unknown: '1',
    });
    const late = clientAnswering([{ afterMs: 500, ok: true }]);
    expect(await countsWith('labels', late, about('Pod', 'web'))).toEqual({ late: '1' });
    const failing = clientAnswering([{ afterMs: 0, ok: false }]);
    expect(await countsWith('labels', failing, about('Pod', 'web'))).toMatchObject({ limited: '1' });
  });
});
