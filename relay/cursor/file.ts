import { randomUUID } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { codeOf, messageOf, recordOf, textOf } from '../../functions/core/contract/untrusted.ts';
import type { Logger } from '../log.ts';
import type { RelayMetrics } from '../metrics.ts';
import type { CursorStore } from './cursor-store.ts';
import { readCursors, writeCursors } from './saved-cursors.ts';

const SAVE_EVERY_MS = 1000;

/** A file, written whole and renamed into place. One relay per file. */
export function fileCursorStore(path: string, log: Logger, metrics: RelayMetrics): CursorStore {
  return {
    state: () => ({}),
    async acquire(owner) {
      const text = await textOfFile(path);
      const saved = text === undefined ? {} : readCursors(text);
      const installation = installationOf(text) ?? randomUUID();
      let written = text;
      let lastWrite: Promise<void> = Promise.resolve();

      async function write(): Promise<void> {
        const cursors = owner.cursors();
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

      /** One after the other, so that an older cursor never replaces a newer one. */
      function save(): Promise<void> {
        lastWrite = lastWrite.then(write);
        return lastWrite;
      }

      const timer = setInterval(() => void save(), SAVE_EVERY_MS);
      return {
        installation,
        saved: saved ?? {},
        cursorLost: saved === undefined,
        lost: new AbortController().signal,
        patienceMs: Infinity,
        save,
        async release() {
          clearInterval(timer);
          await save();
        },
      };
    },
  };
}

/** Undefined if there is no such file. */
async function textOfFile(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Who wrote the file; undefined if nobody said so. */
function installationOf(text: string | undefined): string | undefined {
  if (text === undefined || readCursors(text) === undefined) return undefined;
  return textOf(recordOf(JSON.parse(text))['installation']) || undefined;
}
