import { ApiError } from '../cluster/api-error.ts';
import type { Logger } from '../log.ts';
import type { RelayMetrics } from '../metrics.ts';
import { sleep } from '../wait.ts';
import type { CursorOwner, CursorStore, Tenure } from './cursor-store.ts';
import { mayTake, type Observation, observe } from './election.ts';
import {
  acquisition,
  cursorsOf,
  holderOf,
  type LeaseApi,
  type LeaseIdentity,
  type LeaseTiming,
  transitionsOf,
} from './lease-api.ts';
import { createLeaseState } from './lease-state.ts';
import { readCursors, writeCursors } from './saved-cursors.ts';
import { holdLease, type Taken } from './tenure.ts';

/** As Kubernetes' own components keep it. */
export const LEASE_TIMING: LeaseTiming = {
  durationMs: 15_000,
  renewDeadlineMs: 10_000,
  retryMs: 2000,
  patienceMs: 60_000,
};

/**
 * Leader election and cursors in one object and one write, each with the precondition that nobody wrote in between: a
 * deposed leader can neither renew nor move the cursors. Time is each relay's monotonic clock.
 */
export function leaseCursorStore(
  api: LeaseApi,
  lease: LeaseIdentity,
  log: Logger,
  metrics: RelayMetrics,
  timing: LeaseTiming = LEASE_TIMING,
): CursorStore {
  const { namespace, name, identity } = lease;
  const state = createLeaseState(lease, log);
  let observed: Observation | undefined;
  let standsBack = false;

  /** Looks once. Undefined while another relay holds the Lease. */
  async function tryToTake(signal: AbortSignal): Promise<Taken | undefined> {
    const found = await api.read(signal);
    const nowMs = performance.now();
    if (found === undefined) {
      const created = await api.create({ ...acquisition(identity), cursors: writeCursors({}) }, signal);
      return { lease: created, sinceMs: nowMs, saved: {}, cursorLost: false };
    }
    observed = observe(observed, found, nowMs);
    if (!mayTake(found, identity, observed, nowMs, timing.durationMs)) {
      state.standingBy(holderOf(found));
      return undefined;
    }
    const leaseTransitions = transitionsOf(found) + (holderOf(found) === identity ? 0 : 1);
    const taken = await api.update(found, { ...acquisition(identity), leaseTransitions }, signal);
    const saved = readCursors(cursorsOf(found) ?? '');
    return { lease: taken, sinceMs: nowMs, saved: saved ?? {}, cursorLost: saved === undefined };
  }

  /** A relay that has just given the Lease up lets others try before it takes it again. */
  async function standBack(signal: AbortSignal): Promise<void> {
    if (!standsBack) return;
    standsBack = false;
    state.standingBack(timing.durationMs);
    await sleep(timing.durationMs, signal);
  }

  function lead(taken: Taken, owner: CursorOwner): Tenure {
    log('info', 'leading', { lease: `${namespace}/${name}`, identity });
    const onGivenUp = (): void => {
      standsBack = true;
    };
    return holdLease(taken, { api, identity, owner, onGivenUp, state, timing, log, metrics });
  }

  return {
    state: () => state.get(),
    async acquire(owner, signal) {
      await standBack(signal);
      while (!signal.aborted) {
        try {
          const taken = await tryToTake(signal);
          if (taken !== undefined) return lead(taken, owner);
        } catch (error) {
          if (signal.aborted) return undefined;
          // A conflict is another relay's success, not a fault.
          if (!(error instanceof ApiError && error.status === 409)) state.failed(error);
        }
        await sleep(timing.retryMs * (0.9 + Math.random() / 5), signal);
      }
      return undefined;
    },
  };
}
