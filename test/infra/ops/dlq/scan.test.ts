import { SQSClient } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readLetters, type Letter } from '../../../../infra/ops/dlq/letter.ts';
import { queueState, scan, scanChosen, type Scan } from '../../../../infra/ops/dlq/scan.ts';
import { startAws, type Aws } from '../../../support/aws/aws.ts';
import { AwsError } from '../../../support/aws/server.ts';
import { envelopeOf, letterBody } from './letters.ts';

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

test.each([
  [{ Message: 'try later' }, 'InternalError try later'],
  [{}, 'InternalError'],
])(
  'fails when SQS does not delete what is done, with %j for a reason, and gives the others back',
  async (more, said) => {
    put(3);
    aws.answer('DeleteMessageBatch', () => ({
      Successful: [{ Id: '0' }],
      Failed: [{ Id: '1', Code: 'InternalError', SenderFault: false, ...more }],
    }));

    const failing = scan(source, async (found) => found.slice(0, 2));

    await expect(failing).rejects.toThrow(new Error(`SQS did not delete 1 message: ${said}`));
    expect(hidden()).toBe(0);
  },
);

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

describe('of an envelope', () => {
  const uids = (from: number, to: number): readonly string[] =>
    Array.from({ length: to - from }, (_, index) => `u${from + index}`);

  function envelope(from: number, to: number, attributes: Readonly<Record<string, string>> = {}): void {
    const body = envelopeOf(uids(from, to).map((uid) => letterBody(uid)));
    aws.queues.put(letters, body, attributes, { DeadLetterQueueSourceArn: 'arn', MessageGroupId: 'log/all' });
  }

  const uidsIn = (body = ''): readonly string[] =>
    readLetters({ Body: body }, 'log').map(({ event }) => event?.uid ?? '');

  const includes = ({ event }: Letter): boolean => /[02468]$/.test(event?.uid ?? '');

  test('puts back what is not done, as one message that reads the same, before it deletes the rest', async () => {
    envelope(0, 6, { replays: '1', code: 'of before' });

    const count = await scanChosen(source, { includes }, (chosen) => chosen);

    expect(count).toBe(3);
    expect(aws.operations().slice(-3)).toEqual(['SendMessage', 'DeleteMessageBatch', 'ChangeMessageVisibilityBatch']);
    const [rest, ...others] = aws.queues.messages(letters);
    expect(others).toEqual([]);
    expect(rest).toMatchObject({
      groupId: 'log/all',
      attributes: { replays: '1', failedAt: '1970-01-01T00:00:00.000Z' },
    });
    expect(rest?.attributes).not.toHaveProperty('code');
    expect(uidsIn(rest?.body)).toEqual(['u1', 'u3', 'u5']);
  });

  test('handles what was put back no second time', async () => {
    for (let n = 0; n < 6; n += 1) envelope(n * 4, n * 4 + 4);
    const seen: string[] = [];

    await scan(source, (found) => {
      seen.push(...found.map(({ event }) => event?.uid ?? ''));
      return found.filter(includes);
    });

    expect(seen).toEqual(uids(0, 24));
    expect(hidden()).toBe(0);
  });

  test('of which nothing is done changes nothing, and of which all is done leaves nothing', async () => {
    envelope(0, 3);
    envelope(3, 6);
    const [kept] = aws.queues.messages(letters);

    await scan(source, (found) => (found.some(({ event }) => event?.uid === 'u0') ? [] : found));

    expect(aws.queues.messages(letters)).toEqual([kept]);
    expect(aws.asked('SendMessage')).toEqual([]);
  });

  test('puts back an item that cannot be read as a message of its own', async () => {
    aws.queues.put(letters, envelopeOf([letterBody('u0'), letterBody('u1'), { event: 'none' }]));

    await scanChosen(source, { includes }, (chosen) => chosen);

    expect(aws.queues.messages(letters).map(({ body }) => JSON.parse(body))).toEqual([
      letterBody('u1'),
      { v: 1, kind: 'event', cluster: 'c', destination: 'log/all', event: 'none' },
    ]);
  });

  test('stays whole where SQS does not take the rest of it, and says so', async () => {
    envelope(0, 4);
    const before = aws.queues.messages(letters).map(({ body }) => body);
    aws.answer('SendMessage', () => {
      throw new AwsError('AccessDenied', 'no', 403);
    });

    const failing = scanChosen(source, { includes }, (chosen) => chosen);

    await expect(failing).rejects.toThrow(
      'SQS did not take back 2 letters, which lie in one message with others that are done, and so all of them stay: AWS does not allow it: no',
    );
    expect(aws.queues.messages(letters).map(({ body }) => body)).toEqual(before);
    expect(hidden()).toBe(0);
  });

  test('is handled by itself, and not at all once the scan has ended', async () => {
    put(2);
    envelope(2, 5);
    envelope(5, 8);
    const steps: [number, number][] = [];

    await scan(source, (found, { messages, stop }) => {
      steps.push([found.length, messages]);
      if (messages === 3) stop();
      return [];
    });

    expect(steps).toEqual([
      [2, 2],
      [3, 3],
    ]);
    expect(hidden()).toBe(0);
  });

  test('counts each event for the limit, and puts back those beyond it', async () => {
    envelope(0, 5);

    const count = await scanChosen(source, { includes: () => true, limit: 2 }, (chosen) => chosen);

    expect(count).toBe(2);
    expect(uidsIn(aws.queues.messages(letters)[0]?.body)).toEqual(uids(2, 5));
  });
});

test('a queue hides what somebody holds and what waits for its time; what SQS does not say is none', async () => {
  const attributes = { ApproximateNumberOfMessagesNotVisible: '2', ApproximateNumberOfMessagesDelayed: '3' };
  aws.answer('GetQueueAttributes', () => ({ Attributes: attributes }));

  expect(await queueState(source.sqs, letters)).toEqual({ arn: '', waiting: 0, hidden: 5, retentionSeconds: 0 });
});

test('holds what is in hand for as long as again, less what is deleted already', async () => {
  put(3);
  aws.queues.put(letters, envelopeOf([letterBody('a'), letterBody('b')]));

  await scan(source, async (found, { hold }) => {
    if (found.length === 2) await hold();
    return found;
  });

  expect(aws.asked('ChangeMessageVisibilityBatch')).toEqual([
    {
      QueueUrl: letters,
      Entries: [{ Id: '0', ReceiptHandle: expect.any(String), VisibilityTimeout: 300 }],
    },
  ]);
});
