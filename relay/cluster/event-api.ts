import { type ApiClient, chunksOf } from './api-client.ts';
import { recordOf } from '../../functions/core/contract/untrusted.ts';
import { createFrameSplitter, type Frame } from './frames.ts';
import { createListReader, type ListHead } from './list-reader.ts';

/** Limits of what the relay asks of the API server. All in milliseconds but `watchSeconds`. */
export interface ApiTiming {
  /** For how many seconds the server is asked to keep a watch open; random, so that relays spread out. */
  readonly watchSeconds: () => number;
  /** How long past that a watch may be silent. */
  readonly graceMs: number;
  /** How long the head of an answer, and the next chunk of a list, may take. */
  readonly answerMs: number;
  /** The delay after the first of several failures, and the longest one. */
  readonly retryBaseMs: number;
  readonly retryCapMs: number;
  /** A watch that is cut for less than this is no reason to be unready. */
  readonly unreadyAfterMs: number;
  /** A watch that has been open for this long works, even if it carried nothing. */
  readonly provenAfterMs: number;
}

export const API_TIMING: ApiTiming = {
  watchSeconds: () => 150 + Math.floor(Math.random() * 30),
  graceMs: 30_000,
  answerMs: 30_000,
  retryBaseMs: 250,
  retryCapMs: 15_000,
  unreadyAfterMs: 5000,
  provenAfterMs: 5000,
};

/** The events of one namespace, or of all. */
export interface EventApi {
  /** The current version of the collection, from a list of one. */
  probe(signal: AbortSignal): Promise<string>;
  /** One page, as chunks of item frames. `onHead` tells its version and where the next one starts. */
  page(token: string, signal: AbortSignal, onHead: (head: ListHead) => void): AsyncGenerator<Iterable<Frame>>;
  /** The frames of a watch from a version; without one, all events first, and a bookmark at their end (WatchList). */
  watch(
    from: string | undefined,
    signal: AbortSignal,
    onOpen: () => void,
    inInitialEvents: () => boolean,
  ): AsyncGenerator<Iterable<Frame>>;
  /** Whether the server's version promises WatchList; it may still refuse. */
  offersWatchList(signal: AbortSignal): Promise<boolean>;
}

const PAGE_ITEMS = '500';
/** Bound of one object. etcd takes 1.5 MiB. */
const MAX_FRAME_BYTES = 2 * 1024 * 1024;
/** The first minor version of Kubernetes 1 that offers WatchList without being asked to. */
const WATCH_LIST_MINOR = 32;

/** @param namespace undefined: all. */
export function createEventApi(client: ApiClient, namespace: string | undefined, timing: ApiTiming): EventApi {
  const path =
    namespace === undefined ? '/api/v1/events' : `/api/v1/namespaces/${encodeURIComponent(namespace)}/events`;
  return createCollectionApi(client, { path }, timing);
}

/** The objects of any collection, in a form of theirs. */
export function createCollectionApi(
  client: ApiClient,
  { path, listAs, watchAs }: { readonly path: string; readonly listAs?: string; readonly watchAs?: string },
  timing: ApiTiming,
): EventApi {
  const timeoutMs = timing.answerMs;

  async function* page(
    query: Readonly<Record<string, string>>,
    signal: AbortSignal,
    onHead: (head: ListHead) => void,
  ): AsyncGenerator<Iterable<Frame>> {
    const { body } = await client.open({ path, query, timeoutMs, signal, ...(listAs && { accept: listAs }) });
    const reader = createListReader(MAX_FRAME_BYTES);
    for await (const chunk of chunksOf(body, () => timing.answerMs)) yield reader.push(chunk);
    onHead(reader.end());
  }

  return {
    async probe(signal) {
      let version = '';
      for await (const frames of page({ limit: '1' }, signal, (head) => (version = head.resourceVersion))) {
        // The item does not matter, but the reader sees the head only by going through it.
        for (const _ of frames);
      }
      return version;
    },
    page: (token, signal, onHead) =>
      page({ limit: PAGE_ITEMS, ...(token !== '' && { continue: token }) }, signal, onHead),
    async *watch(from, signal, onOpen, inInitialEvents) {
      const seconds = timing.watchSeconds();
      const until = performance.now() + seconds * 1000 + timing.graceMs;
      const query = {
        watch: 'true',
        allowWatchBookmarks: 'true',
        timeoutSeconds: String(seconds),
        ...(from === undefined
          ? { sendInitialEvents: 'true', resourceVersionMatch: 'NotOlderThan' }
          : { resourceVersion: from }),
      };
      const { body } = await client.open({ path, query, timeoutMs, signal, ...(watchAs && { accept: watchAs }) });
      onOpen();
      const splitter = createFrameSplitter(MAX_FRAME_BYTES);
      const idleMs = (): number =>
        inInitialEvents() ? timing.answerMs : Math.max(timing.graceMs, until - performance.now());
      for await (const chunk of chunksOf(body, idleMs)) yield splitter.push(chunk);
    },
    async offersWatchList(signal) {
      try {
        const { major, minor } = recordOf(await client.json({ path: '/version', timeoutMs, signal }));
        return major === '1' && typeof minor === 'string' && Number.parseInt(minor, 10) >= WATCH_LIST_MINOR;
      } catch {
        return false;
      }
    },
  };
}
