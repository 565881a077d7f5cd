import { expect } from 'vitest';
import { codeDoc } from '../../functions/core/contract/codes.ts';
import type { SinkConfig } from '../../functions/core/contract/config.ts';
import type { Outcome } from '../../functions/core/contract/outcome.ts';

/** Every code has a row in the sink's table or in the common one, and the row says how the event ends: what is split, rejected. */
export function expectDocumented({ codes }: Pick<SinkConfig, 'codes'>, outcomes: readonly Outcome[]): void {
  const undocumented = outcomes.filter((outcome) => {
    if (outcome.status === 'delivered') return false;
    const end = outcome.status === 'split' ? 'rejected' : outcome.status;
    return codeDoc(outcome.code, codes)?.status !== end;
  });
  expect(undocumented).toEqual([]);
}
