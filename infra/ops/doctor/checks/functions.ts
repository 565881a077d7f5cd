import { called } from '../../../called.ts';
import { countText } from '../../count.ts';
import { oneLine } from '../../one-line.ts';
import { nameOf } from '../arns.ts';
import { fail, ok, warn, type Finding } from '../finding.ts';
import type { DeployedFunction, World } from '../world.ts';

/** Whether each function is as it was deployed, and may run. */
export async function functionsRun({ functions, command }: World): Promise<readonly Finding[]> {
  const deployed = await functions();
  const problems = deployed.flatMap((each) => functionProblems(each, command('status')));
  return problems.length > 0 ? problems : [ok(`${countText(deployed.length, 'function')} active`)];
}

function functionProblems({ consumer, configuration, reserved }: DeployedFunction, status: string): readonly Finding[] {
  const { owner, functionName } = consumer;
  const { State, StateReason = '', LastUpdateStatus, LastUpdateStatusReason = '' } = configuration;
  return [
    // Inactive is what was idle for weeks: its next message wakes it.
    ...(State === 'Failed'
      ? [fail(`${owner}: the function has failed: ${oneLine(StateReason)}`, `${called.deploy}, then ${status}`)]
      : []),
    ...(State === 'Pending'
      ? [warn(`${owner}: the function is still being made: ${oneLine(StateReason)}`, 'repeat this in a minute')]
      : []),
    ...(LastUpdateStatus === 'Failed'
      ? [fail(`${owner}: the last update failed: ${oneLine(LastUpdateStatusReason)}`, called.deploy)]
      : []),
    ...(reserved === 0
      ? [
          fail(
            `${owner}: no concurrency is reserved for it (0), so it never runs`,
            `aws lambda delete-function-concurrency --function-name ${functionName}`,
          ),
        ]
      : []),
  ];
}

/** Whether each function takes messages from its own queue, and says of each message what became of it. */
export async function eventSources({ functions, command }: World): Promise<readonly Finding[]> {
  const deployed = await functions();
  const problems = deployed.flatMap((each) => sourceProblems(each, command));
  return problems.length > 0
    ? problems
    : [ok(`${countText(deployed.length, 'event source')} enabled, each of its own queue`)];
}

const RUNNING = ['Enabled', 'Enabling', 'Updating', 'Creating'];

function sourceProblems({ consumer, mappings }: DeployedFunction, command: World['command']): readonly Finding[] {
  const { owner, queueUrl, functionName, eventSource } = consumer;
  const own = mappings.find(({ UUID }) => UUID === eventSource);
  const anew = `deploy the stack without ${owner} and then with it: its queues stay, and adopt empties them`;
  if (own === undefined) return [fail(`${owner}: the event source of ${functionName} is gone`, anew)];
  const { State = 'unknown', EventSourceArn = '', LastProcessingResult = '', FunctionResponseTypes = [] } = own;
  const others = mappings.filter(({ UUID }) => UUID !== eventSource);
  return [
    ...(RUNNING.includes(State) ? [] : [fail(`${owner}: paused (${State})`, command(`resume ${owner}`))]),
    ...(nameOf(EventSourceArn) === nameOf(queueUrl)
      ? []
      : [fail(`${owner}: takes from ${EventSourceArn}, not from its queue`, anew)]),
    ...(FunctionResponseTypes.includes('ReportBatchItemFailures')
      ? []
      : [
          fail(
            `${owner}: what is to be retried counts as done`,
            `aws lambda update-event-source-mapping --uuid ${eventSource} --function-response-types ReportBatchItemFailures`,
          ),
        ]),
    ...(LastProcessingResult.startsWith('PROBLEM')
      ? [fail(`${owner}: Lambda says ${oneLine(LastProcessingResult)}`, 'see the role and the queue that it names')]
      : []),
    ...(others.length > 0
      ? [
          warn(
            `${owner}: has other event sources besides`,
            'aws lambda list-event-source-mappings shows them: delete them',
          ),
        ]
      : []),
  ];
}
