import type { ApiClient } from '../cluster/api-client.ts';
import { recordOf, textOf, messageOf } from '../../functions/core/contract/untrusted.ts';
import { ApiError } from '../cluster/api-error.ts';
import { type CursorStore, type CurrentCursors, readCursors, type Tenure, writeCursors } from './cursor-store.ts';
import type { Logger } from '../log.ts';
import type { RelayMetrics } from '../metrics.ts';
import { sleep } from '../wait.ts';

/** Which Lease elects the leader and carries its cursor, and who asks. */
export interface LeaseIdentity {
  readonly namespace: string;
  readonly name: string;
  readonly identity: string;
}

/** The rhythm of the election, in milliseconds, as Kubernetes' own components keep it. */
export interface LeaseTiming {
  /** How long a Lease must stay unchanged under another's eyes before it is taken over. */
  readonly durationMs: number;
  /** How long a leader goes on without a renewal. */
  readonly renewDeadlineMs: number;
  readonly retryMs: number;
}

export const LEASE_TIMING: LeaseTiming = { durationMs: 15_000, renewDeadlineMs: 10_000, retryMs: 2000 };

/** The annotation that holds the cursors. */
export const CURSOR_ANNOTATION = 'kube-courier/cursor';

interface Lease {
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly spec: Readonly<Record<string, unknown>>;
}

/**
 * Leader election and cursor in one object and one write, each with the precondition that nobody wrote in between: a
 * deposed leader can neither renew nor move the cursor. Time is the monotonic clock of each relay; no clocks are compared.
 */
