import { extname } from 'node:path';
import type { Parsed } from '../../functions/core/contract/config.ts';
import { problemText } from '../../functions/core/destinations/destination.ts';
import type { DocumentSource } from '../../functions/core/destinations/documents.ts';
import { fileSource, type Formats } from '../../functions/core/destinations/file-source.ts';
import { OpsError, type Io } from './command.ts';
import { readText } from './events.ts';

const asItIs: Formats[string] = async (text) => ({ value: text });
// Loaded only for a file that needs it.
const fromYaml: Formats[string] = async (text) => (await import('./yaml-document.ts')).jsonOfYaml(text);

/** What a destination's file may be written in. A parameter is always JSON, and so are secrets and silences. */
export const FORMATS: Formats = { '.json': asItIs, '.yaml': fromYaml, '.yml': fromYaml };

/** The JSON of a destination's file, by its ending; another ending is JSON's. @throws {OpsError} where it cannot be read. */
export async function parseDocument(file: string): Promise<Parsed<string>> {
  return (FORMATS[extname(file)] ?? asItIs)(await readText(file));
}

/** The JSON of a file that somebody named, `-` being standard input with JSON. @throws {OpsError} that names the place of a mistake. */
export async function readDocument(file: string, io: Pick<Io, 'stdin'>): Promise<string> {
  if (file === '-') return io.stdin();
  const parsed = await parseDocument(file);
  if ('problems' in parsed) throw new OpsError(`${file}: ${problemText(parsed.problems)}`);
  return parsed.value;
}

/** A document as it is written into a file of its ending. */
export async function formatDocument(file: string, document: unknown): Promise<string> {
  if (!/\.ya?ml$/.test(file)) return `${JSON.stringify(document, null, 2)}\n`;
  const { yamlOf } = await import('./yaml-document.ts');
  return yamlOf(document);
}

/** What a folder holds, its destinations in any format. */
export function folderDocuments(folder: string): DocumentSource {
  return fileSource(folder, FORMATS);
}
