import type { Parsed, SinkConfig } from '../contract/config.ts';
import { untilAborted } from '../contract/limits.ts';
import { namedMessageOf } from '../contract/untrusted.ts';
import { loadLanguages } from '../kit/languages.ts';
import {
  createDestination,
  parseSecrets,
  parseSettings,
  problemText,
  type Destination,
  type Settings,
} from './destination.ts';
import type { DocumentSource, ListedDocument, StoredDocument, Tree } from './documents.ts';

/** What is known of a destination that has a document. */
export type Entry<Options = unknown, Secrets = unknown> =
  | { readonly state: 'ready'; readonly destination: Destination<Options, Secrets> }
  /** No valid version of the document ever, or of its secrets. */
  | { readonly state: 'invalid'; readonly detail: string }
  /** There are no secrets, or they cannot be read. */
  | { readonly state: 'secret_missing'; readonly detail: string };

/** A mistake that an operator must repair. Names document, version and fields, never a value. */
export interface ConfigError {
  /** `<type>/<name>`; undefined when nothing could be read, or the mistake is a silence's. */
  readonly destination?: string;
  /** The silence's name; `*` when no silence could be read. */
  readonly silence?: string;
  readonly document?: string;
  readonly version?: string;
  readonly detail: string;
  /** What is in force instead. */
  readonly inForce: 'an earlier version' | 'nothing' | 'the set read before';
}

/** A destination as it was found, and what the next reading needs of it. */
export interface Known<Options, Secrets> {
  readonly entry: Entry<Options, Secrets>;
  /** The versions it was found in. Undefined if something could not be read: then the next reading looks again. */
  readonly basis: string | undefined;
  /** The last good parts, which stay in force over a bad edit. */
  readonly settings: Versioned<Settings<Options>> | undefined;
  readonly secrets: Versioned<Secrets> | undefined;
  readonly errors: readonly ConfigError[];
}

interface Versioned<T> {
  readonly version: string;
  readonly value: T;
}

/** A destination's documents in the store. */
export interface Found {
  /** `<type>/<name>`. */
  readonly id: string;
  readonly document: ListedDocument;
  readonly secret: ListedDocument | undefined;
}

export interface EvaluateOptions<Options, Secrets> {
  readonly source: DocumentSource;
  /** The config of a sink type; undefined for one that this build does not know. */
  readonly configOf: (type: string) => Promise<SinkConfig<Options, Secrets> | undefined>;
  /** As in a sink's function; without secrets as in the router. */
  readonly withSecrets: boolean;
  /** How long the earlier versions of a bad document are waited for, in milliseconds. */
  readonly historyMs: number;
}

/** The versions of both documents; undefined where one cannot be read. */
export function basisOf({ document, secret }: Found): string | undefined {
  if ('failure' in document || (secret && 'failure' in secret)) return undefined;
  return `${document.version}+${secret?.version ?? ''}`;
}

/** Makes of a destination's documents what is known of it. Never rejects: what fails, fails for this destination alone. */
export async function evaluate<Options, Secrets>(
  found: Found,
  before: Known<Options, Secrets> | undefined,
  options: EvaluateOptions<Options, Secrets>,
  signal: AbortSignal,
): Promise<Known<Options, Secrets>> {
  const { id, document, secret } = found;
  const config = await loadConfig(id, options.configOf);
  if (typeof config === 'string') return withoutConfig(found, config);

  const settings = await lastGood(
    { tree: 'destinations', id, stored: document, inMemory: before?.settings },
    (text) => parseSettings(config, text),
    options,
    signal,
  );
  if (!settings.good) return known(found, { state: 'invalid', detail: settings.detail }, settings);
  if (!options.withSecrets) return known(found, ready(id, settings.good), settings);

  const { plain } = settings.good.value;
  const secrets = secret
    ? await lastGood(
        { tree: 'secrets', id, stored: secret, inMemory: before?.secrets },
        (text) => parseSecrets(config, text, plain),
        options,
        signal,
      )
    : withoutDocument(id, parseSecrets(config, undefined, plain));
  if (secrets.good) return known(found, ready(id, settings.good, secrets.good), settings, secrets);
  const state = secret && 'text' in secret ? 'invalid' : 'secret_missing';
  return known(found, { state, detail: secrets.detail }, settings, secrets);
}

/** What came of one document. */
interface Part<T> {
  /** What is in force, if anything. */
  readonly good?: Versioned<T>;
  /** What is wrong with the document as stored; empty if nothing is. */
  readonly detail: string;
  readonly error?: ConfigError;
  /** Whether the same versions would give the same again. */
  readonly isFinal: boolean;
}

function known<Options, Secrets>(
  found: Found,
  entry: Entry<Options, Secrets>,
  settings: Part<Settings<Options>>,
  secrets?: Part<Secrets>,
): Known<Options, Secrets> {
  const isFinal = settings.isFinal && secrets?.isFinal !== false;
  return {
    entry,
    basis: isFinal ? basisOf(found) : undefined,
    settings: settings.good,
    secrets: secrets?.good,
    errors: [settings.error, secrets?.error].filter((error) => error !== undefined),
  };
}

