import { CloudWatchLogsClient, CreateLogGroupCommand, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ClusterEvent } from '../../../functions/core/contract/event.ts';
import { sampleEvent, sampleKubeEvent } from '../../../functions/core/contract/sample.ts';
import { openDestination } from '../../support/live-destination.ts';
import { queueReader, shareLocalStack } from '../../support/services/shared-localstack.ts';
import { startSinkService } from '../../support/sink-services/start.ts';

const EVENTS = 1000;

let shared: Awaited<ReturnType<typeof shareLocalStack>>;
beforeAll(async () => {
  shared = await shareLocalStack();
});
afterAll(() => shared?.release());

describe.each(['sns', 'sqs', 'eventbridge'])("the %s sink on LocalStack's service", (type) => {
  it('delivers 1,000 events, each with its identity, repeats included', async () => {
    const service = await startSinkService(type);
    const events = numbered(EVENTS);
    await deliver(type, service?.document ?? {}, [...events, ...events.slice(0, 100)]);
    const ids = (await service?.ids?.()) ?? [];
    await service?.stop();

    expect(ids).toHaveLength(EVENTS + 100);
    expect(new Set(ids)).toEqual(new Set(events.map(({ id }) => id)));
  });
});

it('a FIFO queue keeps 1,000 events with repeats as 1,000, those of one object in order', async () => {
  const sqs = new SQSClient(shared.access);
  const created = await sqs.send(
    new CreateQueueCommand({ QueueName: 'aws-sinks.fifo', Attributes: { FifoQueue: 'true' } }),
  );
  const queueArn = `arn:aws:sqs:${shared.access.region}:000000000000:aws-sinks.fifo`;
  const events = numbered(EVENTS);
  const document = { queueArn, endpoint: shared.access.endpoint };
  await deliver('sqs', document, [...events.slice(0, 500), ...events.slice(0, 100), ...events.slice(500)]);
  const bodies = await queueReader(sqs, created.QueueUrl ?? '')();
  sqs.destroy();

  expect(bodies.map((body) => JSON.parse(body).id)).toEqual(events.map(({ id }) => id));
});

it('CloudWatch Logs has 1,000 events of two days in the log stream of the cluster', async () => {
  const logs = new CloudWatchLogsClient(shared.access);
  const logGroupName = '/kubernetes/aws-sinks';
  await logs.send(new CreateLogGroupCommand({ logGroupName }));
  const logGroupArn = `arn:aws:logs:${shared.access.region}:000000000000:log-group:${logGroupName}`;
  const now = Date.now();
  const events = numbered(EVENTS, (index) => new Date(now - index * 172_000).toISOString());
  await deliver('cloudwatch-logs', { logGroupArn, endpoint: shared.access.endpoint }, events);
  const found: string[] = [];
  let nextToken: string | undefined;
  do {
    const page = await logs.send(
      new FilterLogEventsCommand({
        logGroupName,
        logStreamNames: ['kube-courier/prod'],
        ...(nextToken !== undefined && { nextToken }),
      }),
    );
    found.push(...(page.events ?? []).map(({ message = '' }) => String(JSON.parse(message).id)));
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  logs.destroy();

  expect(found).toHaveLength(EVENTS);
  expect(new Set(found)).toEqual(new Set(events.map(({ id }) => id)));
});

async function deliver(type: string, options: Readonly<Record<string, unknown>>, events: readonly ClusterEvent[]) {
  const destination = await openDestination(type, { options });
  const outcomes = await destination.deliver(events, { timeoutMs: 240_000 });
  await destination.close();
  expect(outcomes.filter(({ status }) => status !== 'delivered')).toEqual([]);
}

function numbered(count: number, timeOf?: (index: number) => string): readonly ClusterEvent[] {
  return Array.from({ length: count }, (_, index) =>
    sampleEvent({
      ...(timeOf && { lastTimestamp: timeOf(index) }),
      message: `occurrence ${index} "with" 'quotes'\nand 🔥`,
      metadata: { ...sampleKubeEvent.metadata, resourceVersion: String(1000 + index) },
    }),
  );
}
