import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { incidentKey, incidentsOf } from '../../../../functions/core/chat/incident.ts';
import type { KubeEvent } from '../../../../functions/core/contract/event.ts';
import { sampleEvent, sampleEventIn } from '../../../../functions/core/contract/sample.ts';
import { anyText } from '../../../support/any-text.ts';
import { podEvent, tenPods } from '../../../support/storms.ts';

const options = { language: 'en', links: {} } as const;
const SET = 'checkout-6c9f7d5b8';

const at = (second: number): string => new Date(Date.UTC(2026, 10, 23, 8, 0, second)).toISOString();
const waiting = (pod: number, second: number) =>
  podEvent(pod, SET, { reason: 'FailedScheduling', count: 12, lastTimestamp: at(second) });
const scheduled = (pod: number, second: number) =>
  podEvent(pod, SET, { reason: 'Scheduled', type: 'Normal', lastTimestamp: at(second) });
const node = (reason: string, second: number, resourceVersion = '1') =>
  sampleEvent({
    metadata: { uid: reason, resourceVersion },
    involvedObject: { kind: 'Node', name: 'node-1' },
    reason,
    type: 'Normal',
    message: `Node node-1 status is now: ${reason}`,
    lastTimestamp: at(second),
  });

describe('the key of an incident', () => {
  it('names cluster, reason and owner, whatever the pod, the count and the message', () => {
    expect(incidentKey(waiting(1, 0))).toBe('prod: FailedScheduling of Deployment shop:checkout');
    expect(new Set(tenPods.map(incidentKey))).toEqual(new Set(['prod: Failed of Deployment shop:checkout']));
    expect(incidentKey(node('NodeNotReady', 0))).toBe('prod: NodeNotReady of Node node-1');
    expect(incidentKey(sampleEvent())).toBe('prod: BackOff of Pod payments:api-7d9f');
  });

  it('is for what ends it that of what it ends', () => {
    expect(incidentKey(scheduled(7, 0))).toBe('prod: FailedScheduling of Deployment shop:checkout');
    expect(incidentKey(node('NodeReady', 0))).toBe('prod: NodeNotReady of Node node-1');
    expect(incidentKey(node('RemovingNode', 0))).toBe('prod: NodeNotReady of Node node-1');
  });

  it('differs where cluster, namespace, owner or reason do, and never is longer than 255 bytes', () => {
    const text = fc.oneof(
      fc.constantFrom('a', 'b', 'a b', 'a: b of c', ' of ', '#'),
      fc.stringMatching(/^[a-z-]{1,253}$/),
      anyText(60),
    );
    const parts = fc.record({ reason: text, kind: text, namespace: text, name: text });
    const eventOf = ({ reason, ...involvedObject }: { readonly reason: string }) =>
      sampleEventIn({}, { reason, involvedObject });
    fc.assert(
      fc.property(parts, parts, (one, other) => {
        const [a, b] = [eventOf(one), eventOf(other)];
        const key = incidentKey(a);
        expect(Buffer.byteLength(key)).toBeLessThanOrEqual(255);
        expect(key).toBe(key.toWellFormed());
        expect(key).not.toMatch(/[\n\r\0]/);
        if (incidentKey(b) === key) expect([b.reason, b.object.name]).toEqual([a.reason, a.object.name]);
      }),
    );
  });

  it('of a long name ends in a hash, which tells it from its like', () => {
    const named = (name: string) =>
      incidentKey(sampleEvent({ involvedObject: { kind: 'Pod', namespace: 'shop', name } }));

    expect(named(`${'x'.repeat(253)}a`)).toMatch(/^prod: BackOff of Pod shop:x+… #[0-9a-f]{16}$/);
    expect(named(`${'x'.repeat(253)}a`)).not.toBe(named(`${'x'.repeat(253)}b`));
  });
});

describe('the incidents of a batch', () => {
  const states = (...events: readonly ReturnType<typeof sampleEvent>[]) =>
    incidentsOf(events, options).map(({ key, isOpen }) => [key.replace(/^prod: /, ''), isOpen]);

  it('are one for all pods of a Deployment that tell of one reason', () => {
    const [incident, ...others] = incidentsOf(tenPods, options);

    expect(others).toEqual([]);
    expect(incident).toMatchObject({
      isOpen: true,
      title: '[prod] Failed · Deployment shop/checkout: 10 pods',
      count: 40,
    });
    expect(incident?.events).toHaveLength(10);
  });

  it('take the last word of an object, in whatever order its events come', () => {
    const lost = ['NodeNotReady of Node node-1', true];
    const back = ['NodeNotReady of Node node-1', false];

    expect(states(node('NodeNotReady', 1), node('NodeReady', 2))).toEqual([back]);
    expect(states(node('NodeReady', 2), node('NodeNotReady', 1))).toEqual([back]);
    expect(states(node('NodeReady', 1), node('NodeNotReady', 2))).toEqual([lost]);
    // Within a second it is the API server's order.
    expect(states(node('NodeReady', 1, '100'), node('NodeNotReady', 1, '99'))).toEqual([back]);
  });

  it('go on while one of the objects still waits', () => {
    const over = ['FailedScheduling of Deployment shop:checkout', false];
    const open = ['FailedScheduling of Deployment shop:checkout', true];

    expect(states(waiting(1, 0), waiting(2, 0), scheduled(1, 5))).toEqual([open]);
    expect(states(waiting(1, 0), waiting(2, 0), scheduled(1, 5), scheduled(2, 5))).toEqual([over]);
    expect(states(scheduled(1, 5))).toEqual([over]);
  });

  it('say of what goes on what is still so, and of what is over what has ended it', () => {
    const [open] = incidentsOf([waiting(1, 0), waiting(2, 1), scheduled(1, 5)], options);
    const [over] = incidentsOf([node('NodeNotReady', 1), node('NodeReady', 2)], options);

    expect(open).toMatchObject({ count: 12, severity: 'critical', event: { lastSeen: at(1) } });
    expect(open?.title).toMatch(/^\[prod\] FailedScheduling · Pod shop\/checkout-/);
    expect(over).toMatchObject({
      title: '[prod] NodeReady · Node node-1',
      message: 'Node node-1 status is now: NodeReady',
    });
  });

  it('keep every event, once, in the order of their time', () => {
    const reasons = ['NodeNotReady', 'NodeReady', 'NodeHasDiskPressure', 'RemovingNode'];
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom(...reasons), fc.nat(59)), { minLength: 1 }), (list) => {
        const events = list.map(([reason, second]) => node(reason, second));
        const incidents = incidentsOf(events, options);
        expect(new Set(incidents.flatMap((each) => each.events))).toEqual(new Set(events));
        expect(incidents.flatMap((each) => each.events)).toHaveLength(events.length);
        for (const { events: own } of incidents) {
          const times = own.map(({ lastSeen }) => lastSeen);
          expect(times).toEqual(times.toSorted());
        }
      }),
    );
  });
});

