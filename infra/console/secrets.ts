import type { SinkConfig } from '../../functions/core/contract/config.ts';
import { createRedactor } from '../../functions/core/contract/redaction.ts';
import { REDACTED } from '../../functions/core/contract/secret.ts';
import { isRecord } from '../../functions/core/contract/untrusted.ts';
import type { DocumentSource, Tree } from '../../functions/core/destinations/documents.ts';
import { parseJson } from '../../functions/core/destinations/json-object.ts';
import { loadConfig, sinkTypes } from '../discover.ts';
import { textsIn } from '../ops/destinations/conceal.ts';
import { withTexts } from './texts.ts';

/** What is secret in a source's documents, as far as anybody has read it. */
export interface Secrets {
  /** The source's documents: what is secret in what is read of them is known from then on. */
  readonly documents: DocumentSource;
  /** A text of others, without any secret that is known. */
  readonly redact: (text: string) => string;
  /** An answer without any secret that is known. */
  readonly conceal: (value: unknown) => unknown;
  /** What is secret in earlier texts of a destination's document is known from then on. */
  readonly learnEarlier: (id: string, texts: readonly string[]) => Promise<void>;
  /** Gets to know what is secret now. */
  readonly learn: (signal: AbortSignal) => Promise<void>;
}

/**
 * What is not looked into: names and versions, which a page sends back and a short secret may be a part of; events, which are the
 * cluster's; and texts of documents, whose secrets are struck out field by field.
 */
const UNTOUCHED: ReadonlySet<string> = new Set(
  'id name destination owner code version status state command event events document schema text'.split(' '),
);

export function createSecrets(source: DocumentSource): Secrets {
  const known = new Map<string, readonly string[]>();
  const redactor = createRedactor();
  let isNew = false;
  const documents: DocumentSource = {
    async list(tree, type, signal) {
      const listed = await source.list(tree, type, signal);
      for (const [id, document] of listed) if ('text' in document) await note(tree, id, [document.text]);
      return listed;
    },
    async read(tree, ids, signal) {
      const found = await source.read(tree, ids, signal);
      for (const [id, document] of found) if ('text' in document) await note(tree, id, [document.text]);
      return found;
    },
    async history(tree, id, signal) {
      const versions = await source.history(tree, id, signal);
      await note(
        tree,
        `${id} before`,
        versions.map(({ text }) => text),
      );
      return versions;
    },
    maxAgeMs: () => source.maxAgeMs(),
  };
  return {
    documents,
    redact,
    conceal: (value) => withTexts(value, redact, UNTOUCHED),
    learnEarlier: (id, texts) => note('destinations', `${id} before`, texts),
    async learn(signal) {
      await documents.list('destinations', undefined, signal);
      await documents.list('secrets', undefined, signal);
    },
  };

  function redact(text: string): string {
    if (isNew) redactor.use([...known.values()].flat());
    isNew = false;
    return redactor.redact(text);
  }

  async function note(tree: Tree, id: string, texts: readonly string[]): Promise<void> {
    if (tree === 'silences') return;
    const secrets = (await Promise.all(texts.map((text) => secretsIn(tree, id, text)))).flat();
    const before = known.get(`${tree}/${id}`) ?? [];
    if (secrets.join('\n') === before.join('\n')) return;
    known.set(`${tree}/${id}`, secrets);
    isNew = true;
  }
}

async function secretsIn(tree: Tree, id: string, text: string): Promise<readonly string[]> {
  const document = fieldsIn(text) ?? {};
  const config = tree === 'secrets' ? undefined : await configOf(id);
  const isSecret = (field: string): boolean => (tree === 'secrets' ? field !== '$schema' : hides(config, field));
  const entries = Object.entries(document).filter(([field]) => isSecret(field));
  return entries.flatMap(([, value]) => textsIn(value)).filter((value) => value !== REDACTED);
}

/** The fields of a document, also of one that no parameter can hold; undefined where it has none. */
export function fieldsIn(text: string): Readonly<Record<string, unknown>> | undefined {
  const parsed = parseJson(text);
  return 'value' in parsed && isRecord(parsed.value) ? parsed.value : undefined;
}

let types: readonly string[] | undefined;

/** The config of a destination's sink; undefined where this build does not know it. */
export async function configOf(id: string): Promise<SinkConfig | undefined> {
  const [type = ''] = id.split('/');
  // Looked up in folders, and asked for each document.
  types ??= sinkTypes();
  return types.includes(type) ? loadConfig(type) : undefined;
}

/** Whether a field of a destination's document may be secret. */
export function hides(config: SinkConfig | undefined, field: string): boolean {
  return config !== undefined && Object.hasOwn(config.secrets.shape, field);
}
