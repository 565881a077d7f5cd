import type { RE2JS } from 're2js';
import * as z from 'zod/mini';
import { messageOf } from '../contract/untrusted.ts';

/*
 * The one grammar of patterns: a text is compared as a whole, where `*` stands for any text; `/.../` is a regular expression, found
 * anywhere in the text unless anchored.
 */

/** RE2 runs in linear time whatever the expression and the message are; event messages are written by strangers. */
let engine: typeof RE2JS | undefined;

/** Loads the engine of regular expressions. Without it, a text that is one can be neither checked nor compiled. */
export async function loadRegularExpressions(): Promise<void> {
  engine ??= (await import('re2js')).RE2JS;
}

/** One text or several, any of which may hold. */
export type OneOrMore = z.ZodMiniUnion<readonly [z.ZodMiniString, z.ZodMiniArray<z.ZodMiniString>]>;

export function oneOrMore(text: z.ZodMiniString): OneOrMore {
  return z.union([text, z.array(text).check(z.minLength(1, 'expected at least one pattern'))]);
}

/** @param known texts that exist: what differs from one of them in case only is refused, because it would never hold. */
export function patterns(known: readonly string[] = []): OneOrMore {
  return oneOrMore(pattern(known));
}

export function pattern(known: readonly string[] = []): z.ZodMiniString {
  return z.string().check(
    z.superRefine((value, issues) => {
      const message = patternProblem(value) ?? caseMistake(value, known);
      if (message !== undefined) issues.addIssue({ code: 'custom', message, input: value });
    }),
  );
}

/** What is wrong with a text that differs from a known one in case only. Says nothing of the text itself. */
export function caseMistake(value: string, known: readonly string[]): string | undefined {
  if (known.includes(value)) return undefined;
  const meant = known.find((each) => each.toLowerCase() === value.toLowerCase());
  return meant && `would never hold, for case counts: did you mean ${meant}?`;
}

/** Whether a text fits one of the patterns that {@link pattern} has accepted. */
export function compilePatterns(wanted: string | readonly string[]): (value: string) => boolean {
  const tests = (typeof wanted === 'string' ? [wanted] : wanted).map(compilePattern);
  return (value) => tests.some((test) => test(value));
}

const REGULAR_EXPRESSION = /^\/(.*)\/([a-z]*)$/s;
const FLAGS: Readonly<Record<string, 'CASE_INSENSITIVE' | 'DOTALL' | 'MULTILINE'>> = {
  i: 'CASE_INSENSITIVE',
  s: 'DOTALL',
  m: 'MULTILINE',
};

function compilePattern(text: string): (value: string) => boolean {
  const [, source, flags] = REGULAR_EXPRESSION.exec(text) ?? [];
  if (source !== undefined) {
    const expression = compileRegularExpression(source, flags ?? '');
    return (value) => expression.test(value);
  }
  const [prefix = '', ...rest] = text.split('*');
  const suffix = rest.pop();
  if (suffix === undefined) return (value) => value === text;
  return (value) => {
    if (!value.startsWith(prefix)) return false;
    let from = prefix.length;
    for (const part of rest) {
      const at = value.indexOf(part, from);
      if (at < 0) return false;
      from = at + part.length;
    }
    return value.length - suffix.length >= from && value.endsWith(suffix);
  };
}

function compileRegularExpression(source: string, flags: string): RE2JS {
  if (!engine) throw new Error('the engine of regular expressions was not loaded');
  let bits = 0;
  for (const flag of flags) {
    const name = FLAGS[flag];
    if (name !== undefined) bits |= engine[name];
  }
  return engine.compile(source, bits);
}

function patternProblem(text: string): string | undefined {
  const [, , flags] = REGULAR_EXPRESSION.exec(text) ?? [];
  const unknown = (flags ?? '').split('').find((flag) => FLAGS[flag] === undefined);
  if (unknown !== undefined) return `unknown regular expression flag ${unknown} (allowed: i, s, m)`;
  if (text.startsWith('/') && flags === undefined && text.length > 1) {
    return 'starts like a regular expression but has no closing / (a text that begins with a slash is written /\\/text/)';
  }
  try {
    compilePattern(text);
    return undefined;
  } catch (error) {
    return `not a valid regular expression: ${messageOf(error)} (RE2 syntax: no look-around, no back-references)`;
  }
}
