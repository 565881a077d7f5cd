import { partsOf, REDACTED } from './secret.ts';

/**
 * Strikes secrets out of texts that others wrote: services, proxies and vendor clients repeat what they were sent, as it was or
 * encoded. It knows values, and finds each of them
 * - as it is, and with whitespace written differently;
 * - percent-encoded, form-encoded, as an escape of JSON or HTML, and these inside each other;
 * - in base64, standard or URL-safe, wherever it stands in what was encoded; in hex;
 * - cut off at the end of the text.
 */
export interface Redactor {
  /** The secret values of the document in force. Those of the two documents before stay known: a late answer may repeat them. */
  readonly use: (values: readonly string[]) => void;
  /** One more secret, derived or fetched: a token, a signature, a login. The last 64 are known. */
  readonly conceal: (text: string) => void;
  /** The text, at most its first 64 KiB, with `[secret]` in place of each secret. */
  readonly redact: (text: string) => string;
}

const KNOWN_DOCUMENTS = 3;
const KNOWN_TEXTS = 64;
const MAX_CHARS = 65_536;
/** How many encodings inside each other are undone. */
const MAX_ROUNDS = 4;
/** What a character of base64 holds. */
const BASE64_BITS = 6;
/** What is shorter is struck out only as a word of its own: a password of two letters is in every text. */
const ANYWHERE_FROM = 6;

export function createRedactor(): Redactor {
  let documents: readonly (readonly string[])[] = [];
  const texts = new Set<string>();
  let bySecret: ReadonlyMap<string, readonly Needle[]> = new Map();
  let needles: Needles | undefined;
  return {
    use(values) {
      if (documents[0] && isSame(documents[0], values)) return;
      documents = [values, ...documents.filter((known) => !isSame(known, values))].slice(0, KNOWN_DOCUMENTS);
      needles = undefined;
    },
    conceal(text) {
      if (!texts.delete(text)) needles = undefined;
      texts.add(text);
      const [oldest] = texts;
      if (texts.size > KNOWN_TEXTS && oldest !== undefined) texts.delete(oldest);
    },
    redact(text) {
      needles ??= current();
      return strike(text.slice(0, MAX_CHARS), needles);
    },
  };

  function current(): Needles {
    const secrets = [...documents.flat(), ...texts];
    bySecret = new Map(secrets.map((secret) => [secret, bySecret.get(secret) ?? partsOf(secret).flatMap(needlesOf)]));
    return createNeedles([...bySecret.values()].flat());
  }
}

function isSame(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((value, index) => value === others[index]);
}

/** A text to look for. */
interface Needle {
  readonly text: string;
  /** Characters beside it that hold some of its bits, as the neighbours of a text inside base64 do. */
  readonly before: 0 | 1;
  readonly after: 0 | 1;
}

interface Needles {
  readonly words: readonly string[];
  /** The longer ones, by their first characters. */
  readonly byStart: ReadonlyMap<string, readonly Needle[]>;
}

function createNeedles(list: readonly Needle[]): Needles {
  const all = [...new Map(list.map((needle) => [needle.text, needle])).values()].filter(
    ({ text }) => text.trim() !== '',
  );
  const isShort = ({ text }: Needle): boolean => text.length < ANYWHERE_FROM;
  const long = all.filter((needle) => !isShort(needle));
  return {
    words: all.filter(isShort).map(({ text }) => text),
    byStart: Map.groupBy(long, ({ text }) => text.slice(0, ANYWHERE_FROM)),
  };
}

function needlesOf(secret: string): readonly Needle[] {
  const wellFormed = secret.toWellFormed();
  const bytes = Buffer.from(wellFormed);
  // A lone surrogate as it is and as it arrives, a space as forms write it, bytes read as Latin-1.
  const written = [secret, wellFormed, wellFormed.replaceAll(' ', '+'), bytes.toString('latin1')];
  const escaped = [encodeURIComponent(wellFormed), JSON.stringify(wellFormed).slice(1, -1)];
  const encoded = [...new Set([wellFormed, ...escaped])].map((text) => Buffer.from(text));
  return [
    ...[...written, ...written.map(plainest), ...encoded.flatMap(hex)]
      .flatMap((text) => [text, text.trim()])
      .map((text) => ({ text, before: 0, after: 0 }) as const),
    ...encoded.flatMap((each) => ([0, 1, 2] as const).flatMap((offset) => inBase64(each, offset))),
  ];
}

function hex(bytes: Buffer): readonly string[] {
  const lower = bytes.toString('hex');
  return [lower, lower.toUpperCase()];
}

/** Bytes inside a longer base64 text, by their offset from a multiple of three: the characters that they alone decide. */
function inBase64(bytes: Buffer, offset: 0 | 1 | 2): readonly Needle[] {
  const bitsBefore = offset * 8;
  const bitsTo = bitsBefore + bytes.length * 8;
  const from = Math.ceil(bitsBefore / BASE64_BITS);
  const to = Math.floor(bitsTo / BASE64_BITS);
  const padded = Buffer.concat([Buffer.alloc(offset), bytes]);
  const isAlone = offset === 0 && to < ANYWHERE_FROM;
  return [padded.toString('base64'), padded.toString('base64url')].flatMap((text) => {
    // What is as short as this would be found by chance in longer texts.
    if (isAlone) return [{ text: text.replace(/=+$/, ''), before: 0, after: 0 }] as const;
    if (to - from < ANYWHERE_FROM) return [];
    return [
      {
        text: text.slice(from, to),
        before: bitsBefore % BASE64_BITS === 0 ? 0 : 1,
        after: bitsTo % BASE64_BITS === 0 ? 0 : 1,
      },
    ] as const;
  });
}

