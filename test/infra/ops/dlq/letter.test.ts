import { expect, test } from 'vitest';
import {
  attributesAgain,
  groupOf,
  letterJson,
  readLetters,
  readWhole,
  type Letter,
} from '../../../../infra/ops/dlq/letter.ts';
import { envelopeOf, letterBody } from './letters.ts';

const attributes = (values: Record<string, string>) =>
  Object.fromEntries(Object.entries(values).map(([name, StringValue]) => [name, { DataType: 'String', StringValue }]));

function only(letters: readonly Letter[]): Letter {
  const [letter] = letters;
  if (letter === undefined || letters.length > 1) throw new Error(`there are ${letters.length} letters`);
  return letter;
}

test('without attributes is unexplained, and its destination comes from the message', () => {
  const message = { Body: JSON.stringify(letterBody('u')), Attributes: { SentTimestamp: '1000' } };
  const read = only(readLetters(message, 'log'));

  expect(read).toMatchObject({ code: 'unexplained', destination: 'log/all', attempts: 0, replays: 0 });
  expect(read.failedAt).toEqual(new Date(1000));
});

test("without attributes on the queue of the router is the router's, whatever destination it is for", () => {
  const read = only(readLetters({ Body: JSON.stringify(letterBody('u')) }, 'router'));

  expect(read.destination).toBe('router');
});

test('that SQS moved by itself after a replay is unexplained, whatever its old attributes say', () => {
  const read = readLetters(
    {
      Body: JSON.stringify(letterBody('u')),
      MessageAttributes: attributes({ code: 'old', detail: 'old', replays: '2' }),
      Attributes: { SentTimestamp: '1000', DeadLetterQueueSourceArn: 'arn:aws:sqs:x:0:q' },
    },
    'log',
  );

  expect(only(read)).toMatchObject({ code: 'unexplained', replays: 2 });
});

test('of the router that nobody can read keeps its body', () => {
  const read = readLetters(
    { Body: '\u0000not json', MessageAttributes: attributes({ code: 'invalid_message', destination: 'router' }) },
    'router',
  );

  expect(only(read)).toMatchObject({
    code: 'invalid_message',
    destination: 'router',
    body: '\u0000not json',
    event: undefined,
  });
});

test('that is no event, such as a heartbeat, is one all the same', () => {
  const heartbeat = JSON.stringify({ v: 1, kind: 'heartbeat', cluster: 'c', seenAt: '', relay: {} });

  expect(only(readLetters({ Body: heartbeat }, 'router'))).toMatchObject({ body: heartbeat, event: undefined });
});

const envelope = {
  MessageId: 'm',
  Body: envelopeOf([letterBody('a'), letterBody('b'), { event: 'none' }]),
  MessageAttributes: attributes({ attempts: '3', 'retrying-since': '2026-11-23T08:00:00Z', replays: '2' }),
  Attributes: { SentTimestamp: '1000', DeadLetterQueueSourceArn: 'arn:aws:sqs:x:0:q' },
};

test('is each event of an envelope, and each item that cannot be read, as a single message', () => {
  const read = readLetters(envelope, 'log');

  const alike = { messageId: 'm', code: 'unexplained', destination: 'log/all', attempts: 0, replays: 2 };
  expect(read).toMatchObject([
    { ...alike, failedAt: new Date(1000), event: { uid: 'a' } },
    { ...alike, failedAt: new Date(1000), event: { uid: 'b' } },
    { ...alike, failedAt: new Date(1000), event: undefined },
  ]);
  expect(read.map(({ body }) => JSON.parse(body))).toEqual([
    letterBody('a'),
    letterBody('b'),
    { v: 1, kind: 'event', cluster: 'c', destination: 'log/all', event: 'none' },
  ]);
});

test('is each event of an envelope that functions of an earlier version could not read, with their reason', () => {
  const reason = { code: 'unsupported_version', detail: 'field v is 2', destination: 'log', attempts: '1' };
  const read = readLetters({ ...envelope, Attributes: {}, MessageAttributes: attributes(reason) }, 'log');

  expect(read.map(({ code, attempts }) => [code, attempts])).toEqual(read.map(() => ['unsupported_version', 1]));
  expect(read).toHaveLength(3);
});

test('is a whole message for those who move it as it is', () => {
  expect(only(readWhole(envelope, 'log'))).toMatchObject({ body: envelope.Body, destination: 'log/all', replays: 2 });
  expect(only(readWhole({ Body: 'unreadable' }, 'log'))).toMatchObject({ body: 'unreadable', destination: 'log' });
});

test.each([
  ['that SQS moved by itself', envelope],
  [
    'that a function wrote',
    {
      Body: JSON.stringify(letterBody('u')),
      MessageAttributes: attributes({ code: 'http_404', detail: '-', failedAt: '2026-11-23T08:00:00.000Z' }),
      Attributes: { SentTimestamp: '1000' },
    },
  ],
])('%s reads the same when it is put into the queue again, later and by somebody else', (_, message) => {
  for (const letter of readLetters(message, 'log')) {
    const again = { MessageAttributes: attributes(attributesAgain(letter)), Attributes: { SentTimestamp: '9000' } };
    const { code, detail, destination, attempts, failedAt, replays } = letter;

    expect(only(readLetters({ ...again, Body: letter.body }, 'log'))).toMatchObject({
      code,
      detail,
      destination,
      attempts,
      failedAt,
      replays,
    });
  }
});

test.each([
  ['a code and no detail', { code: 'busy' }, { code: 'busy', detail: '' }],
  ['replays that are no number', { code: 'busy', replays: 'x' }, { replays: 0 }],
  ['a time that is none', { code: 'busy', failedAt: 'yesterday' }, { failedAt: new Date(0) }],
  ['no time at all', { code: 'busy' }, { failedAt: new Date(0) }],
])('with %s is read all the same', (_, values, expected) => {
  const message = { Body: JSON.stringify(letterBody('u')), MessageAttributes: attributes(values) };

  expect(only(readLetters(message, 'log'))).toMatchObject(expected);
});

test.each([
  ['router', letterBody('u'), 'c/payments'],
  ['router', letterBody('u', { involvedObject: { kind: 'Node', name: 'node-1' } }), 'c/-'],
  ['router', 'unreadable', 'replayed'],
  ['log', letterBody('u'), 'log/all'],
  ['log', 'unreadable', 'log'],
])('of %s goes back into the group where it belongs', (owner, body, group) => {
  expect(groupOf(only(readLetters({ Body: JSON.stringify(body) }, owner)), owner)).toBe(group);
});

test('shows its body as JSON where it is JSON', () => {
  const bodies = ['{"a":1}', 'not json'].map((Body) => letterJson(only(readLetters({ Body }, 'log'))));

  expect(bodies).toMatchObject([{ body: { a: 1 } }, { body: 'not json' }]);
});
