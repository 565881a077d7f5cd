import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseConfig, parseDuration } from '../../relay/config.ts';
import { readCursors, writeCursors } from '../../relay/cursor/saved-cursors.ts';
import { createLogger } from '../../relay/log.ts';
import { eventMessage, MAX_BODY_BYTES } from '../../relay/queue/message.ts';
import { createRegistry, createRelayMetrics } from '../../relay/metrics.ts';
import { createOutbox, OUTBOX_LIMITS } from '../../relay/queue/outbox.ts';
import { createBackoff } from '../../relay/wait.ts';
import { ACCEPTED, UNAVAILABLE, until } from '../support/relay.ts';

describe('the outbox', () => {
  const metrics = () => createRelayMetrics(createRegistry('test'));
  const silent = createLogger('error', () => {});
  const message = (body: string) => ({ body, group: 'g' });

  test('sends at once when idle, and fills batches while calls are under way', async () => {
    const sizes: number[] = [];
    let open = (): void => {};
    const gate = new Promise<void>((resolve) => (open = resolve));
    const outbox = createOutbox(
      async (entries) => {
        sizes.push(entries.length);
        if (sizes.length > 1) await gate;
        return { status: 'answered', results: entries.map(() => ACCEPTED) };
      },
      metrics(),
      silent,
      { ...OUTBOX_LIMITS, inFlight: 2, gatherMs: 60_000 },
    );
    const push = (count: number): void => {
      for (let i = 0; i < count; i += 1)
        outbox.push(
          message(`{"i":${i}}`),
          () => {},
          () => undefined,
        );
    };
    push(1);
    await until(() => sizes.length === 1 && outbox.size === 0, 'the first');
    push(1);
    await until(() => sizes.length === 2, 'the second');
    push(24);
    await until(() => sizes.length === 3, 'the third');
    open();
    await outbox.empty();
    expect(sizes).toEqual([1, 1, 10, 10, 4]);
  });

  test('tries with one call at a time while the queue does not answer, and says why', async () => {
    let most = 0;
    let now = 0;
    let calls = 0;
    let open = (): void => {};
    const gate = new Promise<void>((resolve) => (open = resolve));
    const outbox = createOutbox(
      async (entries) => {
        calls += 1;
        now += 1;
        most = Math.max(most, now);
        await (calls === 3 ? gate : new Promise((resolve) => setImmediate(resolve)));
        now -= 1;
        return calls < 5 ? UNAVAILABLE : { status: 'answered', results: entries.map(() => ACCEPTED) };
      },
      metrics(),
      silent,
      { ...OUTBOX_LIMITS, retryBaseMs: 1, retryCapMs: 2 },
    );
    for (let i = 0; i < 100; i += 1)
      outbox.push(
        message('{}'),
        () => {},
        () => undefined,
      );
    expect(outbox.trouble).toBe('nothing sent yet');
    await until(() => calls === 3, 'the third call');
    expect(outbox.trouble).toBe('the queue cannot be reached');
    expect(most).toBe(1);
    open();
    await outbox.empty();
    expect(outbox.trouble).toBeUndefined();
  });

  test('cuts an event that the queue finds too long, and only then gives it up', async () => {
    const event = { metadata: { name: 'a', uid: 'u', resourceVersion: '1' }, message: 'm'.repeat(100_000) };
    const lengths: number[] = [];
    const limitTo = async (max: number): Promise<readonly string[]> => {
      const refusals: string[] = [];
      const outbox = createOutbox(
        async (entries) => {
          lengths.push(...entries.map(({ body }) => body.length));
          return {
            status: 'answered',
            results: entries.map(({ body }) => (body.length > max ? { status: 'too-long' } : ACCEPTED)),
          };
        },
        metrics(),
        silent,
        { ...OUTBOX_LIMITS, retryBaseMs: 1, retryCapMs: 2 },
      );
      outbox.push(
        eventMessage('c', 'added', event, undefined),
        () => {},
        (code) => {
          refusals.push(code);
          return undefined;
        },
      );
      await outbox.empty();
      return refusals;
    };
    expect(await limitTo(50_000)).toEqual([]);
    expect(lengths[1]).toBeLessThan(50_000);
    expect(await limitTo(10)).toEqual(['too-long']);
  });
});

