import { readStack, STACK_OPTIONS } from '../aws/stack.ts';
import { openStore, readOne } from '../aws/store.ts';
import { defineCommand, OpsError } from '../command.ts';
import { parseId } from '../folder.ts';

export const command = defineCommand({
  usage: 'TYPE/NAME',
  about:
    'Prints a destination as it is stored, and the names of its secret fields. Values of secrets are never printed.',
  examples: [
    'npm run -s ops -- destinations get dingtalk/ops',
    'npm run -s ops -- destinations get dingtalk/ops --version 3',
  ],
  positionals: ['TYPE/NAME'],
  options: {
    ...STACK_OPTIONS,
    version: { value: 'N', number: 'whole', about: 'An earlier version, from the history.' },
  },
  async run(args, io) {
    const [id = ''] = args.positionals;
    parseId(id);
    const store = openStore(await readStack(args));
    const current = await readOne(store, id);
    const version = args.number('version')?.toString() ?? current.version;
    const text = version === current.version ? current.text : await earlier();
    const secrets = fieldNames(current.secretText);
    if (args.json) {
      io.out(JSON.stringify({ destination: id, version: Number(version), document: parse(text), secrets }));
      return 0;
    }
    io.out(text.trimEnd());
    io.err(`${id} version ${version}; secrets: ${secrets.length === 0 ? 'none' : secrets.join(', ')}`);
    return 0;

    async function earlier(): Promise<string> {
      const history = await store.source.history('destinations', id);
      const found = history.find((candidate) => candidate.version === version);
      if (found !== undefined) return found.text;
      throw new OpsError(
        `${id} has no version ${version} (there are: ${history.map((each) => each.version).join(', ')})`,
      );
    }
  },
});

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function fieldNames(text: string | undefined): readonly string[] {
  const value = text === undefined ? {} : parse(text);
  return typeof value === 'object' && value !== null ? Object.keys(value) : [];
}
