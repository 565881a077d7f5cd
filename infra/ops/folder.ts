import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  parseSecrets,
  parseSettings,
  problemText,
  type Settings,
} from '../../functions/core/destinations/destination.ts';
import { filterSchema, type Filter } from '../../functions/core/destinations/filter.ts';
import { parseJsonObject } from '../../functions/core/destinations/json-object.ts';
import { placeholderProblems } from '../../functions/core/destinations/placeholders.ts';
import { parseWith, type Problem, type SinkConfig } from '../../functions/core/contract/config.ts';
import { OpsError } from './command.ts';
import { fileProblem, readText } from './events.ts';
import { loadConfig } from '../discover.ts';
import { typeProblem } from './sinks.ts';

/** A destination's two documents as they stand in a folder or in the parameter store. */
export interface DestinationSource {
  /** `<type>/<name>`. */
  readonly id: string;
  readonly type: string;
  readonly name: string;
  /** Where each document is, for messages. */
  readonly file: string;
  readonly text: string;
  readonly secretFile: string;
  readonly secretText: string | undefined;
  /** Why there is no text although the document is there: its key is disabled, or not for everybody. */
  readonly secretFailure?: string;
}

/** A mistake and the file it is in. */
export interface FileProblem extends Problem {
  readonly file: string;
}

/** What a folder holds, and what in it is no destination. */
export interface Folder {
  readonly destinations: readonly DestinationSource[];
  readonly problems: readonly FileProblem[];
}

/** A destination whose settings are valid: all that routing and rendering need. */
export interface Routed {
  readonly id: string;
  readonly config: SinkConfig;
  readonly settings: Settings<unknown>;
  /** The filter that the settings were compiled from. */
  readonly filter: Filter;
}

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;

/** What is wrong with a destination's name, if anything: it becomes part of a parameter's name. */
export function nameProblem(name: string): string | undefined {
  return NAME.test(name) ? undefined : `${name} is no name (allowed: letters, digits, . _ -, at most 100)`;
}

/** The type and name in `TYPE/NAME`. @throws {OpsError} when it is no such thing. */
export function parseId(id: string): { readonly type: string; readonly name: string } {
  const [, type, name] = /^([^/]+)\/([^/]+)$/.exec(id) ?? [];
  if (type === undefined || name === undefined) throw new OpsError(`${id} is no destination (expected TYPE/NAME)`, 2);
  const problem = typeProblem(type) ?? nameProblem(name);
  if (problem !== undefined) throw new OpsError(problem);
  return { type, name };
}

/** Reads `<folder>/destinations/<type>/<name>.json` and `<folder>/secrets/<type>/<name>.json`. */
export async function readFolder(folder: string): Promise<Folder> {
  const documents = await listDocuments(join(folder, 'destinations'));
  if (documents.files.length === 0 && documents.problems.length === 0) {
    throw new OpsError(`${folder}: holds no destination (expected destinations/<type>/<name>.json)`);
  }
  const secrets = await listDocuments(join(folder, 'secrets'), 'optional');
  const destinations = await Promise.all(
    documents.files.map(async ({ type, name, file }) => {
      const secret = secrets.files.find((other) => other.type === type && other.name === name);
      const secretFile = join(folder, 'secrets', type, `${name}.json`);
      const secretText = secret && (await readText(secretFile));
      return { id: `${type}/${name}`, type, name, file, text: await readText(file), secretFile, secretText };
    }),
  );
  const orphans = secrets.files
    .filter(({ type, name }) => !destinations.some((known) => known.id === `${type}/${name}`))
    .map(({ file, type, name }) => ({ file, field: '', message: `belongs to no destination ${type}/${name}` }));
  return { destinations, problems: [...documents.problems, ...secrets.problems, ...orphans] };
}

interface DocumentFile {
  readonly type: string;
  readonly name: string;
  readonly file: string;
}

