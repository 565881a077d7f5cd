import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { clusterEvent, type ClusterEvent, type KubeEvent } from '../../../functions/core/contract/event.ts';
import { sampleKubeEvent } from '../../../functions/core/contract/sample.ts';
import { compileFilter, type Rule } from '../../../functions/core/destinations/filter.ts';
import { whichHolds, whyUnmatched } from '../../../infra/ops/why.ts';

function eventWith(fields: KubeEvent = {}): ClusterEvent {
  const event = { ...sampleKubeEvent, ...fields };
  return clusterEvent({ cluster: 'prod', seenAt: '', change: 'added', event });
}

const event = eventWith({ count: 3 });

describe('why an event matches no rule', () => {
  test.each<[string, Rule[], string]>([
    ['the field that differs', [{ type: 'Normal', reason: 'BackOff' }], 'type is Warning, wanted Normal'],
    [
      'every field that differs',
      [{ type: 'Normal', namespace: ['prod-*', 'staging'] }],
      'type is Warning, wanted Normal and namespace is payments, wanted prod-* or staging',
    ],
    [
      'rule by rule',
      [{ kind: 'Node' }, { reason: '/^Failed/' }],
      'rule 1: kind is Pod, wanted Node; rule 2: reason is BackOff, wanted /^Failed/',
    ],
    ['the severity', [{ severity: ['critical'] }], 'severity is warning, wanted critical'],
    ['the count', [{ minCount: 5 }], 'count is 3, wanted at least 5'],
    ['a label that is not there', [{ labels: { app: 'shop' } }], 'there is no labels.app, wanted shop'],
    [
      'an annotation of the namespace',
      [{ namespaceAnnotations: { 'a.b/c': 'x' } }],
      'there is no namespaceAnnotations.a.b/c, wanted x',
    ],
    ['an owner that is not known', [{ owner: 'shop' }], 'there is no owner, wanted shop'],
    ['what is nested', [{ all: [{ kind: 'Pod' }, { all: [{ cluster: 'test' }] }] }], 'cluster is prod, wanted test'],
    ['that it may be empty', [{ namespace: ['prod-*', ''] }], 'namespace is payments, wanted prod-* or ""'],
    ['a field that is empty', [{ action: 'Killing' }], 'action is empty, wanted Killing'],
  ])('names %s', (_, match, reason) => {
    expect(whyUnmatched({ match }, event)).toBe(reason);
  });

  test('shows a long value cut, and nothing that steers a terminal', () => {
    const reason = whyUnmatched({ match: [{ message: 'x' }] }, eventWith({ message: `\u001b[31m${'a'.repeat(500)}` }));

    expect(reason).toMatch(/^message is {2}\[31ma+, wanted x$/);
    expect(reason.length).toBeLessThan(100);
  });
});

describe('which rule holds', () => {
  test('names its number where there are several, and its fields', () => {
    expect(whichHolds([{ kind: 'Node' }, { type: 'Warning', reason: ['BackOff', 'Failed'] }], event)).toBe(
      'rule 2: type Warning and reason BackOff or Failed',
    );
    expect(whichHolds([{ type: 'Warning' }], event)).toBe('type Warning');
    expect(whichHolds([{ kind: 'Node' }], event)).toBeUndefined();
  });
});

test('names a field of each rule exactly where the filter finds none that holds', () => {
  const pattern = fc.constantFrom('Warning', 'Normal', 'Pod', 'payments', '*', '/^B/', 'BackOff');
  const rule = fc
    .record({ type: pattern, kind: pattern, namespace: pattern, reason: pattern }, { requiredKeys: [] })
    .filter((each) => Object.keys(each).length > 0);

  fc.assert(
    fc.property(fc.array(rule, { minLength: 1, maxLength: 4 }), (match) => {
      const isUnmatched = compileFilter({ match }, 'all')(event) === 'unmatched';
      expect(whichHolds(match, event) === undefined).toBe(isUnmatched);
      if (isUnmatched)
        expect(whyUnmatched({ match }, event).match(/wanted/g)?.length).toBeGreaterThanOrEqual(match.length);
    }),
  );
});
