import { problemText } from '../../../functions/core/destinations/destination.ts';
import { parseJsonObject } from '../../../functions/core/destinations/json-object.ts';
import { loadConfig } from '../../discover.ts';
import { OpsError, type Io } from '../command.ts';
import { notDeployed, type Deployed } from '../aws/stack.ts';
import { type Store } from '../aws/store.ts';
import { failureText } from '../failure.ts';
import { concealer, withoutSecrets } from './conceal.ts';
import { checkDestination, parseId, problemLine, type DestinationSource, type FileProblem } from '../folder.ts';
import { warn } from '../warnings.ts';
import { difference } from './difference.ts';
import { isRecord, recordOf } from '../../../functions/core/contract/untrusted.ts';
import { FILL_IN } from '../../../functions/core/destinations/placeholders.ts';

type Fields = Readonly<Record<string, unknown>>;

/** What a destination is to become. */
export interface Change {
  readonly id: string;
  /** The String document; secret fields in it are moved to the secrets. */
  readonly document: Fields;
  /** Secret fields to set; those not named stay as they are. */
  readonly secrets: Fields;
  readonly current: DestinationSource | undefined;
}

/** The standard tier's limit: above it, a document is stored without its indentation. */
const STANDARD_BYTES = 4096;

/** Where a change goes to. */
export interface Target {
  readonly store: Store;
  readonly deployed: Deployed;
  readonly isDryRun: boolean;
}

/** A change that may be written, with what it changes. */
export interface Plan {
  readonly source: DestinationSource;
  readonly isNew: boolean;
  readonly changes: readonly string[];
  /** Of secrets it says only that they change. */
  readonly secretChanges: readonly string[];
}

/**
 * Checks what a destination is to become by the functions' own schema, and compares it with what is stored. A secret that is a
 * placeholder (`REPLACE_ME`, as imports and `destinations pull` write it) is the stored one, where there is one.
 * @throws {OpsError} that names every mistake.
 */
export async function planChange(
  { id, document, secrets, current }: Change,
  { store, deployed }: Pick<Target, 'store' | 'deployed'>,
): Promise<Plan> {
  const { type, name } = parseId(id);
  if (!deployed.sinks.some(({ owner }) => owner === type)) throw new OpsError(notDeployed(type));
  if (current?.secretFailure !== undefined) {
    const why = `${current.secretFile} cannot be read: ${current.secretFailure}`;
    throw new OpsError(`${why}. Secret fields that are not given would be lost; nothing was written`);
  }
  const config = await loadConfig(type);
  // What may be secret is kept as if it were, also where the schema lets it stand in the open.
  const isSecret = (field: string): boolean => Object.hasOwn(config.secrets.shape, field);
  const { $schema: _, ...known } = parseFields(current?.secretText, `the secrets of ${id}`);
  const before = parseAny(current?.text);
  const stored = { ...partOf(recordOf(before), isSecret), ...known };
  const given = partOf(document, isSecret);
  const plain = partOf(document, (field) => !isSecret(field));
  const merged = merge(merge(known, withStored(given, stored)), withStored(secrets, stored));
  const source: DestinationSource = {
    id,
    type,
    name,
    file: store.parameter('destinations', id),
    text: format(plain),
    secretFile: store.parameter('secrets', id),
    secretText: Object.keys(merged).length > 0 ? format(merged) : undefined,
  };
  const problems = (await checkDestination(source)).map(withFlag(source, current === undefined ? '--file FILE ' : ''));
  if (problems.length > 0) throw new OpsError(`${problems.map(problemLine).join('\n')}\nnothing was written`);
  return {
    source,
    isNew: current === undefined,
    changes: difference(withoutSecrets(before, isSecret), plain),
    secretChanges: difference(known, merged, 'hidden'),
  };
}

/** Whether a plan changes anything. */
export function isChange({ isNew, changes, secretChanges }: Plan): boolean {
  return isNew || changes.length + secretChanges.length > 0;
}

/** What a plan changes, for people. */
export function planLines({ source, isNew, changes, secretChanges }: Plan): readonly string[] {
  const fields = [...changes, ...secretChanges.map((change) => `${change} (secret)`)];
  return [`${source.id}${isNew ? ' (new)' : ''}:`, ...fields.map((line) => `  ${line}`)];
}

/**
 * Shows what changes, and writes it: first the secrets, so that no function sees the document without them. Resolves to whether
 * anything changed.
 * @throws {OpsError} that names every mistake; nothing is written then.
 */
export async function applyChange(change: Change, target: Target, io: Pick<Io, 'err'>): Promise<boolean> {
  const plan = await planChange(change, target);
  const { source, isNew, changes, secretChanges } = plan;
  const { id } = source;
  if (!isChange(plan)) {
    io.err(`${id} is up to date`);
    return false;
  }
  for (const line of planLines(plan)) io.err(line);
  await warn(source, io);
  if (target.isDryRun) return true;
  const { store } = target;
  if (secretChanges.length > 0 && source.secretText !== undefined) await putSecrets(store, id, source.secretText);
  const version = !isNew && changes.length === 0 ? undefined : await store.put('destinations', id, source.text);
  io.err(`written${version === undefined ? '' : ` as version ${version}`}; functions take it over within a minute`);
  return true;
}

/** @throws {OpsError} that does not repeat what was to be written, whatever AWS says about it. */
async function putSecrets(store: Store, id: string, text: string): Promise<void> {
  try {
    await store.put('secrets', id, text);
  } catch (error) {
    throw new OpsError(concealer(text)(failureText(error)));
  }
}

/**
 * A secret that is missing is said with the flag that asks for it: the SecureString is not for people to write.
 * @param others the options that the command needs besides
 */
export function withFlag(
  { id, secretFile }: DestinationSource,
  others: '' | '--file FILE ' = '',
): (problem: FileProblem) => FileProblem {
  return (problem) => {
    const { file, field, message } = problem;
    if (file !== secretFile || field === '' || !message.startsWith('is missing')) return problem;
    return { ...problem, message: `${message}; to be asked for it: destinations set ${id} ${others}--secret ${field}` };
  };
}

/** A document with these of its fields alone. */
export function partOf(document: Fields, includes: (field: string) => boolean): Fields {
  return Object.fromEntries(Object.entries(document).filter(([field]) => includes(field)));
}

/** The stored value in place of each placeholder; one for which there is none stays, and is a mistake. */
function withStored(given: Fields, stored: Fields): Fields {
  const entries = Object.entries(given).map(([field, value]) => {
    const known = stored[field];
    if (isRecord(value) && isRecord(known)) return [field, withStored(value, known)] as const;
    return [field, value === FILL_IN && known !== undefined ? known : value] as const;
  });
  return Object.fromEntries(entries);
}

/** Records of secrets, such as headers, keep the entries that are not named. */
function merge(before: Fields, after: Fields): Fields {
  const entries = Object.entries(after).map(([field, value]) => {
    const old = before[field];
    return [field, isRecord(old) && isRecord(value) ? { ...old, ...value } : value] as const;
  });
  return { ...before, ...Object.fromEntries(entries) };
}

function format(fields: Fields): string {
  const text = JSON.stringify(fields, null, 2);
  return Buffer.byteLength(text) <= STANDARD_BYTES ? text : JSON.stringify(fields);
}

/** A JSON object. @throws {OpsError} that says where it is not one. */
export function parseFields(text: string | undefined, place: string): Fields {
  const document = parseJsonObject(text ?? '{}');
  if ('problems' in document) throw new OpsError(`${place}: ${problemText(document.problems)}`);
  return document.value;
}

function parseAny(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '{}');
  } catch {
    return undefined;
  }
}
