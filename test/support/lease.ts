import { ApiError } from '../../relay/cluster/api-error.ts';
import {
  CURSOR_ANNOTATION,
  GIVEN_UP_ANNOTATION,
  type Lease,
  type LeaseApi,
  type LeaseChanges,
} from '../../relay/cursor/lease-api.ts';

/** What becomes of a write: `lost` is done, but its answer never comes. */
export type Weather = 'fine' | 'down' | 'lost' | { readonly answersAfterMs: number };

export interface ScriptedLease {
  readonly api: LeaseApi;
  /** What every write so far has set. */
  readonly writes: readonly LeaseChanges[];
  /** As it is stored now. */
  readonly lease: Lease | undefined;
  /** Somebody else writes it. */
  put(spec: object, annotations?: object): Lease;
  /** Somebody deletes it. */
  remove(): void;
  weather: Weather;
}

/** A Lease in memory, with the API's preconditions and its faults. */
export function scriptedLease(): ScriptedLease {
  let stored: Lease | undefined;
  let version = 0;
  let weather: Weather = 'fine';
  const writes: LeaseChanges[] = [];

  function store(lease: Lease, { cursors: text, givenUp, ...spec }: LeaseChanges): Lease {
    version += 1;
    const annotations = {
      ...Object(lease.metadata['annotations']),
      ...(text !== undefined && { [CURSOR_ANNOTATION]: text }),
      ...(givenUp !== undefined && { [GIVEN_UP_ANNOTATION]: String(givenUp) }),
    };
    stored = {
      metadata: { ...lease.metadata, annotations, resourceVersion: String(version) },
      spec: { ...lease.spec, ...spec },
    };
    return stored;
  }

  async function answer<T>(value: T): Promise<T> {
    if (weather === 'lost') throw new Error('the answer was lost');
    if (typeof weather === 'object')
      await new Promise((resolve) => setTimeout(resolve, Object(weather).answersAfterMs));
    return value;
  }

  const api: LeaseApi = {
    async read() {
      if (weather === 'down') throw new Error('down');
      return stored;
    },
    async create(changes) {
      if (weather === 'down') throw new Error('down');
      if (stored !== undefined) throw new ApiError(409, {});
      writes.push(changes);
      return answer(store({ metadata: { uid: 'new' }, spec: {} }, changes));
    },
    async update(lease, changes) {
      if (weather === 'down') throw new Error('down');
      if (stored === undefined) throw new ApiError(404, {});
      if (stored.metadata['resourceVersion'] !== lease.metadata['resourceVersion']) throw new ApiError(409, {});
      writes.push(changes);
      return answer(store(lease, changes));
    },
  };
  return {
    api,
    writes,
    get lease() {
      return stored;
    },
    put: (spec, annotations = {}) => store({ metadata: { uid: 'u', annotations }, spec: { ...spec } }, {}),
    remove() {
      stored = undefined;
    },
    get weather() {
      return weather;
    },
    set weather(next) {
      weather = next;
    },
  };
}
