import { expect, test } from 'vitest';
import { readLetter } from '../../../../infra/ops/dlq/letter.ts';
import { letterBody } from './letters.ts';

const attributes = (values: Record<string, string>) =>
  Object.fromEntries(Object.entries(values).map(([name, StringValue]) => [name, { DataType: 'String', StringValue }]));

test('without attributes is unexplained, and its destination comes from the message', () => {
  const read = readLetter({ Body: JSON.stringify(letterBody('u')), Attributes: { SentTimestamp: '1000' } }, 'log');

  expect(read).toMatchObject({ code: 'unexplained', destination: 'log/all', attempts: 0, replays: 0 });
  expect(read.failedAt).toEqual(new Date(1000));
});

test("without attributes on the queue of the router is the router's, whatever destination it is for", () => {
  const read = readLetter({ Body: JSON.stringify(letterBody('u')) }, 'router');

  expect(read.destination).toBe('router');
});

test('that SQS moved by itself after a replay is unexplained, whatever its old attributes say', () => {
  const read = readLetter(
    {
      Body: JSON.stringify(letterBody('u')),
      MessageAttributes: attributes({ code: 'old', detail: 'old', replays: '2' }),
      Attributes: { SentTimestamp: '1000', DeadLetterQueueSourceArn: 'arn:aws:sqs:x:0:q' },
    },
    'log',
  );

  expect(read).toMatchObject({ code: 'unexplained', replays: 2 });
});

test('of the router that nobody can read keeps its body', () => {
  const read = readLetter(
    { Body: '\u0000not json', MessageAttributes: attributes({ code: 'invalid_message', destination: 'router' }) },
    'router',
  );

  expect(read).toMatchObject({ code: 'invalid_message', destination: 'router', body: '\u0000not json' });
  expect(read.event).toBeUndefined();
});
