import { messageOf } from '../../functions/core/contract/untrusted.ts';
import { ApiError } from '../cluster/api-error.ts';
import type { Logger } from '../log.ts';
import type { StoreState } from './cursor-store.ts';
import type { LeaseIdentity } from './lease-api.ts';

/** How a relay stands to its Lease, for `/readyz` and the log. */
export interface LeaseState {
  get(): StoreState;
  leading(): void;
  /** @param holder who leads; undefined while that is not known. */
  standingBy(holder?: string): void;
  /** It has given the Lease up, and lets others try. */
  standingBack(ms: number): void;
  /** The Lease could not be read or written. */
  failed(error: unknown): void;
}

export function createLeaseState({ namespace, name }: LeaseIdentity, log: Logger): LeaseState {
  let state: StoreState = { trouble: 'the Lease has not been read yet' };

  function troubleOf(error: unknown): string {
    return error instanceof ApiError && error.status === 403
      ? `no permission for the Lease ${namespace}/${name}: the relay needs get, create and update on leases there`
      : `the Lease ${namespace}/${name} cannot be read or written: ${messageOf(error)}`;
  }

  return {
    get: () => state,
    leading() {
      state = { text: 'leading' };
    },
    standingBy(holder) {
      state = { text: holder === undefined ? 'standing by' : `standing by: ${holder} leads` };
    },
    standingBack(ms) {
      state = { trouble: `this relay cannot send, and lets another one try for ${ms / 1000} s` };
    },
    failed(error) {
      const trouble = troubleOf(error);
      if (state.trouble !== trouble) log('warn', trouble);
      state = { trouble };
    },
  };
}
