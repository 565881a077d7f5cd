import { STACK_OPTIONS } from '../aws/stack.ts';
import { defineCommand, usageError, type Arguments, type ExitCode, type Io } from '../command.ts';
import { durationText } from '../duration.ts';
import { letterQueue, type LetterQueue } from './queue.ts';
import { MAX_PER_SECOND, moveAll } from './move-task.ts';
import { watch } from './no-letter.ts';
import { createProgress } from './progress.ts';
import { DEFAULT_MAX_REPLAYS, replayLoop } from './replay-loop.ts';
import { queueState, scanChosen } from './scan.ts';
import { LIMIT_OPTION, readSelection, SELECTION_OPTIONS, type Selection } from './selection.ts';
import { createTally, tallyLines } from './tally.ts';
import { countText, plural } from '../count.ts';

const OPTIONS = {
  ...STACK_OPTIONS,
  ...SELECTION_OPTIONS,
  ...LIMIT_OPTION,
  rate: { value: 'N', number: 'any', about: 'At most so many letters a second.' },
  'max-replays': {
    value: 'N',
    number: 'whole',
    about: `Leave letters that were replayed so often already; default ${DEFAULT_MAX_REPLAYS}. A whole queue then goes letter by letter.`,
  },
  yes: { about: 'Really replay; without, the command only says what it would do.' },
} as const;

export const command = defineCommand({
  usage: '<type|router> [--code CODE ...] [--yes]',
  about:
    "Sends dead letters back to the queue they came from: all of them by SQS' own move task, which counts messages, whatever they hold; a selection letter by letter, each deleted only after its copy was accepted. Today's filters count. Interrupt it at any time and repeat it. Exit code 1: letters that were chosen are left.",
  examples: [
    'npm run -s ops -- dlq replay dingtalk                        # what would be done',
    'npm run -s ops -- dlq replay dingtalk --yes --rate 5',
    'npm run -s ops -- dlq replay webhook --code http_404 --since 2h --yes',
  ],
  positionals: ['<type|router>'],
  options: OPTIONS,
  async run(args, io) {
    const [owner = ''] = args.positionals;
    const selection = readSelection(args, new Date(io.clock.now()));
    const perSecond = args.number('rate');
    const isWhole =
      selection.isAll &&
      args.number('limit') === undefined &&
      args.number('max-replays') === undefined &&
      // SQS knows no slower rate.
      (perSecond === undefined || perSecond >= 1);
    if (isWhole && perSecond !== undefined && perSecond > MAX_PER_SECOND) {
      throw usageError(`--rate is ${perSecond}, a whole queue moves with at most ${MAX_PER_SECOND} a second`);
    }
    const queue = await letterQueue(args, owner, io);
    if (!args.flag('yes')) return dryRun(queue, selection, args, io);
    if (!isWhole) return replaySelected(queue, selection, args.number('max-replays') ?? DEFAULT_MAX_REPLAYS, args, io);
    try {
      return await replayAll(queue, perSecond, args, io);
    } catch (error) {
      if (!isUnknownToSqs(error)) throw error;
      io.err('SQS moves no letters in this region: they are replayed letter by letter');
      return replaySelected(queue, selection, Infinity, args, io);
    }
  },
});

async function dryRun(
  queue: LetterQueue,
  selection: Selection,
  args: Arguments<typeof OPTIONS>,
  io: Io,
): Promise<ExitCode> {
  const tally = createTally();
  const watched = watch(selection);
  const limit = args.number('limit') ?? Infinity;
  const choice = { includes: watched.includes, limit };
  const count = await scanChosen(queue, choice, (letters) => {
    for (const letter of letters) tally.add(letter);
    return [];
  });
  const rows = tally.rows();
  if (args.json) for (const row of rows) io.out(JSON.stringify(row));
  else {
    const now = io.clock.now();
    for (const line of tallyLines(rows, (time) => durationText((now - time.getTime()) / 1000))) io.out(line);
  }
  if (count > 0) io.err(`would replay ${countText(count, 'letter')} of ${queue.owner}; repeat with --yes`);
  return watched.tell(io, queue.owner, count, count < limit && !io.signal.aborted);
}

async function replayAll(
  { sqs, queueUrl, targetUrl, owner }: LetterQueue,
  perSecond: number | undefined,
  args: Arguments<typeof OPTIONS>,
  io: Io,
): Promise<ExitCode> {
  const [source, target] = await Promise.all([queueState(sqs, queueUrl), queueState(sqs, targetUrl)]);
  if (source.waiting === 0 && source.hidden === 0) {
    io.err(`${owner} has no dead letters`);
    return 0;
  }
  const { moved, isComplete } = await moveAll({ sqs, source, targetArn: target.arn, perSecond }, io);
  const { waiting, hidden } = await queueState(sqs, queueUrl);
  const left = waiting + hidden;
  if (args.json) io.out(JSON.stringify({ replayed: moved, left, unit: 'messages', complete: isComplete }));
  const state = isComplete ? 'replayed' : 'interrupted: replayed';
  io.err(
    `${state} ${countText(moved, 'message')} of ${owner}, about ${left} ${plural(left, 'are', 'is')} left${isComplete && left === 0 ? '' : ': repeat the command for them'}`,
  );
  return isComplete && left === 0 ? 0 : 1;
}

/** Not every region has move tasks; where they are not, the call itself is what SQS does not know. */
function isUnknownToSqs(error: unknown): boolean {
  return error instanceof Error && /UnsupportedOperation|InvalidAction|UnknownOperation/.test(error.name);
}

async function replaySelected(
  queue: LetterQueue,
  selection: Selection,
  maxReplays: number,
  args: Arguments<typeof OPTIONS>,
  io: Io,
): Promise<ExitCode> {
  const { sqs, queueUrl, owner, signal } = queue;
  const { waiting } = await queueState(sqs, queueUrl);
  const limit = args.number('limit') ?? Infinity;
  const watched = watch(selection);
  const progress = createProgress(io, 'replayed');
  const result = await replayLoop(queue, {
    targetUrl: queue.targetUrl,
    includes: watched.includes,
    maxReplays,
    limit,
    perSecond: args.number('rate'),
    clock: io.clock,
    onProgress: (replayed, messages) => progress.update(messages, waiting, replayed),
  });
  const { replayed, guarded, returned, refused, refusals } = result;
  if (args.json) io.out(JSON.stringify({ replayed, guarded, returned, refused, interrupted: signal.aborted }));
  io.err(`${signal.aborted ? 'interrupted: replayed' : 'replayed'} ${countText(replayed, 'letter')} of ${owner}`);
  if (signal.aborted) io.err('the others are where they were: repeat the command for them');
  if (guarded > 0)
    io.err(
      `${countText(guarded, 'letter')} ${plural(guarded, 'were', 'was')} replayed ${countText(maxReplays, 'time')} or more and ${plural(guarded, 'stay', 'stays')}: find out why, or raise --max-replays`,
    );
  if (returned > 0)
    io.err(
      `${countText(returned, 'letter')} failed again meanwhile and ${plural(returned, 'stay', 'stays')}: find out why, then repeat`,
    );
  if (refused > 0)
    io.err(
      `SQS refused ${countText(refused, 'letter')}, which ${plural(refused, 'stay', 'stays')}: ${refusals[0] ?? ''}`,
    );
  const chosen = replayed + guarded + refused;
  const left = watched.tell(io, owner, chosen, replayed < limit && refused === 0 && !signal.aborted);
  return signal.aborted || guarded > 0 || returned > 0 || refused > 0 ? 1 : left;
}
