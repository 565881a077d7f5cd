import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { endedBy, recoveries, recoveryOf } from '../../../../functions/core/contract/recovery.ts';
import { sampleEvent } from '../../../../functions/core/contract/sample.ts';

const source: { readonly reasons: Readonly<Record<string, readonly string[]>> } = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../../support/inputs/kubernetes-1.37-reasons.json'), 'utf8'),
);

describe('the table of recoveries', () => {
  it.each(recoveries)(
    '$reason of a $kind ends $ends, as the source of Kubernetes has them',
    ({ reason, ends, type }) => {
      expect(source.reasons[reason]).toEqual(['Normal']);
      expect(source.reasons[ends]).toContain(type);
    },
  );

  it('has no reason that another one ends', () => {
    const reasons = recoveries.map(({ reason }) => reason);

    expect(recoveries.filter(({ ends }) => reasons.includes(ends))).toEqual([]);
  });

  it('says of a crash loop nothing, since its container starts each time', () => {
    expect(['Started', 'Pulled', 'Created'].map((reason) => recoveryOf(sampleEvent({ reason })))).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });
});

describe('what an event ends', () => {
  const node = { kind: 'Node', name: 'node-1' };

  it('is of the same object, with its own reason, type and severity', () => {
    const [first, lasting] = endedBy(sampleEvent({ reason: 'Scheduled', type: 'Normal' }));

    expect(first).toMatchObject({ reason: 'FailedScheduling', type: 'Warning', severity: 'warning', count: 1 });
    expect(lasting).toMatchObject({ reason: 'FailedScheduling', severity: 'critical', object: { name: 'api-7d9f' } });
    const ready = endedBy(sampleEvent({ reason: 'NodeReady', type: 'Normal', involvedObject: node }));
    expect(ready.map(({ reason, type, severity }) => [reason, type, severity])).toEqual([
      ['NodeNotReady', 'Normal', 'critical'],
      ['NodeNotReady', 'Normal', 'critical'],
    ]);
  });

  it('is nothing where the object is of another kind', () => {
    expect(endedBy(sampleEvent({ reason: 'Scheduled', involvedObject: node }))).toEqual([]);
    expect(recoveryOf(sampleEvent({ reason: 'constructor' }))).toBeUndefined();
  });
});
