import { createHash } from 'node:crypto';
import { cutBytes } from '../../core/kit/text.ts';
import type { ClusterEvent } from '../../core/contract/event.ts';

/** A point: what it belongs to, what identifies its series, and what it says. */
export interface Point {
  readonly measurement: string;
  readonly tags: Readonly<Record<string, string>>;
  /** Numbers are whole. */
  readonly fields: Readonly<Record<string, string | number>>;
  readonly timestamp: bigint;
}

/**
 * A point in line protocol. Line breaks and backslashes cannot be written in measurements and tags (a backslash there
 * escapes what follows), so they become underscores; empty tags and texts are left out, as nothing can be stored for them.
 */
export function line({ measurement, tags, fields, timestamp }: Point): string {
  const series = Object.entries(tags)
    .map(([name, value]) => [name, plain(value)] as const)
    .filter(([, value]) => value !== '')
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `,${key(name)}=${key(value)}`);
  const values = Object.entries(fields)
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `${key(name)}=${fieldValue(value)}`);
  return `${plain(measurement).replaceAll(/[, ]/g, '\\$&')}${series.join('')} ${values.join(',')} ${timestamp}`;
}

/** InfluxDB refuses a series whose tags take 64 KiB together. */
const MAX_TAG_CHARACTERS = 500;

function plain(text: string): string {
  const short = text.slice(0, MAX_TAG_CHARACTERS).toWellFormed();
  return short.replaceAll(/[\p{Cc}\u2028\u2029\\]/gu, '_').trim();
}

function key(text: string): string {
  return text.replaceAll(/[,= ]/g, '\\$&');
}

/** InfluxDB's limit for a text is 64 KB. */
const MAX_TEXT_BYTES = 64_000;

function fieldValue(value: string | number): string {
  if (typeof value === 'number') return `${Math.trunc(value)}i`;
  return `"${cutBytes(value.toWellFormed(), MAX_TEXT_BYTES).replaceAll(/["\\]/g, '\\$&')}"`;
}

/**
 * When the event was seen last, in nanoseconds. Points of one series at the same time overwrite each other, and most
 * events only know the second: a part derived from the event's identity, within the precision that the time has, keeps
 * different events apart and gives the same event the same time again.
 */
export function pointTime(event: Pick<ClusterEvent, 'id' | 'lastSeen'>): bigint {
  const ms = Date.parse(event.lastSeen);
  const room = ms % 1000 === 0 ? 1_000_000_000n : 1_000_000n;
  const hash = createHash('sha256').update(event.id).digest().readBigUInt64BE();
  return BigInt(ms) * 1_000_000n + (hash % room);
}
