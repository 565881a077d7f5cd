import { createGunzip, type Gunzip } from 'node:zlib';
import { clusterEvent, type ClusterEvent } from '../../../functions/core/contract/event.ts';
import { MessageError, type EventMessage } from '../../../functions/core/contract/message.ts';
import { codeOf, messageOf } from '../../../functions/core/contract/untrusted.ts';
import { readLine } from '../../../functions/sinks/s3/line.ts';
import { partitionsIn, type Partition, type Range } from './partitions.ts';
import type { ArchivePlace } from './place.ts';

/** An event of an archive: as a message, and as filters see it. */
export interface Archived {
  readonly message: EventMessage;
  readonly event: ClusterEvent;
}

/** What was read, so far. */
export interface Account {
  partitions: number;
  objects: number;
  bytes: number;
  events: number;
  /** Events that were in another object as well. */
  repeats: number;
  /** Lines that are no events, and objects that break off; each place with what is wrong. */
  readonly broken: string[];
}

/** So many objects are read at once. */
const AT_ONCE = 8;

export interface ReadOptions {
  readonly signal: AbortSignal;
  /** Told after each partition. */
  readonly onPartition?: (partition: Partition, account: Account) => void;
  /** Ids that count as read already. */
  readonly known?: Set<string>;
}

/**
 * The events of a range, an hour at a time, each in the order of time, and each event once. Ends early when the signal aborts. What
 * cannot be read is left out, and is in the account.
 */
export async function* readHours(
  place: ArchivePlace,
  range: Range,
  account: Account,
  { signal, onPartition, known = new Set() }: ReadOptions,
): AsyncGenerator<readonly Archived[]> {
  for await (const partition of partitionsIn(place, range)) {
    if (signal.aborted) return;
    const found: Archived[] = [];
    for (let from = 0; from < partition.objects.length; from += AT_ONCE) {
      if (signal.aborted) return;
      const objects = partition.objects.slice(from, from + AT_ONCE);
      const parts = await Promise.all(objects.map(({ key }) => readObject(place, key, account)));
      for (const archived of parts.flat()) {
        const { id, lastSeen } = archived.event;
        const at = Date.parse(lastSeen);
        if (at < range.since || at >= range.until) continue;
        if (known.has(id)) account.repeats += 1;
        else found.push(archived);
        known.add(id);
      }
      account.objects += objects.length;
      account.bytes += objects.reduce((sum, { bytes }) => sum + bytes, 0);
    }
    account.partitions += 1;
    account.events += found.length;
    onPartition?.(partition, account);
    yield found.toSorted((a, b) => compare(a.event, b.event));
  }
}

export function emptyAccount(): Account {
  return { partitions: 0, objects: 0, bytes: 0, events: 0, repeats: 0, broken: [] };
}

async function readObject(place: ArchivePlace, key: string, { broken }: Account): Promise<readonly Archived[]> {
  const found: Archived[] = [];
  let number = 0;
  try {
    const zipped = await place.open(key);
    const plain = zipped.pipe(createGunzip());
    zipped.on('error', (error) => plain.destroy(error));
    for await (const line of linesOf(plain)) {
      number += 1;
      if (line === '') continue;
      try {
        const message = readLine(line);
        found.push({ message, event: clusterEvent(message) });
      } catch (error) {
        if (!(error instanceof MessageError)) throw error;
        broken.push(`${key}: line ${number}: ${error.message}`);
      }
    }
  } catch (error) {
    // An object that breaks off, or is no gzip, is that object's affair; a store that cannot be reached is not.
    if (!/^Z_|^ERR_STREAM/.test(codeOf(error))) throw error;
    broken.push(`${key}: breaks off after line ${number}: ${messageOf(error)}`);
  }
  return found;
}

/** By line feeds alone: Node's readline also ends a line at U+2028, which stands in texts of events as it is. */
async function* linesOf(plain: Gunzip): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of plain.setEncoding('utf8')) {
    const [first = '', ...more] = String(chunk).split('\n');
    const lines = [rest + first, ...more];
    rest = lines.pop() ?? '';
    yield* lines;
  }
  yield rest;
}

function compare(a: ClusterEvent, b: ClusterEvent): number {
  if (a.lastSeen !== b.lastSeen) return a.lastSeen < b.lastSeen ? -1 : 1;
  return a.id < b.id ? -1 : Number(a.id > b.id);
}
