import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sampleEvent } from '../../../../functions/core/contract/sample.ts';
import { assessments, SEVERITIES, severityOf, type Assessed } from '../../../../functions/core/contract/severity.ts';

const source: { readonly reasons: Readonly<Record<string, readonly string[]>> } = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../../support/inputs/kubernetes-1.37-reasons.json'), 'utf8'),
);
const known = assessments.flatMap(({ reasons }) => reasons);

function severity(fields: Partial<Assessed>): string {
  return severityOf({
    type: 'Warning',
    reason: '',
    message: '',
    count: 1,
    firstSeen: '2026-11-23T07:55:00.000Z',
    lastSeen: '2026-11-23T07:55:00.000Z',
    object: { kind: 'Pod' },
    ...fields,
  });
}

describe('the severity', () => {
  it.each([
    ['BackOff', 'Warning', 1, 'warning'],
    ['BackOff', 'Normal', 10, 'critical'],
    ['Scheduled', 'Normal', 1, 'info'],
    ['OOMKilling', 'Warning', 1, 'critical'],
    ['SystemOOM', 'Warning', 1, 'critical'],
    ['Evicted', 'Warning', 1, 'critical'],
    ['FailedScheduling', 'Warning', 9, 'warning'],
    ['FailedScheduling', 'Warning', 10, 'critical'],
    ['FailedMount', 'Warning', 1, 'warning'],
    ['NodeHasDiskPressure', 'Normal', 1, 'warning'],
    ['FailedBinding', 'Normal', 1, 'warning'],
    ['DNSConfigForming', 'Warning', 1, 'info'],
    // Operators of others use the words of Kubernetes for their own failures.
    ['Completed', 'Warning', 1, 'warning'],
  ])('of %s, %j, %i times is %s', (reason, type, count, expected) => {
    expect(severity({ reason, type, count })).toBe(expected);
  });

  it('of a reason that is not well known is that of its type', () => {
    const types = ['Normal', 'Warning', '', 'Error'];

    expect(types.map((type) => severity({ reason: 'SomethingNew', type }))).toEqual([
      'info',
      'warning',
      'warning',
      'warning',
    ]);
    expect(severity({ reason: 'constructor', type: 'Normal' })).toBe('info');
  });

  it('of a lost node is critical, and of each of its pods a warning', () => {
    expect(severity({ reason: 'NodeNotReady', type: 'Normal', object: { kind: 'Node' } })).toBe('critical');
    expect(severity({ reason: 'NodeNotReady', type: 'Warning', object: { kind: 'Pod' } })).toBe('warning');
  });

  it('of what lasts ten minutes is critical, however often it was counted', () => {
    const until = (lastSeen: string) => severity({ reason: 'FailedScheduling', count: 2, lastSeen });

    expect(until('2026-11-23T08:04:59.999Z')).toBe('warning');
    expect(until('2026-11-23T08:05:00.000Z')).toBe('critical');
  });

  it('of a webhook that does not answer is critical once that lasts, and of a quota never', () => {
    const failing = 'Internal error occurred: Failed calling webhook "x"';

    expect(severity({ reason: 'FailedCreate', message: failing, count: 10 })).toBe('critical');
    expect(severity({ reason: 'FailedCreate', message: failing, count: 9 })).toBe('warning');
    expect(severity({ reason: 'FailedCreate', message: 'exceeded quota', count: 1000 })).toBe('warning');
  });

  it('never falls while an event repeats', () => {
    const count = fc.integer({ min: 1, max: 30 });
    const minutes = fc.integer({ min: 0, max: 20 });
    const at = (minute: number) => new Date(Date.UTC(2026, 10, 23, 7, minute)).toISOString();
    fc.assert(
      fc.property(
        fc.constantFrom(...known, 'SomethingNew'),
        fc.constantFrom('Normal', 'Warning', ''),
        fc.constantFrom('Pod', 'Node'),
        fc.constantFrom('', 'failed calling webhook'),
        fc.tuple(count, count),
        fc.tuple(minutes, minutes),
        (reason, type, kind, message, counts, times) => {
          const rank = (pick: (...numbers: readonly number[]) => number): number => {
            const repeated = { count: pick(...counts), firstSeen: at(0), lastSeen: at(pick(...times)) };
            return SEVERITIES.findIndex(
              (each) => each === severity({ reason, type, message, object: { kind }, ...repeated }),
            );
          };
          expect(rank(Math.max)).toBeLessThanOrEqual(rank(Math.min));
        },
      ),
    );
  });

  it('is a field of the event', () => {
    expect(sampleEvent().severity).toBe('warning');
    expect(sampleEvent({ count: 10 }).severity).toBe('critical');
    expect(sampleEvent({ reason: 'SystemOOM', involvedObject: 7, count: 'x' }).severity).toBe('critical');
  });
});

describe('the table', () => {
  it('knows every reason that the source of Kubernetes gives to an event', () => {
    expect(Object.keys(source.reasons).filter((reason) => !known.includes(reason))).toEqual([]);
    expect(Object.keys(source.reasons).length).toBeGreaterThan(150);
  });

  it('names each reason once', () => {
    expect(known.filter((reason, index) => known.indexOf(reason) !== index)).toEqual([]);
  });

  it('says why', () => {
    for (const { why } of assessments) expect(why).toMatch(/^[A-Z].*\.$/);
  });
});
