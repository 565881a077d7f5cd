import { createHash } from 'node:crypto';
import { listOf, recordOf, textOf } from '../../../functions/core/contract/untrusted.ts';
import { AwsError, type AwsServer, type Input } from './server.ts';

/** A message as it lies in a queue. */
export interface StoredMessage {
  readonly id: string;
  readonly body: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly systemAttributes: Readonly<Record<string, string>>;
  readonly groupId: string;
  /** The newest receipt; undefined while the message is visible. */
  readonly receipt: string | undefined;
}

/** SQS' queues without time: a message that was received stays hidden until it is given back. */
export interface Queues {
  put(
    url: string,
    body: string,
    attributes?: Readonly<Record<string, string>>,
    system?: Readonly<Record<string, string>>,
  ): void;
  messages(url: string): readonly StoredMessage[];
  remove(url: string, id: string): void;
  /** Gives a queue its tags, and makes it one of those that there are. */
  tag(url: string, tags: Readonly<Record<string, string>>): void;
  /** Hides so many messages, as if somebody had received them. */
  hide(url: string, count: number): void;
  /** Lets the time pass after which hidden messages are visible again. */
  expire(url: string): void;
}

/** Answers SQS' operations on messages out of memory. Move tasks are for the test to answer. */
export function serveQueues(server: AwsServer): Queues {
  const queues = new Map<string, StoredMessage[]>();
  let number = 0;
  const of = (url: unknown): StoredMessage[] => {
    const messages = queues.get(textOf(url)) ?? [];
    queues.set(textOf(url), messages);
    return messages;
  };
  const replace = (
    url: unknown,
    receipt: unknown,
    next: (message: StoredMessage) => readonly StoredMessage[],
  ): void => {
    const messages = of(url);
    const index = messages.findIndex((message) => message.receipt === receipt);
    const message = messages[index];
    if (message) messages.splice(index, 1, ...next(message));
  };
  const put: Queues['put'] = (url, body, attributes = {}, systemAttributes = {}) => {
    number += 1;
    const { MessageGroupId: groupId = '' } = systemAttributes;
    of(url).push({ id: `m-${number}`, body, attributes, systemAttributes, groupId, receipt: undefined });
  };

  const tags = new Map<string, Readonly<Record<string, string>>>();
  server.answer('ListQueues', ({ QueueNamePrefix }) => ({
    QueueUrls: [...new Set([...queues.keys(), ...tags.keys()])].filter((url) =>
      url.slice(url.lastIndexOf('/') + 1).startsWith(textOf(QueueNamePrefix)),
    ),
  }));
  server.answer('ListQueueTags', ({ QueueUrl }) => ({ Tags: tags.get(textOf(QueueUrl)) }));
  const send = (url: unknown, { MessageBody, MessageAttributes, MessageGroupId }: Input): object => {
    put(textOf(url), textOf(MessageBody), values(MessageAttributes), { MessageGroupId: textOf(MessageGroupId) });
    return { MessageId: `m-${number}`, MD5OfMessageBody: md5(textOf(MessageBody)) };
  };
  server.answer('SendMessage', (input) => send(input['QueueUrl'], input));
  server.answer('SendMessageBatch', ({ QueueUrl, Entries }) => ({
    Successful: listOf(Entries)
      .map(recordOf)
      .map((entry) => ({ Id: entry['Id'], ...send(QueueUrl, entry) })),
  }));
  server.answer('ReceiveMessage', ({ QueueUrl, MaxNumberOfMessages }) => {
    const messages = of(QueueUrl);
    const visible = messages.filter(({ receipt }) => receipt === undefined).slice(0, Number(MaxNumberOfMessages));
    const received = visible.map((message): StoredMessage => {
      number += 1;
      return { ...message, receipt: `r-${number}` };
    });
    for (const message of received) messages[messages.findIndex(({ id }) => id === message.id)] = message;
    return { Messages: received.map(wire) };
  });
  server.answer('DeleteMessageBatch', (input) =>
    eachEntry(input, (receipt) => replace(input['QueueUrl'], receipt, () => [])),
  );
  server.answer('ChangeMessageVisibilityBatch', (input) =>
    eachEntry(input, (receipt, { VisibilityTimeout }) =>
      replace(input['QueueUrl'], receipt, (message) => [
        { ...message, receipt: VisibilityTimeout === 0 ? undefined : message.receipt },
      ]),
    ),
  );
  server.answer('GetQueueAttributes', ({ QueueUrl }) => {
    const url = textOf(QueueUrl);
    const hidden = of(url).filter(({ receipt }) => receipt !== undefined).length;
    return {
      Attributes: {
        QueueArn: `arn:aws:sqs:us-east-1:000000000000:${url.slice(url.lastIndexOf('/') + 1)}`,
        ApproximateNumberOfMessages: String(of(url).length - hidden),
        ApproximateNumberOfMessagesNotVisible: String(hidden),
        MessageRetentionPeriod: '1209600',
      },
    };
  });
  for (const operation of ['StartMessageMoveTask', 'ListMessageMoveTasks', 'CancelMessageMoveTask']) {
    server.answer(operation, () => {
      throw new AwsError('UnsupportedOperation', 'no move task was expected');
    });
  }
  return {
    put,
    messages: of,
    tag: (url, own) => void tags.set(url, own),
    remove(url, id) {
      queues.set(
        url,
        of(url).filter((message) => message.id !== id),
      );
    },
    hide(url, count) {
      queues.set(
        url,
        of(url).map((message, index) => (index < count ? { ...message, receipt: 'of somebody' } : message)),
      );
    },
    expire(url) {
      queues.set(
        url,
        of(url).map((message) => ({ ...message, receipt: undefined })),
      );
    },
  };
}

function eachEntry({ Entries }: Input, act: (receipt: unknown, entry: Input) => void): unknown {
  for (const entry of listOf(Entries).map(recordOf)) act(entry['ReceiptHandle'], entry);
  return { Successful: listOf(Entries).map((entry) => ({ Id: recordOf(entry)['Id'] })), Failed: [] };
}

function wire({ id, body, attributes, systemAttributes, receipt }: StoredMessage): unknown {
  const MessageAttributes = Object.fromEntries(
    Object.entries(attributes).map(([name, StringValue]) => [name, { DataType: 'String', StringValue }]),
  );
  const Attributes = { SentTimestamp: '0', ApproximateReceiveCount: '1', ...systemAttributes };
  return { MessageId: id, ReceiptHandle: receipt, Body: body, MD5OfBody: md5(body), Attributes, MessageAttributes };
}

function values(attributes: unknown): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(recordOf(attributes)).map(([name, value]) => [name, textOf(recordOf(value)['StringValue'])]),
  );
}

function md5(text: string): string {
  return createHash('md5').update(text).digest('hex');
}
