import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { OpsError, type ExitCode, type Io } from '../command.ts';
import { fileProblem } from '../events.ts';
import { checkSchema, type DestinationSource } from '../folder.ts';
import { asWritten, unresolved } from './environment.ts';
import { FILL_IN, FILL_IN_LABEL, PLACEHOLDER_TEXT, type Draft, type Note, type Report } from './report.ts';

/** Checks the drafts, writes them as a folder of destinations, and says everything that was reported. */
export async function writeDrafts(
  drafts: readonly Draft[],
  report: Report,
  target: { readonly out: string; readonly json: boolean },
  io: Io,
): Promise<ExitCode> {
  const sources = drafts.map((draft) => toSource(draft, target.out, report));
  for (const problem of (await Promise.all(sources.map(checkSchema))).flat()) {
    report.add('refuse', problem.file, `${problem.field} ${problem.message}`.trim());
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
  if (sources.length === 0) report.add('refuse', target.out, 'there is nothing to write');
  const refused = report.notes.some(({ kind }) => kind === 'refuse');
  if (!refused) {
    for (const { file, text, mode } of files) {
      await write(file, text, mode);
      io.out(target.json ? JSON.stringify({ file }) : file);
    }
  }
  for (const note of report.notes) io.err(noteLine(note));
  if (refused) io.err('nothing was written');
  return refused ? 1 : 0;
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

async function write(file: string, text: string, mode: number): Promise<void> {
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text, { mode });
  } catch (error) {
    throw new OpsError(`${file}: ${fileProblem(error)}`);
  }
}

/** A name that may stand in a parameter's name, free among those taken. */
export function freeName(wanted: string, type: string, drafts: readonly Draft[]): string {
  const base =
    wanted
      .replace(/[^A-Za-z0-9._-]+/g, '-')
      .replace(/^[^A-Za-z0-9]+/, '')
      .slice(0, 90) || 'imported';
  const taken = (name: string): boolean => drafts.some((draft) => draft.type === type && draft.name === name);
  if (!taken(base)) return base;
  for (let number = 2; ; number += 1) if (!taken(`${base}-${number}`)) return `${base}-${number}`;
}