/** A text as it was written, or with escapes undone; each character knows which part of the original it stands for. */
interface View {
  readonly text: string;
  readonly from: ArrayLike<number>;
  readonly to: ArrayLike<number>;
}

type Span = readonly [from: number, to: number];

function strike(text: string, needles: Needles): string {
  if (needles.words.length === 0 && needles.byStart.size === 0) return text;
  const spans: Span[] = [];
  let view: View | undefined = viewOf(text);
  for (let round = 0; view && round <= MAX_ROUNDS; round += 1) {
    const { from, to } = view;
    for (const [start, end] of find(view.text, needles)) spans.push([valueAt(from, start), valueAt(to, end - 1)]);
    view = unescaped(view);
  }
  let result = '';
  let done = -1;
  for (const [from, to] of spans.toSorted((a, b) => a[0] - b[0])) {
    if (from > done) result += text.slice(Math.max(0, done), from) + REDACTED;
    done = Math.max(done, to);
  }
  return result + text.slice(Math.max(0, done));
}

/** A character and an escape that a cut has left incomplete. */
const CUT_IN_TWO = /(?:\uFFFD|[\uD800-\uDBFF])*(?:%[0-9a-f]?|\\(?:u[0-9a-f]{0,3}|x[0-9a-f]?)?|&#?\w{0,7})?$/i;

function find(text: string, { words, byStart }: Needles): readonly Span[] {
  const spans: Span[] = [];
  const end = text.length - (CUT_IN_TWO.exec(text.slice(-12))?.[0].length ?? 0);
  for (let at = 0; at < text.length; at += 1) {
    for (const needle of byStart.get(text.slice(at, at + ANYWHERE_FROM)) ?? []) {
      if (text.startsWith(needle.text, at)) spans.push(reach(text, at, needle));
      // Whoever cut the text may have cut a secret in two.
      else if (needle.text.startsWith(text.slice(at, end))) spans.push([at, text.length]);
    }
  }
  for (const word of words) {
    for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
      if (isWord(text, at, at + word.length)) spans.push([at, at + word.length]);
    }
  }
  return spans;
}

function reach(text: string, at: number, { text: found, before, after }: Needle): Span {
  const end = at + found.length;
  const isBase64 = (index: number): boolean => /[\w+/-]/.test(text.charAt(index));
  return [before && isBase64(at - 1) ? at - 1 : at, after && isBase64(end) ? end + 1 : end];
}

/** Whether neither a letter nor a digit stands beside it. Two code units hold any character. */
function isWord(text: string, from: number, to: number): boolean {
  return (
    !/[\p{L}\p{N}]$/u.test(text.slice(Math.max(0, from - 2), from)) && !/^[\p{L}\p{N}]/u.test(text.slice(to, to + 2))
  );
}

/** Of a list that is that long. */
function valueAt(list: ArrayLike<number>, index: number): number {
  return list[index] ?? 0;
}

function viewOf(text: string): View {
  const positions = Uint32Array.from({ length: text.length + 1 }, (_, index) => index);
  return { text, from: positions, to: positions.subarray(1) };
}

const ESCAPE =
  /(?:%[0-9a-f]{2})+|\\(?:u[0-9a-f]{4}|x[0-9a-f]{2}|["'\\/bfnrt])|&(?:#\d{1,7}|#x[0-9a-f]{1,6}|amp|lt|gt|quot|apos);|\s+/gi;

/** The text with one layer of escapes undone and whitespace as single spaces; undefined where there is nothing to undo. */
function unescaped({ text, from, to }: View): View | undefined {
  let plain = '';
  const starts: number[] = [];
  const ends: number[] = [];
  let at = 0;
  const copy = (end: number): void => {
    plain += text.slice(at, end);
    for (; at < end; at += 1) {
      starts.push(valueAt(from, at));
      ends.push(valueAt(to, at));
    }
  };
  for (const { 0: escape, index } of text.matchAll(ESCAPE)) {
    copy(index);
    at = index + escape.length;
    const meant = meaningOf(escape);
    plain += meant;
    // Percent signs in a row may be the bytes of one character: whatever is found in them stands for all of them.
    for (let unit = 0; unit < meant.length; unit += 1) {
      starts.push(valueAt(from, index));
      ends.push(valueAt(to, at - 1));
    }
  }
  copy(text.length);
  return plain === text ? undefined : { text: plain, from: starts, to: ends };
}

/** A text without escapes, at whatever depth. */
function plainest(text: string): string {
  let view = viewOf(text);
  for (let round = 0; round < MAX_ROUNDS; round += 1) view = unescaped(view) ?? view;
  return view.text;
}

const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
const LETTERED: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };

function meaningOf(escape: string): string {
  const rest = escape.slice(1);
  switch (escape.charAt(0)) {
    case '%':
      return Buffer.from(escape.replaceAll('%', ''), 'hex').toString();
    case '\\':
      return rest.length > 1 ? String.fromCharCode(Number.parseInt(rest.slice(1), 16)) : (LETTERED[rest] ?? rest);
    case '&': {
      const [, isHex, digits] = /^#(x?)([0-9a-f]+);$/i.exec(rest) ?? [];
      if (digits === undefined) return NAMED[rest.slice(0, -1).toLowerCase()] ?? escape;
      const point = Number.parseInt(digits, isHex ? 16 : 10);
      return point <= 0x10_ff_ff ? String.fromCodePoint(point) : escape;
    }
    default:
      return ' ';
  }
}