export function leaseCursorStore(
  client: ApiClient,
  { namespace, name, identity }: LeaseIdentity,
  log: Logger,
  metrics: RelayMetrics,
  timing: LeaseTiming = LEASE_TIMING,
): CursorStore {
  const folder = `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases`;
  const path = `${folder}/${name}`;
  const timeoutMs = Math.min(5000, timing.renewDeadlineMs / 2);
  let state: { readonly trouble?: string; readonly text?: string } = { trouble: 'the Lease has not been read yet' };

  async function read(signal: AbortSignal): Promise<Lease | undefined> {
    try {
      return leaseOf(await client.json({ path, timeoutMs, signal }));
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return undefined;
      throw error;
    }
  }

  /** Writes the Lease as it was read, with these changes; 409 if it is no longer as it was. */
  async function write(lease: Lease, changes: Changes, signal: AbortSignal): Promise<Lease> {
    const { managedFields: _, annotations, ...metadata } = lease.metadata;
    const { cursors, ...spec } = changes;
    const body = {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: {
        ...metadata,
        annotations: { ...recordOf(annotations), ...(cursors !== undefined && { [CURSOR_ANNOTATION]: cursors }) },
      },
      spec: { ...lease.spec, leaseDurationSeconds: Math.ceil(timing.durationMs / 1000), ...spec },
    };
    return leaseOf(await client.json({ method: 'PUT', path, body, timeoutMs, signal }));
  }

  async function create(cursors: string, signal: AbortSignal): Promise<Lease> {
    const now = microTime();
    const body = {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name, namespace, annotations: { [CURSOR_ANNOTATION]: cursors } },
      spec: {
        holderIdentity: identity,
        leaseDurationSeconds: Math.ceil(timing.durationMs / 1000),
        acquireTime: now,
        renewTime: now,
        leaseTransitions: 0,
      },
    };
    return leaseOf(await client.json({ method: 'POST', path: folder, body, timeoutMs, signal }));
  }

  async function acquire(current: CurrentCursors, signal: AbortSignal): Promise<Tenure | undefined> {
    const observed = { version: '', at: 0 };
    while (!signal.aborted) {
      try {
        const started = performance.now();
        const found = await read(signal);
        if (found === undefined) {
          return tenure(await create(writeCursors({}), signal), started, {}, false, current);
        }
        const version = textOf(found.metadata['resourceVersion']);
        if (version !== observed.version) Object.assign(observed, { version, at: performance.now() });
        const holder = textOf(found.spec['holderIdentity']);
        if (holder === '' || holder === identity || performance.now() - observed.at >= timing.durationMs) {
          const transitions = found.spec['leaseTransitions'];
          const now = microTime();
          const taken = await write(
            found,
            {
              holderIdentity: identity,
              acquireTime: now,
              renewTime: now,
              leaseTransitions: (typeof transitions === 'number' ? transitions : 0) + (holder === identity ? 0 : 1),
            },
            signal,
          );
          const saved = readCursors(cursorsOf(found) ?? '');
          return tenure(taken, started, saved ?? {}, saved === undefined, current);
        }
        state = { text: `standing by: ${holder} leads` };
      } catch (error) {
        if (signal.aborted) return undefined;
        // A conflict is another relay's success, not a fault.
        if (!(error instanceof ApiError && error.status === 409)) noteTrouble(error);
      }
      await sleep(timing.retryMs * (0.9 + Math.random() / 5), signal);
    }
    return undefined;
  }

  function noteTrouble(error: unknown): void {
    const trouble =
      error instanceof ApiError && error.status === 403
        ? `no permission for the Lease ${namespace}/${name}: the relay needs get, create and update on leases there`
        : `the Lease ${namespace}/${name} cannot be read or written: ${messageOf(error)}`;
    if (state.trouble !== trouble) log('warn', trouble);
    state = { trouble };
  }

  function tenure(
    first: Lease,
    renewedFrom: number,
    saved: Tenure['saved'],
    cursorLost: boolean,
    current: CurrentCursors,
  ): Tenure {
    const lost = new AbortController();
    const ended = new AbortController();
    let lease = first;
    let busy: Promise<boolean> = Promise.resolve(true);
    let deadline: NodeJS.Timeout;
    state = { text: 'leading' };
    log('info', 'leading', { lease: `${namespace}/${name}`, identity });

    function arm(from: number): void {
      clearTimeout(deadline);
      const left = timing.renewDeadlineMs - (performance.now() - from);
      deadline = setTimeout(() => lose(`the Lease could not be renewed for ${timing.renewDeadlineMs / 1000} s`), left);
    }

    function lose(reason: string): void {
      if (lost.signal.aborted || ended.signal.aborted) return;
      log('warn', `no longer leading: ${reason}`);
      clearTimeout(deadline);
      state = { text: 'standing by' };
      lost.abort();
    }

    async function renewOnce(changes: Changes): Promise<boolean> {
      if (lost.signal.aborted) return false;
      const started = performance.now();
      const cursors = current();
      const written = cursors === undefined ? undefined : writeCursors(cursors);
      try {
        lease = await write(lease, { ...changes, ...(written !== undefined && { cursors: written }) }, lost.signal);
      } catch (error) {
        if (lost.signal.aborted) return false;
        metrics.leaseFailures.add(1);
        if (!(error instanceof ApiError && (error.status === 409 || error.status === 404))) {
          noteTrouble(error);
          return false;
        }
        const now = await read(lost.signal).catch(() => lease);
        if (now === undefined) {
          // Deleted under us: the cursor is still known, so nothing is lost by putting it back.
          lease = await create(written ?? cursorsOf(lease) ?? writeCursors({}), lost.signal);
        } else if (textOf(now.spec['holderIdentity']) === identity) {
          // Our own write whose answer was lost, or somebody's edit of something else.
          lease = now;
          return false;
        } else {
          lose(`${textOf(now.spec['holderIdentity']) || 'another relay'} has taken the Lease`);
          return false;
        }
      }
      state = { text: 'leading' };
      arm(started);
      return true;
    }

    /** One write after the other. Never rejects. */
    function renew(changes: Changes = { renewTime: microTime() }): Promise<boolean> {
      busy = busy
        .then(() => renewOnce(changes))
        .catch((error: unknown) => {
          if (!lost.signal.aborted) noteTrouble(error);
          return false;
        });
      return busy;
    }

    async function keep(): Promise<void> {
      const over = AbortSignal.any([lost.signal, ended.signal]);
      while (!over.aborted) {
        await sleep(timing.retryMs, over);
        if (!over.aborted) await renew();
      }
    }

    arm(renewedFrom);
    const keeping = keep();
    return {
      installation: textOf(lease.metadata['uid']),
      saved,
      cursorLost,
      lost: lost.signal,
      async save() {
        while (!lost.signal.aborted && !(await renew())) await sleep(timing.retryMs / 4, lost.signal);
      },
      async release() {
        ended.abort();
        await keeping;
        for (let attempt = 0; attempt < 3 && !lost.signal.aborted; attempt += 1) {
          if (await renew({ holderIdentity: '', renewTime: microTime() })) break;
          await sleep(timing.retryMs / 4, lost.signal);
        }
        clearTimeout(deadline);
        state = { text: 'standing by' };
      },
    };
  }

  return { acquire, state: () => state };
}

interface Changes {
  readonly holderIdentity?: string;
  readonly acquireTime?: string;
  readonly renewTime?: string;
  readonly leaseTransitions?: number;
  /** The cursors in their saved form; left as they are without. */
  readonly cursors?: string;
}

function leaseOf(value: unknown): Lease {
  const { metadata, spec } = recordOf(value);
  return { metadata: recordOf(metadata), spec: recordOf(spec) };
}

function cursorsOf(lease: Lease): string | undefined {
  const text = recordOf(lease.metadata['annotations'])[CURSOR_ANNOTATION];
  return typeof text === 'string' ? text : undefined;
}

/** Now, as the API's MicroTime wants it. */
function microTime(): string {
  return new Date().toISOString().replace('Z', '000Z');
}
