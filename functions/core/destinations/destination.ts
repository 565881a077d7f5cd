import * as z from 'zod/mini';
import { field, parseWith, UNKNOWN_FIELD, type Parsed, type Problem, type SinkConfig } from '../contract/config.ts';
import type { ClusterEvent } from '../contract/event.ts';
import { recoveryOf } from '../contract/recovery.ts';
import { compileFilter, filterSchema, repeatsSchema, type Filter, type Verdict } from './filter.ts';
import { nearest } from '../kit/nearest.ts';
import { secretValues } from '../contract/secret.ts';
import { parseJsonObject } from './json-object.ts';
import { compilePagerFilter, PAGER_FILTER } from './pager-filter.ts';
import { namesBeside, type Shape } from './schema-names.ts';

/** The fields that every destination's document has, whatever its sink. */
const commonFields = {
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

/** What the documents of those destinations have besides that silences hold. */
const silenceFields = {
  silences: field(
    z._default(z.boolean(), true),
    'Whether silences hold its events; with false it gets them all the same.',
  ),
};

/** What the documents of pagers say otherwise. */
const pagerFields = {
  filter: field(
    z._default(filterSchema, PAGER_FILTER),
    'Which events are delivered, and with them those that end what it lets pass; by default what is critical.',
  ),
  repeats: field(
    z.optional(repeatsSchema),
    'Which occurrences of a repeated event pass: all, first, or milestones (1, 10, 100, ...). A repeat updates its incident and wakes nobody, but after the incident was resolved it opens a new one.',
  ),
};

const commonSchema = z.object({ ...commonFields, ...silenceFields });
const pagerSchema = z.object({ ...commonFields, ...pagerFields, ...silenceFields });

/** Whether silences hold what a sink delivers: people are to be left alone, stores are to be complete. */
export function isHeldBySilences({ chat, pager, silences = chat || pager === true }: SinkConfig): boolean {
  return silences;
}

/** The fields beside the sink's own of its destinations' documents. */
export function commonFieldsOf(config: SinkConfig): typeof commonFields & Partial<typeof silenceFields> {
  const fields = config.pager ? { ...commonFields, ...pagerFields } : commonFields;
  return isHeldBySilences(config) ? { ...fields, ...silenceFields } : fields;
}

/** A destination ready for use: a valid document, compiled. */
export interface Destination<Options = unknown, Secrets = unknown> {
  /** `<type>/<name>`. */
  readonly id: string;
  readonly type: string;
  readonly name: string;
  /** Changes whenever the document or its secrets do. */
  readonly version: string;
  readonly enabled: boolean;
  /** Whether silences hold its events. */
  readonly silences: boolean;
  /** Whether it is a pager's. */
  readonly pager?: true;
  readonly verdict: (event: ClusterEvent) => Verdict;
  readonly options: Options;
  /** Undefined where secrets were not asked for, as in the router. */
  readonly secrets: Secrets | undefined;
  readonly secretValues: readonly string[];
}

/** The settings without the secrets: what the router and the tools that need no secret use. */
export interface Settings<Options> {
  readonly enabled: boolean;
  readonly silences: boolean;
  readonly pager?: true;
  /** The one in force: the document's, or the default. */
  readonly filter: Filter;
  readonly verdict: (event: ClusterEvent) => Verdict;
  readonly options: Options;
  /** Fields of `plainSecrets` found in the String document. */
  readonly plain: Readonly<Record<string, unknown>>;
}

/** Parses the String document of a destination. Every mistake is reported, none is guessed away. */
export function parseSettings<Options>(config: SinkConfig<Options>, text: string): Parsed<Settings<Options>> {
  const document = parseJsonObject(text);
  if ('problems' in document) return document;
  const parts = Map.groupBy(Object.entries(document.value), ([name]) => partOf(name, config));
  const fieldsOf = (part: Part): Record<string, unknown> => Object.fromEntries(parts.get(part) ?? []);
  const misplaced = Object.keys(fieldsOf('secret')).map((name) => ({
    field: name,
    message: 'is secret: it belongs into the SecureString under secrets/',
  }));
  const head = parseWith(config.pager ? pagerSchema : commonSchema, fieldsOf('common'));
  const options = parseWith(config.options, fieldsOf('own'));
  const shape = { ...commonFieldsOf(config), ...config.options.shape, ...config.secrets.shape };
  const problems = [...misplaced, ...problemsOf(head), ...problemsOf(options)].map(withSuggestion(shape));
  if (problems.length > 0 || 'problems' in head || 'problems' in options) return { problems };
  const { enabled, filter, repeats = config.chat ? 'milestones' : 'all' } = head.value;
  return {
    value: {
      enabled,
      silences: isHeldBySilences(config) && head.value.silences,
      ...(config.pager && { pager: config.pager }),
      filter,
      verdict: (config.pager ? compilePagerFilter : compileFilter)(filter, repeats),
      options: options.value,
      plain: fieldsOf('plain'),
    },
  };
}

/** Whom a field of the String document concerns; `plain` are secrets that may stand there. */
type Part = 'common' | 'own' | 'plain' | 'secret';

function partOf(name: string, config: SinkConfig): Part {
  const { secrets, plainSecrets } = config;
  if (Object.hasOwn(commonFieldsOf(config), name)) return 'common';
  if (!Object.hasOwn(secrets.shape, name)) return 'own';
  return plainSecrets?.includes(name) ? 'plain' : 'secret';
}

/** Parses the SecureString document, together with the secret fields that stand in the String one. */
export function parseSecrets<Secrets>(
  config: SinkConfig<unknown, Secrets>,
  text: string | undefined,
  plain: Readonly<Record<string, unknown>>,
): Parsed<Secrets> {
  const document = parseJsonObject(text ?? '{}');
  if ('problems' in document) return document;
  const { $schema: _, ...fields } = document.value;
  const twice = Object.keys(fields).filter((name) => Object.hasOwn(plain, name));
  if (twice.length > 0)
    return { problems: twice.map((name) => ({ field: name, message: 'stands in both documents: keep one' })) };
  const secrets = parseWith(config.secrets, { ...plain, ...fields });
  return 'value' in secrets ? secrets : { problems: secrets.problems.map(withSuggestion(config.secrets.shape)) };
}

/** Builds a destination from its parts. */
export function createDestination<Options, Secrets>(
  id: { readonly type: string; readonly name: string; readonly version: string },
  settings: Settings<Options>,
  secrets: Secrets | undefined,
): Destination<Options, Secrets> {
  const { enabled, silences, pager, verdict, options } = settings;
  return {
    ...id,
    id: `${id.type}/${id.name}`,
    enabled,
    silences,
    ...(pager && { pager }),
    verdict,
    options,
    secrets,
    secretValues: secretValues(secrets),
  };
}

/** Whether a silence may hold an event at a destination. What ends an incident wakes nobody, and without it the incident stays open. */
export function mayBeSilenced(
  { silences, pager }: Pick<Destination, 'silences' | 'pager'>,
  event: ClusterEvent,
): boolean {
  return silences && !(pager && recoveryOf(event));
}

/** Problems as one line for logs and people. */
export function problemText(problems: readonly Problem[]): string {
  return problems.map(({ field: name, message }) => (name === '' ? message : `${name} ${message}`)).join('; ');
}

function problemsOf(parsed: Parsed<unknown>): readonly Problem[] {
  return 'problems' in parsed ? parsed.problems : [];
}

/** Says what an unknown field may have meant, or which fields there are where it stands. */
export function withSuggestion(shape: Shape): (found: Problem) => Problem {
  return (found) => {
    if (found.message !== UNKNOWN_FIELD) return found;
    const names = namesBeside(found.field, shape);
    if (names.length === 0) return found;
    const near = nearest(found.field.slice(found.field.lastIndexOf('.') + 1), names);
    const hint = near === undefined ? `known: ${names.join(', ')}` : `did you mean ${near}?`;
    return { ...found, message: `${found.message} (${hint})` };
  };
}