describe('the details', () => {
  it('are what is known, under names of their own', () => {
    const [incident] = incidentsOf(
      [sampleEventIn({ owner: { kind: 'Deployment', name: 'api' }, node: 'node-1' })],
      options,
    );

    expect(incident?.details).toEqual({
      cluster: 'prod',
      namespace: 'payments',
      kind: 'Pod',
      name: 'api-7d9f',
      owner: 'Deployment api',
      container: 'api',
      node: 'node-1',
      reason: 'BackOff',
      message: 'Back-off restarting failed container api',
      count: '1',
      firstSeen: '2026-11-23T07:55:00.000Z',
      lastSeen: '2026-11-23T07:59:30.000Z',
      source: 'kubelet on node-1',
      hint: expect.stringContaining('The container keeps exiting'),
      commands:
        'kubectl -n payments describe pod/api-7d9f\nkubectl -n payments logs pod/api-7d9f -c api --previous --tail=50',
      event: 'prod/5a0c6d1e-7f3b-4c1e-9d54-0f1f0f3c2a11/184467',
    });
  });

  it('are bounded and well formed, whatever an event holds', () => {
    const long = 'x'.repeat(1_000_000);
    const text = fc.oneof(anyText(200), fc.constantFrom(long, '"\\'.repeat(10_000), '容'.repeat(20_000)));
    const event: fc.Arbitrary<KubeEvent> = fc.record({
      reason: text,
      message: text,
      involvedObject: fc.record({ kind: text, namespace: text, name: text, fieldPath: text }),
      source: fc.record({ component: text, host: text }),
    });
    fc.assert(
      fc.property(event, (fields) => {
        const [incident] = incidentsOf([sampleEvent(fields)], options);
        const json = JSON.stringify({ ...incident, event: undefined, events: undefined });
        expect(Buffer.byteLength(json)).toBeLessThan(100_000);
        expect(json).not.toMatch(/(?<!\\)(\\\\)*\\ud[89a-f]/i);
      }),
      { numRuns: 40 },
    );
  });
});
