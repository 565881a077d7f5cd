import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startQueues, type EmbeddedQueues } from '../../../localstack/embedded/embedded-queues.ts';
import { envelopeOf, letterBody } from '../../infra/ops/dlq/letters.ts';

let queues: EmbeddedQueues;

beforeEach(async () => {
  queues = await startQueues();
});

afterEach(() => queues.stop());

test('counts and replays the events of an envelope that is a dead letter', async () => {
  const pair = queues.createPair('log', { visibilitySeconds: 30, redriveReceives: 11 });
  const MessageBody = envelopeOf([letterBody('a'), letterBody('b'), letterBody('c')]);
  await queues.client.send(new SendMessageCommand({ QueueUrl: pair.deadLetterUrl, MessageBody }));
  const before = queues.counts(pair.deadLetterUrl).events;

  const { replayed } = await queues.replay('log', pair);

  expect([before, replayed]).toEqual([3, 3]);
  expect(queues.counts(pair.deadLetterUrl).events).toBe(0);
  expect(queues.counts(pair.url).events).toBe(3);
});
