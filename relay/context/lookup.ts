import { messageOf } from '../../functions/core/contract/untrusted.ts';
import { ApiError } from '../cluster/api-error.ts';
import type { MetadataApi, Resource } from '../cluster/metadata-api.ts';
import type { Logger } from '../log.ts';
import { createBackoff } from '../wait.ts';
import { createAgingCache } from './aging-cache.ts';
import { bytesOf, type Metadata, metadataOf } from './metadata.ts';
import type { ObjectRef } from './object.ts';
import { createRequestBudget } from './request-budget.ts';

/** What the API server said of an object when it was asked. */
export type Answer =
  | { readonly kind: 'found'; readonly metadata: Metadata }
  /** There is no such object, or no such kind. */
  | { readonly kind: 'missing' }
  | { readonly kind: 'forbidden' }
  /** It was not possible to find out. */
  | { readonly kind: 'failed' };

/** The metadata of objects, asked for when it is needed and remembered for a while. */
export interface Lookup {
  /** What is known of an object; undefined if nothing was asked. `isDue` if it is worth while to ask, for the first time or again. */
  get(object: ObjectRef): { readonly answer: Answer | undefined; readonly isDue: boolean };
  /** Asks. Resolves once there is an answer; to false where it cannot be asked now, because there were too many requests. Never rejects. */
  ask(object: ObjectRef, signal: AbortSignal): Promise<boolean>;
}

const REQUESTS_PER_SECOND = 10;
/** Requests under way: while answers do not come, who asks for something else has no answer at once. */
const MAX_ASKING = 20;
const CACHE_BYTES = 2 * 1024 * 1024;

const AGES_MS = { found: 5 * 60_000, missing: 60_000, forbidden: 5 * 60_000, failed: 10_000 } as const;
const DISCOVERY_AGE_MS = 10 * 60_000;
/** More group versions than a cluster has: whoever may write events could name any number. */
const MAX_GROUP_VERSIONS = 200;
/** No request is made for so long after one that failed; longer and longer if they go on. */
const PAUSE_MS = { base: 500, cap: 30_000 };

/** They are none of the relay's business, whatever it may read. */
const NEVER_ASKED: ReadonlySet<string> = new Set(['Secret', 'ConfigMap']);

interface Discovered {
  readonly resources: Promise<ReadonlyMap<string, Resource>>;
  readonly dueAt: number;
}

export function createLookup(api: MetadataApi, log: Logger): Lookup {
  const answers = createAgingCache<Answer>(CACHE_BYTES);
  const asking = new Map<string, Promise<boolean>>();
  const discovered = new Map<string, Discovered>();
  const mayRequest = createRequestBudget(REQUESTS_PER_SECOND);
  const backoff = createBackoff(PAUSE_MS.base, PAUSE_MS.cap);
  const told = new Set<string>();
  let pausedUntil = 0;

  function store(key: string, answer: Answer): void {
    // What was found before is still the best that is known.
    const before = answer.kind === 'failed' ? answers.get(key)?.value : undefined;
    const kept = before ?? answer;
    answers.set(key, kept, bytesOf(kept.kind === 'found' ? kept.metadata : undefined), AGES_MS[answer.kind]);
  }

  /** The resource of an object; undefined if the server has none, `limited` if it cannot be asked now. */
  async function resourceOf(
    { apiVersion, kind }: ObjectRef,
    signal: AbortSignal,
  ): Promise<Resource | 'limited' | undefined> {
    let known = discovered.get(apiVersion);
    if (known === undefined || performance.now() >= known.dueAt) {
      if (!mayRequest()) return 'limited';
      if (discovered.size >= MAX_GROUP_VERSIONS) discovered.clear();
      known = { resources: api.resources(apiVersion, signal), dueAt: performance.now() + DISCOVERY_AGE_MS };
      discovered.set(apiVersion, known);
    }
    try {
      return (await known.resources).get(kind);
    } catch (error) {
      discovered.delete(apiVersion);
      throw error;
    }
  }

  async function answerOf(object: ObjectRef, signal: AbortSignal): Promise<Answer | 'limited'> {
    const resource = await resourceOf(object, signal);
    if (resource === 'limited') return 'limited';
    if (resource === undefined || (resource.namespaced && object.namespace === '')) return { kind: 'missing' };
    const forbidden = `${resource.apiVersion}/${resource.name} in ${resource.namespaced ? object.namespace : ''}`;
    if (answers.get(forbidden)?.isDue === false) return { kind: 'forbidden' };
    if (!mayRequest()) return 'limited';
    try {
      const metadata = metadataOf(await api.metadata(resource, object.namespace, object.name, signal), object.name);
      if (metadata === undefined) throw new Error('the answer is not the metadata of the object');
      return isOther(object, metadata) ? { kind: 'missing' } : { kind: 'found', metadata };
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.status === 404) return { kind: 'missing' };
      if (error.status !== 403) throw error;
      store(forbidden, { kind: 'forbidden' });
      tell(`${resource.name} may not be read, and have no context`, error);
      return { kind: 'forbidden' };
    }
  }

  async function request(key: string, object: ObjectRef, signal: AbortSignal): Promise<boolean> {
    try {
      const answer = await answerOf(object, signal);
      if (answer === 'limited') return false;
      store(key, answer);
      backoff.reset();
    } catch (error) {
      if (signal.aborted) return false;
      store(key, { kind: 'failed' });
      const askedMs = error instanceof ApiError ? (error.retryAfterMs ?? 0) : 0;
      pausedUntil = Math.max(pausedUntil, performance.now() + Math.max(backoff.next(), askedMs));
      tell('metadata cannot be read, and events go without', error);
    }
    return true;
  }

  /** Each message once: a metric counts them. */
  function tell(message: string, error: unknown): void {
    if (told.has(message)) return;
    told.add(message);
    log('warn', message, { error: messageOf(error) });
  }

  return {
    get(object) {
      if (!isAskable(object)) return { answer: undefined, isDue: false };
      const known = answers.get(keyOf(object));
      return { answer: known?.value, isDue: known?.isDue ?? true };
    },
    ask(object, signal) {
      const key = keyOf(object);
      const underway = asking.get(key);
      if (underway !== undefined) return underway;
      if (asking.size >= MAX_ASKING || performance.now() < pausedUntil) return Promise.resolve(false);
      const asked = request(key, object, signal).finally(() => asking.delete(key));
      asking.set(key, asked);
      return asked;
    },
  };
}

/** Whether a name can be one of the cluster's: events name whatever their writers like, and it becomes a path. */
function isAskable({ apiVersion, kind, namespace, name }: ObjectRef): boolean {
  return (
    /^([a-z0-9][a-z0-9.-]{0,252}\/)?v[a-z0-9]{1,62}$/.test(apiVersion) &&
    /^[A-Za-z0-9]{1,63}$/.test(kind) &&
    !NEVER_ASKED.has(kind) &&
    /^([a-z0-9-]{1,63})?$/.test(namespace) &&
    /^[A-Za-z0-9][A-Za-z0-9.:_-]{0,252}$/.test(name)
  );
}

function keyOf({ apiVersion, kind, namespace, name, uid }: ObjectRef): string {
  return `${apiVersion}/${kind}/${namespace}/${name}/${isUuid(uid) ? uid : ''}`;
}

/** Kubelets name nodes and static pods by uids that are none of the API server's. */
function isUuid(uid: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(uid);
}

/** Whether what has the name now is not the object that was meant. */
function isOther({ uid }: ObjectRef, found: Metadata): boolean {
  return isUuid(uid) && isUuid(found.uid) && uid !== found.uid;
}
