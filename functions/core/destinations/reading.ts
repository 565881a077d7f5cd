import type { ListedDocument } from './documents.ts';
import { basisOf, evaluate, type EvaluateOptions, type Found, type Known } from './evaluate.ts';

/** Destinations by `<type>/<name>`. */
export type KnownSet<Options, Secrets> = ReadonlyMap<string, Known<Options, Secrets>>;

export interface ReadingOptions<Options, Secrets> extends Omit<EvaluateOptions<Options, Secrets>, 'withSecrets'> {
  /** One type with its secrets, as in a sink's function; or all types without secrets, as in the router. */
  readonly only?: string | undefined;
}

/**
 * Looks at the store once. What has not changed since `before` is taken over, the rest is read and evaluated. Rejects if the store
 * cannot be read before the signal aborts; what concerns one destination fails in its entry.
 */
export async function readDestinations<Options, Secrets>(
  options: ReadingOptions<Options, Secrets>,
  before: KnownSet<Options, Secrets>,
  signal: AbortSignal,
): Promise<KnownSet<Options, Secrets>> {
  const listed = await list(options, signal);
  const changed = listed.filter((found) => !isUnchanged(found, before.get(found.id)));
  const readable = await decrypt(changed, options, signal);
  const withSecrets = options.only !== undefined;
  const evaluated = new Map<string, Known<Options, Secrets>>();
  await Promise.all(
    readable.map(async (found) => {
      const known = await evaluate(found, before.get(found.id), { ...options, withSecrets }, signal);
      evaluated.set(found.id, known);
    }),
  );
  return new Map(
    listed.flatMap(({ id }) => {
      const known = evaluated.get(id) ?? before.get(id);
      return known ? [[id, known] as const] : [];
    }),
  );
}

async function list<Options, Secrets>(
  { source, only }: ReadingOptions<Options, Secrets>,
  signal: AbortSignal,
): Promise<readonly Found[]> {
  const documents = await source.list('destinations', only, signal);
  const secrets = only === undefined ? new Map<string, ListedDocument>() : await source.list('secrets', only, signal);
  return [...documents].map(([id, document]) => ({ id, document, secret: secrets.get(id) }));
}

function isUnchanged(found: Found, before: Known<unknown, unknown> | undefined): boolean {
  const basis = basisOf(found);
  return basis !== undefined && basis === before?.basis;
}

/** Fills in the texts of secrets. One that has gone since the listing is none. */
async function decrypt<Options, Secrets>(
  found: readonly Found[],
  { source }: ReadingOptions<Options, Secrets>,
  signal: AbortSignal,
): Promise<readonly Found[]> {
  const isEncrypted = ({ secret }: Found): boolean =>
    secret !== undefined && !('text' in secret) && !('failure' in secret);
  const encrypted = found.filter(isEncrypted).map(({ id }) => id);
  const texts = encrypted.length === 0 ? new Map() : await source.read('secrets', encrypted, signal);
  return found.map((each) => (isEncrypted(each) ? { ...each, secret: texts.get(each.id) } : each));
}
