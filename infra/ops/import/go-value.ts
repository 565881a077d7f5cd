import { UntranslatableError } from './go-parse.ts';

/** A part of a Go template's expression as Liquid writes it. */
export interface Value {
  /** A path or a literal, and filters behind it; undefined where Liquid can only write it in several pieces. */
  readonly code: string | undefined;
  /** `maybe`: what need not be there, and then prints nothing. `data`: an object, a list or a map. */
  readonly type: 'text' | 'number' | 'time' | 'maybe' | 'data';
  /** Has filters, so that it can be neither given to another one nor compared. */
  readonly isFiltered?: true;
  /** The zone in which a time is written, where the template says one. */
  readonly zone?: string;
  /** What a literal stands for. */
  readonly literal?: string | number;
  /** The value that this is the JSON of. */
  readonly jsonOf?: Value;
  /** A text with values in it, which is easier to read in pieces. */
  readonly pieces?: readonly (string | Value)[];
}

/** A text as a literal of Liquid. It holds no brace, so that none ends the expression. */
export function literalText(text: string): Value {
  const code = JSON.stringify(text).replace(/[{}]/g, (brace) => `\\u00${brace.charCodeAt(0).toString(16)}`);
  return { code, type: 'text', literal: text };
}

export function literalNumber(number: number): Value {
  return { code: String(number), type: 'number', literal: number };
}

/** What can be written in front of a filter. @throws {UntranslatableError} */
export function inputOf({ code }: Value): string {
  if (code === undefined) throw new UntranslatableError('printf followed by a function');
  return code;
}

/** What can be given to a filter, or compared. @throws {UntranslatableError} */
export function operandOf(value: Value): string {
  if (value.isFiltered) throw new UntranslatableError('a function inside of another one');
  return inputOf(value);
}

/** @throws {UntranslatableError} */
export function literalNumberOf({ literal }: Value): number {
  if (typeof literal !== 'number') throw new UntranslatableError('a number that is not given as one');
  return literal;
}

/** @throws {UntranslatableError} */
export function literalTextOf({ literal }: Value): string {
  if (typeof literal !== 'string') throw new UntranslatableError('a format that is not given as a text');
  return literal;
}

/** A value with a filter behind it. */
export function filtered(value: Value, filter: string, type: Value['type'] = 'text'): Value {
  return { code: `${inputOf(value)} | ${filter}`, type, isFiltered: true };
}

export function jsonOf(value: Value): Value {
  return { ...filtered(value, 'json'), jsonOf: value };
}

/** A value as it stands inside a text. */
export function printed(value: Value): Value {
  return value.type === 'data' ? jsonOf(value) : value;
}

/** A text with values in it, as printf makes it. */
export function textOf(pieces: readonly (string | Value)[]): Value {
  const [first, ...others] = pieces.map((piece) => (typeof piece === 'string' ? literalText(piece) : piece));
  if (first === undefined) return literalText('');
  if (others.length === 0) return first;
  const isOneExpression = others.every(({ code, isFiltered, type }) => code && !isFiltered && type !== 'data');
  const code = [printed(first).code, ...others.map((value) => `append: ${value.code}`)].join(' | ');
  return { code: isOneExpression ? code : undefined, type: 'text', isFiltered: true, pieces };
}
