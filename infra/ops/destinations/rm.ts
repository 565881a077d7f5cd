import { readStack, STACK_OPTIONS } from '../aws/stack.ts';
import { openStore, readOne } from '../aws/store.ts';
import { defineCommand } from '../command.ts';
import { parseId } from '../folder.ts';

export const command = defineCommand({
  usage: 'TYPE/NAME [--yes]',
  about:
    'Removes a destination, its secrets and their history. Messages that wait for it become dead letters with code destination_not_found; to keep them waiting, set enabled to false is not the way either (they are dropped then): pause the sink, let it drain, or change the filter first.',
  examples: ['npm run -s ops -- destinations rm webhook/team --yes'],
  positionals: ['TYPE/NAME'],
  options: { ...STACK_OPTIONS, yes: { about: 'Really remove it; without, the command only says what it would do.' } },
  async run(args, io) {
    const [id = ''] = args.positionals;
    parseId(id);
    const store = openStore(await readStack(args));
    const { secretText } = await readOne(store, id);
    const what = `${id}${secretText === undefined ? '' : ' and its secrets'}`;
    if (!args.flag('yes')) {
      io.err(`would remove ${what}; repeat with --yes`);
      return 1;
    }
    // The document first: from then on nothing is sent there.
    await store.remove('destinations', id);
    if (secretText !== undefined) await store.remove('secrets', id);
    io.err(`removed ${what}`);
    if (args.json) io.out(JSON.stringify({ destination: id, removed: true }));
    return 0;
  },
});
