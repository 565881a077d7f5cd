import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { opsCommand } from '../../stack/ops-command.ts';
import { readStack, STACK_OPTIONS, type Deployed } from '../aws/stack.ts';
import { findOne, openStore, readOne, type Store } from '../aws/store.ts';
import { defineCommand, OpsError } from '../command.ts';
import { failureText } from '../failure.ts';
import { applyChange, parseFields } from './write.ts';
import { parseId, type DestinationSource } from '../folder.ts';

export const command = defineCommand({
  usage: 'TYPE/NAME',
  about:
    'Opens a destination in your editor ($VISUAL or $EDITOR), checks what you saved, shows the difference and writes it. Its secrets are not in the file; secret fields that you add to it go to the SecureString. Where it was changed meanwhile nothing is written, and your text is kept.',
  examples: ['npm run -s ops -- destinations edit dingtalk/ops'],
  positionals: ['TYPE/NAME'],
  options: { ...STACK_OPTIONS, 'dry-run': { about: 'Show what would change and write nothing.' } },
  async run(args, io) {
    const [id = ''] = args.positionals;
    parseId(id);
    const deployed = await readStack(args);
    const store = openStore(deployed);
    const opened = await readOne(store, id);
    const folder = await mkdtemp(join(tmpdir(), 'kube-courier-'));
    const file = join(folder, `${id.replace('/', '-')}.json`);
    const text = pretty(opened.text);
    await writeFile(file, text, { mode: 0o600 });
    let isKept = false;
    try {
      openEditor(io.env['VISUAL'] || io.env['EDITOR'] || 'vi', file);
      const document = parseFields(await readFile(file, 'utf8'), file);
      const target = { store, deployed, isDryRun: args.flag('dry-run') };
      const change = { id, document, secrets: {}, current: await readAgain(store, opened) };
      const changed = await applyChange(change, target, io);
      if (args.json) io.out(JSON.stringify({ destination: id, changed }));
    } catch (error) {
      isKept = (await readFile(file, 'utf8').catch(() => text)) !== text;
      if (!isKept) throw error;
      const message = error instanceof OpsError ? error.message : failureText(error);
      throw new OpsError(`${message}\n${keptText(deployed, id, file)}`);
    } finally {
      if (!isKept) await rm(folder, { recursive: true, force: true });
    }
    return 0;
  },
});

/**
 * What is stored by now, with the secrets that were set while the editor was open.
 * @throws {OpsError} where the document is another one, which would be undone
 */
async function readAgain(store: Store, opened: DestinationSource): Promise<DestinationSource> {
  const now = await findOne(store, opened.id);
  if (now?.text === opened.text) return now;
  const what = now === undefined ? 'removed meanwhile' : `changed meanwhile, to version ${now.version}`;
  throw new OpsError(`${opened.id} was ${what}: nothing was written`);
}

function keptText({ stack }: Deployed, id: string, file: string): string {
  const [diff, set] = ['diff', 'set'].map((command) =>
    opsCommand({ stackName: stack }, `destinations ${command} ${id} --file ${file}`),
  );
  return `your text is kept in ${file}\nwhat it would change now: ${diff}\nonce it is right: ${set}`;
}

/** $EDITOR may hold options, so a shell splits it. */
function openEditor(editor: string, file: string): void {
  const { status, error } = spawnSync('sh', ['-c', `${editor} "$1"`, 'sh', file], { stdio: 'inherit' });
  if (error !== undefined || status !== 0) {
    throw new OpsError(`the editor ${editor} did not end well: nothing was written (set EDITOR to one that is there)`);
  }
}

function pretty(text: string): string {
  try {
    return `${JSON.stringify(JSON.parse(text), null, 2)}\n`;
  } catch {
    return text;
  }
}
