import type { Problem } from '../../functions/core/contract/config.ts';
import { nearest } from '../../functions/core/destinations/destination.ts';

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
    const value = parseText(raw);
    const [scope, name = '', field] = key.split('.');
    if (scope === 'router' && field === undefined) {
      if (check(key, name, known.router)) router[name] = value;
    } else if (scope === 'sinks' && field !== undefined) {
      if (!known.types.includes(name)) problems.push({ field: key, message: unknownType(name, known.types) });
      else if (check(key, field, known.sink)) sinks.set(name, { ...sinks.get(name), [field]: value });
    } else if (known.general.includes(key)) {
      general[key] = value;
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
function parseText(value: unknown): unknown {
  if (typeof value !== 'string' || !/^\s*(\d+|true|false|\[.*\]|\{.*\})\s*$/s.test(value)) return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}
