import { STACK_OPTIONS } from '../aws/stack.ts';
import { defineCommand } from '../command.ts';
import { letterJson } from './letter.ts';
import { letterQueue } from './queue.ts';
import { scan } from './scan.ts';
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
    const selection = readSelection(args, new Date());
    const limit = args.number('limit') ?? Infinity;
    let written = 0;
    await scan(await letterQueue(args, owner, io), async (letters, stop) => {
      for (const letter of letters.filter(selection.includes).slice(0, limit - written)) {
        io.out(JSON.stringify(letterJson(letter)));
        written += 1;
      }
      if (written >= limit) stop();
      return [];
    });
    io.err(`${io.signal.aborted ? 'interrupted: ' : ''}${countText(written, 'letter')} of ${owner}`);
    return io.signal.aborted ? 1 : 0;
  },
});
