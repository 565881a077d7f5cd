import { isRecord, recordOf } from '../../functions/core/contract/untrusted.ts';
import type { Cursor } from '../stream/watermark.ts';
import type { Cursors } from './cursor-store.ts';

const VERSION = 1;

/**
 * The saved form: `{v, streams: {"*": {rv, observedAt}}}`.
 * @param extra fields that stand beside them.
 */
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
  if (v !== VERSION || !isRecord(streams)) return undefined;
  const cursors: Record<string, Cursor> = {};
  for (const [name, entry] of Object.entries(streams)) {
    const { rv, observedAt } = recordOf(entry);
    if (typeof observedAt !== 'string' || Number.isNaN(Date.parse(observedAt))) return undefined;
    cursors[name] = { ...(typeof rv === 'string' && rv !== '' && { rv }), observedAt };
  }
  return cursors;
}
