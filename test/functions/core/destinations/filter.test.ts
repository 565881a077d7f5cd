import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseWith } from '../../../../functions/core/contract/config.ts';
import { clusterEvent, type KubeEvent } from '../../../../functions/core/contract/event.ts';
import type { EventMessage } from '../../../../functions/core/contract/message.ts';
import {
  compileFilter,
  filterSchema,
  type Repeats,
  type Verdict,
} from '../../../../functions/core/destinations/filter.ts';
import { sampleEvent, sampleKubeEvent } from '../../../../functions/core/contract/sample.ts';

function verdict(filter: unknown, event: KubeEvent = {}, repeats: Repeats = 'all'): Verdict {
  return compile(filter, repeats)(sampleEvent(event));
}

function compile(filter: unknown, repeats: Repeats = 'all') {
  const parsed = parseWith(filterSchema, filter);
  if ('problems' in parsed) throw new Error(JSON.stringify(parsed.problems));
  return compileFilter(parsed.value, repeats);
}

function problems(filter: unknown): readonly string[] {
  const parsed = parseWith(filterSchema, filter);
  return 'problems' in parsed ? parsed.problems.map(({ field, message }) => `${field}: ${message}`) : [];
}

describe('rules', () => {
  it('lets everything pass without rules', () => {
    expect(verdict({})).toBe('pass');
    expect(verdict({ match: [] })).toBe('pass');
  });

  it('wants all fields of a rule, any rule, and any pattern of a list', () => {
    expect(verdict({ match: [{ type: 'Warning', reason: 'BackOff' }] })).toBe('pass');
    expect(verdict({ match: [{ type: 'Warning', reason: 'Other' }] })).toBe('unmatched');
    expect(verdict({ match: [{ reason: 'Other' }, { kind: 'Pod' }] })).toBe('pass');
    expect(verdict({ match: [{ reason: ['Other', 'Back*'] }] })).toBe('pass');
  });

  it('drops before anything else', () => {
    expect(verdict({ match: [{ type: 'Warning' }], drop: [{ message: '/restarting/' }] })).toBe('dropped');
    expect(verdict({ drop: [{ message: '/readiness probe/i' }] }, { message: 'Readiness Probe failed' })).toBe(
      'dropped',
    );
  });

  it('compares whole strings, with * for any text', () => {
    expect(verdict({ match: [{ namespace: 'pay' }] })).toBe('unmatched');
    expect(verdict({ match: [{ namespace: 'pay*' }] })).toBe('pass');
    expect(verdict({ match: [{ message: '*failed*api' }] })).toBe('pass');
    expect(verdict({ match: [{ message: 'Back*Back' }] })).toBe('unmatched');
    // What a part has matched, the next one cannot match again.
    expect(verdict({ match: [{ reason: 'ab*b' }] }, { reason: 'ab' })).toBe('unmatched');
    expect(verdict({ match: [{ reason: 'ab*b' }] }, { reason: 'abb' })).toBe('pass');
    expect(verdict({ match: [{ reason: 'a*b*b' }] }, { reason: 'ab' })).toBe('unmatched');
    expect(verdict({ match: [{ reason: 'a*bc*c' }] }, { reason: 'abc' })).toBe('unmatched');
    expect(verdict({ match: [{ message: '*' }] }, { message: 'line\nline' })).toBe('pass');
  });

  it('takes each part between wildcards from a piece of its own', () => {
    const takes = (pattern: string, message: string): boolean =>
      verdict({ match: [{ message: pattern }] }, { message }) === 'pass';
    expect(takes('ab*b', 'ab')).toBe(false);
    expect(takes('ab*b', 'abb')).toBe(true);
    expect(takes('*b*b*', 'b')).toBe(false);
    expect(takes('*b*b*', 'bb')).toBe(true);
    const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '.', '*'), maxLength: 6 });
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '.', '\n'), maxLength: 8 });
    fc.assert(
      fc.property(pattern, text, (wanted, message) => {
        const parts = wanted.split('*').map((part) => part.replaceAll('.', '\\.'));
        expect(takes(wanted, message)).toBe(new RegExp(`^${parts.join('.*')}$`, 's').test(message));
      }),
    );
  });

  it('takes a regular expression that holds anywhere in the text, with flags i, s and m', () => {
    const takes = (pattern: string, message = 'one\nTwo/three'): boolean =>
      verdict({ match: [{ message: pattern }] }, { message }) === 'pass';
    expect(
      ['/two/', '/two/i', '/one.two/i', '/one.two/is', '/^two/i', '/^two/im', '/o\\/t/'].map((p) => takes(p)),
    ).toEqual([false, true, false, true, false, true, true]);
    // A slash alone, or one within the text, is no expression.
    expect([takes('/', '/'), takes('a/b/', 'a/b/'), takes('*/three'), takes('a/b/', 'b')]).toEqual([
      true,
      true,
      true,
      false,
    ]);
  });

  it('takes a namespace of "" for cluster-scoped objects, and the event\'s own by eventNamespace', () => {
    const node = { involvedObject: { kind: 'Node', name: 'node-1' }, metadata: { uid: 'u', namespace: 'default' } };
    expect(verdict({ match: [{ namespace: '' }] }, node)).toBe('pass');
    expect(verdict({ match: [{ namespace: 'default' }] }, node)).toBe('unmatched');
    expect(verdict({ match: [{ eventNamespace: 'default' }] }, node)).toBe('pass');
  });

  it('matches labels that exist, by pattern', () => {
    const labelled = { involvedObject: { kind: 'Pod', labels: { app: 'api', 'a.b/c': '' } } };
    expect(verdict({ match: [{ labels: { app: 'a*', 'a.b/c': '*' } }] }, labelled)).toBe('pass');
    expect(verdict({ match: [{ labels: { team: '*' } }] }, labelled)).toBe('unmatched');
    expect(verdict({ match: [{ labels: { toString: '*' } }] }, labelled)).toBe('unmatched');
  });

  it('nests with all, and counts with minCount', () => {
    const filter = { match: [{ type: 'Warning', all: [{ reason: 'Back*' }, { minCount: 5 }] }] };
    expect(verdict(filter, { count: 4 })).toBe('unmatched');
    expect(verdict(filter, { count: 5 })).toBe('pass');
  });

  it('reads every field from its place in the event', () => {
    const event = {
      type: 'Normal',
      reason: 'r',
      message: 'm',
      action: 'a',
      metadata: { uid: 'u', namespace: 'own' },
      involvedObject: {
        kind: 'K',
        name: 'n',
        namespace: 'ns',
        apiVersion: 'v',
        labels: { l: '1' },
        annotations: { l: '2' },
      },
      source: { component: 'c', host: 'h' },
    };
    const values = {
      severity: 'info',
      type: 'Normal',
      reason: 'r',
      message: 'm',
      action: 'a',
      eventNamespace: 'own',
      kind: 'K',
      name: 'n',
      namespace: 'ns',
      apiVersion: 'v',
      component: 'c',
      host: 'h',
      cluster: sampleEvent({}).cluster,
    };
    for (const [name, value] of Object.entries(values)) {
      expect(verdict({ match: [{ [name]: value }] }, event), name).toBe('pass');
      const other = name === 'severity' ? 'warning' : `${value}x`;
      expect(verdict({ match: [{ [name]: other }] }, event), name).toBe('unmatched');
    }
    expect(verdict({ match: [{ labels: { l: '1' }, annotations: { l: '2' } }] }, event)).toBe('pass');
    expect(verdict({ match: [{ annotations: { l: '1' } }] }, event)).toBe('unmatched');
  });

  it('reads what the relay knows of the object, and nothing holds for what it does not know', () => {
    const context = {
      owner: { kind: 'Deployment', name: 'checkout' },
      node: 'node-1',
      namespaceLabels: { team: 'payments' },
      namespaceAnnotations: { channel: '#payments' },
    };
    const seen = { cluster: 'prod', seenAt: '', change: 'added', event: sampleKubeEvent } as const;
    const known = clusterEvent({ ...seen, context });
    const unknown = clusterEvent({ ...seen, context: {} });
    const rules = [
      [{ owner: 'checkout' }, { owner: 'other' }],
      [{ ownerKind: 'Deployment' }, { ownerKind: 'Job' }],
      [{ node: 'node-*' }, { node: 'node-2' }],
      [{ namespaceLabels: { team: 'pay*' } }, { namespaceLabels: { team: 'shop' } }],
      [{ namespaceAnnotations: { channel: '/payments/' } }, { namespaceAnnotations: { team: '*' } }],
    ] as const;
    for (const [holding, failing] of rules) {
      expect(compile({ match: [holding] })(known)).toBe('pass');
      expect(compile({ match: [failing] })(known)).toBe('unmatched');
      expect(compile({ match: [holding] })(unknown)).toBe('unmatched');
    }
    for (const any of ['*', '/.*/', '']) {
      for (const rule of [{ owner: any }, { ownerKind: any }, { node: any }, { namespaceLabels: { team: any } }])
        expect(compile({ drop: [rule] })(unknown)).toBe('pass');
    }
  });

  it('stays linear on an expression that backtracks elsewhere', () => {
    expect(verdict({ match: [{ message: '/^(a+)+$/' }] }, { message: `${'a'.repeat(50_000)}!` })).toBe('unmatched');
  });
});

