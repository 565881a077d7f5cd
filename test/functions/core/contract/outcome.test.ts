import { expect, it } from 'vitest';
import { delivered, ofRequest, rejected, retry, split } from '../../../../functions/core/contract/outcome.ts';

it('what a service refuses of a request as a whole may be the fault of one event in it, all else is said of each', () => {
  expect(ofRequest(rejected('event', 'odd', 'no'))).toEqual(split('odd', 'no'));
  for (const outcome of [rejected('destination', 'odd', 'no'), retry('busy', 'later'), split('odd', 'no'), delivered])
    expect(ofRequest(outcome)).toBe(outcome);
});
