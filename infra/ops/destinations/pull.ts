import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isRecord } from '../../../functions/core/contract/untrusted.ts';
import { severalFiles } from '../../../functions/core/destinations/file-source.ts';
import { FILL_IN } from '../../../functions/core/destinations/placeholders.ts';
import { loadConfig } from '../../discover.ts';
import { readStack, STACK_OPTIONS } from '../aws/stack.ts';
import { openStore, readDeployed } from '../aws/store.ts';
import { countText, plural } from '../count.ts';
import { defineCommand, OpsError, type Io } from '../command.ts';
import type { DestinationSource } from '../folder.ts';
import { nameProblem, writeDocument } from '../folder-files.ts';
import { formatDocument, FORMATS, parseDocument } from '../formats.ts';
import { typeProblem } from '../sinks.ts';
import { difference } from './difference.ts';
import { parseFields, partOf } from './write.ts';

type Fields = Readonly<Record<string, unknown>>;

export const command = defineCommand({
  usage: 'DIR [--overwrite] [--dry-run]',
  about: `Writes the deployed destinations into a folder, as destinations set --folder reads it. Of secrets only the names are written, with ${FILL_IN} as their values, which set takes for "as it is stored"; a file of secrets that is there stays. A destination that is different in the folder is shown, and stays as it is unless --overwrite is given. Exit code 1: something is different, or cannot be written.`,
  examples: [
    'npm run -s ops -- destinations pull destinations',
    'npm run -s ops -- destinations pull destinations --overwrite --dry-run',
  ],
  positionals: ['DIR'],
  options: {
    ...STACK_OPTIONS,
    overwrite: { about: 'Replace what is different in the folder by what is deployed; comments of YAML are lost.' },
    'dry-run': { about: 'Say what would be written, and write nothing.' },
  },
  async run(args, io) {
    const [folder = ''] = args.positionals;
    const [isOverwriting, isDryRun] = [args.flag('overwrite'), args.flag('dry-run')];
    const store = openStore(await readStack(args));
    const counts = { written: 0, left: 0, failed: 0 };
    for (const source of await readDeployed(store, 'with secrets')) {
      if (io.signal.aborted) throw new OpsError('interrupted: repeat the command for the rest');
      try {
        const { state, document, secrets, changes } = await compare(source, folder);
        if (source.secretFailure !== undefined)
          io.err(
            `note: ${source.secretFile} cannot be read, so that its names are not written: ${source.secretFailure}`,
          );
        if (state === 'different') tellDifferent(document, changes, isOverwriting, io);
        const isWritten = state === 'new' || (state === 'different' && isOverwriting);
        if (isWritten) counts.written += 1;
        else if (state === 'different') counts.left += 1;
        const writings = [...(isWritten ? [document] : []), ...(secrets ? [secrets] : [])];
        if (!isDryRun) for (const { file, text, mode } of writings) await writeDocument(file, text, mode);
        const files = writings.map(({ file }) => file);
        if (args.json) io.out(JSON.stringify({ destination: source.id, state, files }));
        else for (const file of files) io.out(file);
      } catch (error) {
        // What cannot be written is no reason to leave out the others.
        if (!(error instanceof OpsError)) throw error;
        io.err(error.message);
        counts.failed += 1;
      }
    }
    const verb = isDryRun ? 'would be written' : 'written';
    io.err(`${countText(counts.written, 'destination')} ${verb}${leftText(counts.left)}`);
    return counts.left + counts.failed === 0 ? 0 : 1;
  },
});

function leftText(left: number): string {
  if (left === 0) return '';
  return `; ${left} ${plural(left, 'are', 'is')} different in the folder: --overwrite replaces ${plural(left, 'them', 'it')}`;
}

interface Writing {
  readonly file: string;
  readonly text: string;
  readonly mode: number;
}

/** A deployed destination beside what a folder has of it. */
interface Compared {
  readonly state: 'new' | 'unchanged' | 'different';
  /** What would be written where it is new or different. */
  readonly document: Writing;
  /** Undefined where there are none, or a file of them is there. */
  readonly secrets: Writing | undefined;
  /** What the folder's document would become. */
  readonly changes: readonly string[];
}

/** @throws {OpsError} where a destination cannot stand in a folder. */
async function compare(
  { id, type, name, file: parameter, text, secretText }: DestinationSource,
  folder: string,
): Promise<Compared> {
  const problem = typeProblem(type) ?? nameProblem(name);
  if (problem !== undefined) throw new OpsError(`${parameter}: ${problem}: it is left out`);
  const config = await loadConfig(type);
  const isSecret = (field: string): boolean => Object.hasOwn(config.secrets.shape, field);
  const fields = parseFields(text, parameter);
  const plain = partOf(fields, (field) => !isSecret(field));
  const { $schema: _, ...stored } = parseFields(secretText, `the secrets of ${id}`);
  const names = placeholders({ ...partOf(fields, isSecret), ...stored });
  const secretFile = join(folder, 'secrets', type, `${name}.json`);
  const isNamed = Object.keys(names).length > 0 && !existsSync(secretFile);
  const path = join(folder, 'destinations', type, name);
  const endings = Object.keys(FORMATS).filter((end) => existsSync(`${path}${end}`));
  if (endings.length > 1) throw new OpsError(`${path} ${severalFiles(endings.map((end) => name + end))}`);
  const [end] = endings;
  const file = `${path}${end ?? '.json'}`;
  const changes = end === undefined ? [] : await changesOf(file, plain, isSecret);
  const known = changes.length === 0 ? 'unchanged' : 'different';
  return {
    state: end === undefined ? 'new' : known,
    document: { file, text: await formatDocument(file, plain), mode: 0o644 },
    secrets: isNamed ? { file: secretFile, text: await formatDocument(secretFile, names), mode: 0o600 } : undefined,
    changes,
  };
}

/** What differs in a file; one that cannot be read differs as a whole. */
async function changesOf(
  file: string,
  plain: Fields,
  isSecret: (field: string) => boolean,
): Promise<readonly string[]> {
  const parsed = await parseDocument(file);
  if ('problems' in parsed) return ['the file cannot be read'];
  try {
    return difference(
      partOf(parseFields(parsed.value, file), (field) => !isSecret(field)),
      plain,
    );
  } catch (error) {
    if (error instanceof OpsError) return ['the file cannot be read'];
    throw error;
  }
}

/** The names of secrets, also within records such as headers. */
function placeholders(secrets: Fields): Fields {
  return Object.fromEntries(
    Object.entries(secrets).map(([field, value]) => [field, isRecord(value) ? placeholders(value) : FILL_IN]),
  );
}

function tellDifferent({ file }: Writing, changes: readonly string[], isOverwriting: boolean, io: Io): void {
  io.err(`${file} is different${isOverwriting ? '' : ', and stays as it is'}; deployed is:`);
  for (const change of changes) io.err(`  ${change}`);
}
