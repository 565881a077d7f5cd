import * as z from 'zod/mini';
import { en } from 'zod/locales';
import type { ClusterEvent } from './event.ts';
import { Secret } from './secret.ts';

// Without a locale zod/mini says "Invalid input" for everything.
z.config(en());

/** What the option tables, the JSON Schema and the importer know about a field beyond its type. */
export interface FieldDoc {
  /** One sentence for the user. */
  readonly description: string;
  readonly example?: unknown;
}

/** Every field of a sink's config is registered here; a suite fails on one that is not. */
export const docs: z.core.$ZodRegistry<FieldDoc> = z.registry<FieldDoc>();

/** Attaches a field's documentation. Call it last, around optional() and default(). */
export function field<T extends z.ZodMiniType>(schema: T, description: string, example?: unknown): T {
  docs.add(schema, example === undefined ? { description } : { description, example });
  return schema;
}

/** A secret text, a {@link Secret} once parsed; by default any that is not empty. Only for a config's `secrets`. */
export function secret(
  text: z.ZodMiniString = z.string().check(z.minLength(1)),
): z.ZodMiniPipe<z.ZodMiniString, z.ZodMiniTransform<Secret, string>> {
  return z.pipe(
    text,
    z.transform((value: string) => new Secret(value)),
  );
}

/** An absolute http or https URL. */
export function httpUrl(): z.ZodMiniString {
  return z
    .string()
    .check(
      z.refine(
        (value) => /^https?:\/\//i.test(value) && URL.canParse(value),
        'expected an absolute http:// or https:// URL',
      ),
    );
}

/** What an outcome's code means and what to do: one row of the sink's failure table. */
export interface CodeDoc {
  readonly status: 'retry' | 'rejected';
  readonly meaning: string;
  readonly advice: string;
}

/** Codes, each with its meaning. */
export type Codes = Readonly<Record<string, CodeDoc>>;

/** Settings of a sink's queue and function; the stack applies its defaults to what is absent. */
export interface Runtime {
  /** Messages per invocation, each of which may hold {@link Runtime.envelopeEvents} events. */
  readonly batchSize?: number;
  /** The most events of a message, where a service gets a request for each: they must fit into the time of an invocation. @default 200 */
  readonly envelopeEvents?: number;
  readonly windowSeconds?: number;
  readonly maxConcurrency?: number;
  readonly memoryMb?: number;
  readonly timeoutSeconds?: number;
  /** What it delivers goes into its function's log, which therefore is a log group of its own. */
  readonly ownLog?: true;
}

/** The kind of AWS resource that a sink writes to. Which ones, the stack's setting `sinks.<type>.targets` names, and the stack allows them alone. */
export interface AwsTarget {
  /** What people call it: `topic`. */
  readonly what: string;
  /** Its ARN, whole and without wildcards. */
  readonly arn: RegExp;
  /** What the ARN should have been, with an example. */
  readonly expected: string;
  /** What the sink's function does to it. */
  readonly actions: readonly string[];
  /** What follows the ARN in a statement, where the actions are on what is in it. */
  readonly resourceSuffix?: string;
}

/** Which events tell people one thing, and how long they gather once one was sent. */
export interface Alike {
  /** After a message, further events that are alike wait for so long, and come together then. What is more serious than the message goes at once. */
  readonly seconds: number;
  /** Equal of events that are alike. Pure. */
  readonly keyOf: (event: ClusterEvent) => string;
}

/** A sink's one description of its options: validation, documentation, JSON Schema, parameters and permissions come from it. */
export interface SinkConfig<Options = unknown, Secrets = unknown> {
  /** Equals the folder's name. */
  readonly type: string;
  /** The service's name for people. */
  readonly title: string;
  /** What the Chinese README calls it. @default title */
  readonly titleZh?: string;
  /** Chat sinks batch into digests, keep the vendor's rate and repeat by milestone. */
  readonly chat: boolean;
  /** Whether silences hold what it delivers to people at once. @default chat */
  readonly silences?: boolean;
  /** Strict object: the String parameter's fields beyond filter, repeats and enabled. */
  readonly options: z.ZodMiniType<Options> & ObjectSchema;
  /** Strict object, top-level names disjoint from the options': the SecureString parameter's fields. */
  readonly secrets: z.ZodMiniType<Secrets> & ObjectSchema;
  /** Secret fields that may stand in the String parameter too, because they are secret for some users only. */
  readonly plainSecrets?: readonly string[];
  readonly runtime?: Runtime;
  readonly target?: AwsTarget;
  /** @default every event goes at once */
  readonly alike?: Alike;
  /** Every code the sink itself returns, beyond the common ones of {@link commonCodes}. */
  readonly codes: Codes;
}

interface ObjectSchema {
  readonly shape: Readonly<Record<string, z.core.$ZodType>>;
}

/** Infers the types of a config; adds nothing at run time. */
export function defineConfig<Options, Secrets>(config: SinkConfig<Options, Secrets>): SinkConfig<Options, Secrets> {
  return config;
}

/** A mistake in a document: which field, and what is wrong with what is allowed. Never holds a value of a secret. */
export interface Problem {
  /** Dotted path such as `filter.match[0].reason`; empty for the document as a whole. */
  readonly field: string;
  readonly message: string;
}

/** The message of a {@link Problem} with a field that its schema does not have. */
export const UNKNOWN_FIELD = 'is not a known field';

/** A value, or every mistake in what was to become one. */
export type Parsed<T> = { readonly value: T } | { readonly problems: readonly Problem[] };

/** Parses a value by a schema; problems name their fields. */
export function parseWith<T>(schema: z.ZodMiniType<T>, value: unknown): Parsed<T> {
  const result = z.safeParse(schema, value);
  return result.success
    ? { value: result.data }
    : { problems: result.error.issues.flatMap((issue) => explain(issue, [])) };
}

function explain(issue: z.core.$ZodIssue, parent: readonly PropertyKey[]): readonly Problem[] {
  const path = [...parent, ...issue.path];
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ field: dotted([...path, key]), message: UNKNOWN_FIELD }));
  }
  if (issue.code === 'invalid_key') {
    // A header written whole, `Authorization: Bearer ...`, in the place of its name: the rest may be secret.
    const name = /^[\w-]*/.exec(String(path.at(-1)))?.[0] ?? '';
    return [{ field: dotted([...path.slice(0, -1), `${name}...`]), message: 'is not a valid name' }];
  }
  if (issue.code === 'invalid_union') {
    // The alternative that got furthest is the one the user meant.
    const meant = issue.errors.find((issues) => issues.every(isInside));
    if (meant) return meant.flatMap((inner) => explain(inner, path));
    const wanted = issue.errors.flatMap((issues) => issues.map((inner) => sentence(inner.message)));
    if (wanted.length > 0) return [{ field: dotted(path), message: [...new Set(wanted)].join(', or ') }];
  }
  return [{ field: dotted(path), message: sentence(issue.message) }];
}

/** Whether the value is of the kind that was expected, and something in it is not. */
function isInside({ path, code }: z.core.$ZodIssue): boolean {
  return path.length > 0 || code === 'unrecognized_keys';
}

function sentence(message: string): string {
  const plain = message.replace(/^Invalid (?:input|option): /, '');
  const [, expected] = /^(expected .*), received undefined$/.exec(plain) ?? [];
  return expected === undefined ? plain : `is missing (${expected})`;
}

function dotted(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    return text === '' ? String(part) : `${text}.${String(part)}`;
  }, '');
}
