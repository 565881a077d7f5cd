import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { opsCommand } from '../../stack/ops-command.ts';
import { readStack, STACK_OPTIONS } from '../aws/stack.ts';
import { openStore, readOne } from '../aws/store.ts';
import { defineCommand, OpsError } from '../command.ts';
import { applyChange, parseFields } from './write.ts';
import { parseId } from '../folder.ts';

export const command = defineCommand({
  usage: 'TYPE/NAME',
  about:
    'Opens a destination in your editor ($VISUAL or $EDITOR), checks what you saved, shows the difference and writes it. Its secrets are not in the file; secret fields that you add to it go to the SecureString.',
  examples: ['npm run -s ops -- destinations edit dingtalk/ops'],
  positionals: ['TYPE/NAME'],
  options: { ...STACK_OPTIONS, 'dry-run': { about: 'Show what would change and write nothing.' } },
  async run(args, io) {
    const [id = ''] = args.positionals;
    parseId(id);
    const deployed = await readStack(args);
    const store = openStore(deployed);
    const current = await readOne(store, id);
    const folder = await mkdtemp(join(tmpdir(), 'kube-courier-'));
    const file = join(folder, `${id.replace('/', '-')}.json`);
    await writeFile(file, pretty(current.text), { mode: 0o600 });
    openEditor(io.env['VISUAL'] || io.env['EDITOR'] || 'vi', file);
    try {
      const document = parseFields(await readFile(file, 'utf8'), file);
      const target = { store, deployed, isDryRun: args.flag('dry-run') };
      const changed = await applyChange({ id, document, secrets: {}, current }, target, io);
      if (args.json) io.out(JSON.stringify({ destination: id, changed }));
    } catch (error) {
      if (!(error instanceof OpsError)) throw error;
      const retry = opsCommand({ stackName: deployed.stack }, `destinations set ${id} --file ${file}`);
      throw new OpsError(`${error.message}\nyour text is kept: correct ${file}, then: ${retry}`);
    }
    await rm(folder, { recursive: true, force: true });
    return 0;
  },
});

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
