import { randomUUID } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { codeOf, messageOf, recordOf } from '../../functions/core/contract/untrusted.ts';
import type { Logger } from '../log.ts';
import type { RelayMetrics } from '../metrics.ts';
import type { Cursor } from '../stream/watermark.ts';

/** The cursors of all streams, by stream name (`*` or a namespace). */
export type Cursors = Readonly<Record<string, Cursor>>;

/** The time in which this relay is the one that sends. */
export interface Tenure {
  /** Identifies the installation: two of them under one cluster name differ here. */
  readonly installation: string;
  /** What the predecessor saved. */
  readonly saved: Cursors;
  /** Something was saved before, and it is gone or cannot be read. */
  readonly cursorLost: boolean;
  /** Aborts when this relay must stop sending, because another one may. */
  readonly lost: AbortSignal;
  /** Saves what `current` gives; resolves once it is saved or the tenure is lost. */
  readonly save: () => Promise<void>;
  /** Saves a last time and lets the next one in. Never rejects. */
  release(): Promise<void>;
}

/** Gives what is to be saved; undefined while the saved cursors (or their absence) must stand as they are. */
export type CurrentCursors = () => Cursors | undefined;

export interface CursorStore {
  /** Resolves when this relay may send; undefined if the signal aborts first. */
  acquire(current: CurrentCursors, signal: AbortSignal): Promise<Tenure | undefined>;
  /** While it waits for its turn: why it may wait for ever, or whom it waits for. */
  state(): { readonly trouble?: string; readonly text?: string };
}

const VERSION = 1;

/** The saved form: `{v, streams: {"*": {rv, observedAt}}}`. */
export function writeCursors(streams: Cursors, extra: Readonly<Record<string, string>> = {}): string {
  return JSON.stringify({ v: VERSION, ...extra, streams });
}

/** Reads the saved form; undefined if it is not one. */
export function readCursors(text: string): Cursors | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const { v, streams } = recordOf(value);
  if (v !== VERSION || typeof streams !== 'object' || streams === null) return undefined;
  const cursors: Record<string, Cursor> = {};
  for (const [name, entry] of Object.entries(streams)) {
    const { rv, observedAt } = recordOf(entry);
    if (typeof observedAt !== 'string' || Number.isNaN(Date.parse(observedAt))) return undefined;
    cursors[name] = { ...(typeof rv === 'string' && rv !== '' && { rv }), observedAt };
  }
  return cursors;
}

/** For trying things out: a restart looks back as a first start does. */
export function noCursorStore(): CursorStore {
  return {
    state: () => ({}),
    acquire: async () => ({
      installation: randomUUID(),
      saved: {},
      cursorLost: false,
      lost: new AbortController().signal,
      save: async () => {},
      release: async () => {},
    }),
  };
}

const SAVE_EVERY_MS = 1000;

/** A file, written whole and renamed into place. One relay per file. */
export function fileCursorStore(path: string, log: Logger, metrics: RelayMetrics): CursorStore {
  return {
    state: () => ({}),
    async acquire(current) {
      const text = await readFile(path, 'utf8').catch((error: unknown) => {
        if (codeOf(error) === 'ENOENT') return undefined;
        throw error;
      });
      const saved = text === undefined ? {} : readCursors(text);
      const installation = installationOf(text) ?? randomUUID();
      let written = text;
      let writing: Promise<void> = Promise.resolve();

      async function write(): Promise<void> {
        const cursors = current();
        const next = cursors === undefined ? undefined : writeCursors(cursors, { installation });
        if (next === undefined || next === written) return;
        try {
          await writeFile(`${path}.new`, next);
          await rename(`${path}.new`, path);
          written = next;
        } catch (error) {
          metrics.cursorFailures.add(1);
          log('error', `the cursor cannot be saved: ${messageOf(error)}`);
        }
      }
      // One after the other, so that an older cursor never replaces a newer one.
      const save = (): Promise<void> => (writing = writing.then(write));
      const timer = setInterval(() => void save(), SAVE_EVERY_MS);
      return {
        installation,
        saved: saved ?? {},
        cursorLost: saved === undefined,
        lost: new AbortController().signal,
        save,
        async release() {
          clearInterval(timer);
          await save();
        },
      };
    },
  };
}

function installationOf(text: string | undefined): string | undefined {
  if (text === undefined || readCursors(text) === undefined) return undefined;
  const { installation } = recordOf(JSON.parse(text));
  return typeof installation === 'string' && installation !== '' ? installation : undefined;
}
