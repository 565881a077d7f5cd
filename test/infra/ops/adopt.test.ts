import { afterEach, beforeEach, expect, test } from 'vitest';
import { startAws, type Aws } from '../../support/aws/aws.ts';
import { envelopeOf, letterBody } from './dlq/letters.ts';
import { fakeClock, ops } from './run.ts';

let aws: Aws;

beforeEach(async () => {
  aws = await startAws({ sinks: ['log', 'webhook'] });
});

afterEach(() => aws.stop());

const adopt = (...argv: readonly string[]) => ops(['adopt', ...argv], { clock: fakeClock() });

test('moves events to be delivered, and letters as the letters they were', async () => {
  const { queueUrl, deadLetterQueueUrl } = aws.consumer('log');
  const events = aws.stranded('log', 'events');
  const letters = aws.stranded('log', 'dead-letters');
  aws.queues.put(events, JSON.stringify(letterBody('a')));
  aws.queues.put(events, JSON.stringify(letterBody('b')), { replays: '2' });
  const reason = {
    code: 'http_404',
    detail: 'gone',
    destination: 'log/all',
    attempts: '8',
    failedAt: '2026-11-20T08:00:00.000Z',
  };
  aws.queues.put(letters, JSON.stringify(letterBody('c')), { ...reason, replays: '1' });
  aws.queues.put(letters, JSON.stringify(letterBody('d')), reason, { DeadLetterQueueSourceArn: 'arn' });

  const run = await adopt('log', '--yes', '--json');

  expect(run.code).toBe(0);
  expect(run.out.map((line) => JSON.parse(line))).toEqual([
    { owner: 'log', kind: 'dead-letters', from: letters, moved: 2, refused: 0 },
    { owner: 'log', kind: 'events', from: events, moved: 2, refused: 0 },
  ]);
  expect([events, letters].map((url) => aws.queues.messages(url).length)).toEqual([0, 0]);
  expect(aws.queues.messages(queueUrl)).toMatchObject([
    { body: JSON.stringify(letterBody('a')), groupId: 'log/all', attributes: {} },
    { body: JSON.stringify(letterBody('b')), groupId: 'log/all', attributes: { replays: '2' } },
  ]);
  // What SQS moved by itself has no reason, whatever its attributes said before: only where its event is for, and when it was sent.
  expect(aws.queues.messages(deadLetterQueueUrl).map(({ attributes }) => attributes)).toEqual([
    { ...reason, replays: '1' },
    { destination: 'log/all', failedAt: '1970-01-01T00:00:00.000Z' },
  ]);
});

test('moves an envelope as it is, with the attempts that its events have had', async () => {
  const { queueUrl, deadLetterQueueUrl } = aws.consumer('log');
  const envelope = envelopeOf([letterBody('a'), letterBody('b')]);
  const tried = { attempts: '3', 'retrying-since': '2026-11-23T08:00:00.000Z' };
  aws.queues.put(aws.stranded('log', 'events'), envelope, tried);
  aws.queues.put(
    aws.stranded('log', 'dead-letters'),
    envelope,
    { ...tried, replays: '1' },
    { DeadLetterQueueSourceArn: 'arn' },
  );

  const run = await adopt('log', '--yes');

  expect(run.err.filter((line) => line.includes(' from '))).toEqual([
    expect.stringMatching(/^moved 1 message with dead letters from /),
    expect.stringMatching(/^moved 1 message with events from /),
  ]);
  expect(aws.queues.messages(queueUrl)).toMatchObject([{ body: envelope, groupId: 'log/all', attributes: tried }]);
  expect(aws.queues.messages(deadLetterQueueUrl)).toMatchObject([{ body: envelope, attributes: { replays: '1' } }]);
});

test('only says what it would do, without --yes', async () => {
  const events = aws.stranded('log', 'events');
  aws.queues.put(events, JSON.stringify(letterBody('a')));

  const run = await adopt('log');

  expect(run).toMatchObject({
    code: 0,
    err: [`would move about 1 message with events from ${events}; repeat with --yes`],
  });
  expect(aws.queues.messages(events)).toHaveLength(1);
});

test('leaves the queues of other sinks and other stacks alone, and those in use', async () => {
  const others = [aws.stranded('webhook', 'events'), aws.stranded('log', 'events', 'another-stack')];
  for (const url of [...others, aws.consumer('log').deadLetterQueueUrl])
    aws.queues.put(url, JSON.stringify(letterBody('a')));

  const run = await adopt('log', '--yes');

  expect(run).toMatchObject({ code: 0, err: ['no earlier queue of log holds anything'] });
  expect(others.map((url) => aws.queues.messages(url).length)).toEqual([1, 1]);
});

test('ends with 1 where SQS refuses copies, which stay', async () => {
  const events = aws.stranded('log', 'events');
  aws.queues.put(events, JSON.stringify(letterBody('a')));
  aws.answer('SendMessageBatch', () => ({
    Failed: [{ Id: '0', Code: 'InternalError', Message: 'later', SenderFault: false }],
  }));

  const run = await adopt('log', '--yes');

  expect(run.code).toBe(1);
  expect(run.err.at(-1)).toBe('SQS refused 1 copy: InternalError: later');
  expect(aws.queues.messages(events)).toHaveLength(1);
});

test('of a sink that has not returned says what to do first', async () => {
  const run = await adopt('kafka');

  expect(run.code).toBe(1);
  expect(run.err[0]).toMatch(/^the sink type kafka is not deployed: add it to sinks in kube-courier\.json/);
});
