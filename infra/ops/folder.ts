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
import { readText } from './events.ts';
import { listDocuments, nameProblem } from './folder-files.ts';
import { FORMATS, parseDocument } from './formats.ts';
import { typeProblem } from './sinks.ts';
import { loadConfig } from '../discover.ts';

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

/** The type and name in `TYPE/NAME`. @throws {OpsError} when it is no such thing. */
export function parseId(id: string): { readonly type: string; readonly name: string } {
  const [, type, name] = /^([^/]+)\/([^/]+)$/.exec(id) ?? [];
  if (type === undefined || name === undefined) throw new OpsError(`${id} is no destination (expected TYPE/NAME)`, 2);
  const problem = typeProblem(type) ?? nameProblem(name);
  if (problem !== undefined) throw new OpsError(problem);
  return { type, name };
}

/** Reads `<folder>/destinations/<type>/<name>.json` (or `.yaml`) and `<folder>/secrets/<type>/<name>.json`. */
export async function readFolder(folder: string): Promise<Folder> {
  const documents = await listDocuments(join(folder, 'destinations'), Object.keys(FORMATS));
  if (documents.files.length === 0 && documents.unread.length === 0) {
    throw new OpsError(`${folder}: holds no destination (expected destinations/<type>/<name>.json)`);
  }
  const secrets = await listDocuments(join(folder, 'secrets'), ['.json'], 'optional');
  const destinations: DestinationSource[] = [];
  const broken: FileProblem[] = [];
  for (const { type, name, file } of documents.files) {
    const secretFile = join(folder, 'secrets', type, `${name}.json`);
    const isSecret = secrets.files.some((other) => other.type === type && other.name === name);
    const text = await parseDocument(file);
    if ('problems' in text) broken.push(...text.problems.map((problem) => ({ file, ...problem })));
    else {
      const secretText = isSecret ? await readText(secretFile) : undefined;
      destinations.push({ id: `${type}/${name}`, type, name, file, text: text.value, secretFile, secretText });
    }
  }
  const orphans = secrets.files
    .filter(({ type, name }) => !documents.files.some((known) => known.type === type && known.name === name))
    .map(({ file, type, name }) => ({ file, message: `belongs to no destination ${type}/${name}` }));
  const unread = [...documents.unread, ...secrets.unread, ...orphans];
  return { destinations, problems: [...broken, ...unread.map((each) => ({ ...each, field: '' }))] };
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
