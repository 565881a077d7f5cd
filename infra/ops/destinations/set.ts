import { readStack, STACK_OPTIONS } from '../aws/stack.ts';
import { findOne, openStore } from '../aws/store.ts';
import { countText, plural } from '../count.ts';
import { defineCommand, OpsError, usageError, type Arguments, type Io } from '../command.ts';
import { readText } from '../events.ts';
import { parseId } from '../folder.ts';
import { readDocument } from '../formats.ts';
import { changeTo, readChosen } from './chosen.ts';
import { applyChange, parseFields, type Target } from './write.ts';

const OPTIONS = {
  ...STACK_OPTIONS,
  file: {
    value: 'FILE',
    about:
      'The document, JSON, or YAML where it ends in .yaml or .yml; - for JSON on standard input. Secret fields in it go to the SecureString.',
  },
  secret: {
    value: 'FIELD',
    repeatable: true,
    about: 'A secret field to ask for, without showing it; FIELD=env:NAME or FIELD=file:PATH reads it from there.',
  },
  folder: { value: 'DIR', about: 'Sets every destination of a folder, or only TYPE/NAME of it, with its secrets.' },
  'dry-run': { about: 'Show what would change and write nothing.' },
} as const;

export const command = defineCommand({
  usage: '[TYPE/NAME] (--file FILE [--secret FIELD ...] | --folder DIR)',
  about:
    'Creates or replaces destinations: checks them by the schema the functions use, shows the difference, and writes a new version of the parameter. Secret fields end up in the SecureString by themselves; they are read from a file, a variable or a hidden prompt, never from the command line. Secret fields that are not given stay as they are.',
  examples: [
    'npm run -s ops -- destinations set webhook/team --file team.json --secret url',
    'HOOK=... npm run -s ops -- destinations set webhook/team --file team.json --secret url=env:HOOK',
    'npm run -s ops -- destinations set --folder destinations --dry-run',
  ],
  positionals: ['[TYPE/NAME]'],
  options: OPTIONS,
  async run(args, io) {
    const [id] = args.positionals;
    const folder = args.text('folder');
    const file = args.text('file');
    const secrets = args.list('secret');
    if (folder === undefined ? id === undefined : file !== undefined || secrets.length > 0) {
      throw usageError('expected TYPE/NAME with --file or --secret, or --folder');
    }
    if (id !== undefined && folder === undefined && file === undefined && secrets.length === 0) {
      throw usageError('expected --file FILE, --secret FIELD, or --folder DIR');
    }
    if (id !== undefined) parseId(id);
    const deployed = await readStack(args);
    const target = { store: openStore(deployed), deployed, isDryRun: args.flag('dry-run') };
    if (folder !== undefined) return setFolder(folder, id, target, args.json, io);
    await setOne(id ?? '', file, await readSecrets(secrets, io), target, args, io);
    return 0;
  },
});

async function setOne(
  id: string,
  file: string | undefined,
  secrets: Readonly<Record<string, unknown>>,
  target: Target,
  args: Arguments<typeof OPTIONS>,
  io: Io,
): Promise<void> {
  const current = await findOne(target.store, id);
  if (file === undefined && current === undefined) throw new OpsError(`${id} does not exist yet: give --file`);
  const text = file === undefined ? current?.text : await readDocument(file, io);
  const document = parseFields(text, file ?? id);
  const changed = await applyChange({ id, document, secrets, current }, target, io);
  if (args.json) io.out(JSON.stringify({ destination: id, changed }));
}

async function setFolder(
  folder: string,
  only: string | undefined,
  target: Target,
  isJson: boolean,
  io: Io,
): Promise<0 | 1> {
  const chosen = await readChosen(folder, only);
  let failed = 0;
  for (const source of chosen) {
    const { id } = source;
    if (io.signal.aborted) throw new OpsError('interrupted: repeat the command to set the rest');
    try {
      const changed = await applyChange(changeTo(source, await findOne(target.store, id)), target, io);
      if (isJson) io.out(JSON.stringify({ destination: id, changed }));
    } catch (error) {
      // One destination that cannot be set does not keep the others waiting.
      if (!(error instanceof OpsError)) throw error;
      for (const line of error.message.split('\n')) io.err(line);
      if (isJson) io.out(JSON.stringify({ destination: id, error: error.message }));
      failed += 1;
    }
  }
  io.err(
    `${chosen.length - failed} of ${countText(chosen.length, 'destination')} ${plural(chosen.length, 'are', 'is')} as in the folder${target.isDryRun ? ' (dry run)' : ''}`,
  );
  return failed === 0 ? 0 : 1;
}

async function readSecrets(wanted: readonly string[], io: Io): Promise<Readonly<Record<string, unknown>>> {
  const found: Record<string, unknown> = {};
  for (const each of wanted) {
    const equals = each.indexOf('=');
    const field = equals < 0 ? each : each.slice(0, equals);
    const [, scheme, place = ''] = /^(env|file):(.+)$/.exec(each.slice(equals + 1)) ?? [];
    if (equals >= 0 && scheme === undefined) {
      throw usageError(
        `--secret ${field}= takes env:NAME or file:PATH: a secret on the command line is visible to others`,
      );
    }
    const value = await readSecret(field, equals < 0 ? undefined : scheme, place, io);
    if (value === '') throw new OpsError(`the value of ${field} is empty: nothing was written`);
    // secretHeaders.Authorization is one entry of a record.
    const [outer = '', ...inner] = field.split('.');
    const others = found[outer];
    found[outer] =
      inner.length === 0 ? value : { ...(typeof others === 'object' ? others : {}), [inner.join('.')]: value };
  }
  return found;
}

async function readSecret(field: string, scheme: string | undefined, place: string, io: Io): Promise<string> {
  if (scheme === undefined) return io.askSecret(`Value of ${field} (not shown)`);
  return scheme === 'file' ? (await readText(place)).replace(/\r?\n$/, '') : fromEnvironment(place, io);
}

function fromEnvironment(name: string, io: Io): string {
  const value = io.env[name];
  // A shell has put the secret itself in the place of $NAME.
  if (value === undefined && !/^[A-Z_][A-Z0-9_]*$/.test(name)) {
    throw new OpsError('env: takes the name of a variable, in capitals and without a $: nothing was written');
  }
  if (value === undefined) throw new OpsError(`the variable ${name} is not set: nothing was written`);
  return value;
}
