import type { KubeEvent } from '../../functions/core/contract/event.ts';
import { recordOf, textOf } from '../../functions/core/contract/untrusted.ts';
import type { Frame } from './frames.ts';

/** A frame of a watch; an item of a list has the type `''`. */
export interface ParsedFrame {
  readonly type: string;
  readonly object: unknown;
}

export interface FrameParser {
  /**
   * Undefined for a frame that was given up.
   * @throws {Error} the first time a frame cannot be read: a new connection may bring it unharmed.
   */
  parse(frame: Frame): ParsedFrame | undefined;
  /** The stream has got past what could not be read. */
  passed(): void;
}

/** How much of a frame identifies it when it comes again. */
const KEY_BYTES = 1024;

/** Reads frames. `giveUp` is told of each frame that is unreadable a second time, before it is skipped. */
export function createFrameParser(count: (kind: string) => void, giveUp: (kind: string) => void): FrameParser {
  let suspect = '';
  const givenUp = new Set<string>();

  function unreadable(kind: string, bytes: Buffer): undefined {
    count(kind);
    const key = `${kind}:${bytes.subarray(0, KEY_BYTES).toString('base64')}`;
    if (givenUp.has(key)) return undefined;
    if (suspect !== key) {
      suspect = key;
      throw new Error(`a frame of the API server cannot be read (${kind}); reading it once more`);
    }
    suspect = '';
    givenUp.add(key);
    giveUp(kind);
    return undefined;
  }

  return {
    parse(frame) {
      if ('tooLong' in frame) return unreadable('too_long', frame.tooLong);
      try {
        const value: unknown = JSON.parse(frame.line.toString('utf8'));
        const { type, object, metadata } = recordOf(value);
        if (typeof type === 'string' && typeof object === 'object' && object !== null) return { type, object };
        if (metadata !== undefined) return { type: '', object: value };
      } catch {
        // Reported below, like JSON of the wrong shape.
      }
      return unreadable('not_json', frame.line);
    },
    passed: () => givenUp.clear(),
  };
}

/** The object's resource version, empty if it has none. */
export function versionOf(object: unknown): string {
  return textOf(recordOf(recordOf(object)['metadata'])['resourceVersion']);
}

/** Whether a bookmark says that what follows is live. */
export function endsInitialEvents(object: unknown): boolean {
  return recordOf(recordOf(recordOf(object)['metadata'])['annotations'])['k8s.io/initial-events-end'] === 'true';
}

/** The object as an Event, with every field still to be doubted. */
export function eventOf(object: unknown): KubeEvent {
  return recordOf(object);
}
