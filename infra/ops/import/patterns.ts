import { RE2JS } from 're2js';
import { messageOf } from '../../../functions/core/contract/untrusted.ts';

/** The pattern that holds for exactly this text. */
export function exactPattern(text: string): string {
  return text.includes('*') || text.startsWith('/') ? `/^${RE2JS.quote(text)}$/` : text;
}

/** The pattern of an unanchored Go regular expression. Both engines are RE2. */
export function regexPattern(source: string): string {
  return `/${source}/`;
}

/** What is wrong with a Go regular expression, if anything. */
export function regexProblem(source: string): string | undefined {
  try {
    RE2JS.compile(source);
    return undefined;
  } catch (error) {
    const reason = messageOf(error);
    return `${source} is not a valid regular expression (${reason})`;
  }
}

/** One pattern alone, several as a list. */
export function oneOrList(patterns: readonly string[]): string | readonly string[] {
  const [first, ...others] = patterns;
  return first !== undefined && others.length === 0 ? first : patterns;
}
