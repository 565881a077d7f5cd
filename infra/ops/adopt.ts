import { createSqs } from './aws/clients.ts';
import { consumerOf, readStack, STACK_OPTIONS } from './aws/stack.ts';
import { holdingText, strandedQueues } from './aws/stranded.ts';
import { defineCommand } from './command.ts';
import { countText } from './count.ts';
import { attributesAgain, readWhole } from './dlq/letter.ts';
import { createProgress } from './dlq/progress.ts';
import { replayLoop } from './dlq/replay-loop.ts';

export const command = defineCommand({
  usage: '<type|router> [--yes]',
  about:
    'Moves what waits in queues of an earlier deployment into the present ones: a sink that was removed and has returned has new queues, and the old ones keep what was in them, until SQS deletes it. Events are delivered, letters become letters again. Interrupt it at any time and repeat it. Exit code 1: something is left.',
  examples: ['npm run -s ops -- adopt dingtalk', 'npm run -s ops -- adopt dingtalk --yes'],
  positionals: ['<type|router>'],
  options: { ...STACK_OPTIONS, yes: { about: 'Really move it; without, the command only says what it would.' } },
  async run(args, io) {
    const [owner = ''] = args.positionals;
    const deployed = await readStack(args);
    const { queueUrl, deadLetterQueueUrl } = consumerOf(deployed, owner);
    const sqs = createSqs();
    const stranded = (await strandedQueues(sqs, deployed)).filter((queue) => queue.owner === owner);
    if (stranded.length === 0) {
      io.err(`no earlier queue of ${owner} holds anything`);
      return 0;
    }
    let left = 0;
    for (const { kind, url, count } of stranded) {
      if (!args.flag('yes')) {
        io.err(`would move about ${holdingText(count, kind)} from ${url}; repeat with --yes`);
        continue;
      }
      const progress = createProgress(io, 'moved');
      const { replayed, refused, refusals } = await replayLoop(
        { sqs, queueUrl: url, owner, signal: io.signal, read: readWhole },
        {
          targetUrl: kind === 'events' ? queueUrl : deadLetterQueueUrl,
          attributesOf: kind === 'events' ? ({ attributes }) => attributes : attributesAgain,
          clock: io.clock,
          onProgress: (moved) => progress.update(moved, count),
        },
      );
      if (args.json) io.out(JSON.stringify({ owner, kind, from: url, moved: replayed, refused }));
      io.err(`moved ${holdingText(replayed, kind)} from ${url}`);
      if (refused > 0) io.err(`SQS refused ${countText(refused, 'copy', 'copies')}: ${refusals[0] ?? ''}`);
      left += refused;
    }
    return io.signal.aborted || left > 0 ? 1 : 0;
  },
});
