import { SQSClient } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { queueState, scan, scanChosen, type Scan } from '../../../../infra/ops/dlq/scan.ts';
import { startAws, type Aws } from '../../../support/aws/aws.ts';
import { AwsError } from '../../../support/aws/server.ts';
import { letterBody } from './letters.ts';

let aws: Aws;
let letters: string;
let source: Scan;

beforeEach(async () => {
  aws = await startAws({ sinks: ['log'] });
  letters = aws.consumer('log').deadLetterQueueUrl;
  source = { sqs: new SQSClient({}), queueUrl: letters, owner: 'log', signal: new AbortController().signal };
});

afterEach(() => aws.stop());

function put(count: number): void {
  for (let n = 0; n < count; n += 1) aws.queues.put(letters, JSON.stringify(letterBody(`u${n}`)));
}

function hidden(): number {
  return aws.queues.messages(letters).filter(({ receipt }) => receipt !== undefined).length;
}

/** The ids that a scan shows. */
async function shown(): Promise<readonly string[]> {
  const seen: string[] = [];
  await scan(source, async (found) => {
    seen.push(...found.map(({ messageId }) => messageId));
    return [];
  });
  return seen;
}

test('shows each letter once, keeps all, and makes them visible again', async () => {
  put(12);

  const seen = await shown();

  expect(seen).toHaveLength(12);
  expect(new Set(seen).size).toBe(12);
  expect(await queueState(source.sqs, letters)).toEqual({
    arn: expect.stringMatching(/:log-letters$/),
    waiting: 12,
    hidden: 0,
    retentionSeconds: 14 * 86_400,
  });
});

test('handles a letter that comes again only once, and gives back its newest receipt', async () => {
  put(1);
  let handled = 0;

  await scan(source, async () => {
    handled += 1;
    // A scan of more than five minutes sees the first letters again.
    aws.queues.expire(letters);
    return [];
  });

  expect(handled).toBe(1);
  expect(aws.asked('ReceiveMessage')).toHaveLength(3);
  expect(hidden()).toBe(0);
});

test('goes on after an empty reply, which need not mean an empty queue', async () => {
  put(3);
  let replies = 0;
  const receive = aws.answer('ReceiveMessage', (input) => {
    replies += 1;
    return replies % 2 === 1 ? { Messages: [] } : receive({ ...input, MaxNumberOfMessages: 1 });
  });

  expect(await shown()).toHaveLength(3);
});

test('deletes exactly the letters that are done', async () => {
  put(5);

  await scan(source, async (found) => found.filter((_, index) => index % 2 === 0));

  expect(aws.queues.messages(letters).map(({ body }) => JSON.parse(body).event.metadata.uid)).toEqual(['u1', 'u3']);
  expect(hidden()).toBe(0);
  // What is deleted has no receipt any more that could be given back.
  expect(aws.asked('ChangeMessageVisibilityBatch').map(({ Entries }) => Array.from(Object(Entries)).length)).toEqual([
    2,
  ]);
});

test('fails when SQS does not delete what is done, and gives the others back', async () => {
  put(3);
  aws.answer('DeleteMessageBatch', () => ({
    Successful: [{ Id: '0' }],
    Failed: [{ Id: '1', Code: 'InternalError', Message: 'try later', SenderFault: false }],
  }));

  const failing = scan(source, async (found) => found.slice(0, 2));

  await expect(failing).rejects.toThrow('SQS did not delete 1 letter: InternalError try later');
  expect(hidden()).toBe(0);
});

test('gives all back when its reader fails', async () => {
  put(3);

  const failing = scan(source, () => Promise.reject(new Error('reader')));

  await expect(failing).rejects.toThrow('reader');
  expect(hidden()).toBe(0);
});

test('gives all back in calls of ten, and an end without that is no failure: they come back by themselves', async () => {
  put(23);

  await shown();
  const sizes = aws.asked('ChangeMessageVisibilityBatch').map(({ Entries }) => Array.from(Object(Entries)).length);
  aws.answer('ChangeMessageVisibilityBatch', () => {
    throw new AwsError('OverLimit', 'too many');
  });

  expect(sizes).toEqual([10, 10, 3]);
  expect(await shown()).toHaveLength(23);
});

test('asks for everything that is known of a letter, hides it while it is looked at, and waits for late ones', async () => {
  await shown();

  expect(aws.asked('ReceiveMessage')[0]).toMatchObject({
    MaxNumberOfMessages: 10,
    VisibilityTimeout: 300,
    WaitTimeSeconds: 1,
    MessageAttributeNames: ['All'],
    MessageSystemAttributeNames: ['All'],
  });
});

test('takes no more letters once it is interrupted', async () => {
  put(25);
  const interrupt = new AbortController();
  let seen = 0;

  await scan({ ...source, signal: interrupt.signal }, async (found) => {
    seen += found.length;
    interrupt.abort();
    return [];
  });

  expect(seen).toBe(10);
  expect(hidden()).toBe(0);
});

test('of the chosen letters stops at the limit', async () => {
  put(25);
  const seen: number[] = [];

  const count = await scanChosen(source, { includes: ({ body }) => /"u\d*[02468]"/.test(body), limit: 7 }, (found) => {
    seen.push(found.length);
    return found;
  });

  expect(count).toBe(7);
  expect(seen).toEqual([5, 2]);
  expect(aws.queues.messages(letters)).toHaveLength(18);
  expect(aws.asked('ReceiveMessage')).toHaveLength(2);
});
