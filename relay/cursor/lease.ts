import type { ApiClient } from '../cluster/api-client.ts';
import { ApiError } from '../cluster/api-error.ts';
import type { Logger } from '../log.ts';
import type { RelayMetrics } from '../metrics.ts';
import { sleep } from '../wait.ts';
import type { CursorStore } from './cursor-store.ts';
import { mayTake, type Observation, observe } from './election.ts';
import { acquisition, createLeaseApi, cursorsOf, holderOf, type LeaseIdentity, transitionsOf } from './lease-api.ts';
import { createLeaseState } from './lease-state.ts';
import { readCursors, writeCursors } from './saved-cursors.ts';
import { holdLease, type LeaseTiming, type Taken } from './tenure.ts';

/** As Kubernetes' own components keep it. */
export const LEASE_TIMING: LeaseTiming = { durationMs: 15_000, renewDeadlineMs: 10_000, retryMs: 2000 };

/** No call may take so long that a second one no longer fits before the deadline. */
const CALL_TIMEOUT_MS = 5000;

/**
 * Leader election and cursors in one object and one write, each with the precondition that nobody wrote in between: a
 * deposed leader can neither renew nor move the cursors. Time is each relay's monotonic clock.
 */
export function leaseCursorStore(
  client: ApiClient,
  lease: LeaseIdentity,
  log: Logger,
  metrics: RelayMetrics,
  timing: LeaseTiming = LEASE_TIMING,
): CursorStore {
  const { namespace, name, identity } = lease;
  const api = createLeaseApi(client, lease, timing.durationMs, Math.min(CALL_TIMEOUT_MS, timing.renewDeadlineMs / 2));
  const state = createLeaseState(lease, log);
  let observed: Observation | undefined;

  /** Looks once. Undefined while another relay holds the Lease. */
  async function tryToTake(signal: AbortSignal): Promise<Taken | undefined> {
    const sinceMs = performance.now();
    const found = await api.read(signal);
    if (found === undefined) {
      const created = await api.create({ ...acquisition(identity), cursors: writeCursors({}) }, signal);
      return { lease: created, sinceMs, saved: {}, cursorLost: false };
    }
    observed = observe(observed, found, performance.now());
    if (!mayTake(found, identity, observed, performance.now(), timing.durationMs)) {
      state.standingBy(holderOf(found));
      return undefined;
    }
    const leaseTransitions = transitionsOf(found) + (holderOf(found) === identity ? 0 : 1);
    const taken = await api.update(found, { ...acquisition(identity), leaseTransitions }, signal);
    const saved = readCursors(cursorsOf(found) ?? '');
    return { lease: taken, sinceMs, saved: saved ?? {}, cursorLost: saved === undefined };
  }

  return {
    state: () => state.get(),
    async acquire(current, signal) {
      observed = undefined;
      while (!signal.aborted) {
        try {
          const taken = await tryToTake(signal);
          if (taken !== undefined) {
            log('info', 'leading', { lease: `${namespace}/${name}`, identity });
            return holdLease(taken, { api, identity, current, state, timing, log, metrics });
          }
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
