import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { listOf } from '../../../../functions/core/contract/untrusted.ts';
import { startAws, type Aws } from '../../../support/aws/aws.ts';
import { AwsError } from '../../../support/aws/server.ts';
import { fakeClock, ops } from '../run.ts';
import { letterBody } from './letters.ts';

let aws: Aws;
let letters: string;
let target: string;

beforeEach(async () => {
  aws = await startAws({ sinks: ['log'] });
  letters = aws.consumer('log').deadLetterQueueUrl;
  target = aws.consumer('log').queueUrl;
});

afterEach(() => aws.stop());

function put(count: number, attributes: Readonly<Record<string, string>> = {}): void {
  for (let n = 0; n < count; n += 1) {
    const reason = { code: 'http_404', detail: 'gone', destination: 'log/all', attempts: '8', ...attributes };
    aws.queues.put(letters, JSON.stringify(letterBody(`u${n}`)), reason);
  }
}

function count(queue: string): number {
  return aws.queues.messages(queue).length;
}

describe('a selection', () => {
  test('goes back letter by letter, at the rate that is asked for', async () => {
    put(12);
    const clock = fakeClock();
    const sentAt: [number, number][] = [];
    const send = aws.answer('SendMessageBatch', (input) => {
      sentAt.push([clock.slept.reduce((sum, ms) => sum + ms, 0), Array.from(Object(input['Entries'])).length]);
      return send(input);
    });

    const run = await ops(['dlq', 'replay', 'log', '--code', 'http_404', '--rate', '5', '--yes', '--json'], { clock });

    expect(run).toMatchObject({
      code: 0,
      out: [JSON.stringify({ replayed: 12, guarded: 0, returned: 0, refused: 0, interrupted: false })],
    });
    // Milliseconds after the start, and how many: never more than five in a second.
    expect(sentAt).toEqual([
      [0, 5],
      [1000, 5],
      [2000, 2],
    ]);
    expect([count(letters), count(target)]).toEqual([0, 12]);
  });

  test('keeps to its rate after a while in which no letter was chosen, and does not make up for it', async () => {
    put(10);
    put(30, { code: 'http_500' });
    put(20);
    const clock = fakeClock();
    const startedAt = clock.now();
    const receive = aws.answer('ReceiveMessage', async (input) => {
      await clock.sleep(60_000, new AbortController().signal);
      return receive(input);
    });
    const sentAt: number[] = [];
    const send = aws.answer('SendMessageBatch', (input) => {
      for (const _ of listOf(input['Entries'])) sentAt.push((clock.now() - startedAt) / 1000);
      return send(input);
    });

    await ops(['dlq', 'replay', 'log', '--code', 'http_404', '--rate', '2', '--yes'], { clock });

    const pairsFrom = (second: number) => [0, 1, 2, 3, 4].flatMap((n) => [second + n, second + n]);
    expect(sentAt).toEqual([...pairsFrom(60), ...pairsFrom(304), ...pairsFrom(368)]);
  });

  test('keeps to its rate also where SQS refuses', async () => {
    put(6);
    const clock = fakeClock();
    aws.answer('SendMessageBatch', ({ Entries }) => ({
      Failed: listOf(Entries).map((_, index) => ({ Id: String(index), Code: 'InternalError', SenderFault: false })),
    }));

    const run = await ops(['dlq', 'replay', 'log', '--code', 'http_404', '--rate', '2', '--yes', '--json'], { clock });

    expect(run.out).toEqual([JSON.stringify({ replayed: 0, guarded: 0, returned: 0, refused: 6, interrupted: false })]);
    expect(clock.slept).toEqual([1000, 1000]);
  });

  test('of less than one a second goes one by one', async () => {
    put(3);
    const clock = fakeClock();

    const run = await ops(['dlq', 'replay', 'log', '--rate', '0.5', '--yes'], { clock });

    expect(run.code).toBe(0);
    expect(clock.slept).toEqual([2000, 2000]);
    expect(aws.asked('StartMessageMoveTask')).toEqual([]);
  });

  test('stays hidden from others for as long as a slow rate takes', async () => {
    put(3);
    const clock = fakeClock();
    const heldAt: number[] = [];
    const change = aws.answer('ChangeMessageVisibilityBatch', (input) => {
      heldAt.push(clock.slept.reduce((sum, ms) => sum + ms, 0));
      return change(input);
    });

    const run = await ops(['dlq', 'replay', 'log', '--limit', '3', '--rate', '0.005', '--yes'], { clock });

    expect(run.code).toBe(0);
    // SQS shows it again after five minutes.
    expect(heldAt).toEqual([100_000, 200_000, 300_000, 400_000]);
    expect([count(letters), count(target)]).toEqual([0, 3]);
  });

  test('leaves what was replayed too often, says so, and ends with 1', async () => {
    put(12, { replays: '3' });
    put(1);

    const run = await ops(['dlq', 'replay', 'log', '--code', 'http_404', '--yes']);

    expect(run.code).toBe(1);
    expect(run.err).toContain('replayed 1 letter of log');
    expect(run.err.at(-1)).toBe(
      '12 letters were replayed 3 times or more and stay: find out why, or raise --max-replays',
    );
    expect([count(letters), count(target)]).toEqual([12, 1]);
  });

  test('interrupted while it waits for its turn sends no more', async () => {
    put(10);
    const interrupt = new AbortController();
    const clock = { ...fakeClock(), sleep: async () => interrupt.abort() };

    const run = await ops(['dlq', 'replay', 'log', '--code', 'http_404', '--rate', '5', '--yes'], {
      clock,
      signal: interrupt.signal,
    });

    expect(run.code).toBe(1);
    expect([count(letters), count(target)]).toEqual([5, 5]);
  });

  test('takes them with a higher --max-replays', async () => {
    put(2, { replays: '3' });

    const run = await ops(['dlq', 'replay', 'log', '--code', 'http_404', '--max-replays', '4', '--yes']);

    expect(run.code).toBe(0);
    expect(aws.queues.messages(target).map(({ attributes }) => attributes)).toEqual([
      { replays: '4' },
      { replays: '4' },
    ]);
  });

  test('ends with 1 where SQS refuses copies, and says what SQS said', async () => {
    put(2);
    const send = aws.answer('SendMessageBatch', (input) => ({
      ...Object(send({ ...input, Entries: Array.from(Object(input['Entries'])).slice(0, 1) })),
      Failed: [{ Id: '1', Code: 'InternalError', Message: 'try later', SenderFault: false }],
    }));

    const run = await ops(['dlq', 'replay', 'log', '--code', 'http_404', '--yes', '--json']);

    expect(run.code).toBe(1);
    expect(run.out).toEqual([JSON.stringify({ replayed: 1, guarded: 0, returned: 0, refused: 1, interrupted: false })]);
    expect(run.err.at(-1)).toBe('SQS refused 1 letter, which stays: InternalError: try later');
    expect(count(letters)).toBe(1);
  });

  test('fails where SQS does not delete a letter whose copy it has accepted', async () => {
    put(1);
    aws.answer('DeleteMessageBatch', () => ({ Failed: [{ Id: '0', Code: 'InternalError', SenderFault: false }] }));

    const run = await ops(['dlq', 'replay', 'log', '--code', 'http_404', '--yes']);

    expect(run).toMatchObject({ code: 1, out: [] });
    expect(run.err.at(-1)).toMatch(/^SQS did not delete 1 message: InternalError/);
  });

  test('gives up when SQS goes on refusing', async () => {
    put(150);
    aws.answer('SendMessageBatch', () => {
      throw new AwsError('AccessDenied', 'no', 403);
    });

    const run = await ops(['dlq', 'replay', 'log', '--code', 'http_404', '--yes', '--json']);

    expect(run.code).toBe(1);
    expect(run.out).toEqual([
      JSON.stringify({ replayed: 0, guarded: 0, returned: 0, refused: 100, interrupted: false }),
    ]);
    expect(count(letters)).toBe(150);
  });

  test('interrupted says what is left to do, and ends with 1', async () => {
    put(20);
    const interrupt = new AbortController();
    const send = aws.answer('SendMessageBatch', (input) => {
      interrupt.abort();
      return send(input);
    });

    const run = await ops(['dlq', 'replay', 'log', '--code', 'http_404', '--yes'], { signal: interrupt.signal });

    expect(run.code).toBe(1);
    expect(run.err.slice(-2)).toEqual([
      'interrupted: replayed 10 letters of log',
      'the others are where they were: repeat the command for them',
    ]);
    expect(count(letters)).toBe(10);
  });

  test('is bounded by --limit, and by nothing else', async () => {
    put(5);

    const limited = await ops(['dlq', 'replay', 'log', '--limit', '3', '--yes']);

    expect(limited.code).toBe(0);
    expect([count(letters), count(target)]).toEqual([2, 3]);
    // It does not go through the others.
    expect(aws.asked('ReceiveMessage')).toHaveLength(1);
  });
});

