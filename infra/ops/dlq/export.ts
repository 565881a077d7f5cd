import { STACK_OPTIONS } from '../aws/stack.ts';
import { defineCommand } from '../command.ts';
import { letterJson } from './letter.ts';
import { watch } from './no-letter.ts';
import { letterQueue } from './queue.ts';
import { scanChosen } from './scan.ts';
import { LIMIT_OPTION, readSelection, SELECTION_OPTIONS } from './selection.ts';
import { countText } from '../count.ts';

export const command = defineCommand({
  usage: '<type|router> [--code CODE ...] > letters.jsonl',
  about: 'Writes dead letters to standard output, one JSON document per line, whole. They stay in the queue.',
  examples: ['npm run -s ops -- dlq export webhook > letters.jsonl'],
  positionals: ['<type|router>'],
  options: { ...STACK_OPTIONS, ...SELECTION_OPTIONS, ...LIMIT_OPTION },
  async run(args, io) {
    const [owner = ''] = args.positionals;
    const watched = watch(readSelection(args, new Date(io.clock.now())));
    const limit = args.number('limit') ?? Infinity;
    const choice = { includes: watched.includes, limit };
    const written = await scanChosen(await letterQueue(args, owner, io), choice, (letters) => {
      for (const letter of letters) io.out(JSON.stringify(letterJson(letter)));
      return [];
    });
    io.err(`${io.signal.aborted ? 'interrupted: ' : ''}${countText(written, 'letter')} of ${owner}`);
    const left = watched.tell(io, owner, written, written < limit && !io.signal.aborted);
    return io.signal.aborted ? 1 : left;
  },
});