describe('mistakes', () => {
  it.each([
    [{ match: [{ reason: '/(/' }] }, /^match\[0\]\.reason: not a valid regular expression/],
    [{ match: [{ reason: '/a(?=b)/' }] }, /RE2 syntax/],
    [{ match: [{ reason: '/a/g' }] }, /unknown regular expression flag g/],
    [{ match: [{ reason: '/open' }] }, /no closing \//],
    [{ match: [{ reason: '/a' }] }, /no closing \//],
    [{ match: [{ reason: '/a/1' }] }, /no closing \//],
    [{ match: [{}] }, /^match\[0\]: a rule needs at least one field/],
    [{ drop: [{ reason: [] }] }, /^drop\[0\]\.reason: .*at least one pattern/],
    [{ match: [{ reason: ['a', 7] }] }, /^match\[0\]\.reason\[1\]: expected string/],
    [{ match: [{ reason: 7 }] }, /^match\[0\]\.reason: expected string.*or expected array/],
    [{ match: [{ resaon: 'x' }] }, /^match\[0\]\.resaon: is not a known field/],
    [{ matches: [] }, /^matches: is not a known field/],
    [{ match: [{ minCount: 0 }] }, /^match\[0\]\.minCount: /],
    [{ match: [{ all: [] }] }, /^match\[0\]\.all: /],
    [{ match: [{ severity: 'Critical' }] }, /^match\[0\]\.severity: .*did you mean critical\?$/],
    [{ match: [{ severity: ['info', 'fatal'] }] }, /^match\[0\]\.severity\[1\]: .*one of critical, warning, info$/],
    [{ match: [{ severity: 'crit*' }] }, /expected one of critical/],
    [{ match: [{ type: 'warning' }] }, /^match\[0\]\.type: .*did you mean Warning\?$/],
    [{ drop: [{ kind: ['Node', 'pod'] }] }, /^drop\[0\]\.kind\[1\]: .*did you mean Pod\?$/],
    [{ match: [{ all: [{ kind: 'REPLICASET' }] }] }, /^match\[0\]\.all\[0\]\.kind: .*did you mean ReplicaSet\?$/],
  ])('%j is refused, naming the field', (filter, message) => {
    expect(problems(filter).join('\n')).toMatch(message);
  });
});

it.each([{ match: [{ reason: ['BackOff'] }] }, { match: [{ minCount: 1 }] }, { match: [{ all: [{ kind: 'Pod' }] }] }])(
  '%j is right: one is enough',
  (filter) => {
    expect(problems(filter)).toEqual([]);
  },
);

it('takes types and kinds that it does not know, and expressions that leave the case open', () => {
  const rules = [{ type: 'Error' }, { kind: 'Rollout' }, { kind: '/pod/i' }, { kind: 'pod*' }, { reason: 'backoff' }];

  expect(problems({ match: rules })).toEqual([]);
});

describe('repeats', () => {
  const step = (count: number, previousCount?: number): EventMessage => ({
    v: 1,
    kind: 'event',
    cluster: 'c',
    seenAt: '2026-11-23T08:00:00Z',
    change: 'modified',
    ...(previousCount !== undefined && { previousCount }),
    event: { metadata: { uid: 'u' }, count },
  });
  const passing = (filter: unknown, repeats: Repeats, counts: readonly number[]): readonly number[] => {
    const test = compile(filter, repeats);
    return counts.filter((count, index) => test(clusterEvent(step(count, counts[index - 1] ?? 0))) === 'pass');
  };
  const upTo = (n: number) => Array.from({ length: n }, (_, index) => index + 1);

  it('passes all, the first, or milestones', () => {
    expect(passing({}, 'all', upTo(12))).toHaveLength(12);
    expect(passing({}, 'first', upTo(12))).toEqual([1]);
    expect(passing({}, 'milestones', upTo(1000))).toEqual([1, 10, 100, 1000]);
  });

  it('counts a milestone that was jumped over', () => {
    expect(passing({}, 'milestones', [3, 8, 12, 99, 250])).toEqual([3, 12, 250]);
  });

  it('counts a milestone that may have been jumped over while nobody counted', () => {
    const passing = (filter: unknown, repeats: Repeats, count: number) =>
      compile(filter, repeats)(clusterEvent(step(count))) === 'pass';
    expect([1, 2, 9, 10, 12, 99, 150].filter((count) => passing({}, 'milestones', count))).toEqual([10, 12, 99, 150]);
    expect([1, 2, 150].filter((count) => passing({}, 'first', count))).toEqual([]);
    const fromFive = { match: [{ minCount: 5 }] };
    expect([4, 5, 6].filter((count) => passing(fromFive, 'first', count))).toEqual([5, 6]);
  });

  it("starts where the rule's minCount begins to hold", () => {
    expect(passing({ match: [{ minCount: 5 }] }, 'first', upTo(12))).toEqual([5]);
    expect(passing({ match: [{ minCount: 5 }] }, 'milestones', upTo(12))).toEqual([5, 10]);
    expect(passing({ match: [{ all: [{ minCount: 5 }] }] }, 'first', upTo(12))).toEqual([5]);
    expect(passing({ match: [{ minCount: 3, all: [{ all: [{ minCount: 7 }] }] }] }, 'milestones', upTo(12))).toEqual([
      7, 10,
    ]);
  });

  it('starts where the last nested minCount begins to hold, and anew with each rule', () => {
    expect(passing({ match: [{ all: [{ minCount: 5 }] }] }, 'first', upTo(12))).toEqual([5]);
    expect(passing({ match: [{ minCount: 3, all: [{ minCount: 5 }, { minCount: 4 }] }] }, 'first', upTo(12))).toEqual([
      5,
    ]);
    expect(passing({ match: [{ minCount: 7, all: [{ minCount: 5 }] }] }, 'first', upTo(12))).toEqual([7]);
    expect(passing({ match: [{ cluster: 'c' }, { minCount: 5 }] }, 'first', upTo(12))).toEqual([1, 5]);
    expect(passing({ match: [{ cluster: 'other' }, { minCount: 5 }] }, 'first', upTo(12))).toEqual([5]);
    expect(passing({ drop: [{ minCount: 3 }] }, 'all', upTo(5))).toEqual([1, 2]);
  });

  describe('of a rule for what is critical', () => {
    /** FailedScheduling as it goes on: how often by then, and since how many minutes. */
    const lasting = (count: number, minutes: number, previousCount: number) =>
      clusterEvent({
        ...step(count, previousCount),
        event: {
          metadata: { uid: 'u' },
          type: 'Warning',
          reason: 'FailedScheduling',
          count,
          firstTimestamp: '2026-11-23T08:00:00Z',
          lastTimestamp: new Date(Date.UTC(2026, 10, 23, 8, minutes)).toISOString(),
        },
      });
    const critical = { match: [{ severity: ['critical'] }] };
    const verdicts = (filter: unknown, repeats: Repeats, history: readonly (readonly [number, number])[]) =>
      history.map(([count, minutes], index) =>
        compile(filter, repeats)(lasting(count, minutes, history[index - 1]?.[0] ?? 0)),
      );

    it('begin when it becomes critical, by count or by lasting', () => {
      const often = [
        [1, 0],
        [9, 1],
        [10, 1],
        [11, 2],
        [12, 2],
      ] as const;
      const long = [
        [1, 0],
        [2, 5],
        [3, 12],
      ] as const;

      expect(verdicts(critical, 'first', often)).toEqual(['unmatched', 'unmatched', 'pass', 'repeat', 'repeat']);
      expect(verdicts(critical, 'first', long)).toEqual(['unmatched', 'unmatched', 'pass']);
      expect(verdicts(critical, 'milestones', long)).toEqual(['unmatched', 'unmatched', 'pass']);
    });

    it('begin when a drop of what is not critical ends', () => {
      const long = [
        [1, 0],
        [3, 12],
      ] as const;

      expect(verdicts({ drop: [{ severity: ['warning', 'info'] }] }, 'first', long)).toEqual(['dropped', 'pass']);
    });

    it('pass once more, for fewer than ten, where it may have been critical before', () => {
      const slow = Array.from({ length: 14 }, (_, index) => [index + 1, 6 * index] as const);

      expect(verdicts(critical, 'first', slow).filter((each) => each === 'pass')).toHaveLength(8);
      expect(verdicts(critical, 'first', slow).slice(10)).toEqual(['repeat', 'repeat', 'repeat', 'repeat']);
    });

    it('are none where nothing has happened since', () => {
      expect(compile(critical, 'milestones')(lasting(3, 12, 3))).toBe('repeat');
    });
  });

  it('passes each milestone exactly once, however the counts were seen', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 1, max: 5000 }), { minLength: 1 }), (list) => {
        const counts = list.toSorted((a, b) => a - b);
        const last = counts.at(-1) ?? 0;
        const milestones = [1, 10, 100, 1000].filter((milestone) => milestone <= last);
        const reached = new Set(milestones.map((milestone) => counts.find((count) => count >= milestone)));
        expect(passing({}, 'milestones', counts)).toEqual([...reached]);
      }),
    );
  });
});
