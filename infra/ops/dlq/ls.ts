import { createSqs } from '../aws/clients.ts';
import { consumerOf, readStack, STACK_OPTIONS } from '../aws/stack.ts';
import { defineCommand } from '../command.ts';
import { durationText } from '../duration.ts';
import { queueState, scan } from './scan.ts';
import { readSelection, SELECTION_OPTIONS } from './selection.ts';
import { createTally, tallyLines } from './tally.ts';

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
    limit: { value: 'N', about: `Look at so many letters of a queue at most; default ${DEFAULT_LIMIT}.` },
  },
  async run(args, io) {
    const [only] = args.positionals;
    const deployed = await readStack(args);
    const selection = readSelection(args, new Date());
    const limit = args.number('limit') ?? DEFAULT_LIMIT;
    const consumers =
      only === undefined
        ? [...(deployed.router ? [deployed.router] : []), ...deployed.sinks]
        : [consumerOf(deployed, only)];
    const sqs = createSqs();
    let total = 0;
    for (const { owner, deadLetterQueueUrl: queueUrl } of consumers) {
      const tally = createTally();
      let seen = 0;
      const { waiting, hidden, retentionSeconds } = await queueState(sqs, queueUrl);
      await scan({ sqs, queueUrl, owner, signal: io.signal }, async (letters, stop) => {
        seen += letters.length;
        for (const letter of letters) if (selection.includes(letter)) tally.add(letter);
        if (seen >= limit) stop();
        return [];
      });
      const rows = tally.rows();
      total += rows.reduce((sum, { count }) => sum + count, 0);
      const now = Date.now();
      if (args.json) {
        for (const row of rows) io.out(JSON.stringify({ owner, ...row }));
        continue;
      }
      const all = waiting + hidden;
      const partial = all > seen ? ` (of about ${all}, ${seen} were looked at)` : '';
      io.out(
        `${owner}: ${rows.length === 0 ? 'no letters' : `${rows.reduce((sum, { count }) => sum + count, 0)} letters${partial}`}`,
      );
      if (rows.length === 0) continue;
      for (const line of tallyLines(rows, (time) => durationText((now - time.getTime()) / 1000))) io.out(line);
      const oldest = Math.min(...rows.map((row) => row.oldest.getTime()));
      const left = retentionSeconds - (now - oldest) / 1000;
      io.out(
        `  SQS deletes the oldest in about ${durationText(left)}: dlq peek ${owner}, dlq replay ${owner}, or dlq export ${owner}`,
      );
    }
    return total === 0 ? 0 : 1;
  },
});
