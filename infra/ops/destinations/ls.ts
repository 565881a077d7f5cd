import { parseSettings } from '../../../functions/core/destinations/destination.ts';
import { loadConfig, sinkTypes } from '../../discover.ts';
import { readStack, STACK_OPTIONS } from '../aws/stack.ts';
import { openStore } from '../aws/store.ts';
import { columns, defineCommand } from '../command.ts';

export const command = defineCommand({
  usage: '',
  about:
    'Lists the deployed destinations: whether they are in force, their version, and whether they have secrets. Secrets are not read; destinations validate does that.',
  examples: ['npm run -s ops -- destinations ls'],
  options: STACK_OPTIONS,
  async run(args, io) {
    const deployed = await readStack(args);
    const { source } = openStore(deployed);
    const [documents, secrets] = await Promise.all([source.list('destinations'), source.list('secrets')]);
    const known = sinkTypes();
    const rows = await Promise.all(
      [...documents]
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(async ([destination, document]) => {
          const version = 'version' in document ? document.version : '0';
          const text = 'text' in document ? document.text : '';
          const type = destination.split('/')[0] ?? '';
          const isDeployed = deployed.sinks.some(({ owner }) => owner === type);
          const settings = known.includes(type) ? parseSettings(await loadConfig(type), text) : { problems: [] };
          const state = stateOf(settings, isDeployed, known.includes(type));
          return { destination, state, version: Number(version), secrets: secrets.has(destination) };
        }),
    );
    if (args.json) for (const row of rows) io.out(JSON.stringify(row));
    else if (rows.length > 0) {
      const lines = rows.map((row) => {
        const hasSecrets = row.secrets ? ', with secrets' : '';
        return [row.destination, `${row.state}, version ${row.version}${hasSecrets}`] as const;
      });
      for (const line of columns(lines)) io.out(line.trimStart());
    }
    if (rows.length === 0) io.err('there are no destinations: see destinations set --help');
    return rows.some(({ state }) => state === 'invalid' || state === 'not deployed' || state === 'unknown type')
      ? 1
      : 0;
  },
});

function stateOf(
  settings: ReturnType<typeof parseSettings>,
  isDeployed: boolean,
  isKnown: boolean,
): 'enabled' | 'disabled' | 'invalid' | 'not deployed' | 'unknown type' {
  if (!isKnown) return 'unknown type';
  if ('problems' in settings) return 'invalid';
  if (!isDeployed) return 'not deployed';
  return settings.value.enabled ? 'enabled' : 'disabled';
}
