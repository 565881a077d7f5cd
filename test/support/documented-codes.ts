import { expect } from 'vitest';
import { codeDoc } from '../../functions/core/contract/codes.ts';
import type { SinkConfig } from '../../functions/core/contract/config.ts';
import type { Outcome } from '../../functions/core/contract/outcome.ts';

/** Every code has a row in the sink's table or in the common one, and the row says what the outcome is. */
export function expectDocumented({ codes }: Pick<SinkConfig, 'codes'>, outcomes: readonly Outcome[]): void {
  const undocumented = outcomes.filter(
    (outcome) => outcome.status !== 'delivered' && codeDoc(outcome.code, codes)?.status !== outcome.status,
  );
  expect(undocumented).toEqual([]);
}
