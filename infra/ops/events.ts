import { readFile } from 'node:fs/promises';
import {
  clusterEvent,
  eventCount,
  isKubeEvent,
  type ClusterEvent,
  type KubeEvent,
} from '../../functions/core/contract/event.ts';
import { OpsError, type Io } from './command.ts';
import { messageOf, recordOf, textOf } from '../../functions/core/contract/untrusted.ts';

/**
 * Reads core/v1 Events: a List, an array, one per line, or as `kubectl get events --watch -o json` prints them.
 * A uid that comes again counts as the repetition it is.
 * @param path - `-` is standard input.
 */
export async function readEvents(path: string, cluster: string, io: Io): Promise<readonly ClusterEvent[]> {
  const text = path === '-' ? await io.stdin() : await readText(path);
  const place = path === '-' ? 'standard input' : path;
  const counts = new Map<string, number>();
  const seenAt = new Date().toISOString();
  const events = items(text, place).map((item, index) => {
    const event = kubeEvent(item, `${place}: item ${index + 1}`);
    const uid = textOf(recordOf(event.metadata)['uid']);
    const previousCount = counts.get(uid);
    counts.set(uid, eventCount(event));
    const change = previousCount === undefined ? 'added' : 'modified';
    return clusterEvent({
      cluster,
      seenAt,
      change,
      ...(previousCount !== undefined && uid !== '' && { previousCount }),
      event,
    });
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

function items(text: string, place: string): readonly unknown[] {
  const whole = parseJson(text);
  if (whole !== undefined) {
    if (Array.isArray(whole.value)) return whole.value;
    const { value } = whole;
    if (typeof value === 'object' && value !== null && 'items' in value && Array.isArray(value.items)) {
      return value.items;
    }
    return [value];
  }
  // Documents one after the other, each beginning with a brace in the first column.
  let line = 1;
  return text.split(/\n(?=\{)/).flatMap((chunk) => {
    const parsed = parseJson(chunk);
    if (parsed === undefined && chunk.trim() !== '') {
      throw new OpsError(
        `${place}: line ${line} is not JSON (expected core/v1 Events: a List, an array, or one per line)`,
      );
    }
    line += chunk.split('\n').length;
    return parsed === undefined ? [] : [parsed.value];
  });
}

function parseJson(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

function kubeEvent(item: unknown, place: string): KubeEvent {
  const kind = typeof item === 'object' && item !== null && 'kind' in item ? item.kind : undefined;
  if (typeof kind === 'string' && kind !== 'Event') throw new OpsError(`${place} is a ${kind}, expected an Event`);
  if (!isKubeEvent(item)) throw new OpsError(`${place} is not an Event with a metadata.uid or metadata.name`);
  return item;
}