async function listDocuments(
  root: string,
  optional?: 'optional',
): Promise<{ readonly files: readonly DocumentFile[]; readonly problems: readonly FileProblem[] }> {
  const files: DocumentFile[] = [];
  const problems: FileProblem[] = [];
  for (const type of await list(root, optional)) {
    const folder = join(root, type.name);
    if (!type.isDirectory()) {
      problems.push({ file: folder, field: '', message: 'is not read (expected <type>/<name>.json)' });
      continue;
    }
    const problem = typeProblem(type.name);
    if (problem !== undefined) problems.push({ file: folder, field: '', message: problem });
    for (const entry of await list(folder)) {
      const file = join(folder, entry.name);
      const name = entry.name.replace(/\.json$/, '');
      const wrong = name === entry.name ? 'is not read (expected <name>.json)' : nameProblem(name);
      if (wrong !== undefined) problems.push({ file, field: '', message: wrong });
      else if (problem === undefined) files.push({ type: type.name, name, file });
    }
  }
  return { files, problems };
}

async function list(folder: string, optional?: 'optional') {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.filter((entry) => !entry.name.startsWith('.')).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (missing && optional) return [];
    throw new OpsError(`${folder}: ${fileProblem(error)}`);
  }
}

/** Every mistake in a destination's two documents, and every value that is still to be put in. */
export async function checkDestination(source: DestinationSource): Promise<readonly FileProblem[]> {
  const { file, text, secretFile, secretText = '{}' } = source;
  return [
    ...(await checkSchema(source)),
    ...placeholdersIn('document', text).map((problem) => ({ file, ...problem })),
    ...placeholdersIn('secret', secretText).map((problem) => ({ file: secretFile, ...problem })),
  ];
}

/** What is still to be put into a document. */
export function placeholdersIn(kind: 'document' | 'secret', text: string): readonly Problem[] {
  const document = parseJsonObject(text);
  return 'value' in document ? placeholderProblems(kind, document.value) : [];
}

/** Every mistake in a destination's two documents that the functions would see. */
export async function checkSchema(source: DestinationSource): Promise<readonly FileProblem[]> {
  const config = await loadConfig(source.type);
  const settings = parseSettings(config, source.text);
  const found = 'problems' in settings ? settings.problems : [];
  if (source.secretFailure !== undefined) {
    const unreadable = { file: source.secretFile, field: '', message: `cannot be read: ${source.secretFailure}` };
    return [...found.map((problem) => ({ file: source.file, ...problem })), unreadable];
  }
  const plain = 'problems' in settings ? {} : settings.value.plain;
  const secrets = parseSecrets(config, source.secretText, plain);
  const hidden = 'problems' in secrets ? secrets.problems : [];
  return [
    ...found.map((problem) => ({ file: source.file, ...problem })),
    ...hidden
      // Whether a field that may stand in either document is there cannot be told while the other one is unreadable.
      .filter(({ field }) => !('problems' in settings && config.plainSecrets?.includes(field)))
      .map((problem) => ({ file: source.secretFile, ...problem })),
  ];
}

/** The destinations with their filters compiled; secrets are not needed. @throws {OpsError} that names every mistake. */
export async function loadRouted(sources: readonly DestinationSource[]): Promise<readonly Routed[]> {
  const problems: string[] = [];
  const routed: Routed[] = [];
  for (const { id, type, file, text } of sources) {
    const config = await loadConfig(type);
    const settings = parseSettings(config, text);
    if ('problems' in settings) problems.push(`${file}: ${problemText(settings.problems)}`);
    else routed.push({ id, config, settings: settings.value, filter: settings.value.filter });
  }
  if (problems.length > 0) throw new OpsError(problems.join('\n'));
  return routed;
}

/** The filter of a document; an empty one where it is not valid. */
export function filterOf(text: string): Filter {
  const document = parseJsonObject(text);
  const parsed = parseWith(filterSchema, 'value' in document ? (document.value['filter'] ?? {}) : {});
  return 'value' in parsed ? parsed.value : {};
}

/** A mistake as one line. */
export function problemLine({ file, field, message }: FileProblem): string {
  return field === '' ? `${file}: ${message}` : `${file}: ${field} ${message}`;
}
