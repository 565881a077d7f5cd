import {
  GetEventSourceMappingCommand,
  UpdateEventSourceMappingCommand,
  type LambdaClient,
} from '@aws-sdk/client-lambda';
import { createCloudWatch, createLambda, createSqs } from './aws/clients.ts';
import { oldestAges } from './aws/metrics.ts';
import { consumerOf, readStack, STACK_OPTIONS } from './aws/stack.ts';
import { countText, plural } from './count.ts';
import { defineCommand, type Command } from './command.ts';
import { queueState } from './dlq/scan.ts';
import { durationText } from './duration.ts';

/** `pause` and `resume`: the same switch of the event source mapping. */
export function switchCommand(isOn: boolean): Command {
  const verb = isOn ? 'resume' : 'pause';
  return defineCommand({
    usage: '<type|router>',
    about: isOn
      ? 'Lets a function take messages from its queue again.'
      : 'Stops a function from taking messages from its queue, where they wait until resume, or until SQS deletes them: the command says when that would be.',
    examples: [`npm run -s ops -- ${verb} elasticsearch`],
    positionals: ['<type|router>'],
    options: { ...STACK_OPTIONS, 'dry-run': { about: 'Say how it is and what waits, and change nothing.' } },
    async run(args, io) {
      const [owner = ''] = args.positionals;
      const { eventSource, queueUrl } = consumerOf(await readStack(args), owner);
      const isDryRun = args.flag('dry-run');
      const state = await turn(createLambda(), eventSource, isDryRun ? undefined : isOn);
      const { waiting, hidden, retentionSeconds } = await queueState(createSqs(), queueUrl);
      if (args.json) io.out(JSON.stringify({ owner, state, waiting, hidden, retentionSeconds }));
      const done = isOn ? 'resumed' : 'paused';
      io.err(
        `${owner} ${isDryRun ? `would be ${done}, now it is ${state}` : `is ${done} (${state})`}; about ${countText(waiting + hidden, 'message')} ${plural(waiting + hidden, 'wait', 'waits')}`,
      );
      if (!isOn) {
        const age = (await oldestAges(createCloudWatch(), [queueUrl])).get(queueUrl);
        const left = retentionSeconds - (age ?? 0);
        io.err(
          age === undefined
            ? `SQS deletes a message ${durationText(retentionSeconds)} after it was sent: resume before`
            : `SQS deletes the oldest in ${durationText(left)} (${durationText(retentionSeconds)} after it was sent): resume before`,
        );
      }
      return 0;
    },
  });
}

/** Resolves to the state SQS is in or on its way to; `isOn` undefined changes nothing. */
async function turn(lambda: LambdaClient, id: string, isOn: boolean | undefined): Promise<string> {
  const current = await lambda.send(new GetEventSourceMappingCommand({ UUID: id }));
  if (isOn === undefined) return current.State ?? 'unknown';
  if (current.State === (isOn ? 'Enabled' : 'Disabled')) return current.State;
  const { State } = await lambda.send(new UpdateEventSourceMappingCommand({ UUID: id, Enabled: isOn }));
  return State ?? 'unknown';
}

export const pause: { readonly command: Command } = { command: switchCommand(false) };
export const resume: { readonly command: Command } = { command: switchCommand(true) };
