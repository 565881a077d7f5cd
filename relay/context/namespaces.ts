import { messageOf, recordOf, textOf } from '../../functions/core/contract/untrusted.ts';
import { errorOfFrame } from '../cluster/api-error.ts';
import type { EventApi } from '../cluster/event-api.ts';
import { versionOf } from '../cluster/frame-parser.ts';
import type { Frame } from '../cluster/frames.ts';
import type { Logger } from '../log.ts';
import { createBackoff, sleep } from '../wait.ts';
import { type Metadata, metadataOf } from './metadata.ts';

/** The metadata of all namespaces, kept up to date by a watch. */
export interface Namespaces {
  /** Undefined while it is not known. */
  of(name: string): Metadata | undefined;
  /** Follows the namespaces until the signal aborts. Never rejects. */
  run(signal: AbortSignal): Promise<void>;
}

const MAX_NAMESPACES = 5000;
/** A watch that ends sooner is none to go on from: servers may end one so whose version they have no more. */
const SHORT_WATCH_MS = 5000;
/** Before the next list. */
const RETRY_MS = { base: 1000, cap: 60_000 };

export function createNamespaces(api: Pick<EventApi, 'page' | 'watch'>, log: Logger): Namespaces {
  let known: ReadonlyMap<string, Metadata> = new Map();
  const backoff = createBackoff(RETRY_MS.base, RETRY_MS.cap);
  let isTold = false;

  async function list(
    signal: AbortSignal,
  ): Promise<{ readonly version: string; readonly namespaces: Map<string, Metadata> }> {
    const namespaces = new Map<string, Metadata>();
    let version: string | undefined;
    let token: string | undefined = '';
    while (token !== undefined) {
      let next = '';
      for await (const frames of api.page(token, signal, (head) => {
        version ??= head.resourceVersion;
        next = head.continue;
      })) {
        for (const frame of frames) put(namespaces, valueOf(frame));
      }
      token = next === '' ? undefined : next;
    }
    return { version: version ?? '', namespaces };
  }

  /** Lists, and follows the changes for as long as that works. */
  async function follow(signal: AbortSignal): Promise<void> {
    const { version, namespaces } = await list(signal);
    known = namespaces;
    isTold = false;
    let at = version;
    while (!signal.aborted) {
      const since = performance.now();
      const chunks = api.watch(
        at,
        signal,
        () => {},
        () => false,
      );
      for await (const frames of chunks) {
        for (const frame of frames) {
          const { type, object } = recordOf(valueOf(frame));
          if (type === 'ERROR') throw errorOfFrame(object);
          if (type === 'DELETED') namespaces.delete(nameOf(object));
          else if (type !== 'BOOKMARK') put(namespaces, object);
          at = versionOf(object) || at;
          backoff.reset();
        }
      }
      if (performance.now() - since < SHORT_WATCH_MS) return;
    }
  }

  return {
    of: (name) => known.get(name),
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

function put(namespaces: Map<string, Metadata>, object: unknown): void {
  const name = nameOf(object);
  const metadata = metadataOf(recordOf(object)['metadata'], name);
  if (metadata === undefined || name === '') return;
  if (namespaces.has(name) || namespaces.size < MAX_NAMESPACES) namespaces.set(name, metadata);
}

function nameOf(object: unknown): string {
  return textOf(recordOf(recordOf(object)['metadata'])['name']);
}

/** @throws {SyntaxError} if the frame is no JSON. */
function valueOf(frame: Frame): unknown {
  return 'line' in frame ? JSON.parse(frame.line.toString('utf8')) : undefined;
}
