import { distance } from 'fastest-levenshtein';
import * as z from 'zod/mini';
import { field, parseWith, type Problem, type SinkConfig } from '../contract/config.ts';
import type { ClusterEvent } from '../contract/event.ts';
import { compileFilter, filterSchema, repeatsSchema, type Verdict } from './filter.ts';
import { secretValues } from '../contract/secret.ts';
import { messageOf } from '../contract/untrusted.ts';

/** SSM's limit for an advanced-tier parameter. */
export const MAX_DOCUMENT_BYTES = 8192;

/** The fields that every destination's document has, whatever its sink. */
export const commonFields = {
  $schema: field(z.optional(z.string()), 'Where an editor finds the JSON Schema of this document.'),
  enabled: field(
    z._default(z.boolean(), true),
    'Whether events are delivered; messages waiting when it turns false are dropped and counted.',
  ),
  filter: field(z._default(filterSchema, {}), 'Which events are delivered.'),
  repeats: field(
    z.optional(repeatsSchema),
    'Which occurrences of a repeated event pass: all, first, or milestones (1, 10, 100, ...); by default milestones for chats and all for stores.',
  ),
};

const commonSchema = z.object(commonFields);

/** A destination ready for use: a valid document, compiled. */
export interface Destination<Options = unknown, Secrets = unknown> {
  /** `<type>/<name>`. */
  readonly id: string;
  readonly type: string;
  readonly name: string;
  /** Changes whenever the document or its secrets do. */
  readonly version: string;
  readonly enabled: boolean;
  readonly verdict: (event: ClusterEvent) => Verdict;
  readonly options: Options;
  /** Undefined where secrets were not asked for, as in the router. */
  readonly secrets: Secrets | undefined;
  readonly secretValues: readonly string[];
}

export type Parsed<T> = { readonly value: T } | { readonly problems: readonly Problem[] };

/** The settings without the secrets: what the router and the tools that need no secret use. */
export interface Settings<Options> {
  readonly enabled: boolean;
  readonly verdict: (event: ClusterEvent) => Verdict;
  readonly options: Options;
  /** Fields of `plainSecrets` found in the String document. */
  readonly plain: Readonly<Record<string, unknown>>;
}

/** Parses the String document of a destination. Every mistake is reported, none is guessed away. */
export function parseSettings<Options>(config: SinkConfig<Options>, text: string): Parsed<Settings<Options>> {
  const document = parseObject(text);
  if ('problems' in document) return document;
  const common: Record<string, unknown> = {};
  const own: Record<string, unknown> = {};
  const plain: Record<string, unknown> = {};
  const misplaced: Problem[] = [];
  for (const [name, value] of Object.entries(document.value)) {
    if (Object.hasOwn(commonFields, name)) common[name] = value;
    else if (!Object.hasOwn(config.secrets.shape, name)) own[name] = value;
    else if (config.plainSecrets?.includes(name)) plain[name] = value;
    else misplaced.push({ field: name, message: 'is secret: it belongs into the SecureString under secrets/' });
  }
  const head = parseWith(commonSchema, common);
  const options = parseWith(config.options, own);
  const problems = [...misplaced, ...problemsOf(head), ...problemsOf(options)].map(withSuggestion(config));
  if (problems.length > 0 || 'problems' in head || 'problems' in options) return { problems };
  const { enabled, filter, repeats = config.chat ? 'milestones' : 'all' } = head.value;
  return { value: { enabled, verdict: compileFilter(filter, repeats), options: options.value, plain } };
}

/** Parses the SecureString document, together with the secret fields that stand in the String one. */
export function parseSecrets<Secrets>(
  config: SinkConfig<unknown, Secrets>,
  text: string | undefined,
  plain: Readonly<Record<string, unknown>>,
): Parsed<Secrets> {
  const document = parseObject(text ?? '{}');
  if ('problems' in document) return document;
  const { $schema: _, ...fields } = document.value;
  const twice = Object.keys(fields).filter((name) => Object.hasOwn(plain, name));
  if (twice.length > 0)
    return { problems: twice.map((name) => ({ field: name, message: 'stands in both documents: keep one' })) };
  return parseWith(config.secrets, { ...plain, ...fields });
}

/** Builds a destination from its parts. */
export function createDestination<Options, Secrets>(
  id: { readonly type: string; readonly name: string; readonly version: string },
  settings: Settings<Options>,
  secrets: Secrets | undefined,
): Destination<Options, Secrets> {
  const { enabled, verdict, options } = settings;
  return {
    ...id,
    id: `${id.type}/${id.name}`,
    enabled,
    verdict,
    options,
    secrets,
    secretValues: secretValues(secrets),
  };
}

/** Problems as one line for logs and people. */
export function problemText(problems: readonly Problem[]): string {
  return problems.map(({ field: name, message }) => (name === '' ? message : `${name} ${message}`)).join('; ');
}

function problemsOf(parsed: Parsed<unknown>): readonly Problem[] {
  return 'problems' in parsed ? parsed.problems : [];
}

function parseObject(text: string): Parsed<Record<string, unknown>> {
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_DOCUMENT_BYTES) return problem(`is ${bytes} bytes, a parameter holds at most ${MAX_DOCUMENT_BYTES}`);
  if (text.includes('{{'))
    return problem('contains {{, which SSM refuses in any value: templates are written ${ event.message }');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return problem(`is not JSON: ${jsonPlace(error, text)}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return problem('is not a JSON object');
  return { value: { ...value } };
}

/** The place of a JSON error without the text around it, which V8 quotes and which may be a secret. */
function jsonPlace(error: unknown, text: string): string {
  const position = /position (\d+)/.exec(messageOf(error))?.[1];
  const before = text.slice(0, position === undefined ? text.length : Number(position)).split('\n');
  return `syntax error at line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`;
}

function problem(message: string): { readonly problems: readonly Problem[] } {
  return { problems: [{ field: '', message }] };
}

function withSuggestion(config: SinkConfig): (found: Problem) => Problem {
  const names = [commonFields, config.options.shape, config.secrets.shape].flatMap(Object.keys);
  return (found) => {
    if (found.message !== 'is not a known field' || found.field.includes('.')) return found;
    const near = nearest(found.field, names);
    const hint = near === undefined ? `known: ${names.join(', ')}` : `did you mean ${near}?`;
    return { ...found, message: `${found.message} (${hint})` };
  };
}

/** The name closest to a misspelt one, if any is close enough to be what was meant. */
export function nearest(word: string, names: readonly string[]): string | undefined {
  const ranked = names.map((name) => ({ name, distance: distance(word.toLowerCase(), name.toLowerCase()) }));
  const best = ranked.toSorted((a, b) => a.distance - b.distance)[0];
  return best && best.distance <= Math.max(1, Math.floor(word.length / 3)) ? best.name : undefined;
}
