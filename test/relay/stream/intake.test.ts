import { describe, expect, test } from 'vitest';
import { createLogger } from '../../../relay/log.ts';
import { createRegistry, createRelayMetrics } from '../../../relay/metrics.ts';
import { createCounts } from '../../../relay/stream/counts.ts';
import { createIntake } from '../../../relay/stream/intake.ts';
import { createWatermark } from '../../../relay/stream/watermark.ts';
import { createTestOutbox, testEnrichment } from '../../support/stream.ts';

const NOW = Date.parse('2026-11-27T12:00:00Z');

function setup({ remembered = 100, enrich = 'owners' }: { remembered?: number; enrich?: 'none' | 'owners' } = {}) {
  const outbox = createTestOutbox();
  const watermark = createWatermark({ rv: '100', observedMs: NOW - 1000 });
  const registry = createRegistry('test');
  const ofEvents = createRegistry('kube_courier');
  const counts = createCounts(remembered);
  const metrics = createRelayMetrics(registry, ofEvents);
  const enrichment = testEnrichment(enrich, metrics);
  const ports = { outbox, counts, enrichment, metrics, serverNow: () => NOW };
  const logs: unknown[] = [];
  const log = createLogger('debug', (line) => logs.push(JSON.parse(line)));
  const intake = createIntake({ name: '*', cluster: 'prod' }, watermark, { ...ports, log });
  const event = (uid: string, count: number) => ({ metadata: { uid, name: uid, resourceVersion: '105' }, count });
  return {
    intake,
    outbox,
    watermark,
    logs,
    event,
    metrics: () => registry.render(),
    eventMetrics: () => ofEvents.render().match(/^kube_courier_events_total\{.*$/gm),
    /** What readers are told of the count before, for each event sent. */
    previous: () => outbox.pushed.map((message) => (message.kind === 'event' ? message.previousCount : message.kind)),
  };
}

describe('the count before', () => {
  test('is left out where it is not known: after a start without a list', () => {
    const { intake, event, previous } = setup();
    intake.live('modified', event('a', 12), '101');
    intake.live('modified', event('a', 13), '102');
    intake.live('modified', event('b', 2), '103');
    expect(previous()).toEqual([undefined, 12, undefined]);
  });

  test('is none for what is new, and one for what has happened once since all was listed', () => {
    const { intake, event, previous } = setup();
    intake.beginList();
    intake.listed(event('once', 1), false);
    intake.listed(event('often', 7), false);
    intake.endList();
    intake.live('added', event('new', 1), '101');
    intake.live('modified', event('new', 2), '102');
    intake.live('modified', event('new', 3), '103');
    intake.live('modified', event('once', 2), '104');
    intake.live('modified', event('often', 9), '105');
    expect(previous()).toEqual([0, 1, 2, 1, 7]);
  });

  test('is left out for what a list brings that is not remembered: it may be new or not', () => {
    const { intake, event, previous } = setup();
    intake.beginList();
    intake.listed(event('a', 12), true);
    intake.endList();
    intake.beginList();
    intake.listed(event('a', 14), true);
    intake.listed(event('b', 3), true);
    expect(previous()).toEqual([undefined, 12, undefined]);
  });

  test('is left out until a list has come to its end, and while another one is under way', () => {
    const { intake, event, previous } = setup();
    intake.beginList();
    intake.live('modified', event('a', 2), '101');
    intake.endList();
    intake.live('modified', event('b', 2), '102');
    intake.beginList();
    intake.live('modified', event('c', 2), '103');
    expect(previous()).toEqual([undefined, 1, undefined]);
  });

  test('is left out once anything was forgotten, until all was listed again', () => {
    const { intake, event, previous } = setup({ remembered: 1 });
    intake.beginList();
    intake.endList();
    intake.live('modified', event('a', 2), '101');
    intake.live('modified', event('b', 2), '102');
    intake.live('modified', event('a', 3), '103');
    intake.beginList();
    intake.endList();
    intake.live('modified', event('c', 1), '104');
    expect(previous()).toEqual([1, 1, undefined, 1]);
  });

  test('is left out if the list itself made the memory overflow', () => {
    const { intake, event, previous } = setup({ remembered: 1 });
    intake.beginList();
    intake.listed(event('a', 2), false);
    intake.listed(event('b', 2), false);
    intake.endList();
    intake.live('modified', event('c', 2), '101');
    expect(previous()).toEqual([undefined]);
  });

  test('is left out for an event without a uid', () => {
    const { intake, previous } = setup();
    intake.live('added', { metadata: { name: 'n' }, count: 3 }, undefined);
    intake.live('modified', { metadata: { name: 'n', uid: 7 }, count: 4 }, undefined);
    expect(previous()).toEqual([undefined, undefined]);
  });
});

describe('what is known of its object', () => {
  const pod = { kind: 'Pod', namespace: 'shop', name: 'web-6c9f7d5b8-x2kqp' };
  const created = {
    metadata: { uid: 'c', name: 'c' },
    involvedObject: { kind: 'ReplicaSet', namespace: 'shop', name: 'web-6c9f7d5b8' },
    reason: 'SuccessfulCreate',
    message: `Created pod: ${pod.name}`,
  };
  const scaled = {
    metadata: { uid: 's', name: 's' },
    involvedObject: { kind: 'Deployment', namespace: 'shop', name: 'web' },
    reason: 'ScalingReplicaSet',
    message: 'Scaled up replica set web-6c9f7d5b8 from 0 to 3',
  };
  const failed = {
    metadata: { uid: 'f', name: 'f' },
    involvedObject: pod,
    source: { component: 'kubelet', host: 'n1' },
  };

  test('travels with an event, and is learned from those of a list that the cursor covers as well', () => {
    const { intake, outbox, metrics } = setup();
    intake.listed(created, false);
    intake.listed(scaled, false);
    intake.live('added', failed, '101');
    expect(outbox.pushed).toMatchObject([
      { event: failed, context: { owner: { kind: 'Deployment', name: 'web' }, node: 'n1' } },
    ]);
    expect(metrics()).toContain('test_context_total{result="known"} 1\n');
  });

  test('is said to be a guess where it is one, and left out where nothing is known', () => {
    const { intake, outbox, metrics, event } = setup();
    intake.live('added', failed, '101');
    intake.live('added', event('a', 1), '102');
    expect(outbox.pushed).toMatchObject([{ context: { owner: { name: 'web', guessed: true }, node: 'n1' } }, {}]);
    expect(outbox.pushed[1]).not.toHaveProperty('context');
    expect(metrics()).toContain('test_context_total{result="guessed"} 1\n');
    expect(metrics()).toContain('test_context_total{result="unknown"} 1\n');
  });

  test('is neither learned nor added where it is not wanted', () => {
    const { intake, outbox, metrics } = setup({ enrich: 'none' });
    intake.listed(created, false);
    intake.live('added', failed, '101');
    expect(outbox.pushed[0]).not.toHaveProperty('context');
    expect(metrics()).not.toMatch(/context_total\{/);
  });
});

describe('what the cursor covers', () => {
  test('is remembered and counted, and not sent', () => {
    const { intake, event, outbox, watermark, metrics } = setup();
    intake.listed(event('a', 2), false);
    expect([outbox.pushed, watermark.size]).toEqual([[], 0]);
    expect(metrics()).toContain('test_events_covered_total 1\n');
  });

  test('is nothing of what is sent', () => {
    const { intake, event, outbox, metrics } = setup();
    intake.listed(event('a', 2), true);
    expect(outbox.pushed).toHaveLength(1);
    expect(metrics()).not.toContain('test_events_covered_total 1\n');
  });
});

describe('an event', () => {
  test('of a watch takes the cursor with it once it is accepted, one of a list does not', () => {
    const { intake, event, outbox, watermark } = setup();
    outbox.hold();
    intake.listed(event('a', 1), true);
    intake.live('added', event('b', 1), '105');
    expect([watermark.rv, watermark.observedMs]).toEqual(['100', NOW - 1000]);
    outbox.accept(0);
    expect([watermark.rv, watermark.observedMs]).toEqual(['100', NOW - 1000]);
    outbox.accept(1);
    expect([watermark.rv, watermark.observedMs]).toEqual(['105', NOW]);
  });

  test('is counted by how it came, and timed only if it is live', () => {
    const { intake, event, metrics } = setup();
    intake.listed(event('a', 1), true);
    intake.live('added', event('b', 1), '101');
    intake.live('modified', event('b', 2), '102');
    expect(metrics()).toContain('test_events_seen_total{change="listed"} 1\n');
    expect(metrics()).toContain('test_events_seen_total{change="added"} 1\n');
    expect(metrics()).toContain('test_event_accept_seconds_count 2\n');
    expect(metrics()).toMatch(/test_last_event_timestamp_seconds \d{10}/);
  });

  test('that the queue refuses is declared as a gap that names it', () => {
    const { intake, event, outbox } = setup();
    intake.live('added', event('a', 1), '101');
    expect(outbox.refuse(0)).toMatchObject({
      kind: 'gap',
      cause: 'refused',
      from: '2026-11-27T12:00:00.000Z',
      to: '2026-11-27T12:00:00.000Z',
      detail: 'prod/a/105: no detail',
    });
  });
});

test('events are counted by what they say, each repetition once, and not those that are not sent', () => {
  const { intake, event, eventMetrics } = setup();
  const about = (uid: string, count: number, more: object) => ({ ...event(uid, count), type: 'Warning', ...more });
  const pod = { reason: 'BackOff', involvedObject: { kind: 'Pod', namespace: 'shop', name: 'web' } };
  intake.beginList();
  intake.listed(about('a', 7, pod), false);
  intake.listed(about('b', 1, pod), true);
  intake.endList();
  intake.live('modified', about('a', 9, pod), '101');
  intake.live('added', about('c', 1, { reason: 'NodeNotReady', involvedObject: { kind: 'Node', name: 'n' } }), '102');
  intake.live('added', { metadata: { uid: 'd' }, type: 7, involvedObject: 'none' }, '103');
  expect(eventMetrics()).toEqual([
    'kube_courier_events_total{type="Warning",reason="BackOff",kind="Pod",namespace="shop"} 2',
    'kube_courier_events_total{type="Warning",reason="NodeNotReady",kind="Node",namespace=""} 1',
    'kube_courier_events_total{type="",reason="",kind="",namespace=""} 1',
  ]);
});

describe('a gap', () => {
  test.each([
    ['since then', NOW - 90_000, '2026-11-27T11:58:30.000Z', 90],
    ['since now, if it is not known since when', 0, '2026-11-27T12:00:00.000Z', 0],
    ['since now, if clocks differ', NOW + 60_000, '2026-11-27T12:00:00.000Z', 0],
  ])('is said, counted and logged: %s', (_, fromMs, from, seconds) => {
    const { intake, outbox, metrics, logs } = setup();
    intake.declareGap('expired', fromMs, 'why');
    const to = '2026-11-27T12:00:00.000Z';
    expect(outbox.pushed).toMatchObject([{ kind: 'gap', cluster: 'prod', cause: 'expired', from, to, detail: 'why' }]);
    expect(metrics()).toContain('test_gaps_total{cause="expired"} 1\n');
    expect(metrics()).toContain(`test_gap_seconds_total ${seconds}\n`);
    expect(logs).toMatchObject([{ level: 'error', stream: '*', cause: 'expired', from, to, detail: 'why' }]);
  });

  test('is no gap again if the queue refuses it', () => {
    const { intake, outbox } = setup();
    intake.declareGap('expired', 0);
    expect(outbox.refuse(0)).toBeUndefined();
  });
});