describe('without --yes', () => {
  test('says what would be done, by code and destination, and does nothing', async () => {
    put(2);
    put(3, { code: 'timeout' });

    const run = await ops(['dlq', 'replay', 'log']);
    const some = await ops(['dlq', 'replay', 'log', '--code', 'timeout', '--limit', '2', '--json']);

    expect(run.code).toBe(0);
    expect(run.out.map((line) => line.replace(/ oldest .*/, ''))).toEqual([
      '  3  timeout  log/all ',
      '  2  http_404  log/all ',
    ]);
    expect(run.err).toEqual(['would replay 5 letters of log; repeat with --yes']);
    expect(some.out.map((line) => JSON.parse(line))).toMatchObject([{ code: 'timeout', count: 2 }]);
    expect([count(letters), count(target)]).toEqual([5, 0]);
    expect(aws.queues.messages(letters).every(({ receipt }) => receipt === undefined)).toBe(true);
  });
});

describe('a whole queue', () => {
  /** Answers ListMessageMoveTasks in turn, the last answer for ever. */
  function tasks(...list: readonly (object | undefined)[]): void {
    const left = [...list];
    aws.answer('ListMessageMoveTasks', () => {
      const task = left.length > 1 ? left.shift() : left[0];
      return { Results: task === undefined ? [] : [task] };
    });
    aws.answer('StartMessageMoveTask', () => ({ TaskHandle: 'handle' }));
    aws.answer('CancelMessageMoveTask', () => ({}));
  }

  const earlier = {
    Status: 'COMPLETED',
    StartedTimestamp: 1,
    ApproximateNumberOfMessagesMoved: 7,
    ApproximateNumberOfMessagesToMove: 7,
  };
  const running = {
    Status: 'RUNNING',
    StartedTimestamp: 2,
    ApproximateNumberOfMessagesMoved: 1,
    ApproximateNumberOfMessagesToMove: 3,
    TaskHandle: 'handle',
  };
  const completed = { ...running, Status: 'COMPLETED', ApproximateNumberOfMessagesMoved: 3 };

  test('is moved by SQS, to where the letters came from, at the rate that is asked for', async () => {
    put(3);
    tasks(undefined, running, completed);

    await ops(['dlq', 'replay', 'log', '--yes', '--rate', '20.9'], { clock: fakeClock() });

    expect(aws.asked('StartMessageMoveTask')).toEqual([
      {
        SourceArn: 'arn:aws:sqs:us-east-1:000000000000:log-letters',
        DestinationArn: 'arn:aws:sqs:us-east-1:000000000000:log',
        MaxNumberOfMessagesPerSecond: 20,
      },
    ]);
    expect(aws.asked('SendMessageBatch')).toEqual([]);
  });

  test('is moved as fast as SQS sees fit where no rate is asked for', async () => {
    put(3);
    tasks(undefined, completed);

    await ops(['dlq', 'replay', 'log', '--yes'], { clock: fakeClock() });

    expect(aws.asked('StartMessageMoveTask')[0]).not.toHaveProperty('MaxNumberOfMessagesPerSecond');
  });

  test('is not taken for done by an earlier task that the list still shows', async () => {
    put(3);
    tasks(earlier, earlier, earlier, running, completed);
    const start = aws.answer('StartMessageMoveTask', (input) => {
      // By the end of the task the queue is empty.
      for (const { id } of aws.queues.messages(letters)) aws.queues.remove(letters, id);
      return start(input);
    });

    const run = await ops(['dlq', 'replay', 'log', '--yes', '--json'], { clock: fakeClock() });

    expect(run).toMatchObject({
      code: 0,
      out: [JSON.stringify({ replayed: 3, left: 0, unit: 'messages', complete: true })],
    });
    expect(aws.asked('ListMessageMoveTasks')).toHaveLength(5);
    expect(run.err).not.toContainEqual(expect.stringMatching(/moved 7/));
  });

  test('with --max-replays goes letter by letter, because SQS counts no replays', async () => {
    put(1, { replays: '1' });
    put(2);

    const run = await ops(['dlq', 'replay', 'log', '--max-replays', '1', '--yes']);

    expect(run.code).toBe(1);
    expect(aws.asked('StartMessageMoveTask')).toEqual([]);
    expect([count(letters), count(target)]).toEqual([1, 2]);
  });

  test('that runs already is followed', async () => {
    put(3);
    tasks(running, running, completed);

    const run = await ops(['dlq', 'replay', 'log', '--yes'], { clock: fakeClock() });

    expect(aws.asked('StartMessageMoveTask')).toEqual([]);
    expect(run.err[0]).toBe('a move task is running for this queue already: following it');
    expect(run.err).toContainEqual(expect.stringContaining('moved 3 of about 3'));
  });

  test('of which some are left ends with 1', async () => {
    put(3);
    tasks(undefined, completed);

    const run = await ops(['dlq', 'replay', 'log', '--yes'], { clock: fakeClock() });

    expect(run.code).toBe(1);
    expect(run.err.at(-1)).toBe('replayed 3 messages of log, about 3 are left: repeat the command for them');
  });

  test('whose letters somebody is looking at is not empty', async () => {
    put(1);
    const attributes = aws.answer('GetQueueAttributes', (input) => {
      const reply = Object(attributes(input));
      const isLetters = String(input['QueueUrl']).endsWith('-letters');
      const hidden = { ApproximateNumberOfMessages: '0', ApproximateNumberOfMessagesNotVisible: '1' };
      return isLetters ? { Attributes: { ...reply.Attributes, ...hidden } } : reply;
    });
    tasks(undefined, { ...completed, ApproximateNumberOfMessagesMoved: 0 });

    const run = await ops(['dlq', 'replay', 'log', '--yes'], { clock: fakeClock() });

    expect(run.code).toBe(1);
    expect(run.err.at(-1)).toMatch(/about 1 is left/);
  });

  test('that somebody else cancels is followed to its end, and not complete', async () => {
    put(3);
    const cancelled = { ...running, Status: 'CANCELLED', ApproximateNumberOfMessagesMoved: 2 };
    tasks(undefined, { ...running, Status: 'CANCELLING' }, cancelled);

    const run = await ops(['dlq', 'replay', 'log', '--yes', '--json'], { clock: fakeClock() });

    expect(run).toMatchObject({
      code: 1,
      out: [JSON.stringify({ replayed: 2, left: 3, unit: 'messages', complete: false })],
    });
  });

  test('is moved by SQS at the slowest rate that it knows, one a second', async () => {
    put(3);
    tasks(undefined, completed);

    await ops(['dlq', 'replay', 'log', '--yes', '--rate', '1'], { clock: fakeClock() });

    expect(aws.asked('StartMessageMoveTask')).toMatchObject([{ MaxNumberOfMessagesPerSecond: 1 }]);
  });

  test('that SQS gives up is a failure with its reason', async () => {
    put(3);
    tasks(undefined, { ...running, Status: 'FAILED', FailureReason: 'AWS.SimpleQueueService.NonExistentQueue' });

    const run = await ops(['dlq', 'replay', 'log', '--yes'], { clock: fakeClock() });

    expect(run).toMatchObject({ code: 1, out: [] });
    expect(run.err.at(-1)).toBe('SQS gave up after 1 message: AWS.SimpleQueueService.NonExistentQueue');
  });

  test('that SQS gives up without a word is a failure too', async () => {
    put(3);
    tasks(undefined, { Status: 'FAILED', StartedTimestamp: 2 });

    const run = await ops(['dlq', 'replay', 'log', '--yes'], { clock: fakeClock() });

    expect(run.err).toEqual([
      expect.stringMatching(/^moved 0 of about 3 messages/),
      'SQS gave up after 0 messages: no reason given',
    ]);
  });

  test('is looked after once a second', async () => {
    put(3);
    const clock = fakeClock();
    tasks(undefined, running, running, completed);

    await ops(['dlq', 'replay', 'log', '--yes'], { clock });

    expect(clock.slept).toEqual([1000, 1000]);
  });

  test.each([
    ['while it runs', running],
    ['before the list shows it', earlier],
  ])('is cancelled when the person interrupts %s', async (_, shown) => {
    put(3);
    tasks(earlier, shown);
    const interrupt = new AbortController();
    const clock = { ...fakeClock(), sleep: async () => interrupt.abort() };

    const run = await ops(['dlq', 'replay', 'log', '--yes', '--json'], { clock, signal: interrupt.signal });

    expect(aws.asked('CancelMessageMoveTask')).toEqual([{ TaskHandle: 'handle' }]);
    expect(run.code).toBe(1);
    expect(JSON.parse(run.out[0] ?? '')).toMatchObject({ complete: false });
    expect(run.err.at(-1)).toMatch(/^interrupted: replayed \d messages? of log, about 3 are left/);
  });

  test.each(['UnsupportedOperation', 'InvalidAction', 'UnknownOperationException'])(
    'goes letter by letter where SQS has no move tasks (%s)',
    async (name) => {
      put(12, { replays: '5' });
      aws.answer('ListMessageMoveTasks', () => {
        throw new AwsError(name, 'The action ListMessageMoveTasks is not valid for this endpoint.');
      });

      const run = await ops(['dlq', 'replay', 'log', '--yes']);

      expect(run.code).toBe(0);
      expect(run.err[0]).toBe('SQS moves no letters in this region: they are replayed letter by letter');
      expect([count(letters), count(target)]).toEqual([0, 12]);
    },
  );

  test('that SQS refuses for another reason is a failure', async () => {
    put(1);
    aws.answer('ListMessageMoveTasks', () => {
      throw new AwsError('AccessDenied', 'no', 403);
    });

    const run = await ops(['dlq', 'replay', 'log', '--yes']);

    expect(run).toMatchObject({ code: 1, err: ['AWS does not allow it: no'] });
    expect([count(letters), count(target)]).toEqual([1, 0]);
  });

  test('without letters says so', async () => {
    const run = await ops(['dlq', 'replay', 'log', '--yes']);

    expect(run).toMatchObject({ code: 0, err: ['log has no dead letters'] });
  });

  test('moves at most 500 a second, which is said before anything is done', async () => {
    const run = await ops(['dlq', 'replay', 'log', '--yes', '--rate', '501']);
    const most = await ops(['dlq', 'replay', 'log', '--yes', '--rate', '500']);

    expect([run.code, most.code]).toEqual([2, 0]);
    expect(run.err[0]).toBe('--rate is 501, a whole queue moves with at most 500 a second');
  });
});
