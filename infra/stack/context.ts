import type { Parsed, Problem } from '../../functions/core/contract/config.ts';
import { nearest } from '../../functions/core/kit/nearest.ts';
import { parseJson } from '../../functions/core/destinations/json-object.ts';

/** CDK context sorted by what it sets; values parsed as far as text from the command line allows. */
export interface SortedContext {
  readonly general: Readonly<Record<string, unknown>>;
  readonly router: Readonly<Record<string, unknown>>;
  readonly sinks: ReadonlyMap<string, Readonly<Record<string, unknown>>>;
  readonly problems: readonly Problem[];
}

/** Which names context may have. */
export interface KnownNames {
  readonly general: readonly string[];
  readonly router: readonly string[];
  readonly sink: readonly string[];
  readonly types: readonly string[];
}

/**
 * Picks what is meant for this project out of the CDK's context, where feature flags and look-ups stand too: `<name>`,
 * `router.<name>` and `sinks.<type>.<name>`. A name that looks like a misspelt one is a problem; where there should be nothing else,
 * every other name is.
 */
export function sortContext(
  context: Readonly<Record<string, unknown>>,
  known: KnownNames,
  others: 'are left alone' | 'nothing else' = 'are left alone',
): SortedContext {
  const general: Record<string, unknown> = {};
  const router: Record<string, unknown> = {};
  const sinks = new Map<string, Record<string, unknown>>();
  const problems: Problem[] = [];
  for (const [key, raw] of Object.entries(context)) {
    const [scope, name = '', field] = key.split('.');
    if (scope === 'router' && field === undefined) {
      if (check(key, name, known.router)) router[name] = valueOf(key, raw);
    } else if (scope === 'sinks' && field !== undefined) {
      if (!known.types.includes(name)) problems.push({ field: key, message: unknownType(name, known.types) });
      else if (check(key, field, known.sink)) sinks.set(name, { ...sinks.get(name), [field]: valueOf(key, raw) });
    } else if (known.general.includes(key)) {
      general[key] = valueOf(key, raw);
    } else if (others === 'nothing else' || nearest(key, known.general) !== undefined) {
      check(key, key, known.general);
    }
  }
  return { general, router, sinks, problems };

  function check(key: string, name: string, names: readonly string[]): boolean {
    if (names.includes(name)) return true;
    const near = nearest(name, names);
    const hint = near === undefined ? `known: ${names.join(', ')}` : `did you mean ${near}?`;
    problems.push({ field: key, message: `is not a known setting (${hint})` });
    return false;
  }

  /** Undefined, as if it were not given, where the text is to be JSON and is not. */
  function valueOf(key: string, raw: unknown): unknown {
    const parsed = parseText(raw);
    if ('value' in parsed) return parsed.value;
    problems.push(...parsed.problems.map(({ message }) => ({ field: key, message })));
    return undefined;
  }
}

/** What to say of a sink type that does not exist. */
export function unknownType(type: string, known: readonly string[]): string {
  const near = nearest(type, known);
  return `names "${type}": there is no such sink type (${near === undefined ? '' : `did you mean ${near}? `}there are: ${known.join(', ')})`;
}

/** A list given as text: JSON, or parts between commas. */
export function parseList(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  return value
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

/** `--context name=value` is always text: numbers, booleans, lists and objects are taken for what they look like. */
function parseText(value: unknown): Parsed<unknown> {
  if (typeof value !== 'string' || !/^\s*(?:(?:0|[1-9]\d*|true|false)\s*$|[[{])/.test(value)) return { value };
  return parseJson(value);
}
