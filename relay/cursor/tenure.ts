import { ApiError } from '../cluster/api-error.ts';
import type { Logger } from '../log.ts';
import type { RelayMetrics } from '../metrics.ts';
import { sleep } from '../wait.ts';
import type { CursorOwner, Cursors, Tenure } from './cursor-store.ts';
import {
  acquisition,
  cursorsOf,
  givenUpOf,
  holderOf,
  type Lease,
  type LeaseApi,
  type LeaseChanges,
  type LeaseTiming,
  microTime,
  uidOf,
} from './lease-api.ts';
import type { LeaseState } from './lease-state.ts';
import { writeCursors } from './saved-cursors.ts';

/** A Lease that this relay has just taken. */
export interface Taken {
  readonly lease: Lease;
  /** When the write that took it began, in milliseconds of the monotonic clock. */
  readonly sinceMs: number;
  readonly saved: Cursors;
  readonly cursorLost: boolean;
}

export interface TenurePorts {
  readonly api: LeaseApi;
  readonly identity: string;
  readonly owner: CursorOwner;
  /** Is told when the Lease is released because this relay cannot send. */
  readonly onGivenUp: () => void;
  readonly state: LeaseState;
  readonly timing: LeaseTiming;
  readonly log: Logger;
  readonly metrics: RelayMetrics;
}

/** From a minute to about an hour. */
const MAX_DOUBLINGS = 6;
/** How often a release is tried before the Lease is left to expire. */
const RELEASE_ATTEMPTS = 3;

/**
 * Holds a Lease: renews it with the cursors in it until it is released or lost. It is lost when another relay has taken
 * it, or when another may: once no renewal has succeeded for `renewDeadlineMs`.
 */
export function holdLease({ lease: taken, sinceMs, saved, cursorLost }: Taken, ports: TenurePorts): Tenure {
  const { api, identity, owner, onGivenUp, state, timing, log, metrics } = ports;
  const lost = new AbortController();
  const released = new AbortController();
  let lease = taken;
  let lastWrite: Promise<boolean> = Promise.resolve(true);
  let deadline: NodeJS.Timeout | undefined;

  /** @param sinceMs when the write began: others may have seen it from then on, long before its answer came. */
  function renewed(sinceMs: number): void {
    state.leading();
    clearTimeout(deadline);
    const leftMs = sinceMs + timing.renewDeadlineMs - performance.now();
    deadline = setTimeout(() => lose(`the Lease could not be renewed for ${timing.renewDeadlineMs / 1000} s`), leftMs);
  }

  function lose(reason: string): void {
    if (lost.signal.aborted || released.signal.aborted) return;
    log('warn', `no longer leading: ${reason}`);
    clearTimeout(deadline);
    state.standingBy();
    lost.abort();
  }

  /** One write after the other, each upon what the last one gave. Resolves to whether it succeeded; never rejects. */
  function renew(changes: LeaseChanges = {}): Promise<boolean> {
    lastWrite = lastWrite.then(async () => {
      try {
        return !lost.signal.aborted && (await write({ renewTime: microTime(), ...savedNow(), ...changes }));
      } catch (error) {
        if (!lost.signal.aborted) state.failed(error);
        return false;
      }
    });
    return lastWrite;
  }

  /** The cursors to be saved, unless the saved ones must stand, and that a leader can send again. */
  function savedNow(): LeaseChanges {
    const cursors = owner.cursors();
    return {
      ...(cursors !== undefined && { cursors: writeCursors(cursors) }),
      ...(givenUpOf(lease) > 0 && owner.canSend() && { givenUp: 0 }),
    };
  }

  async function write(changes: LeaseChanges): Promise<boolean> {
    const began = performance.now();
    try {
      lease = await api.update(lease, changes, lost.signal);
    } catch (error) {
      if (lost.signal.aborted) return false;
      metrics.leaseFailures.add(1);
      if (!(error instanceof ApiError && (error.status === 409 || error.status === 404))) throw error;
      if (!(await reconcile(changes))) return false;
    }
    renewed(began);
    return true;
  }

  /** The Lease is not as it was last seen. Resolves to whether the changes are in it now. */
  async function reconcile(changes: LeaseChanges): Promise<boolean> {
    const found = await api.read(lost.signal);
    if (found === undefined) {
      // Deleted while it was held. The cursors are still known, so nothing is lost by putting it back; lost ones stay lost.
      const cursors = cursorsOf(lease);
      const put = { ...acquisition(identity), ...(cursors !== undefined && { cursors }), ...changes };
      lease = await api.create(put, lost.signal);
      return true;
    }
    if (holderOf(found) !== identity) {
      lose(`${holderOf(found) || 'another relay'} has taken the Lease`);
      return false;
    }
    // Our own write whose answer was lost, or somebody's edit of something else: the next write builds on it.
    lease = found;
    return false;
  }

  async function renewRegularly(): Promise<void> {
    const over = AbortSignal.any([lost.signal, released.signal]);
    while (!over.aborted) {
      await sleep(timing.retryMs, over);
      if (!over.aborted) await renew();
    }
  }

  renewed(sinceMs);
  void renewRegularly();
  return {
    installation: uidOf(lease),
    saved,
    cursorLost,
    lost: lost.signal,
    // While nobody can send, the Lease must not go round and round.
    get patienceMs() {
      return timing.patienceMs * 2 ** Math.min(givenUpOf(lease), MAX_DOUBLINGS);
    },
    async save() {
      while (!lost.signal.aborted && !(await renew())) await sleep(timing.retryMs / 4, lost.signal);
    },
    async release(cannotSend = false) {
      if (cannotSend) onGivenUp();
      released.abort();
      for (let attempt = 0; attempt < RELEASE_ATTEMPTS && !lost.signal.aborted; attempt += 1) {
        if (await renew({ holderIdentity: '', ...(cannotSend && { givenUp: givenUpOf(lease) + 1 }) })) break;
        await sleep(timing.retryMs / 4, lost.signal);
      }
      clearTimeout(deadline);
      state.standingBy();
    },
  };
}
