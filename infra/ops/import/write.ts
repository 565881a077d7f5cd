import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Problem } from '../../../functions/core/contract/config.ts';
import type { ExitCode, Io } from '../command.ts';
import { writeDocument } from '../folder-files.ts';
import { FORMATS } from '../formats.ts';
import { checkSchema, type DestinationSource } from '../folder.ts';
import { asWritten, unresolved } from './environment.ts';
import { adviceOf, warningsOf } from '../warnings.ts';
import {
  createReport,
  FILL_IN,
  FILL_IN_LABEL,
  PLACEHOLDER_TEXT,
  type Draft,
  type Imported,
  type Note,
  type Report,
} from './report.ts';

/** Checks what was imported, writes it as a folder of destinations, and says everything that is to be known. */
export async function writeDrafts(
  { drafts, notes }: Imported,
  target: { readonly out: string; readonly json: boolean },
  io: Io,
): Promise<ExitCode> {
  const report = createReport(notes);
  const sources = drafts.map((draft) => toSource(draft, target.out, report));
  for (const source of sources) {
    for (const problem of await checkSchema(source)) report.add('refuse', problem.file, fieldLine(problem));
    // What is allowed and yet hardly meant, such as a chat without a filter.
    for (const note of [...(await warningsOf(source)), ...(await adviceOf(source))]) {
      report.add('note', note.file, fieldLine(note));
    }
  }
  const files = sources.flatMap(({ file, text, secretFile, secretText }) => [
    { file, text, mode: 0o644 },
    ...(secretText === undefined ? [] : [{ file: secretFile, text: secretText, mode: 0o600 }]),
  ]);
  for (const { file, text } of files) {
    const existing = await readExisting(file);
    if (existing !== undefined && existing !== text) {
      report.add('refuse', file, 'exists and is different: choose another --out, or remove it');
    }
  }
  for (const other of sources.flatMap(otherFiles)) {
    if (existsSync(other)) report.add('refuse', other, 'is the same destination: choose another --out, or remove it');
  }
  const isRefused = (): boolean => report.notes.some(({ kind }) => kind === 'refuse');
  if (sources.length === 0 && !isRefused()) report.add('refuse', target.out, 'there is nothing to write');
  const refused = isRefused();
  if (!refused) {
    for (const { file, text, mode } of files) {
      await writeDocument(file, text, mode);
      io.out(target.json ? JSON.stringify({ file }) : file);
    }
  }
  for (const note of report.notes) io.err(noteLine(note));
  if (refused) io.err('nothing was written');
  return refused ? 1 : 0;
}

/** Where a destination may stand in another format. */
function otherFiles({ file }: DestinationSource): readonly string[] {
  return Object.keys(FORMATS).flatMap((end) => (file.endsWith(end) ? [] : [file.replace(/\.json$/, end)]));
}

function fieldLine({ field, message }: Problem): string {
  return `${field} ${message}`.trim();
}

function noteLine({ kind, place, message }: Note): string {
  return `${kind}: ${place}: ${message}`;
}

function toSource(draft: Draft, out: string, report: Report): DestinationSource {
  const { type, name } = draft;
  const file = join(out, 'destinations', type, `${name}.json`);
  const secretFile = join(out, 'secrets', type, `${name}.json`);
  const document = resolve(draft.document, [], { file, report, isSecret: false });
  const secrets = resolve(draft.secrets, [], { file: secretFile, report, isSecret: true });
  const hasSecrets = Object.keys(draft.secrets).length > 0;
  return {
    id: `${type}/${name}`,
    type,
    name,
    file,
    text: `${JSON.stringify(document, null, 2)}\n`,
    secretFile,
    secretText: hasSecrets ? `${JSON.stringify(secrets, null, 2)}\n` : undefined,
  };
}

/** A placeholder inside a longer value: `access_token=[your_token]`. */
const PLACEHOLDER = /\[your[ _-][^\]]*\]|<your[ _-][^<>]*>|\byour[_-]\w+/i;

/** Writes unresolved references out again and lists what a person has to fill in. Never shows a value. */
function resolve(
  value: unknown,
  path: readonly string[],
  target: { readonly file: string; readonly report: Report; readonly isSecret: boolean },
): unknown {
  const { file, report, isSecret } = target;
  if (typeof value === 'string') {
    const place = `${file}: ${path.join('.')}`;
    for (const reference of new Set(unresolved(value))) {
      report.add('fill in', place, `holds ${shown(reference)}, an environment variable whose value is not in the file`);
    }
    for (const placeholder of [FILL_IN, FILL_IN_LABEL]) {
      if (value.includes(placeholder)) report.add('fill in', place, `put the real value in place of ${placeholder}`);
    }
    const placeholder = path.includes('filter') ? undefined : placeholderIn(value);
    if (placeholder !== undefined) {
      // A secret may stand in brackets too.
      const known = isSecret && !/your/i.test(placeholder) ? 'the text in brackets' : placeholder;
      report.add('fill in', place, `put the real value in place of ${known}`);
    }
    return asWritten(value);
  }
  if (Array.isArray(value)) return value.map((item, index) => resolve(item, [...path, String(index)], target));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, inner]) =>
      inner === undefined ? [] : [[name, resolve(inner, [...path, name], target)]],
    ),
  );
}

function placeholderIn(value: string): string | undefined {
  return PLACEHOLDER_TEXT.test(value) ? value.trim() : PLACEHOLDER.exec(value)?.[0];
}

/** A bare `$word` may as well be the middle of a password. */
function shown(reference: string): string {
  return /^\$[({]|^\$[A-Z][A-Z0-9_]+$/.test(reference) ? reference : 'a $ that begins a name';
}

async function readExisting(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch {
    return undefined;
  }
}
