import { parseSettings } from '../../../functions/core/destinations/destination.ts';
import { loadConfig, sinkTypes } from '../../discover.ts';
import { readStack, STACK_OPTIONS } from '../aws/stack.ts';
import { openStore } from '../aws/store.ts';
import type { Screen, Tone } from '../../terminal/screen.ts';
import { tableLines, type Column, type TableRow } from '../../terminal/table.ts';
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
    else for (const line of linesOf(rows, io.screen)) io.out(line);
    if (rows.length === 0) io.err('there are no destinations: see destinations set --help');
    return rows.some(isWrong) ? 1 : 0;
  },
});

type State = 'enabled' | 'disabled' | 'invalid' | 'not deployed' | 'unknown type';

interface Listed {
  readonly destination: string;
  readonly state: State;
  readonly version: number;
  readonly secrets: boolean;
}

const COLUMNS: readonly Column[] = [
  { head: 'DESTINATION', flexible: true },
  { head: 'STATE' },
  { head: 'VERSION', align: 'right' },
  { head: 'SECRETS' },
];

function isWrong({ state }: Listed): boolean {
  return state === 'invalid' || state === 'not deployed' || state === 'unknown type';
}

function toneOf(row: Listed): Tone | undefined {
  if (isWrong(row)) return 'act';
  return row.state === 'disabled' ? 'detail' : undefined;
}

function linesOf(rows: readonly Listed[], screen: Screen): readonly string[] {
  if (rows.length === 0) return [];
  if (screen.columns === undefined) {
    const pairs = rows.map(({ destination, state, version, secrets }) => {
      return [destination, `${state}, version ${version}${secrets ? ', with secrets' : ''}`] as const;
    });
    return columns(pairs).map((line) => line.trimStart());
  }
  const cells = rows.map((row): TableRow => {
    const state = { text: row.state, tone: toneOf(row) };
    return { cells: [row.destination, state, String(row.version), row.secrets ? 'yes' : ''] };
  });
  return tableLines(COLUMNS, cells, screen);
}

function stateOf(settings: ReturnType<typeof parseSettings>, isDeployed: boolean, isKnown: boolean): State {
  if (!isKnown) return 'unknown type';
  if ('problems' in settings) return 'invalid';
  if (!isDeployed) return 'not deployed';
  return settings.value.enabled ? 'enabled' : 'disabled';
}
