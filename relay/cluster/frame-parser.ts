import type { KubeEvent } from '../../functions/core/contract/event.ts';
import { isRecord, messageOf, recordOf, textOf } from '../../functions/core/contract/untrusted.ts';
import type { Frame } from './frames.ts';

/** A frame of a watch. The object of a change has a `metadata`, and that is an object; the rest is for its readers to doubt. */
export type WatchFrame =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK'; readonly object: KubeEvent }
  | { readonly type: 'ERROR'; readonly object: unknown }
  /** Of a type that this build does not know. */
  | { readonly type: 'UNKNOWN' };

/** Why a frame is unreadable, as a metric's label. `unusable`: no message can be made of it. */
export type UnreadableKind = 'too_long' | 'not_json' | 'wrong_shape' | 'unusable';

/** A frame could not be read for the first time: a new connection may bring it unharmed. */
export class UnreadableFrame extends Error {
  override readonly name = 'UnreadableFrame';
}

/**
 * Reads the frames of one stream and hands them on. One that cannot be read, or that whoever takes it throws at, is asked
 * for once more and given up when it comes again as it was: one bad frame must not stop all that follow.
 */
export interface FrameParser {
  /**
   * A frame of a watch. Returns what `take` returns; undefined if the frame is given up.
   * @throws {UnreadableFrame} the first time that a frame cannot be read.
   */
  watchFrame<T>(frame: Frame, take: (parsed: WatchFrame) => T): T | undefined;
  /** The same for an item of a list. */
  listItem<T>(frame: Frame, take: (event: KubeEvent) => T): T | undefined;
  /** The stream has got past the frames that were given up: should the same come again, it is another one. */
  passed(): void;
}

/** How much of a frame identifies it when it comes again. */
const KEY_BYTES = 1024;

/**
 * @param onUnreadable is told of each frame that cannot be read, as often as it comes.
 * @param onGivenUp is told of each frame that is given up, before what follows it is read.
 */
export function createFrameParser(
  onUnreadable: (kind: UnreadableKind) => void,
  onGivenUp: (kind: UnreadableKind) => void,
): FrameParser {
  let suspect: string | undefined;
  const givenUp = new Set<string>();

  function unreadable(kind: UnreadableKind, bytes: Buffer, detail: string = kind): undefined {
    onUnreadable(kind);
    const key = `${kind}:${bytes.subarray(0, KEY_BYTES).toString('base64')}`;
    if (givenUp.has(key)) return undefined;
    if (suspect !== key) {
      suspect = key;
      throw new UnreadableFrame(`a frame of the API server cannot be read (${detail}); reading it once more`);
    }
    suspect = undefined;
    givenUp.add(key);
    onGivenUp(kind);
    return undefined;
  }

  function parse<P, T>(frame: Frame, shape: (value: unknown) => P | undefined, take: (parsed: P) => T): T | undefined {
    if ('tooLong' in frame) return unreadable('too_long', frame.tooLong);
    const value = jsonOf(frame.line);
    const parsed = shape(value);
    if (parsed === undefined) return unreadable(value === undefined ? 'not_json' : 'wrong_shape', frame.line);
    try {
      return take(parsed);
    } catch (error) {
      return unreadable('unusable', frame.line, messageOf(error));
    }
  }

  return {
    watchFrame: (frame, take) => parse(frame, watchFrameOf, take),
    listItem: (frame, take) => parse(frame, (value) => (isApiObject(value) ? value : undefined), take),
    passed() {
      suspect = undefined;
      givenUp.clear();
    },
  };
}

function jsonOf(line: Buffer): unknown {
  try {
    return JSON.parse(line.toString('utf8'));
  } catch {
    return undefined;
  }
}

function watchFrameOf(value: unknown): WatchFrame | undefined {
  const { type, object } = recordOf(value);
  switch (type) {
    case 'ADDED':
    case 'MODIFIED':
    case 'DELETED':
    case 'BOOKMARK':
      return isApiObject(object) ? { type, object } : undefined;
    case 'ERROR':
      return { type, object };
    default:
      return typeof type === 'string' ? { type: 'UNKNOWN' } : undefined;
  }
}

function isApiObject(object: unknown): object is KubeEvent {
  return isRecord(object) && isRecord(object['metadata']);
}

/** The object's resource version, empty if it has none. */
export function versionOf(object: unknown): string {
  return textOf(recordOf(recordOf(object)['metadata'])['resourceVersion']);
}

/** Whether a bookmark says that the initial events of a WatchList end here and what follows is live. */
export function endsInitialEvents(bookmark: unknown): boolean {
  return recordOf(recordOf(recordOf(bookmark)['metadata'])['annotations'])['k8s.io/initial-events-end'] === 'true';
}
