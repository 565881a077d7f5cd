import { messageOf, recordOf, textOf } from '../../functions/core/contract/untrusted.ts';
import { errorOfFrame } from '../cluster/api-error.ts';
import type { EventApi } from '../cluster/event-api.ts';
import { versionOf } from '../cluster/frame-parser.ts';
import type { Frame } from '../cluster/frames.ts';
import type { ListHead } from '../cluster/list-reader.ts';
import type { Logger } from '../log.ts';
import { createBackoff, sleep } from '../wait.ts';
import { type AgingCache, createAgingCache } from './aging-cache.ts';
import { bytesOf, type Metadata, metadataOf } from './metadata.ts';

/** The metadata of all namespaces, kept up to date by a watch. */
export interface Namespaces {
  /** Undefined while it is not known. */
  of(name: string): Metadata | undefined;
  /** Follows the namespaces until the signal aborts. Never rejects. */
  run(signal: AbortSignal): Promise<void>;
}

/** Some 3,000 namespaces; where there are more, those that no event needs are forgotten. */
const MAX_BYTES = 2 * 1024 * 1024;
/** A watch that ends sooner is none to go on from: servers may end one so whose version they have no more. */
const SHORT_WATCH_MS = 5000;
/** Before the next list. */
const RETRY_MS = { base: 1000, cap: 60_000 };

export function createNamespaces(api: Pick<EventApi, 'page' | 'watch'>, log: Logger): Namespaces {
  let known = createAgingCache<Metadata>(MAX_BYTES);
  const backoff = createBackoff(RETRY_MS.base, RETRY_MS.cap);
  let isTold = false;

  /** Lists all into `known`. Resolves to the version from which on a watch shows what changes. */
  async function list(signal: AbortSignal): Promise<string> {
    const listed = createAgingCache<Metadata>(MAX_BYTES);
    const heads: ListHead[] = [];
    do {
      const page = api.page(heads.at(-1)?.continue ?? '', signal, (head) => heads.push(head));
      for await (const frames of page) for (const frame of frames) put(listed, valueOf(frame));
    } while ((heads.at(-1)?.continue ?? '') !== '');
    known = listed;
    return heads[0]?.resourceVersion ?? '';
  }

  function take(frame: Frame): string {
    const { type, object } = recordOf(valueOf(frame));
    if (type === 'ERROR') throw errorOfFrame(object);
    if (type === 'DELETED') known.delete(nameOf(object));
    else if (type !== 'BOOKMARK') put(known, object);
    return versionOf(object);
  }

  /** Lists, and follows the changes for as long as that works. */
  async function follow(signal: AbortSignal): Promise<void> {
    let version = await list(signal);
    isTold = false;
    while (!signal.aborted) {
      const since = performance.now();
      const watch = api.watch(version, signal, nothing, never);
      for await (const frames of watch) {
        for (const frame of frames) {
          version = take(frame) || version;
          backoff.reset();
        }
      }
      if (performance.now() - since < SHORT_WATCH_MS) return;
    }
  }

  return {
    of: (name) => known.get(name)?.value,
    async run(signal) {
      while (!signal.aborted) {
        try {
          await follow(signal);
        } catch (error) {
          if (signal.aborted) return;
          if (!isTold)
            log('warn', 'namespaces cannot be read, and their labels may be missing or old', {
              error: messageOf(error),
            });
          isTold = true;
        }
        await sleep(backoff.next(), signal);
      }
    },
  };
}

function nothing(): void {}

function never(): boolean {
  return false;
}

function put(namespaces: AgingCache<Metadata>, object: unknown): void {
  const name = nameOf(object);
  const metadata = metadataOf(recordOf(object)['metadata'], name);
  if (metadata !== undefined && name !== '') namespaces.set(name, metadata, bytesOf(metadata), Infinity);
}

function nameOf(object: unknown): string {
  return textOf(recordOf(recordOf(object)['metadata'])['name']);
}

/** @throws {SyntaxError} if the frame is no JSON. */
function valueOf(frame: Frame): unknown {
  return 'line' in frame ? JSON.parse(frame.line.toString('utf8')) : undefined;
}
