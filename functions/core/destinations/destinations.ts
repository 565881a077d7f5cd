import type { Problem, SinkConfig } from '../contract/config.ts';
import {
  createDestination,
  parseSecrets,
  parseSettings,
  problemText,
  type Destination,
  type Parsed,
  type Settings,
  type StoredDocument,
} from './destination.ts';
import type { DocumentSource, ListedDocument, Tree } from './source.ts';
import { namedMessageOf } from '../contract/untrusted.ts';

/** What is known of a destination that has a document. */
export type Entry<Options = unknown, Secrets = unknown> =
  | { readonly state: 'ready'; readonly destination: Destination<Options, Secrets> }
  /** No valid version of the document ever, or of its secrets. */
  | { readonly state: 'invalid'; readonly detail: string }
  | { readonly state: 'secret_missing'; readonly detail: string };

export type DestinationSet<Options = unknown, Secrets = unknown> = ReadonlyMap<string, Entry<Options, Secrets>>;

/** A mistake that an operator must repair. Names document, version and fields, never a value. */
export interface ConfigError {
  /** `<type>/<name>`; undefined when nothing could be read. */
  readonly destination?: string;
  readonly document?: string;
  readonly version?: string;
  readonly detail: string;
  /** What is in force instead. */
  readonly inForce: 'an earlier version' | 'nothing' | 'the set read before';
}

export interface DestinationsOptions<Options, Secrets> {
  readonly source: DocumentSource;
  /** The config of a sink type; undefined for one that this build does not know. */
  readonly configOf: (type: string) => Promise<SinkConfig<Options, Secrets> | undefined>;
  /** One type with its secrets, as in a sink's function; or all types without secrets, as in the router. */
  readonly only?: string;
  readonly onError: (error: ConfigError) => void;
  readonly now: () => number;
}

export interface Destinations<Options = unknown, Secrets = unknown> {
  /**
   * The destinations as of the last 45 s at most, or as of now with `fresh`.
   * @throws {Error} if they cannot be read and no set read before may stand in (never with `fresh`).
   */
  load(options?: { readonly fresh?: boolean }): Promise<DestinationSet<Options, Secrets>>;
}

interface Known<Options, Secrets> {
  readonly entry: Entry<Options, Secrets>;
  readonly documentVersion: string;
  readonly secretVersion: string | undefined;
  /** The last good parts, which stay in force over a bad edit. */
  readonly settings?: Versioned<Settings<Options>>;
  readonly secrets?: Versioned<Secrets>;
  /** Mistakes found when it was read; told at every refresh for as long as they last. */
  readonly errors: readonly ConfigError[];
}

interface Versioned<T> {
  readonly version: string;
  readonly value: T;
}

