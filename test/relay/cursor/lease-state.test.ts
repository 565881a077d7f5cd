import { expect, test } from 'vitest';
import { ApiError } from '../../../relay/cluster/api-error.ts';
import { createLeaseState } from '../../../relay/cursor/lease-state.ts';

test('before the Lease was read there is trouble, and each reason is logged once', () => {
  const logs: string[] = [];
  const state = createLeaseState({ namespace: 'n', name: 'l', identity: 'me' }, (_, message) => logs.push(message));
  expect(state.get()).toEqual({ trouble: 'the Lease has not been read yet' });
  state.failed(new Error('no answer'));
  state.failed(new Error('no answer'));
  state.failed(new ApiError(403, {}));
  expect(state.get()).toEqual({
    trouble: 'no permission for the Lease n/l: the relay needs get, create and update on leases there',
  });
  expect(logs).toEqual([
    'the Lease n/l cannot be read or written: no answer',
    'no permission for the Lease n/l: the relay needs get, create and update on leases there',
  ]);
  state.standingBy('other');
  expect(state.get()).toEqual({ text: 'standing by: other leads' });
  state.standingBy();
  expect(state.get()).toEqual({ text: 'standing by' });
  state.leading();
  expect(state.get()).toEqual({ text: 'leading' });
});
