import { recordOf, textOf } from '../../functions/core/contract/untrusted.ts';
import type { ApiClient } from '../cluster/api-client.ts';
import { ApiError } from '../cluster/api-error.ts';

/** The Lease that elects the leader and carries its cursors, and who asks. */
export interface LeaseIdentity {
  readonly namespace: string;
  readonly name: string;
  /** The holder's name in it. */
  readonly identity: string;
}

/** The rhythm of the election, in milliseconds. */
export interface LeaseTiming {
  /** How long a Lease must stay unchanged under another's eyes before it is taken over. */
  readonly durationMs: number;
  /** How long a leader goes on without a renewal. */
  readonly renewDeadlineMs: number;
  /** How often a leader renews, and another relay looks. */
  readonly retryMs: number;
  /** For how long a leader that cannot send stays: the first one that cannot; each further one twice as long. */
  readonly patienceMs: number;
}

/** The annotation that holds the cursors. */
export const CURSOR_ANNOTATION = 'kube-courier/cursor';
/** The annotation that counts the leaders in a row that gave the Lease up because they could not send. */
export const GIVEN_UP_ANNOTATION = 'kube-courier/given-up';

/** A Lease as the API server gave it, with all that others put into it. */
export interface Lease {
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly spec: Readonly<Record<string, unknown>>;
}

/** What a write sets. The rest stays as it was read. */
export interface LeaseChanges {
  readonly holderIdentity?: string;
  readonly acquireTime?: string;
  readonly renewTime?: string;
  readonly leaseTransitions?: number;
  /** The cursors in their saved form. */
  readonly cursors?: string;
  /** How many leaders in a row could not send. */
  readonly givenUp?: number;
}

/** Reads and writes one Lease. Every call has an end. */
export interface LeaseApi {
  /** Undefined if there is none. @throws {ApiError} */
  read(signal: AbortSignal): Promise<Lease | undefined>;
  /** @throws {ApiError} 409 if there is one by now. */
  create(changes: LeaseChanges, signal: AbortSignal): Promise<Lease>;
  /** Writes a Lease as it was read, with changes. @throws {ApiError} 409 if it is no longer as it was, 404 if it is gone. */
  update(lease: Lease, changes: LeaseChanges, signal: AbortSignal): Promise<Lease>;
}

/** No call may take so long that a second one no longer fits before the deadline. */
const CALL_TIMEOUT_MS = 5000;

export function createLeaseApi(
  client: ApiClient,
  { namespace, name }: LeaseIdentity,
  { durationMs, renewDeadlineMs }: Pick<LeaseTiming, 'durationMs' | 'renewDeadlineMs'>,
): LeaseApi {
  const timeoutMs = Math.min(CALL_TIMEOUT_MS, renewDeadlineMs / 2);
  const folder = `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases`;
  const path = `${folder}/${name}`;

  function bodyOf({ metadata, spec }: Lease, { cursors, givenUp, ...changes }: LeaseChanges): unknown {
    const { managedFields: _, annotations, ...rest } = metadata;
    return {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: {
        ...rest,
        annotations: {
          ...recordOf(annotations),
          ...(cursors !== undefined && { [CURSOR_ANNOTATION]: cursors }),
          ...(givenUp !== undefined && { [GIVEN_UP_ANNOTATION]: String(givenUp) }),
        },
      },
      spec: { ...spec, leaseDurationSeconds: Math.ceil(durationMs / 1000), ...changes },
    };
  }

  return {
    async read(signal) {
      try {
        return leaseOf(await client.json({ path, timeoutMs, signal }));
      } catch (error) {
        if (error instanceof ApiError && error.status === 404) return undefined;
        throw error;
      }
    },
    async create(changes, signal) {
      const body = bodyOf({ metadata: { name, namespace }, spec: {} }, changes);
      return leaseOf(await client.json({ method: 'POST', path: folder, body, timeoutMs, signal }));
    },
    async update(lease, changes, signal) {
      const body = bodyOf(lease, changes);
      return leaseOf(await client.json({ method: 'PUT', path, body, timeoutMs, signal }));
    },
  };
}

/** Who holds the Lease; empty while nobody does. */
export function holderOf(lease: Lease): string {
  return textOf(lease.spec['holderIdentity']);
}

/** Changes with every write, whoever writes. */
export function versionOf(lease: Lease): string {
  return textOf(lease.metadata['resourceVersion']);
}

/** Stays the same for as long as the Lease exists. */
export function uidOf(lease: Lease): string {
  return textOf(lease.metadata['uid']);
}

/** How often the holder has changed. */
export function transitionsOf(lease: Lease): number {
  const transitions = lease.spec['leaseTransitions'];
  return typeof transitions === 'number' ? transitions : 0;
}

/** The cursors in their saved form; undefined if the annotation is not there. */
export function cursorsOf(lease: Lease): string | undefined {
  const text = recordOf(lease.metadata['annotations'])[CURSOR_ANNOTATION];
  return typeof text === 'string' ? text : undefined;
}

/** How many leaders in a row gave the Lease up because they could not send. */
export function givenUpOf(lease: Lease): number {
  const text = textOf(recordOf(lease.metadata['annotations'])[GIVEN_UP_ANNOTATION]);
  return /^\d{1,3}$/.test(text) ? Number(text) : 0;
}

/** Now, as the API's MicroTime wants it. */
export function microTime(): string {
  return new Date().toISOString().replace('Z', '000Z');
}

/** What a write sets that makes a relay the holder of a Lease nobody held before. */
export function acquisition(identity: string): LeaseChanges {
  const now = microTime();
  return { holderIdentity: identity, acquireTime: now, renewTime: now, leaseTransitions: 0 };
}

function leaseOf(value: unknown): Lease {
  const { metadata, spec } = recordOf(value);
  return { metadata: recordOf(metadata), spec: recordOf(spec) };
}
