import { ApiError } from './api-error.ts';
import type { EventApi } from './event-api.ts';
import type { Frame } from './frames.ts';
import type { ListHead } from './list-reader.ts';

/** A list of all events in pages that survives broken connections and expired tokens. */
export interface PagedList {
  /**
   * Begins the list, or goes on where it broke. Resolves to the version at which the watch starts; undefined if the
   * signal aborted.
   * @throws {ApiError} among others, for what the API server answers; the next call goes on behind it.
   */
  read(reader: PageReader, signal: AbortSignal): Promise<string | undefined>;
  /** The next list begins anew. */
  forget(): void;
}

/** Takes what the pages hold. */
export interface PageReader {
  /** Takes an item. If it throws, the item comes again with the next `read`. */
  onItem(frame: Frame): void;
  /** Awaited before a page is asked for. */
  beforePage(): Promise<void>;
  /** Awaited between chunks: while it is pending, nothing is read. */
  afterChunk(): Promise<void>;
}

interface Progress {
  /** Of the page that comes next; empty for the first one. */
  readonly token: string;
  /** The first page's version: what changed since then, the watch brings. */
  readonly version: string | undefined;
  /** Items of this page already taken. */
  taken: number;
  /** Whether the token was given in place of one that had expired. */
  readonly isSuccessor: boolean;
}

export function createPagedList(api: Pick<EventApi, 'page'>): PagedList {
  let progress: Progress | undefined;

  async function readPage(page: Progress, reader: PageReader, signal: AbortSignal): Promise<ListHead> {
    const heads: ListHead[] = [];
    let at = 0;
    for await (const frames of api.page(page.token, signal, (head) => heads.push(head))) {
      for (const frame of frames) {
        at += 1;
        // The same token gives the same items again; the first page has none, and may differ.
        if (at <= page.taken) continue;
        reader.onItem(frame);
        if (page.token !== '') page.taken = at;
      }
      await reader.afterChunk();
    }
    const [head] = heads;
    if (head === undefined) throw new Error('the list did not end');
    return head;
  }

  return {
    async read(reader, signal) {
      progress ??= pageAt('', undefined, false);
      for (;;) {
        await reader.beforePage();
        if (signal.aborted) return undefined;
        const page: Progress = progress;
        try {
          const head = await readPage(page, reader, signal);
          const version = page.version ?? head.resourceVersion;
          if (head.continue === '') {
            progress = undefined;
            return version;
          }
          progress = pageAt(head.continue, version, false);
        } catch (error) {
          if (!(error instanceof ApiError) || !error.isExpired || page.token === '') throw error;
          // The token has expired. With its successor the list goes on from the same name, at a newer version.
          progress = error.continue === '' ? undefined : pageAt(error.continue, page.version, true);
          // A successor that has expired as well is not to be tried as fast as the server answers.
          if (progress === undefined || page.isSuccessor) throw error;
        }
      }
    },
    forget() {
      progress = undefined;
    },
  };
}

function pageAt(token: string, version: string | undefined, isSuccessor: boolean): Progress {
  return { token, version, taken: 0, isSuccessor };
}
