import { STACK_OPTIONS } from '../aws/stack.ts';
import { defineCommand, usageError } from '../command.ts';
import { watch } from './no-letter.ts';
import { createProgress } from './progress.ts';
import { letterQueue } from './queue.ts';
import { queueState, scanChosen } from './scan.ts';
import { LIMIT_OPTION, readSelection, SELECTION_OPTIONS } from './selection.ts';
import { countText } from '../count.ts';

export const command = defineCommand({
  usage: '<type|router> (--code CODE ... | --all) [--yes]',
  about: 'Deletes dead letters for good: their events were delivered nowhere, and will not be. Export them first.',
  examples: ['npm run -s ops -- dlq drop webhook --code http_410', 'npm run -s ops -- dlq drop webhook --all --yes'],
  positionals: ['<type|router>'],
  options: {
    ...STACK_OPTIONS,
    ...SELECTION_OPTIONS,
    ...LIMIT_OPTION,
    all: { about: 'Every letter, where nothing selects.' },
    yes: { about: 'Really delete; without, the command only says how many it would.' },
  },
  async run(args, io) {
    const [owner = ''] = args.positionals;
    const selection = readSelection(args, new Date(io.clock.now()));
    if (selection.isAll && !args.flag('all')) throw usageError('expected a selection such as --code CODE, or --all');
    const limit = args.number('limit') ?? Infinity;
    const isDryRun = !args.flag('yes');
    const watched = watch(selection);
    const queue = await letterQueue(args, owner, io);
    const { waiting } = await queueState(queue.sqs, queue.queueUrl);
    const progress = createProgress(io, 'dropped');
    let done = 0;
    const count = await scanChosen(queue, { includes: watched.includes, limit }, (letters, { messages }) => {
      done += letters.length;
      if (!isDryRun) progress.update(messages, waiting, done);
      return isDryRun ? [] : letters;
    });
    if (args.json)
      io.out(JSON.stringify({ [isDryRun ? 'wouldDrop' : 'dropped']: count, interrupted: io.signal.aborted }));
    const next = isDryRun && count > 0 ? '; repeat with --yes' : '';
    io.err(`${isDryRun ? 'would drop' : 'dropped'} ${countText(count, 'letter')} of ${owner}${next}`);
    const left = watched.tell(io, owner, count, count < limit && !io.signal.aborted);
    return io.signal.aborted ? 1 : left;
  },
});
