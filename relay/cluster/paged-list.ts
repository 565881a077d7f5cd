import { ApiError } from './api-error.ts';
import type { EventApi } from './event-api.ts';
import type { Frame } from './frames.ts';
import type { ListHead } from './list-reader.ts';

/** A list of all events in pages that survives broken connections and expired tokens. */
export interface PagedList {
  /** Whether a list was begun and not finished. */
  readonly underWay: boolean;
  /**
   * Begins the list, or goes on where it broke. Resolves to the version at which the watch starts; undefined if the
   * signal aborted. `room` is awaited between chunks, and before each page until there is plenty.
   */
  read(
    onItem: (frame: Frame) => void,
    room: (plenty: boolean) => Promise<void>,
    signal: AbortSignal,
  ): Promise<string | undefined>;
  forget(): void;
}

interface Progress {
  readonly token: string;
  /** The first page's version: what changed since then, the watch brings. */
  readonly version: string | undefined;
  /** Items of this page already taken. */
  taken: number;
}

export function createPagedList(api: EventApi): PagedList {
  let progress: Progress | undefined;

  async function readPage(
    page: Progress,
    onItem: (frame: Frame) => void,
    room: () => Promise<void>,
    signal: AbortSignal,
  ): Promise<ListHead> {
    const heads: ListHead[] = [];
    let at = 0;
    for await (const frames of api.page(page.token, signal, (head) => heads.push(head))) {
      for (const frame of frames) {
        at += 1;
        // The same token gives the same items again; the first page has none, and may differ.
        if (at <= page.taken) continue;
        onItem(frame);
        if (page.token !== '') page.taken = at;
      }
      await room();
    }
    const [head] = heads;
    if (head === undefined) throw new Error('the list did not end');
    return head;
  }

  return {
    get underWay() {
      return progress !== undefined;
    },
    async read(onItem, room, signal) {
      progress ??= { token: '', version: undefined, taken: 0 };
      for (;;) {
        await room(true);
        if (signal.aborted) return undefined;
        const page: Progress = progress;
        try {
          const head = await readPage(page, onItem, () => room(false), signal);
          const version = page.version ?? head.resourceVersion;
          if (head.continue === '') {
            progress = undefined;
            return version;
          }
          progress = { token: head.continue, version, taken: 0 };
        } catch (error) {
          if (!(error instanceof ApiError) || !error.isExpired || page.token === '') throw error;
          // The token has expired. With its successor the list goes on from the same name, at a newer version.
          progress = error.continue === '' ? undefined : { token: error.continue, version: page.version, taken: 0 };
          if (progress === undefined) throw error;
        }
      }
    },
    forget() {
      progress = undefined;
    },
  };
}
