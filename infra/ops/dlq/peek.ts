import { STACK_OPTIONS } from '../aws/stack.ts';
import { tableLines, type Column, type TableRow } from '../../terminal/table.ts';
import { defineCommand } from '../command.ts';
import { countText } from '../count.ts';
import { durationText } from '../duration.ts';
import { oneLine } from '../one-line.ts';
import { adviceFor } from './advice.ts';
import { letterJson, type Letter } from './letter.ts';
import { watch } from './no-letter.ts';
import { letterQueue } from './queue.ts';
import { scanChosen } from './scan.ts';
import { readSelection, SELECTION_OPTIONS } from './selection.ts';

const DEFAULT_LIMIT = 10;

export const command = defineCommand({
  usage: '<type|router> [--code CODE ...]',
  about: 'Shows a few dead letters with their reasons. They stay in the queue.',
  examples: ['npm run -s ops -- dlq peek webhook --code http_404'],
  positionals: ['<type|router>'],
  options: {
    ...STACK_OPTIONS,
    ...SELECTION_OPTIONS,
    limit: { value: 'N', number: 'whole', about: `Show so many; default ${DEFAULT_LIMIT}.` },
  },
  async run(args, io) {
    const [owner = ''] = args.positionals;
    const watched = watch(readSelection(args, new Date(io.clock.now())));
    const queue = await letterQueue(args, owner, io);
    const advice = await adviceFor(owner);
    const limit = args.number('limit') ?? DEFAULT_LIMIT;
    const rows: TableRow[] = [];
    const shown = await scanChosen(queue, { includes: watched.includes, limit }, (letters) => {
      for (const letter of letters) {
        if (args.json) io.out(JSON.stringify(letterJson(letter)));
        else if (io.screen.columns !== undefined) rows.push(letterRow(letter, advice(letter.code), io.clock.now()));
        else for (const line of letterLines(letter, advice(letter.code), io.clock.now())) io.out(line);
      }
      return [];
    });
    if (rows.length > 0) for (const line of tableLines(COLUMNS, rows, io.screen)) io.out(line);
    return watched.tell(io, owner, shown, shown < limit);
  },
});

const COLUMNS: readonly Column[] = [
  { head: 'CODE' },
  { head: 'DESTINATION', flexible: true },
  { head: 'FAILED' },
  { head: 'ATTEMPTS', align: 'right' },
  { head: 'REPLAYS', align: 'right' },
];

function letterRow(letter: Letter, advice: string | undefined, now: number): TableRow {
  const { code, detail, destination, attempts, failedAt, replays } = letter;
  const age = durationText((now - failedAt.getTime()) / 1000);
  const cells = [
    { text: code, tone: 'act' as const },
    destination,
    `${age} ago`,
    numberText(attempts),
    numberText(replays),
  ];
  const said = [detail, whatOf(letter)].filter(Boolean).map((text) => oneLine(text));
  return { cells, notes: [...said, ...(advice === undefined ? [] : [{ text: `do: ${advice}`, tone: undefined }])] };
}

function numberText(count: number): string {
  return count === 0 ? '' : String(count);
}

function whatOf({ event }: Letter): string {
  return event === undefined
    ? 'not a readable event: see it with --json'
    : `${event.id} ${event.type} ${event.reason} ${event.object.kind} ${event.object.namespace}/${event.object.name}: ${event.message}`;
}

function letterLines(letter: Letter, advice: string | undefined, now: number): readonly string[] {
  const { code, detail, destination, attempts, failedAt, replays } = letter;
  const age = durationText((now - failedAt.getTime()) / 1000);
  const times = [
    attempts > 0 ? countText(attempts, 'attempt') : '',
    replays > 0 ? `replayed ${countText(replays, 'time')}` : '',
  ];
  return [
    `${[code, destination, `${age} ago`, ...times].filter(Boolean).join(', ')}`,
    ...[detail, whatOf(letter), advice === undefined ? '' : `do: ${advice}`]
      .filter(Boolean)
      .map((line) => `  ${oneLine(line)}`),
  ];
}
