import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { parse, YAMLParseError } from 'yaml';
import { codeOf, isRecord, listOf, recordOf, textOf } from '../../functions/core/contract/untrusted.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** A cluster, a user or a context of a kubeconfig, and the folder that paths in it start from. */
export interface KubeconfigEntry {
  readonly fields: Readonly<Record<string, unknown>>;
  readonly folder: string;
}

/** What one or several kubeconfigs say together. */
export interface Kubeconfig {
  readonly currentContext: string;
  readonly contexts: ReadonlyMap<string, KubeconfigEntry>;
  readonly clusters: ReadonlyMap<string, KubeconfigEntry>;
  readonly users: ReadonlyMap<string, KubeconfigEntry>;
}

/** Which files, and whether each must be there: one that is not says nothing. */
export interface KubeconfigFiles {
  readonly paths: readonly string[];
  readonly areRequired: boolean;
}

/** The file asked for, else those that KUBECONFIG lists, else the one in the home folder. */
export function kubeconfigFiles(file: string | undefined, env: Environment): KubeconfigFiles {
  if (file !== undefined) return { paths: [file], areRequired: true };
  const listed = (env['KUBECONFIG'] ?? '').split(delimiter).filter((path) => path !== '');
  return {
    paths: listed.length === 0 ? [join(homedir(), '.kube', 'config')] : [...new Set(listed)],
    areRequired: false,
  };
}

/** A file as it stands. */
export interface KubeconfigText {
  readonly path: string;
  readonly text: string;
}

/** @throws {Error} with a sentence for the user if there is nothing to read. */
export async function readTexts({ paths, areRequired }: KubeconfigFiles): Promise<readonly KubeconfigText[]> {
  const texts: KubeconfigText[] = [];
  for (const path of paths) {
    const text = await textOfFile(path, areRequired);
    if (text !== undefined) texts.push({ path, text });
  }
  if (texts.length === 0) {
    throw new Error(`there is no kubeconfig to read at ${paths.join(' or ')}; set KUBECONFIG`);
  }
  return texts;
}

/**
 * Merges files as kubectl does: what is said first holds.
 * @throws {Error} with a sentence for the user.
 */
export function parseKubeconfig(texts: readonly KubeconfigText[]): Kubeconfig {
  const files = texts.map(parseFile);
  return {
    currentContext: files.find(({ currentContext }) => currentContext !== '')?.currentContext ?? '',
    contexts: firstOf(files.map(({ contexts }) => contexts)),
    clusters: firstOf(files.map(({ clusters }) => clusters)),
    users: firstOf(files.map(({ users }) => users)),
  };
}

async function textOfFile(path: string, isRequired: boolean): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT' && !isRequired) return undefined;
    throw new Error(`there is no kubeconfig to read at ${path}; set KUBECONFIG`, { cause: error });
  }
}

function parseFile({ path, text }: KubeconfigText): Kubeconfig {
  let value: unknown;
  try {
    // Numbers stay as they are written: names, tokens and passwords may consist of digits.
    value = parse(text, { schema: 'failsafe', customTags: ['null', 'bool'] });
  } catch (error) {
    // Not what the parser says: it quotes the text.
    const [at] = (error instanceof YAMLParseError && error.linePos) || [];
    const place = at === undefined ? '' : ` (line ${at.line}, column ${at.col})`;
    throw new Error(`the kubeconfig ${path} is not YAML${place}`, { cause: error });
  }
  if (value !== null && !isRecord(value)) throw new Error(`the kubeconfig ${path} is not YAML of a kubeconfig`);
  const file = recordOf(value);
  return {
    currentContext: textOf(file['current-context']),
    contexts: entriesOf(file['contexts'], 'context', path),
    clusters: entriesOf(file['clusters'], 'cluster', path),
    users: entriesOf(file['users'], 'user', path),
  };
}

/** The entries of one of a kubeconfig's lists (`contexts: [{name, context}]`) by name. */
function entriesOf(list: unknown, field: string, path: string): ReadonlyMap<string, KubeconfigEntry> {
  const entries = new Map<string, KubeconfigEntry>();
  const folder = dirname(resolve(path));
  for (const entry of listOf(list).map(recordOf)) {
    const name = textOf(entry['name']);
    if (entries.has(name)) throw new Error(`the kubeconfig ${path} has two entries named "${name}" in ${field}s`);
    entries.set(name, { fields: recordOf(entry[field]), folder });
  }
  return entries;
}

function firstOf(maps: readonly ReadonlyMap<string, KubeconfigEntry>[]): ReadonlyMap<string, KubeconfigEntry> {
  return new Map(maps.toReversed().flatMap((map) => [...map]));
}
