import { readStack, STACK_OPTIONS } from '../aws/stack.ts';
import { openStore, readOne } from '../aws/store.ts';
import { defineCommand, OpsError } from '../command.ts';
import { applyChange, parseFields } from './write.ts';
import { parseId } from '../folder.ts';

export const command = defineCommand({
  usage: 'TYPE/NAME [--version N]',
  about:
    "Puts an earlier version of a destination's document in force again, as a new version; by default the one before the current. Its secrets stay as they are.",
  examples: ['npm run -s ops -- destinations rollback webhook/team --dry-run'],
  positionals: ['TYPE/NAME'],
  options: {
    ...STACK_OPTIONS,
    version: { value: 'N', number: 'whole', about: 'The version to go back to.' },
    'dry-run': { about: 'Show what would change and write nothing.' },
  },
  async run(args, io) {
    const [id = ''] = args.positionals;
    parseId(id);
    const deployed = await readStack(args);
    const store = openStore(deployed);
    const current = await readOne(store, id);
    const versions = (await store.source.history('destinations', id)).filter(
      ({ version }) => Number(version) < Number(current.version),
    );
    const wanted = args.number('version')?.toString();
    const chosen = wanted === undefined ? versions[0] : versions.find(({ version }) => version === wanted);
    if (chosen === undefined) {
      const there =
        versions.length === 0
          ? 'has no earlier version'
          : `has the earlier versions ${versions.map((each) => each.version).join(', ')}`;
      throw new OpsError(`${id} ${there}: nothing was written`);
    }
    io.err(`version ${current.version} -> ${chosen.version}`);
    const document = parseFields(chosen.text, `version ${chosen.version} of ${id}`);
    const target = { store, deployed, isDryRun: args.flag('dry-run') };
    const changed = await applyChange({ id, document, secrets: {}, current }, target, io);
    if (args.json) io.out(JSON.stringify({ destination: id, changed }));
    return 0;
  },
});
