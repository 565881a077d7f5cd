import { loadConfig } from '../../discover.ts';
import { readStack, STACK_OPTIONS } from '../aws/stack.ts';
import { openStore, readOne } from '../aws/store.ts';
import { countText } from '../count.ts';
import { tableLines, type Column, type TableRow } from '../../terminal/table.ts';
import { defineCommand } from '../command.ts';
import { durationText } from '../duration.ts';
import { difference } from './difference.ts';
import { withoutSecrets } from './conceal.ts';
import { parseId } from '../folder.ts';

const DEFAULT_LIMIT = 10;

const COLUMNS: readonly Column[] = [
  { head: 'VERSION', align: 'right' },
  { head: 'WRITTEN' },
  { head: '' },
  { head: 'BY', flexible: true },
];

export const command = defineCommand({
  usage: 'TYPE/NAME',
  about:
    "Shows how a destination's document came to be: each version, when and by whom it was written, and what it changed. SSM keeps 100 versions. Of the secrets it shows when they changed, never what.",
  examples: ['npm run -s ops -- destinations history dingtalk/ops'],
  positionals: ['TYPE/NAME'],
  options: {
    ...STACK_OPTIONS,
    limit: { value: 'N', number: 'whole', about: `Show so many versions; default ${DEFAULT_LIMIT}.` },
  },
  async run(args, io) {
    const [id = ''] = args.positionals;
    const { type } = parseId(id);
    const { secrets: secretFields } = await loadConfig(type);
    const shown = (text: string): unknown =>
      withoutSecrets(parsed(text), (field) => Object.hasOwn(secretFields.shape, field));
    const store = openStore(await readStack(args));
    const { secretText } = await readOne(store, id);
    const documents = await store.versions('destinations', id);
    const secrets = secretText === undefined ? [] : await store.versions('secrets', id);
    const limit = args.number('limit') ?? DEFAULT_LIMIT;
    const rows: TableRow[] = [];
    for (const [index, { version, text, writtenAt, writtenBy }] of documents.slice(0, limit).entries()) {
      const before = documents[index + 1];
      const changes = difference(before && shown(before.text), shown(text));
      if (args.json) {
        io.out(JSON.stringify({ destination: id, version: Number(version), writtenAt, writtenBy, changes }));
        continue;
      }
      const age = durationText((io.clock.now() - writtenAt.getTime()) / 1000);
      if (io.screen.columns !== undefined) {
        rows.push({ cells: [version, `${age} ago`, index === 0 ? 'in force' : '', writtenBy], notes: changes });
        continue;
      }
      io.out(`version ${version}, ${age} ago, by ${writtenBy}${index === 0 ? ', in force' : ''}`);
      for (const change of changes) io.out(`  ${change}`);
    }
    if (rows.length > 0) for (const line of tableLines(COLUMNS, rows, io.screen)) io.out(line);
    for (const { version, writtenAt, writtenBy } of secrets.slice(0, 1)) {
      const age = durationText((io.clock.now() - writtenAt.getTime()) / 1000);
      io.err(`secrets: version ${version}, ${age} ago, by ${writtenBy}`);
    }
    const left = documents.length - limit;
    if (left > 0) io.err(`${countText(left, 'earlier version')}: --limit ${documents.length}`);
    return 0;
  },
});

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // A text that is no JSON is one value, which differs from the next.
    return { text };
  }
}
