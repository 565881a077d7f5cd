import type { Io } from '../command.ts';
import { countText } from '../count.ts';
import type { Account } from './read.ts';

const MOST_SHOWN = 5;

/** Says what could not be read; whether there was something. */
export function tellBroken({ broken }: Account, io: Io): boolean {
  for (const text of broken.slice(0, MOST_SHOWN)) io.err(`not read: ${text}`);
  if (broken.length > MOST_SHOWN) io.err(`and ${countText(broken.length - MOST_SHOWN, 'further place')}`);
  return broken.length > 0;
}

/** What was read, in words: `12 objects of 3 hours, 1.4 MB`. */
export function readText({ objects, partitions, bytes }: Account): string {
  return `${countText(objects, 'object')} of ${countText(partitions, 'hour')}, ${sizeText(bytes)}`;
}

export function sizeText(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} KB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
