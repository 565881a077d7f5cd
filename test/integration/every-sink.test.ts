import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { GetQueueAttributesCommand, SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeMessage, type EventMessage } from '../../functions/core/contract/message.ts';
import { loadConfigs } from '../../infra/discover.ts';
import { parseOutputs } from '../../infra/stack/parse-outputs.ts';
import { bootstrap, deploy, destroy } from '../../localstack/emulator/deploy.ts';
import { startEmbeddedStack } from '../../localstack/embedded/embedded.ts';
import { startLocalStack } from '../../localstack/emulator/localstack.ts';
import { startSinkService, type SinkService } from '../support/sink-services/start.ts';

const OBJECTS = 20;
const REPEATS = 50;
const EVENTS = OBJECTS * REPEATS;
/** Occurrences 1 and 10 of each object. */
const CHAT_EVENTS = OBJECTS * 2;
const MINUTES = 60_000;

/** The cloud side, somewhere. */
interface Cloud {
  put(tree: 'destinations' | 'secrets', id: string, document: object): Promise<void>;
  send(bodies: readonly string[]): Promise<void>;
  /** Resolves once every message sent so far has reached its end; rejects if one became a dead letter or a trouble. */
  settled(times: number): Promise<void>;
  stop(): Promise<void>;
}

const configs = await loadConfigs();
const services = new Map<string, SinkService>();

beforeAll(async () => {
  // One after the other: together they would starve each other's start on a small machine.
  for (const { type } of configs) {
    const service = await startSinkService(type);
    if (service) services.set(type, service);
  }
});
afterAll(async () => {
  await Promise.all([...services.values()].map((service) => service.stop()));
});

it('each sink has a service to deliver to, but for log, which needs none', () => {
  expect(configs.map(({ type }) => type).filter((type) => !services.has(type))).toEqual(['log']);
});

describe.each([
  { name: 'the embedded stack', cluster: 'embedded', start: embedded },
  { name: 'the stack deployed to LocalStack', cluster: 'localstack', start: localstack },
])('$name', ({ cluster, start }) => {
  let cloud: Cloud;
  let before: ReadonlyMap<string, number>;

  beforeAll(async () => {
    cloud = await start();
    before = await stored();
    await cloud.put('destinations', 'log/every', {});
    for (const [type, { document, secrets }] of services) {
      await cloud.put('destinations', `${type}/every`, document);
      if (secrets) await cloud.put('secrets', `${type}/every`, secrets);
    }
  });
  afterAll(() => cloud?.stop());

  it(
    'brings 1,000 events with repeats to every destination, once in every store',
    { timeout: 10 * MINUTES },
    async () => {
      await sendAll();
      await cloud.settled(1);
      expect(await added()).toEqual(eachOf(EVENTS));
    },
  );

  it('leaves the stores as they are when all is delivered a second time', { timeout: 10 * MINUTES }, async () => {
    await sendAll();
    await cloud.settled(2);
    expect(await added()).toEqual(eachOf(EVENTS));
  });

  async function sendAll(): Promise<void> {
    for (let count = 1; count <= REPEATS; count += 1) {
      for (let first = 0; first < OBJECTS; first += 10) {
        await cloud.send(
          Array.from({ length: 10 }, (_, index) => writeMessage(occurrence(cluster, first + index, count))),
        );
      }
    }
  }

  async function added(): Promise<object> {
    return Object.fromEntries([...(await stored())].map(([type, count]) => [type, count - (before.get(type) ?? 0)]));
  }
});

/** How many different events each service holds, where it can tell; those that keep one copy, how many at all. */
async function stored(): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  for (const [type, service] of services) {
    const ids = await service.ids?.();
    if (ids) counts.set(type, isKeyed(type) ? ids.length : new Set(ids).size);
  }
  return counts;
}

function eachOf(count: number): object {
  return Object.fromEntries([...services].flatMap(([type, service]) => (service.ids ? [[type, count]] : [])));
}

/** Whether the service itself keeps one copy; the others keep each, with the identity to tell them by. */
function isKeyed(type: string): boolean {
  return ['clickhouse', 'elasticsearch', 'influxdb', 'mysql', 'mongo'].includes(type);
}

