import { readFile } from 'node:fs/promises';
import {
  clusterEvent,
  eventCount,
  isKubeEvent,
  type ClusterEvent,
  type KubeEvent,
} from '../../functions/core/contract/event.ts';
import { isRecord, messageOf, recordOf, textOf } from '../../functions/core/contract/untrusted.ts';
import { problemText } from '../../functions/core/destinations/destination.ts';
import { parseJson } from '../../functions/core/destinations/json-object.ts';
import { OpsError, type Io } from './command.ts';
import { countText } from './count.ts';
import { parseDocuments } from './import/documents.ts';
import { labelledBy } from './labels-beside.ts';

/**
 * Reads core/v1 Events: a List, an array, one document after the other, or the frames of a watch, as JSON or as YAML: what
 * `kubectl get events` prints with any of `--watch`, `--output-watch-events`, `-o json` and `-o yaml`.
 * A uid that comes again counts as the repetition it is; what was deleted is left out, and said. Other objects beside events, as
 * `kubectl get events,namespaces` prints them, give these their labels and annotations.
 * @param path - `-` is standard input.
 */
export async function readEvents(path: string, cluster: string, io: Io): Promise<readonly ClusterEvent[]> {
  const text = path === '-' ? await io.stdin() : await readText(path);
  const place = path === '-' ? 'standard input' : path;
  const counts = new Map<string, number>();
  const seenAt = new Date().toISOString();
  const frames = documents(text, place).flatMap(itemsOf).map(frameOf);
  const others = frames.flatMap(({ type }) => (CHANGES.has(type) ? [] : [type]));
  if (others.length > 0) {
    io.err(`${place}: ${countText(others.length, 'frame')} left out: ${[...new Set(others)].join(', ')}`);
  }
  const changed = frames.filter(({ type }) => CHANGES.has(type));
  // Of a file without any event, everything is to be told that it is none.
  const isTaken = changed.some(isOfEvent) ? isOfEvent : () => true;
  const labelled = labelledBy(changed.filter((frame) => !isTaken(frame)).map(({ object }) => object));
  const events = changed.filter(isTaken).map(({ type, object }, index) => {
    const event = kubeEvent(object, `${place}: item ${index + 1}`);
    const uid = textOf(recordOf(event.metadata)['uid']);
    const previousCount = counts.get(uid);
    counts.set(uid, eventCount(event));
    const change = previousCount === undefined && type !== 'MODIFIED' ? 'added' : 'modified';
    return labelled(
      clusterEvent({
        cluster,
        seenAt,
        change,
        ...(previousCount !== undefined && uid !== '' && { previousCount }),
        event,
      }),
    );
  });
  if (events.length === 0) throw new OpsError(`${place}: holds no event`);
  return events;
}

/** A file's text. @throws {OpsError} that names the file and what is wrong with it. */
export async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new OpsError(`${path}: ${fileProblem(error)}`);
  }
}

/** What the file system says, in words. */
export function fileProblem(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT') return 'does not exist';
  if (code === 'EACCES') return 'may not be read or written by you';
  if (code === 'EISDIR') return 'is a folder, expected a file';
  if (code === 'ENOTDIR') return 'is a file, expected a folder';
  return messageOf(error);
}

/** The documents of a text: JSON values with nothing but white space between them, or YAML. */
function documents(text: string, place: string): readonly unknown[] {
  if (/^(?:- )?(?:apiVersion|kind|items|metadata):/m.test(text)) return parseDocuments(text, place);
  return jsonPieces(text).map(([start, end]) => {
    const parsed = parseJson(text.slice(start, end));
    if ('value' in parsed) return parsed.value;
    // White space in place of what is before, so that the place of the mistake is that in the whole text.
    const inPlace = parseJson(text.slice(0, start).replace(/[^\n]/g, ' ') + text.slice(start, end));
    const said = 'problems' in inPlace ? problemText(inPlace.problems) : 'is not JSON';
    throw new OpsError(`${place}: ${said} (expected what kubectl get events --output json prints)`);
  });
}

/** Where each value begins and ends; what is no object and no list belongs to the one that follows. */
function jsonPieces(text: string): readonly (readonly [start: number, end: number])[] {
  const pieces: (readonly [number, number])[] = [];
  let depth = 0;
  let start = 0;
  for (const { 0: token, index } of text.matchAll(/"[^"\\]*(?:\\[\s\S][^"\\]*)*"?|[{}[\]]/g)) {
    if (token === '{' || token === '[') depth += 1;
    if (token !== '}' && token !== ']') continue;
    depth -= 1;
    if (depth > 0) continue;
    pieces.push([start, index + 1]);
    start = index + 1;
    depth = 0;
  }
  return text.slice(start).trim() === '' ? pieces : [...pieces, [start, text.length]];
}

function itemsOf(document: unknown): readonly unknown[] {
  if (Array.isArray(document)) return document;
  const { items } = recordOf(document);
  return Array.isArray(items) ? items : [document];
}

/** The types of a watch's frames that carry an event as it is. */
const CHANGES: ReadonlySet<string> = new Set(['ADDED', 'MODIFIED', '']);

interface Frame {
  readonly type: string;
  readonly object: unknown;
}

/** What `--output-watch-events` wraps around an object; the type is empty where nothing is. */
function frameOf(item: unknown): Frame {
  const { type, object } = recordOf(item);
  return isRecord(object) && typeof type === 'string' ? { type, object } : { type: '', object: item };
}

/** Whether it holds an event, or what is to be told that it is none. */
function isOfEvent({ object }: Frame): boolean {
  const { kind, metadata } = recordOf(object);
  return kind === undefined || kind === 'Event' || !isRecord(metadata);
}

function kubeEvent(item: unknown, place: string): KubeEvent {
  const kind = typeof item === 'object' && item !== null && 'kind' in item ? item.kind : undefined;
  if (typeof kind === 'string' && kind !== 'Event') throw new OpsError(`${place} is a ${kind}, expected an Event`);
  if (!isKubeEvent(item)) throw new OpsError(`${place} is not an Event with a metadata.uid or metadata.name`);
  return item;
}