/** Keeps the destinations of a source: cached, validated, with the last good version in force over a bad edit. */
export function createDestinations<Options, Secrets>({
  source,
  configOf,
  only,
  onError,
  now,
}: DestinationsOptions<Options, Secrets>): Destinations<Options, Secrets> {
  let known: ReadonlyMap<string, Known<Options, Secrets>> | undefined;
  let set: DestinationSet<Options, Secrets> = new Map();
  let staleAt = 0;
  let refreshing: Promise<void> | undefined;
  return { load };

  async function load({ fresh = false } = {}): Promise<DestinationSet<Options, Secrets>> {
    if (!fresh && known && now() < staleAt) return set;
    refreshing ??= refresh().finally(() => (refreshing = undefined));
    try {
      await refreshing;
    } catch (error) {
      if (fresh || !known) throw error;
      staleAt = now() + source.maxAgeMs();
      onError({ detail: `cannot be read: ${namedMessageOf(error)}`, inForce: 'the set read before' });
    }
    return set;
  }

  async function refresh(): Promise<void> {
    const documents = await source.list('destinations', only);
    const secretVersions = only === undefined ? new Map<string, ListedDocument>() : await source.list('secrets', only);
    const isKnown = (id: string, document: ListedDocument): boolean => {
      const before = known?.get(id);
      return before?.documentVersion === document.version && before.secretVersion === secretVersions.get(id)?.version;
    };
    const encrypted = [...documents].flatMap(([id, document]) => {
      const secret = secretVersions.get(id);
      return secret && secret.text === undefined && !isKnown(id, document) ? [id] : [];
    });
    const decrypted = await source.read('secrets', encrypted);
    const next = new Map<string, Known<Options, Secrets>>();
    for (const [id, document] of documents) {
      const before = known?.get(id);
      const secret = decrypted.get(id) ?? withText(secretVersions.get(id));
      next.set(id, before && isKnown(id, document) ? before : await evaluate(id, document, secret, before));
    }
    for (const { errors } of next.values()) errors.forEach(onError);
    known = next;
    set = new Map([...next].map(([id, { entry }]) => [id, entry]));
    staleAt = now() + source.maxAgeMs();
  }

  async function evaluate(
    id: string,
    document: ListedDocument,
    secret: StoredDocument | undefined,
    before: Known<Options, Secrets> | undefined,
  ): Promise<Known<Options, Secrets>> {
    const errors: ConfigError[] = [];
    const versions = { documentVersion: document.version, secretVersion: secret?.version };
    const [type = '', name = ''] = id.split('/');
    const config = /^[a-z0-9-]+\/[A-Za-z0-9._-]+$/.test(id) ? await configOf(type) : undefined;
    if (!config) {
      const detail = `${id} is not <sink type>/<name> of a sink type this build knows`;
      errors.push({
        destination: id,
        document: `destinations/${id}`,
        version: document.version,
        detail,
        inForce: 'nothing',
      });
      return { ...versions, entry: { state: 'invalid', detail }, errors };
    }

    const settings = await lastGood('destinations', withText(document), before?.settings, (text) =>
      parseSettings(config, text),
    );
    if ('problem' in settings) return { ...versions, entry: { state: 'invalid', detail: settings.problem }, errors };
    const kept = { ...versions, settings, errors };
    if (only === undefined) {
      return { ...kept, entry: ready({ version: settings.version }, settings.value, undefined) };
    }

    const { plain } = settings.value;
    if (!secret) {
      const parsed = parseSecrets(config, undefined, plain);
      if ('value' in parsed)
        return { ...kept, entry: ready({ version: settings.version }, settings.value, parsed.value) };
      return { ...kept, entry: { state: 'secret_missing', detail: `secrets/${id}: ${problemText(parsed.problems)}` } };
    }
    const secrets = await lastGood('secrets', secret, before?.secrets, (text) => parseSecrets(config, text, plain));
    if ('problem' in secrets) return { ...kept, entry: { state: 'invalid', detail: secrets.problem } };
    const version = `${settings.version}+${secrets.version}`;
    return { ...kept, secrets, entry: ready({ version }, settings.value, secrets.value) };

    function ready(
      { version }: { version: string },
      value: Settings<Options>,
      secretFields: Secrets | undefined,
    ): Entry<Options, Secrets> {
      return { state: 'ready', destination: createDestination({ type, name, version }, value, secretFields) };
    }

    /** The newest valid version: the one stored, else the one in memory, else one from the store's history. */
    async function lastGood<T>(
      tree: Tree,
      current: StoredDocument | undefined,
      inMemory: Versioned<T> | undefined,
      parse: (text: string) => Parsed<T>,
    ): Promise<Versioned<T> | { readonly problem: string }> {
      const parsed = current ? parse(current.text) : secureString;
      if ('value' in parsed) return { version: current?.version ?? '', value: parsed.value };
      const detail = problemText(parsed.problems);
      const good = inMemory ?? (await fromHistory(tree, current, parse));
      errors.push({
        destination: id,
        document: `${tree}/${id}`,
        version: current?.version ?? '',
        detail,
        inForce: good ? 'an earlier version' : 'nothing',
      });
      return good ?? { problem: `${tree}/${id}: ${detail}` };
    }

    async function fromHistory<T>(
      tree: Tree,
      current: StoredDocument | undefined,
      parse: (text: string) => Parsed<T>,
    ): Promise<Versioned<T> | undefined> {
      for (const { version, text } of await source.history(tree, id)) {
        if (version === current?.version) continue;
        const parsed = parse(text);
        if ('value' in parsed) return { version, value: parsed.value };
      }
      return undefined;
    }
  }
}

const secureString: { readonly problems: readonly Problem[] } = {
  problems: [{ field: '', message: 'is a SecureString: a destination is a String, its secrets go under secrets/' }],
};

function withText(document: ListedDocument | undefined): StoredDocument | undefined {
  return document?.text === undefined ? undefined : { version: document.version, text: document.text };
}
