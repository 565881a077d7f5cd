import { readStack, STACK_OPTIONS } from '../aws/stack.ts';
import { findOne, openStore } from '../aws/store.ts';
import { parseId } from '../folder.ts';
import { countText, plural } from '../count.ts';
import { defineCommand, OpsError, usageError, type Io } from '../command.ts';
import { readDocument } from '../formats.ts';
import { changeTo, readChosen } from './chosen.ts';
import { isChange, parseFields, planChange, planLines, type Change, type Target } from './write.ts';

export const command = defineCommand({
  usage: '[TYPE/NAME] (--file FILE | --folder DIR)',
  about:
    'Shows what destinations set would change: a line for each field, of secrets only that they change. Nothing is written. Exit code 1: something differs, or could not be set.',
  examples: [
    'npm run -s ops -- destinations diff webhook/team --file team.yaml',
    'npm run -s ops -- destinations diff --folder destinations',
  ],
  positionals: ['[TYPE/NAME]'],
  options: {
    ...STACK_OPTIONS,
    file: {
      value: 'FILE',
      about: 'The document as it would be, JSON, or YAML where it ends in .yaml or .yml; - for JSON on standard input.',
    },
    folder: {
      value: 'DIR',
      about: 'Compares every destination of a folder, or only TYPE/NAME of it, with its secrets.',
    },
  },
  async run(args, io) {
    const [id] = args.positionals;
    const { folder, file } = { folder: args.text('folder'), file: args.text('file') };
    if ((folder === undefined) === (file === undefined)) throw usageError('expected --file FILE or --folder DIR');
    if (file !== undefined && id === undefined) throw usageError('expected TYPE/NAME with --file');
    if (id !== undefined) parseId(id);
    const deployed = await readStack(args);
    const target = { store: openStore(deployed), deployed };
    if (file !== undefined && id !== undefined) {
      const document = parseFields(await readDocument(file, io), file);
      const change = { id, document, secrets: {}, current: await findOne(target.store, id) };
      return (await differs(change, target, args.json, io)) ? 1 : 0;
    }
    const chosen = await readChosen(folder ?? '', id);
    let count = 0;
    for (const source of chosen) {
      if (io.signal.aborted) throw new OpsError('interrupted');
      try {
        const change = changeTo(source, await findOne(target.store, source.id));
        if (await differs(change, target, args.json, io)) count += 1;
      } catch (error) {
        // What is wrong with one says nothing of the others.
        if (!(error instanceof OpsError)) throw error;
        for (const line of error.message.split('\n')) io.err(line);
        if (args.json) io.out(JSON.stringify({ destination: source.id, error: error.message }));
        count += 1;
      }
    }
    if (id === undefined) await tellOthers(chosen, target, io);
    io.err(`${count} of ${countText(chosen.length, 'destination')} ${plural(count, 'differ', 'differs')}`);
    return count === 0 ? 0 : 1;
  },
});

async function differs(
  change: Change,
  target: Pick<Target, 'store' | 'deployed'>,
  isJson: boolean,
  io: Io,
): Promise<boolean> {
  const plan = await planChange(change, target);
  const { isNew, changes, secretChanges } = plan;
  const isDifferent = isChange(plan);
  if (isJson)
    io.out(JSON.stringify({ destination: change.id, differs: isDifferent, new: isNew, changes, secretChanges }));
  else if (isDifferent) for (const line of planLines(plan)) io.out(line);
  return isDifferent;
}

/** What is deployed and not in the folder: to set the folder leaves it alone. */
async function tellOthers(
  chosen: readonly { readonly id: string }[],
  { store }: Pick<Target, 'store'>,
  io: Io,
): Promise<void> {
  const known = new Set(chosen.map(({ id }) => id));
  const others = [...(await store.source.list('destinations')).keys()].filter((id) => !known.has(id)).toSorted();
  if (others.length > 0)
    io.err(
      `note: deployed and not in the folder: ${others.join(', ')}; set leaves them as they are, and rm removes them`,
    );
}
