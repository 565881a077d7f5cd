import { describe, expect, it } from 'vitest';
import {
  clusterEvent,
  eventCount,
  isKubeEvent,
  type KubeEvent,
  type SeenEvent,
} from '../../../../functions/core/contract/event.ts';
import { sampleEvent } from '../../../../functions/core/contract/sample.ts';

const head = { cluster: 'prod', seenAt: '2026-11-23T08:00:00Z', change: 'added' } as const;

function view(event: KubeEvent, more: Partial<SeenEvent> = {}) {
  return clusterEvent({ ...head, event: { metadata: { uid: 'u', resourceVersion: '7' }, ...event }, ...more });
}

describe('clusterEvent', () => {
  it('was seen last when it was created, where it says nothing else, and when the relay saw it, where it does not say that', () => {
    const metadata = { uid: 'u', creationTimestamp: '2026-11-23T07:00:00Z' };
    expect(view({ metadata }).lastSeen).toBe('2026-11-23T07:00:00.000Z');
    expect(view({}).lastSeen).toBe(new Date(head.seenAt).toISOString());
    expect(view({}, { seenAt: '' })).toMatchObject({
      lastSeen: '1970-01-01T00:00:00.000Z',
      seenAt: '1970-01-01T00:00:00.000Z',
    });
  });

  it('reads an event of events.k8s.io/v1 by its own names', () => {
    const event = view({
      regarding: { kind: 'Node', name: 'node-1' },
      note: 'Node is ready',
      reportingController: 'kubelet',
      deprecatedCount: 4,
      deprecatedLastTimestamp: '2026-11-23T07:00:00Z',
      deprecatedSource: { host: 'node-1' },
    });
    expect(event).toMatchObject({
      message: 'Node is ready',
      count: 4,
      lastSeen: '2026-11-23T07:00:00.000Z',
      object: { kind: 'Node', namespace: '' },
      source: { component: 'kubelet', host: 'node-1' },
    });
  });

  it('takes the names of core/v1 before those that stand in for them', () => {
    const event = view({
      involvedObject: { kind: 'Pod', name: 'api-0', namespace: 'payments', fieldPath: 'spec.containers{api}' },
      regarding: { kind: 'Node' },
      message: 'Back-off',
      note: 'other',
      count: 2,
      source: { component: 'kubelet', host: 'node-1' },
      deprecatedSource: { component: 'other', host: 'other' },
      reportingComponent: 'other',
      firstTimestamp: '2026-11-23T06:00:00Z',
      lastTimestamp: '2026-11-23T07:00:00Z',
      deprecatedFirstTimestamp: '2026-11-23T01:00:00Z',
      deprecatedLastTimestamp: '2026-11-23T01:00:00Z',
      eventTime: '2026-11-23T01:00:00Z',
    });
    expect(event).toMatchObject({
      message: 'Back-off',
      count: 2,
      firstSeen: '2026-11-23T06:00:00.000Z',
      lastSeen: '2026-11-23T07:00:00.000Z',
      object: { kind: 'Pod', name: 'api-0', namespace: 'payments', fieldPath: 'spec.containers{api}' },
      source: { component: 'kubelet', host: 'node-1' },
    });
  });

  it('knows of its object what the relay looked up, and else what the event itself says', () => {
    const involvedObject = {
      kind: 'Pod',
      name: 'checkout-6c9f7d5b8-xbbbp',
      labels: { app: 'own' },
      annotations: { a: 'own' },
    };
    const owner = { kind: 'Rollout', name: 'checkout' };
    expect(view({ involvedObject })).toMatchObject({
      object: { labels: { app: 'own' }, annotations: { a: 'own' } },
      owner: { kind: 'Deployment', name: 'checkout', guessed: true },
      node: '',
      namespace: { labels: {}, annotations: {} },
    });
    const context = {
      owner,
      node: 'node-1',
      labels: { app: 'checkout' },
      annotations: {},
      namespaceLabels: { team: 'shop' },
      namespaceAnnotations: { channel: '#shop' },
    };
    expect(view({ involvedObject }, { context })).toMatchObject({
      object: { labels: { app: 'checkout' }, annotations: {} },
      owner,
      node: 'node-1',
      namespace: { labels: { team: 'shop' }, annotations: { channel: '#shop' } },
    });
    expect(view({ involvedObject }, { context: { node: 'node-1' } })).not.toHaveProperty('owner');
  });

  it('takes the last occurrence from the series before all else', () => {
    const series = { count: 9, lastObservedTime: '2026-11-23T07:30:00.123456Z' };
    const event = view({ series, count: 2, lastTimestamp: '2026-11-23T07:00:00Z' });
    expect(event.lastSeen).toBe('2026-11-23T07:30:00.123Z');
    expect(event.count).toBe(9);
  });

  it('falls back over null and absurd timestamps to when the relay saw it', () => {
    const absent = { lastTimestamp: null, firstTimestamp: null, eventTime: null };
    expect(view(absent).lastSeen).toBe('2026-11-23T08:00:00.000Z');
    for (const absurd of ['0001-01-01T00:00:00Z', 'yesterday', '', '9999-12-31T00:00:00Z', '2026-13-45T99:00:00Z']) {
      const event = view({ lastTimestamp: absurd, eventTime: '2026-11-23T06:00:00.000001Z' });
      expect(event.lastSeen).toBe('2026-11-23T06:00:00.000Z');
    }
  });

  it.each([
    ['1979-12-31T23:59:59.999Z', false],
    ['1980-01-01T00:00:00.000Z', true],
    ['2199-12-31T23:59:59.999Z', true],
    ['2200-01-01T00:00:00.000Z', false],
  ])('takes %s for a time: %s', (lastTimestamp, isTaken) => {
    expect(view({ lastTimestamp }).lastSeen === lastTimestamp).toBe(isTaken);
  });

  it('was first and last seen by the best of the timestamps that it has', () => {
    const at = (hour: number): string => `2026-11-23T0${hour}:00:00.000Z`;
    const fields = {
      series: { lastObservedTime: at(1) },
      lastTimestamp: at(2),
      deprecatedLastTimestamp: at(3),
      eventTime: at(4),
      firstTimestamp: at(5),
      deprecatedFirstTimestamp: at(6),
      metadata: { uid: 'u', creationTimestamp: at(7) },
    };
    const seen = (left: readonly (readonly [string, unknown])[]) => {
      const { firstSeen, lastSeen } = view({ metadata: { uid: 'u' }, ...Object.fromEntries(left) });
      return [firstSeen, lastSeen];
    };
    const entries = Object.entries(fields);
    expect(entries.map((_, gone) => seen(entries.slice(gone))[1])).toEqual([1, 2, 3, 4, 5, 6, 7].map(at));
    const firsts = ['firstTimestamp', 'deprecatedFirstTimestamp', 'eventTime', 'metadata'];
    const withoutFirst = (gone: number) => entries.filter(([name]) => !firsts.slice(0, gone).includes(name));
    expect([0, 1, 2, 3, 4].map((gone) => seen(withoutFirst(gone))[0])).toEqual([5, 6, 4, 7, 1].map(at));
  });

  it('is identified by cluster, uid and version, and by its name where there is no uid', () => {
    expect(view({}).id).toBe('prod/u/7');
    expect(view({ metadata: { name: 'n', namespace: 'ns' } }).id).toBe('prod/ns/n/0');
  });

  it.each([
    ['added', 5, undefined, 0],
    ['listed', 5, undefined, 0],
    ['modified', 5, undefined, 1],
    ['modified', 1, undefined, 1],
    ['added', 5, 0, 0],
    ['modified', 5, 2, 2],
  ] as const)('takes a previous count for %s at %i, told %s, as %i', (change, count, previousCount, expected) => {
    const told = previousCount === undefined ? {} : { previousCount };
    expect(view({ count }, { change, ...told }).previousCount).toBe(expected);
  });

  it('counts at least one', () => {
    expect(eventCount({})).toBe(1);
    expect(eventCount({ count: 0, series: null })).toBe(1);
    expect(eventCount({ count: -3 })).toBe(1);
    expect(eventCount({ count: 2.7 })).toBe(2);
    expect(view({}, { previousCount: 2.7 }).previousCount).toBe(2);
  });
});

it('isKubeEvent wants something to identify the event by', () => {
  expect(isKubeEvent(sampleEvent().raw)).toBe(true);
  expect(isKubeEvent({ metadata: { name: 'n' } })).toBe(true);
  for (const metadata of [{ uid: 7 }, { uid: '', name: '' }, 'uid', undefined])
    expect(isKubeEvent({ metadata })).toBe(false);
  expect(isKubeEvent(null)).toBe(false);
});
