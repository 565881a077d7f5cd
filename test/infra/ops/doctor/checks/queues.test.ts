import { afterEach, beforeEach, expect, test } from 'vitest';
import { startAccount, type Account } from '../account.ts';

let aws: Account;

beforeEach(async () => {
  aws = await startAccount();
});

afterEach(() => aws.stop());

/** Edits the attributes of the sink webhook's queue. */
function edit(changes: object): void {
  aws.change('GetQueueAttributes', ({ Attributes }, { QueueUrl }) => ({
    Attributes: { ...Object(Attributes), ...(QueueUrl === aws.consumer('webhook').queueUrl && changes) },
  }));
}

test.each([
  ['no redrive', { RedrivePolicy: undefined }, 'x queues: webhook: SQS does not move what crashes the function'],
  [
    "another queue's dead letters",
    { RedrivePolicy: JSON.stringify({ deadLetterTargetArn: 'arn:aws:sqs:us-east-1:000000000000:log-letters' }) },
    'x queues: webhook: SQS does not move what crashes the function',
  ],
  [
    'messages that return too soon',
    { VisibilityTimeout: '30' },
    'x queues: webhook: messages return after 30 s, while the function has 60 s',
  ],
  [
    'letters that are kept for less than events',
    { MessageRetentionPeriod: '1382400' },
    '! queues: webhook: dead letters are kept for 14 days, events for 16',
  ],
])('a queue with %s is named', async (_, changes, line) => {
  edit(changes);

  const [said, advice] = await aws.said('queues');

  expect(said).toContain(line);
  expect(advice).toContain('aws sqs set-queue-attributes --queue-url');
});
