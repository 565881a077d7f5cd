import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KubeEvent } from '../../../../functions/core/contract/event.ts';
import { recoveries, recoveryOf } from '../../../../functions/core/contract/recovery.ts';
import { sampleEvent } from '../../../../functions/core/contract/sample.ts';
import { compileFilter, type Filter, type Repeats } from '../../../../functions/core/destinations/filter.ts';
import { compilePagerFilter, PAGER_FILTER } from '../../../../functions/core/destinations/pager-filter.ts';

const scheduled: KubeEvent = { reason: 'Scheduled', type: 'Normal', message: 'Successfully assigned shop/x to node-1' };
const verdict = (filter: Filter, event: KubeEvent, repeats: Repeats = 'all') =>
  compilePagerFilter(filter, repeats)(sampleEvent(event));

describe('by default', () => {
  it('passes what is critical, what ends it, and nothing else', () => {
    expect(verdict(PAGER_FILTER, { reason: 'FailedScheduling', count: 10 })).toBe('pass');
    expect(verdict(PAGER_FILTER, { reason: 'FailedScheduling', count: 9 })).toBe('unmatched');
    // It comes for each pod that starts.
    expect(verdict(PAGER_FILTER, scheduled)).toBe('dropped');
    expect(verdict({ match: PAGER_FILTER.match }, scheduled)).toBe('pass');
    expect(verdict(PAGER_FILTER, { reason: 'Started', type: 'Normal' })).toBe('unmatched');
    // A node that is short of memory is a warning, which was not passed.
    const node = { kind: 'Node', name: 'node-1' };
    expect(verdict(PAGER_FILTER, { reason: 'NodeHasSufficientMemory', involvedObject: node })).toBe('unmatched');
    expect(verdict(PAGER_FILTER, { reason: 'NodeReady', involvedObject: node })).toBe('pass');
  });
});

describe('what ends an incident', () => {
  it.each([
    [{ match: [{ reason: 'FailedScheduling' }] }, 'pass'],
    [{ match: [{ reason: 'FailedScheduling', type: 'Warning', namespace: 'pay*' }] }, 'pass'],
    [{ match: [{ reason: 'FailedScheduling', namespace: 'shop' }] }, 'unmatched'],
    [{ match: [{ reason: 'BackOff' }] }, 'unmatched'],
    // What the ended event said is not known any more.
    [
      { match: [{ severity: 'critical', minCount: 50, message: '/cpu/', all: [{ component: 'x', host: 'y' }] }] },
      'pass',
    ],
    [{ drop: [{ message: '/assigned/' }] }, 'pass'],
    [{ drop: [{ reason: 'FailedScheduling' }] }, 'pass'],
    [{ match: PAGER_FILTER.match, drop: [{ reason: 'FailedScheduling' }] }, 'unmatched'],
    [{ drop: [{ severity: ['info', 'warning'] }] }, 'pass'],
    [{ match: PAGER_FILTER.match, drop: [{ reason: 'Scheduled' }] }, 'dropped'],
    [{ match: PAGER_FILTER.match, drop: [{ all: [{ reason: 'Sched*' }], namespace: 'payments' }] }, 'dropped'],
    [{ match: PAGER_FILTER.match, drop: [{ reason: 'Scheduled', namespace: 'shop' }] }, 'pass'],
  ] as const satisfies readonly (readonly [Filter, string])[])('with %j: %s', (filter, expected) => {
    expect(verdict(filter, scheduled)).toBe(expected);
  });

  it('passes at every repeat', () => {
    const again = { ...sampleEvent({ ...scheduled, count: 3 }), previousCount: 3 };

    expect(compilePagerFilter({ match: PAGER_FILTER.match }, 'first')(again)).toBe('pass');
    expect(compilePagerFilter({}, 'milestones')(again)).toBe('pass');
  });

  it('is all that a pager gets beside what its filter lets pass', () => {
    const rule = fc.constantFrom<NonNullable<Filter['match']>[number]>(
      { severity: 'critical' },
      { severity: ['warning', 'info'] },
      { type: 'Warning' },
      { kind: 'Node' },
      { reason: 'Failed*' },
      { minCount: 3 },
      { message: '/x/' },
    );
    const reasons = [...recoveries.flatMap(({ reason, ends }) => [reason, ends]), 'BackOff', 'Started'];
    fc.assert(
      fc.property(
        fc.record({ match: fc.array(rule, { maxLength: 2 }), drop: fc.array(rule, { maxLength: 2 }) }),
        fc.constantFrom<Repeats>('all', 'first', 'milestones'),
        fc.constantFrom(...reasons),
        fc.constantFrom('Pod', 'Node', 'Service'),
        fc.constantFrom('Normal', 'Warning'),
        fc.nat(20),
        (filter, repeats, reason, kind, type, count) => {
          const event = sampleEvent({ reason, type, count, involvedObject: { kind, name: 'x' } });
          if (recoveryOf(event)) return;
          expect(compilePagerFilter(filter, repeats)(event)).toBe(compileFilter(filter, repeats)(event));
        },
      ),
    );
  });

  it('passes wherever what it ends has passed', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...recoveries),
        fc.integer({ min: 1, max: 30 }),
        fc.constantFrom<Filter>(
          {},
          { match: PAGER_FILTER.match },
          { match: [{ minCount: 4, type: 'Warning' }] },
          { drop: [{ minCount: 9 }] },
        ),
        ({ reason, ends, type, kind }, count, filter) => {
          const involvedObject = { kind, name: 'x' };
          const opened = verdict(filter, { reason: ends, type, count, message: 'no', involvedObject });
          if (opened === 'pass') expect(verdict(filter, { reason, type: 'Normal', involvedObject })).toBe('pass');
        },
      ),
    );
  });
});
