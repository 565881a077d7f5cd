import { recordOf, textOf } from '../../functions/core/contract/untrusted.ts';
import type { Frame } from './frames.ts';

/** What a list says about itself, besides its items. */
export interface ListHead {
  readonly resourceVersion: string;
  /** Where the next page starts; empty on the last one. */
  readonly continue: string;
}

export interface ListReader {
  /** The items that this chunk completes, as their JSON, or what stands in their place. */
  push(chunk: Buffer): Generator<Frame>;
  /**
   * To be called at the end of the body.
   * @throws {SyntaxError} if the body was not one complete list.
   */
  end(): ListHead;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const COMMA = 0x2c;
/** What may stand between two items: white space, a comma, the end of the array. */
const BETWEEN_ITEMS: ReadonlySet<number | undefined> = new Set([0x20, 0x09, 0x0a, 0x0d, COMMA, CLOSE_BRACKET]);

const PREFIX_BYTES = 1024;
/** Bound of what may stand around the items. */
const MAX_HEAD_BYTES = 1024 * 1024;
/** Depth inside the top-level array `items`; its elements open one level below. */
const ITEMS_DEPTH = 2;

/**
 * Reads a Kubernetes list item by item while it arrives, so that a list of 100,000 events costs the memory of one.
 * It follows strings and brackets only; whether an item is good JSON is for its reader to say.
 */
export function createListReader(maxItemBytes: number): ListReader {
  let depth = 0;
  let inString = false;
  let escaped = false;
  let inItems = false;
  let inItem = false;
  let head = '';
  let parts: Buffer[] = [];
  let held = 0;
  let tooLong = false;

  function appendHead(bytes: Buffer): void {
    // latin1 keeps bytes apart, so that a character split over two chunks survives.
    head += bytes.toString('latin1');
    if (head.length > MAX_HEAD_BYTES) throw new SyntaxError('the list has too much besides its items');
  }

  function hold(bytes: Buffer): void {
    if (!tooLong) parts.push(Buffer.from(bytes));
    held += bytes.length;
    if (held > maxItemBytes && !tooLong) {
      tooLong = true;
      parts = [Buffer.from(Buffer.concat(parts).subarray(0, PREFIX_BYTES))];
    }
  }

  function take(last: Buffer): Frame {
    if (parts.length === 0 && last.length <= maxItemBytes) return { line: last };
    hold(last);
    const whole = Buffer.concat(parts);
    const frame = tooLong ? { tooLong: whole } : { line: whole };
    parts = [];
    held = 0;
    tooLong = false;
    return frame;
  }

  return {
    *push(chunk) {
      // Start of the stretch that belongs to the current item or, outside of items, to the head.
      let start = 0;
      for (let i = 0; i < chunk.length; i += 1) {
        const byte = chunk[i];
        if (inString) {
          if (escaped) escaped = false;
          else if (byte === BACKSLASH) escaped = true;
          else if (byte === QUOTE) inString = false;
          continue;
        }
        if (inItems && depth === ITEMS_DEPTH) {
          if (!inItem && !BETWEEN_ITEMS.has(byte)) {
            inItem = true;
            start = i;
          } else if (inItem && (byte === COMMA || byte === CLOSE_BRACKET)) {
            inItem = false;
            yield take(chunk.subarray(start, i));
          }
        }
        if (byte === QUOTE) {
          inString = true;
        } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
          depth += 1;
          if (!inItems && depth === ITEMS_DEPTH && byte === OPEN_BRACKET) {
            appendHead(chunk.subarray(start, i + 1));
            start = i + 1;
            inItems = /"items"\s*:\s*\[$/.test(head.slice(-100));
          }
        } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
          depth -= 1;
          if (inItems && depth < ITEMS_DEPTH) {
            inItems = false;
            start = i;
          }
        }
      }
      if (inItem) hold(chunk.subarray(start));
      else if (!inItems) appendHead(chunk.subarray(start));
    },
    end() {
      const value: unknown = JSON.parse(Buffer.from(head, 'latin1').toString('utf8'));
      const { metadata, items = [] } = recordOf(value);
      const { resourceVersion, continue: next } = recordOf(metadata);
      if (typeof resourceVersion !== 'string' || !Array.isArray(items ?? [])) {
        throw new SyntaxError('the answer is not a list with metadata.resourceVersion');
      }
      return { resourceVersion, continue: textOf(next) };
    },
  };
}
