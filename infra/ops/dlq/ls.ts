import { createSqs } from '../aws/clients.ts';
import { consumerOf, readStack, STACK_OPTIONS } from '../aws/stack.ts';
import { defineCommand, type ExitCode } from '../command.ts';
import { adviceFor } from './advice.ts';
import { watch } from './no-letter.ts';
import { queueState, scan } from './scan.ts';
import { readSelection, SELECTION_OPTIONS } from './selection.ts';
import { reportLines, reportTable, type Report } from './report.ts';
import { createTally } from './tally.ts';

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
    const reports: Report[] = [];
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
      total += rows.reduce((sum, { count }) => sum + count, 0);
      const advice = await adviceFor(owner);
      const report: Report = { owner, rows, ...state, seen, advice };
      if (args.json) for (const row of rows) io.out(JSON.stringify({ owner, ...row, advice: advice(row.code) }));
      else if (io.screen.columns !== undefined) reports.push(report);
      else for (const line of reportLines(report, io.clock.now())) io.out(line);
      if (selection.isAll && seen.letters === 0 && state.hidden > 0) code = 1;
      if (isNamed) code = watched.tell(io, owner, total, seen.letters < limit);
    }
    if (reports.length > 0) for (const line of reportTable(reports, io.clock.now(), io.screen)) io.out(line);
    return total === 0 ? code : 1;
  },
});
