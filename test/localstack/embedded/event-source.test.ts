import {
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import type { SQSEvent } from 'aws-lambda';
import { startFauxqs, type FauxqsServer } from 'fauxqs';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import {
  startEventSource,
  type EventSource,
  type EventSourceSettings,
  type QueueFunction,
} from '../../../localstack/embedded/event-source.ts';

let server: FauxqsServer;
let sqs: SQSClient;
let source: EventSource | undefined;
let queueUrl: string;
let deadLetterUrl: string;
const errors: unknown[] = [];

beforeEach(async () => {
  errors.length = 0;
  server = await startFauxqs({ port: 0, host: '127.0.0.1', logger: false });
  const deadLetters = server.createQueue('dead-letters');
  deadLetterUrl = deadLetters.queueUrl;
  ({ queueUrl } = server.createQueue('queue', {
    attributes: {
      VisibilityTimeout: '1',
      RedrivePolicy: JSON.stringify({ deadLetterTargetArn: deadLetters.queueArn, maxReceiveCount: 2 }),
    },
  }));
  sqs = new SQSClient({
    endpoint: `http://127.0.0.1:${server.port}`,
    useQueueUrlAsEndpoint: false,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
});

afterEach(async () => {
  await source?.stop();
  source = undefined;
  sqs.destroy();
  await server.stop();
});

function start(invoke: QueueFunction, settings: Partial<EventSourceSettings> = {}) {
  const defaults = { queueUrl, batchSize: 10, windowSeconds: 0, maxConcurrency: 2, timeoutSeconds: 30 };
  source = startEventSource(sqs, { ...defaults, ...settings }, invoke, (error) => errors.push(error));
}

async function send(...bodies: readonly string[]) {
  for (const body of bodies) await sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: body }));
}

function bodiesOf(event: SQSEvent) {
  return event.Records.map(({ body }) => body);
}

test('a window is longer than SQS waits for messages', async () => {
  const batches: (readonly string[])[] = [];
  const Attributes = { VisibilityTimeout: '60' };
  await sqs.send(new SetQueueAttributesCommand({ QueueUrl: queueUrl, Attributes }));
  await send('one', 'two');
  start(
    async (event) => {
      batches.push(bodiesOf(event));
    },
    { windowSeconds: 60, batchSize: 3 },
  );
  await send('three');

  await vi.waitUntil(() => batches.length === 1, 60_000);
  expect(batches.flat().toSorted()).toEqual(['one', 'three', 'two']);
  expect(errors).toEqual([]);
});

async function messagesLeft() {
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ['All'] }));
  return (
    Number(Attributes?.ApproximateNumberOfMessages ?? 0) +
    Number(Attributes?.ApproximateNumberOfMessagesNotVisible ?? 0)
  );
}

function deadLetter() {
  return vi.waitFor(
    async () => {
      const { Messages: [message] = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl: deadLetterUrl }));
      expect(message).toBeDefined();
      return message;
    },
    { timeout: 120_000 },
  );
}

test('deletes what a function took', async () => {
  const taken: string[] = [];
  await send('one', 'two');
  start(async (event) => void taken.push(...bodiesOf(event)));

  await vi.waitFor(async () => expect(await messagesLeft()).toBe(0), { timeout: 120_000 });
  expect(taken).toEqual(['one', 'two']);
  expect(errors).toEqual([]);
});

test('brings only the failed item of a batch again, until it is dead-lettered', async () => {
  const attempts: string[] = [];
  await send('good', 'bad');
  start(async (event) => {
    for (const { body, attributes } of event.Records) attempts.push(`${body} ${attributes.ApproximateReceiveCount}`);
    const failed = event.Records.filter(({ body }) => body === 'bad');
    return { batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) };
  });

  expect((await deadLetter())?.Body).toBe('bad');
  expect(attempts).toEqual(['good 1', 'bad 1', 'bad 2']);
});

test.each<[string, QueueFunction]>([
  ['throws', () => Promise.reject(new Error('broken'))],
  ['outlives its timeout', () => new Promise(() => undefined)],
  ['names an item that it was not given', async () => ({ batchItemFailures: [{ itemIdentifier: 'another' }] })],
])('brings the whole batch again when a function %s', async (_, invoke) => {
  const received: string[] = [];
  await send('one');
  start(
    async (event, context) => {
      received.push(...bodiesOf(event));
      return invoke(event, context);
    },
    { timeoutSeconds: 1 },
  );

  await vi.waitFor(() => expect(received).toEqual(['one', 'one']), { timeout: 120_000 });
});

test('gathers a batch larger than one receive in the window', async () => {
  const sizes: number[] = [];
  await sqs.send(new SetQueueAttributesCommand({ QueueUrl: queueUrl, Attributes: { VisibilityTimeout: '30' } }));
  await send(...Array.from({ length: 25 }, (_, index) => String(index)));
  start(async (event) => void sizes.push(event.Records.length), {
    batchSize: 20,
    windowSeconds: 1,
    maxConcurrency: 1,
  });

  await vi.waitFor(async () => expect(await messagesLeft()).toBe(0), { timeout: 120_000 });
  expect(sizes).toEqual([20, 5]);
});

test('runs no more invocations at once than the maximum concurrency', async () => {
  let running = 0;
  let most = 0;
  const gate = Promise.withResolvers<void>();
  await send('1', '2', '3', '4', '5');
  start(
    async () => {
      running += 1;
      most = Math.max(most, running);
      if (most === 2) gate.resolve();
      await gate.promise;
      running -= 1;
    },
    { batchSize: 1, maxConcurrency: 2 },
  );

  await vi.waitFor(async () => expect(await messagesLeft()).toBe(0), { timeout: 120_000 });
  expect(most).toBe(2);
});

test('receives side by side, as often as invocations may run at once', async () => {
  let receiving = 0;
  sqs.middlewareStack.add(
    (next) => async (args) => {
      receiving += 1;
      return next(args).finally(() => (receiving -= 1));
    },
    { step: 'initialize' },
  );
  start(async () => {}, { maxConcurrency: 3 });

  await vi.waitFor(() => expect(receiving).toBe(3), { timeout: 120_000 });
});

test('tells a function how much time it has left', async () => {
  const remaining: number[] = [];
  await send('one');
  start(async (_, context) => void remaining.push(context.getRemainingTimeInMillis()), { timeoutSeconds: 7 });

  await vi.waitFor(() => expect(remaining).toHaveLength(1), { timeout: 120_000 });
  expect(remaining[0]).toBeGreaterThan(0);
  expect(remaining[0]).toBeLessThanOrEqual(7000);
});

test('waits for the invocation under way when it is stopped', async () => {
  const started = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  await send('one');
  start(async () => {
    started.resolve();
    await gate.promise;
  });
  await started.promise;

  const stopped = source?.stop();
  expect(source?.isBusy()).toBe(true);
  gate.resolve();
  await stopped;

  expect(await messagesLeft()).toBe(0);
});
