import { createSqs } from '../aws/clients.ts';
import { consumerOf, readStack, STACK_OPTIONS } from '../aws/stack.ts';
import { defineCommand, type ExitCode } from '../command.ts';
import { durationText } from '../duration.ts';
import { adviceFor, type Advice } from './advice.ts';
import { watch } from './no-letter.ts';
import { queueState, scan, type QueueState } from './scan.ts';
import { readSelection, SELECTION_OPTIONS } from './selection.ts';
import { createTally, tallyLines, type TallyRow } from './tally.ts';
import { countText } from '../count.ts';

/** Enough to see what is wrong; a queue may hold millions. */
const DEFAULT_LIMIT = 10_000;

export const command = defineCommand({
  usage: '[type|router]',
  about:
    'Counts dead letters by code and destination, with the age of the oldest and when SQS deletes it. Letters stay in their queues. Exit code 1: there are letters.',
  examples: ['npm run -s ops -- dlq ls', 'npm run -s ops -- dlq ls webhook --since 1h'],
  positionals: ['[type|router]'],
  options: {
    ...STACK_OPTIONS,
    ...SELECTION_OPTIONS,
    limit: {
      value: 'N',
      number: 'whole',
      about: `Look at so many letters of a queue at most; default ${DEFAULT_LIMIT}.`,
    },
  },
  async run(args, io) {
    const [only] = args.positionals;
    const deployed = await readStack(args);
    const selection = readSelection(args, new Date(io.clock.now()));
    const limit = args.number('limit') ?? DEFAULT_LIMIT;
    const all = [...(deployed.router ? [deployed.router] : []), ...deployed.sinks];
    const sqs = createSqs();
    const isNamed = only !== undefined && selection.code.length + selection.destination.length > 0;
    let total = 0;
    let code: ExitCode = 0;
    for (const { owner, deadLetterQueueUrl: queueUrl } of only === undefined ? all : [consumerOf(deployed, only)]) {
      const state = await queueState(sqs, queueUrl);
      const tally = createTally();
      const watched = watch(selection);
      const seen = { letters: 0, messages: 0, isCut: false };
      await scan({ sqs, queueUrl, owner, signal: io.signal }, (letters, { messages, stop }) => {
        const some = letters.slice(0, limit - seen.letters);
        for (const letter of some) if (watched.includes(letter)) tally.add(letter);
        seen.letters += some.length;
        seen.messages = messages;
        seen.isCut ||= some.length < letters.length;
        if (seen.letters >= limit) stop();
        return [];
      });
      const rows = tally.rows();
      total += sum(rows);
      const advice = await adviceFor(owner);
      const lines = args.json
        ? rows.map((row) => JSON.stringify({ owner, ...row, advice: advice(row.code) }))
        : reportLines(owner, rows, { ...state, seen, advice }, io.clock.now());
      for (const line of lines) io.out(line);
      if (selection.isAll && seen.letters === 0 && state.hidden > 0) code = 1;
      if (isNamed) code = watched.tell(io, owner, total, seen.letters < limit);
    }
    return total === 0 ? code : 1;
  },
});

/** What was looked at. SQS' own numbers are of messages, each of which may hold several letters. */
interface Seen {
  readonly letters: number;
  readonly messages: number;
  /** Whether letters were left out of a message that was looked at. */
  readonly isCut: boolean;
}

function sum(rows: readonly TallyRow[]): number {
  return rows.reduce((total, { count }) => total + count, 0);
}

function reportLines(
  owner: string,
  rows: readonly TallyRow[],
  { waiting, hidden, retentionSeconds, seen, advice }: QueueState & { readonly seen: Seen; readonly advice: Advice },
  now: number,
): readonly string[] {
  const all = waiting + hidden;
  const isPart = seen.isCut || all > seen.messages;
  const partial = isPart ? ` (${seen.letters} looked at; the queue holds about ${countText(all, 'message')})` : '';
  if (rows.length === 0) {
    if (seen.letters === 0 && !isPart) return [`${owner}: no letters`];
    const none = seen.letters === 0 ? '' : ', none of which meets the conditions';
    return [`${owner}: ${countText(seen.letters, 'letter')}${none}${partial}`];
  }
  const oldest = Math.min(...rows.map((row) => row.oldest.getTime()));
  const left = durationText(retentionSeconds - (now - oldest) / 1000);
  return [
    `${owner}: ${countText(sum(rows), 'letter')}${partial}`,
    ...tallyLines(rows, (time) => durationText((now - time.getTime()) / 1000)),
    ...[...new Set(rows.map(({ code }) => code))].flatMap((code) => {
      const text = advice(code);
      return text === undefined ? [] : [`  ${code}: ${text}`];
    }),
    `  SQS deletes the oldest in about ${left}: dlq peek ${owner}, dlq replay ${owner}, or dlq export ${owner}`,
  ];
}