test('a message never exceeds its bound, and stays readable', () => {
  const huge = fc.record({
    message: fc.string({ unit: 'binary', maxLength: 50 }).map((text) => text.repeat(20_000)),
    reason: fc.string({ maxLength: 20 }).map((text) => text.repeat(5000)),
    annotations: fc.dictionary(
      fc.string(),
      fc.string({ maxLength: 1000 }).map((text) => text.repeat(30)),
      { maxKeys: 200 },
    ),
  });
  fc.assert(
    fc.property(huge, ({ message, reason, annotations }) => {
      const event = {
        metadata: { name: 'n', uid: 'u', resourceVersion: '1', annotations },
        message,
        reason,
        type: 'Warning',
      };
      const { body } = eventMessage('c', 'added', event, undefined);
      expect(Buffer.byteLength(body)).toBeLessThanOrEqual(MAX_BODY_BYTES);
      expect(body).not.toMatch(/[\ufffe\uffff]/);
      expect(JSON.parse(body).event.metadata).toMatchObject({ uid: 'u', resourceVersion: '1' });
    }),
    { numRuns: 30 },
  );
});

test('an event of countless small fields keeps what identifies and describes it', () => {
  const labels = Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`label-${i}`, 'value of some length']));
  const event = { metadata: { name: 'n', uid: 'u', resourceVersion: '1', labels }, message: 'why', reason: 'BackOff' };
  const { event: kept, shortened } = JSON.parse(eventMessage('c', 'added', event, undefined).body);
  expect(shortened).toEqual(['*']);
  expect(kept).toEqual({ metadata: { name: 'n', uid: 'u', resourceVersion: '1' }, message: 'why', reason: 'BackOff' });
});

test('delays grow to their cap, are never the same for all, and start over', () => {
  const backoff = createBackoff(100, 1000, () => 1);
  expect([1, 2, 3, 4, 5, 6].map(() => backoff.next())).toEqual([100, 200, 400, 800, 1000, 1000]);
  backoff.reset();
  expect(backoff.next()).toBe(100);
  expect(createBackoff(100, 1000, () => 0).next()).toBe(50);
});

test('cursors survive being written and read', () => {
  const cursors = {
    '*': { rv: '12', observedAt: '2026-01-01T00:00:00.000Z' },
    shop: { observedAt: '2026-01-01T00:00:00.000Z' },
  };
  expect(readCursors(writeCursors(cursors))).toEqual(cursors);
  expect(JSON.parse(writeCursors(cursors))).toEqual({ v: 1, streams: cursors });
});

describe('the configuration', () => {
  const env = { QUEUE_URL: 'https://sqs.eu-west-1.amazonaws.com/1/ingest', CLUSTER_NAME: 'prod' };
  const outside = { inCluster: false, podNamespace: undefined };

  test('has its defaults, in a cluster and outside', () => {
    expect(parseConfig(env, { inCluster: true, podNamespace: 'kube-courier' })).toMatchObject({
      config: {
        namespaces: [],
        startFrom: { kind: 'lookBack', ms: 600_000 },
        eventTtlMs: 3_600_000,
        cursor: { kind: 'lease', namespace: 'kube-courier', name: 'kube-courier-relay' },
        port: 8080,
        logLevel: 'info',
      },
    });
    expect(parseConfig(env, outside)).toMatchObject({ config: { cursor: { kind: 'none' }, host: '127.0.0.1' } });
  });

  test('takes what is set', () => {
    const set = {
      ...env,
      NAMESPACES: 'shop, billing,shop',
      START_FROM: '1h30m',
      CURSOR: 'file:/tmp/c',
      PORT: '0',
      POD_NAME: 'p',
    };
    expect(parseConfig(set, outside)).toMatchObject({
      config: {
        namespaces: ['shop', 'billing'],
        startFrom: { kind: 'lookBack', ms: 5_400_000 },
        cursor: { kind: 'file', path: '/tmp/c' },
        port: 0,
        identity: 'p',
      },
    });
  });

  test('names everything that is wrong at once', () => {
    expect(parseConfig({}, outside)).toEqual({
      mistakes: [expect.stringMatching(/^QUEUE_URL is not set: /), expect.stringMatching(/^CLUSTER_NAME is not set: /)],
    });
  });

  test('durations are sums of whole units', () => {
    expect(['90s', '10m', '2d', '0s', '10', 'm', '1.5h'].map(parseDuration)).toEqual([
      90_000,
      600_000,
      172_800_000,
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });
});

test('label values are bounded in number', () => {
  const registry = createRegistry('r');
  const counter = registry.counter('c_total', 'help');
  for (let i = 0; i < 200; i += 1) counter.add(1, { code: `c${i}` });
  const lines = registry
    .render()
    .split('\n')
    .filter((line) => line.startsWith('r_c_total{'));
  expect(lines).toHaveLength(51);
  expect(lines).toContain('r_c_total{code="other"} 150');
});