function ready<Options, Secrets>(
  id: string,
  settings: Versioned<Settings<Options>>,
  secrets?: Versioned<Secrets>,
): Entry<Options, Secrets> {
  const [type = '', name = ''] = id.split('/');
  const version = secrets?.version ? `${settings.version}+${secrets.version}` : settings.version;
  return { state: 'ready', destination: createDestination({ type, name, version }, settings.value, secrets?.value) };
}

/** The sink's config, or why there is none. */
async function loadConfig<Options, Secrets>(
  id: string,
  configOf: EvaluateOptions<Options, Secrets>['configOf'],
): Promise<SinkConfig<Options, Secrets> | string> {
  const unknown = `${id} is not <sink type>/<name> of a sink type this build knows`;
  if (!/^[a-z0-9-]+\/[A-Za-z0-9._-]+$/.test(id)) return unknown;
  try {
    return (await configOf(id.slice(0, id.indexOf('/')))) ?? unknown;
  } catch (error) {
    return `the options of its sink cannot be loaded: ${namedMessageOf(error)}`;
  }
}

function withoutConfig<Options, Secrets>(found: Found, detail: string): Known<Options, Secrets> {
  return {
    entry: { state: 'invalid', detail },
    basis: basisOf(found),
    settings: undefined,
    secrets: undefined,
    errors: [errorOf('destinations', found.id, found.document, detail, 'nothing')],
  };
}

/** A destination that has no secrets document needs none, or waits for it, which is told by its events alone. */
function withoutDocument<T>(id: string, parsed: Parsed<T>): Part<T> {
  if ('value' in parsed) return { good: { version: '', value: parsed.value }, detail: '', isFinal: true };
  return { detail: `secrets/${id}: ${problemText(parsed.problems)}`, isFinal: true };
}

interface Stored<T> {
  readonly tree: Tree;
  readonly id: string;
  readonly stored: ListedDocument;
  readonly inMemory: Versioned<T> | undefined;
}

type HistoryOptions = Pick<EvaluateOptions<unknown, unknown>, 'source' | 'historyMs'>;

/** The newest valid version: the one stored, else the one in memory, else one from the store's history. */
async function lastGood<T>(
  document: Stored<T>,
  parse: (text: string) => Parsed<T>,
  options: HistoryOptions,
  signal: AbortSignal,
): Promise<Part<T>> {
  const { tree, id, stored, inMemory } = document;
  const parsed = await parseStored(stored, parse);
  if ('value' in parsed) return { good: parsed.value, detail: '', isFinal: true };
  const isReadable = !('failure' in stored);
  const hasHistory = isReadable && !inMemory;
  const earlier: Earlier<T> = hasHistory ? await earlierVersion(document, parse, options, signal) : { good: inMemory };
  const { good, failure } = earlier;
  const detail =
    failure === undefined ? parsed.problem : `${parsed.problem}; its earlier versions cannot be read: ${failure}`;
  return {
    ...(good && { good }),
    detail: `${tree}/${id}: ${detail}`,
    error: errorOf(tree, id, stored, detail, good ? 'an earlier version' : 'nothing'),
    isFinal: isReadable && failure === undefined,
  };
}

async function parseStored<T>(
  stored: ListedDocument,
  parse: (text: string) => Parsed<T>,
): Promise<{ readonly value: Versioned<T> } | { readonly problem: string }> {
  if ('failure' in stored) return { problem: `cannot be read: ${stored.failure}` };
  if (!('text' in stored)) {
    return { problem: 'is a SecureString: a destination is a String, its secrets go under secrets/' };
  }
  await loadLanguages(stored.text);
  const parsed = parse(stored.text);
  if ('problems' in parsed) return { problem: problemText(parsed.problems) };
  return { value: { version: stored.version, value: parsed.value } };
}

interface Earlier<T> {
  readonly good: Versioned<T> | undefined;
  /** Why the store's history could not be read. */
  readonly failure?: string;
}

/** The newest valid version in the store's history. A store that is slow about it holds up this destination alone. */
async function earlierVersion<T>(
  { tree, id }: Stored<T>,
  parse: (text: string) => Parsed<T>,
  { source, historyMs }: HistoryOptions,
  signal: AbortSignal,
): Promise<Earlier<T>> {
  const limited = AbortSignal.any([signal, AbortSignal.timeout(historyMs)]);
  let versions: readonly StoredDocument[];
  try {
    versions = await untilAborted(source.history(tree, id, limited), limited);
  } catch (error) {
    return { good: undefined, failure: namedMessageOf(error) };
  }
  for (const version of versions) {
    const parsed = await parseStored(version, parse);
    if ('value' in parsed) return { good: parsed.value };
  }
  return { good: undefined };
}

function errorOf(
  tree: Tree,
  id: string,
  stored: ListedDocument,
  detail: string,
  inForce: ConfigError['inForce'],
): ConfigError {
  const version = 'version' in stored ? stored.version : '';
  return { destination: id, document: `${tree}/${id}`, version, detail, inForce };
}
