import { GetQueueAttributesCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { recordOf, textOf } from '../../../../functions/core/contract/untrusted.ts';
import { countText } from '../../count.ts';
import { nameOf } from '../arns.ts';
import { allowed, fail, ok, warn, type Finding } from '../finding.ts';
import type { DeployedFunction, World } from '../world.ts';

/** Whether queues are as the stack made them: CloudFormation does not see what somebody changes by hand. */
export async function queues({ clients: { sqs }, functions }: World): Promise<readonly Finding[]> {
  const deployed = await functions();
  const problems = (await Promise.all(deployed.map((each) => queueProblems(each, sqs)))).flat();
  return problems.length > 0 ? problems : [ok(`${countText(2 * deployed.length, 'queue')} as deployed`)];
}

async function queueProblems(
  { consumer, configuration }: DeployedFunction,
  sqs: SQSClient,
): Promise<readonly Finding[]> {
  const { owner, queueUrl, deadLetterQueueUrl } = consumer;
  const [queue, letters] = await Promise.all([attributes(queueUrl, sqs), attributes(deadLetterQueueUrl, sqs)]);
  const { deadLetterTargetArn } = recordOf(JSON.parse(queue['RedrivePolicy'] ?? '{}'));
  const visible = Number(queue['VisibilityTimeout']);
  const timeout = configuration.Timeout ?? 0;
  const days = (seconds: string | undefined): number => Number(seconds) / 86_400;
  const [kept, keptLetters] = [days(queue['MessageRetentionPeriod']), days(letters['MessageRetentionPeriod'])];
  const back = (url: string): string =>
    `somebody has changed it: aws sqs set-queue-attributes --queue-url ${url} sets it back`;
  return [
    ...(nameOf(textOf(deadLetterTargetArn)) === nameOf(deadLetterQueueUrl)
      ? []
      : [
          fail(
            `${owner}: SQS does not move what crashes the function to its dead letters (RedrivePolicy)`,
            back(queueUrl),
          ),
        ]),
    ...(visible < timeout
      ? [fail(`${owner}: messages return after ${visible} s, while the function has ${timeout} s`, back(queueUrl))]
      : []),
    ...(keptLetters < kept
      ? [
          warn(
            `${owner}: dead letters are kept for ${keptLetters} days, events for ${kept}`,
            `a letter's age counts from its event where SQS moves it; ${back(deadLetterQueueUrl)}`,
          ),
        ]
      : []),
  ];
}

async function attributes(QueueUrl: string, sqs: SQSClient): Promise<Readonly<Record<string, string>>> {
  const command = new GetQueueAttributesCommand({
    QueueUrl,
    AttributeNames: ['RedrivePolicy', 'VisibilityTimeout', 'MessageRetentionPeriod'],
  });
  const { Attributes = {} } = await allowed('sqs:GetQueueAttributes', sqs.send(command));
  return Attributes;
}