async function embedded(): Promise<Cloud> {
  const folder = mkdtempSync(join(tmpdir(), 'courier-every-'));
  mkdirSync(join(folder, 'destinations'));
  const lines: string[] = [];
  const troubles = new Set<string>();
  const stack = await startEmbeddedStack({
    folder,
    print: (line) => lines.push(line),
    log(line) {
      const { level, message, destination, code, detail } = JSON.parse(line);
      if (level !== 'info' || code) troubles.add([destination, message, code, detail].join(' '));
    },
  });
  return {
    async put(tree, id, document) {
      const file = join(folder, tree, `${id}.json`);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, JSON.stringify(document));
    },
    send: (bodies) => sendBatch(stack.queues.client, stack.ingestQueueUrl, bodies),
    async settled(times) {
      // Pagers are set to milestones here, as chats are by themselves.
      const chats = configs.filter(({ chat, pager }) => chat || pager).length;
      const expected = times * ((configs.length - chats) * EVENTS + chats * CHAT_EVENTS);
      const isDone = (): boolean => {
        const { delivered, waiting } = stack.summary();
        return (delivered >= expected && waiting === 0) || troubles.size > 0;
      };
      await expect.poll(isDone, { timeout: 9 * MINUTES, interval: 200 }).toBe(true);
      expect([...troubles]).toEqual([]);
      expect(stack.summary()).toMatchObject({
        events: times * EVENTS,
        delivered: expected,
        filtered: 0,
        deadLettered: 0,
      });
      expect(new Set(lines.map((line) => JSON.parse(line).id)).size).toBe(EVENTS);
    },
    async stop() {
      await stack.stop();
      rmSync(folder, { recursive: true });
    },
  };
}

async function localstack(): Promise<Cloud> {
  const local = await startLocalStack();
  const context = {
    stackName: 'every-sink',
    sinks: configs.map(({ type }) => type).join(','),
    windowSeconds: 2,
    dashboard: false,
  };
  await bootstrap(local, { context });
  const outputs = parseOutputs((await deploy(local, { context }))['every-sink'] ?? {});
  const { AWS_REGION: region, AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = local.env;
  const access = { endpoint: local.endpoint, region, credentials: { accessKeyId, secretAccessKey } };
  const ssm = new SSMClient(access);
  const sqs = new SQSClient(access);
  const consumers = [...(outputs.router ? [outputs.router] : []), ...outputs.sinks];
  // One after the other, in the order of the flow: an empty queue behind one that is not proves nothing.
  const counts = async (urls: readonly string[]): Promise<number> => {
    let sum = 0;
    for (const QueueUrl of urls) {
      const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }));
      sum += Number(Attributes?.ApproximateNumberOfMessages);
      sum += Number(Attributes?.ApproximateNumberOfMessagesNotVisible);
    }
    return sum;
  };
  const dead = consumers.map(({ deadLetterQueueUrl }) => deadLetterQueueUrl);
  const queues = consumers.map(({ queueUrl }) => queueUrl);
  return {
    async put(tree, id, document) {
      const Name = `${outputs.prefix}/${tree}/${id}`;
      const Type = tree === 'secrets' ? 'SecureString' : 'String';
      await ssm.send(new PutParameterCommand({ Name, Value: JSON.stringify(document), Type, Overwrite: true }));
    },
    send: (bodies) => sendBatch(sqs, outputs.ingestQueueUrl, bodies),
    async settled() {
      const isDone = async (): Promise<boolean> => (await counts(dead)) > 0 || (await counts(queues)) === 0;
      await expect.poll(isDone, { timeout: 9 * MINUTES, interval: 500 }).toBe(true);
      expect(await counts(dead)).toBe(0);
    },
    async stop() {
      ssm.destroy();
      sqs.destroy();
      if (local.origin === 'found') await destroy(local, { context });
      await local.stop();
    },
  };
}

async function sendBatch(sqs: SQSClient, QueueUrl: string, bodies: readonly string[]): Promise<void> {
  const Entries = bodies.map((MessageBody, index) => ({ Id: String(index), MessageBody }));
  const reply = await sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
  expect(reply.Successful).toHaveLength(bodies.length);
}

/** The minute before this run: some services take no events of other days. */
const BEGAN = Math.floor(Date.now() / MINUTES) * MINUTES - MINUTES;

function occurrence(cluster: string, object: number, count: number): EventMessage {
  const at = (ms: number): string => new Date(BEGAN + ms).toISOString();
  return {
    v: 1,
    kind: 'event',
    cluster,
    seenAt: at(count * 1000 + 500),
    change: count === 1 ? 'added' : 'modified',
    previousCount: count - 1,
    event: {
      metadata: {
        name: `pod-${object}.17ab`,
        namespace: 'shop',
        uid: `uid-${object}`,
        resourceVersion: String(object * 1000 + count),
      },
      involvedObject: { apiVersion: 'v1', kind: 'Pod', namespace: 'shop', name: `pod-${object}` },
      type: 'Warning',
      reason: object % 2 === 0 ? 'BackOff' : 'Unhealthy',
      message: `occurrence ${count} of pod-${object} "with" 'quotes'\nand 🔥`,
      count,
      firstTimestamp: at(0),
      lastTimestamp: at(count * 1000),
      source: { component: 'kubelet', host: 'node-1' },
    },
  };
}
