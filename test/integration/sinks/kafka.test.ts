import { createHook } from 'node:async_hooks';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Kafka, logLevel, type Admin, type KafkaMessage } from 'kafkajs';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { sampleEvent } from '../../../functions/core/contract/sample.ts';
import type { ClusterEvent } from '../../../functions/core/contract/event.ts';
import { openDestination, type LiveDestination } from '../../support/live-destination.ts';
import { kafka, startKafka, type KafkaService } from '../../support/services/kafka.ts';
import { requireService } from '../../support/services/service.ts';

const delivered = { status: 'delivered' };

describe.runIf(requireService(kafka))('the kafka sink and a real broker', () => {
  let service: KafkaService;
  let client: Kafka;
  let admin: Admin;
  let topics = 0;
  const open: Promise<LiveDestination>[] = [];

  beforeAll(async () => {
    service = await startKafka();
    client = new Kafka({ brokers: [service.plain], logLevel: logLevel.NOTHING });
    admin = client.admin();
    await admin.connect();
  });

  afterEach(async () => {
    await Promise.all(open.splice(0).map(async (destination) => (await destination).close()));
  });

  afterAll(async () => {
    await admin?.disconnect();
    await service?.stop();
  });

  test('writes events with key, headers and value, several partitions in one batch', async () => {
    const topic = await newTopic();
    const destination = openPlain({ topic });

    const outcomes = await destination.deliver(events(20));

    expect(outcomes).toEqual(Array.from({ length: 20 }, () => delivered));
    const records = await recordsOf(topic, 20);
    expect(new Set(records.map(({ partition }) => partition)).size).toBe(3);
    const first = records.find(({ headers }) => headers['event-id'] === 'prod/uid-1/1');
    expect(first).toMatchObject({
      key: 'prod/payments/Pod/api-1',
      headers: {
        'event-id': 'prod/uid-1/1',
        'content-type': 'application/json',
        cluster: 'prod',
        namespace: 'payments',
        type: 'Warning',
        reason: 'BackOff',
      },
    });
    expect(JSON.parse(first?.value ?? '')).toMatchObject({ id: 'prod/uid-1/1', message: 'Back-off "1"\n\u0000☃' });
  });

  test('gives a repeated delivery the same key, partition and event-id', async () => {
    const topic = await newTopic();
    const destination = openPlain({ topic });

    await destination.deliver(events(3));
    await destination.deliver(events(3));

    const records = await recordsOf(topic, 6);
    const places = records.map(({ key, partition, headers }) => `${key} ${partition} ${headers['event-id']}`);
    expect(new Set(places).size).toBe(3);
  });

  test.each(['none', 'gzip', 'snappy', 'lz4', 'zstd'])(
    'writes with compression %s what the broker itself can unpack',
    async (compression) => {
      // The broker stores it uncompressed: what is read back has gone through its own codec, not through this one.
      const topic = await newTopic({ 'compression.type': 'uncompressed' });
      const destination = openPlain({ topic, compression });

      expect(await destination.deliver(events(5))).toEqual(Array.from({ length: 5 }, () => delivered));

      expect(await idsIn(topic, 5)).toEqual(new Set([1, 2, 3, 4, 5].map((n) => `prod/uid-${n}/1`)));
    },
  );

  test.each([
    ['sasl', 'plain', false],
    ['sasl', 'scram-sha-256', false],
    ['sasl', 'scram-sha-512', false],
    ['tls', 'none', true],
    ['saslTls', 'plain', true],
    ['saslTls', 'scram-sha-512', true],
  ] as const)('delivers through the listener %s with auth %s', async (listener, auth, isTls) => {
    const topic = await newTopic();
    const ca = await readFile(service.caFile, 'utf8');
    const destination = opened(
      { brokers: [service[listener]], topic, auth, username: service.username, ...(isTls && { tls: { ca } }) },
      { password: service.password },
    );

    expect(await destination.deliver(events(1))).toEqual([delivered]);
    expect(await recordsOf(topic, 1)).toHaveLength(1);
  });

  test('delivers with a client certificate where the listener demands one', async () => {
    const topic = await newTopic();
    const [ca, clientCertificate, clientKey] = await Promise.all(
      [service.caFile, service.certificateFile, service.keyFile].map((file) => readFile(file, 'utf8')),
    );
    const options = { brokers: [service.mutualTls], topic, tls: { ca } };

    expect(await opened(options, { clientCertificate, clientKey }).deliver(events(1))).toEqual([delivered]);
    expect(await opened(options).deliver(events(1))).toMatchObject([{ status: 'retry', code: 'tls_failed' }]);
  });

  test('retries when it does not trust the certificate, and accepts any when told so', async () => {
    const topic = await newTopic();
    const options = { brokers: [service.tls], topic };

    expect(await opened({ ...options, tls: true }).deliver(events(1))).toMatchObject([
      { status: 'retry', code: 'tls_failed' },
    ]);
    expect(await opened({ ...options, tls: { insecure: true } }).deliver(events(1))).toEqual([delivered]);
  });

  test.each(['plain', 'scram-sha-256', 'scram-sha-512'])(
    'rejects the destination on a wrong password with auth %s',
    async (auth) => {
      const topic = await newTopic();
      const destination = opened(
        { brokers: [service.sasl], topic, auth, username: service.username },
        { password: 'not-the-password' },
      );

      const outcomes = await destination.deliver(events(2));

      const refused = { status: 'rejected', scope: 'destination', code: 'authentication_failed' };
      expect(outcomes).toMatchObject([refused, refused]);
      expect(JSON.stringify(outcomes)).not.toContain('not-the-password');
    },
  );

  test('says that the topic is missing, and delivers as soon as it is there', async () => {
    const topic = `missing-${++topics}`;
    const destination = openPlain({ topic });

    expect(await destination.deliver(events(1))).toEqual([
      { status: 'rejected', scope: 'destination', code: 'topic_missing', detail: `topic ${topic} does not exist` },
    ]);
    expect(await admin.listTopics()).not.toContain(topic);
    await admin.createTopics({ topics: [{ topic }] });
    await expect.poll(() => destination.deliver(events(1))).toEqual([delivered]);
  });

  test('has the topic created where that is wanted', async () => {
    const topic = `created-${++topics}`;
    const destination = openPlain({ topic, createTopic: true });

    await expect.poll(() => destination.deliver(events(1))).toEqual([delivered]);
    expect(await recordsOf(topic, 1)).toHaveLength(1);
  });

  test('isolates the one event that is too large for the topic', async () => {
    const topic = await newTopic({ 'max.message.bytes': '2500' });
    const destination = openPlain({ topic, compression: 'none' });
    const [first, second, third] = events(3);
    const large = sampleEvent({ ...second?.raw, message: 'x'.repeat(5000) });
    if (!first || !third) throw new Error('three events were asked for');

    const outcomes = await destination.deliver([first, large, third]);

    expect(outcomes).toMatchObject([
      delivered,
      { status: 'rejected', scope: 'event', code: 'message_too_large' },
      delivered,
    ]);
    expect(await idsIn(topic, 2)).toEqual(new Set(['prod/uid-1/1', 'prod/uid-3/1']));
  });

  test('sends again only what was refused along with the event that is too large, from the first batch on', async () => {
    const topic = await newTopic({ 'max.message.bytes': '20000' });
    const destination = openPlain({ topic, compression: 'none' });
    const batch = events(21).map((event, index) =>
      index === 10 ? sampleEvent({ ...event.raw, message: 'x'.repeat(25_000) }) : event,
    );

    const outcomes = await destination.deliver(batch);

    expect(outcomes.filter(({ status }) => status === 'delivered')).toHaveLength(20);
    expect(outcomes[10]).toMatchObject({ status: 'rejected', scope: 'event', code: 'message_too_large' });
    const records = await recordsOf(topic, 20);
    expect(new Set(records.map(({ partition }) => partition)).size).toBe(3);
    expect(await numberOfRecords(topic)).toBe(20);
  });

  test('keeps one connection over invocations, and its client sleeps while there is nothing to do', async () => {
    const topic = await newTopic();
    const destination = openPlain({ topic });
    const sockets = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap').length;
    await destination.deliver(events(1));
    const before = sockets();

    for (let round = 0; round < 5; round += 1) await destination.deliver(events(2));

    expect(sockets()).toBe(before);
    // Without the correction of kafkajs' polling there are hundreds.
    expect(await timersSetDuring(() => sleep(300))).toBeLessThan(20);
  });

  test('does not trust a connection that was idle for minutes', async () => {
    const topic = await newTopic();
    const proxy = await startCuttingProxy(service.plain, Infinity);
    const destination = opened({ brokers: [proxy.address], topic });
    await destination.deliver(events(1));
    const before = proxy.connections();

    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 300_000 });
    expect(await destination.deliver(events(1))).toEqual([delivered]);
    vi.useRealTimers();

    expect(proxy.connections()).toBe(before + 1);
    proxy.stop();
  });

  test('says so when the brokers do not offer this kind of login', async () => {
    const topic = await newTopic();
    const destination = opened({ brokers: [service.saslTls], topic, auth: 'msk-iam', tls: { insecure: true } });

    expect(await destination.deliver(events(1))).toMatchObject([
      { status: 'rejected', scope: 'destination', code: 'authentication_failed' },
    ]);
  });

  test('waits as long as the broker throttles it', async () => {
    const topic = await newTopic();
    const destination = openPlain({ topic, compression: 'none' });
    await setProducerQuota(service.plain, 'kube-courier', 2000);

    // The broker accepts what exceeds the quota and then asks for a pause: later requests are the ones that wait.
    const outcomes = [];
    for (let round = 0; round < 3; round += 1) outcomes.push(await destination.deliver(events(6)));
    await setProducerQuota(service.plain, 'kube-courier', undefined);

    expect(outcomes.flat()).toEqual(Array.from({ length: 18 }, () => delivered));
    expect(await recordsOf(topic, 18)).toHaveLength(18);
  });

  test('loses nothing when the broker restarts in the middle', async () => {
    const topic = await newTopic();
    const destination = openPlain({ topic });
    const waiting = new Map(events(60).map((event) => [event.id, event]));
    const seen = new Set<string>();
    await deliverSome(destination, waiting);

    const restarting = service.restart();
    // Repeats carry the same id, so this may go on until the broker is down.
    while (!seen.has('retry')) {
      for (const { status } of await destination.deliver(events(1))) seen.add(status);
      await sleep(5);
    }
    await restarting;
    while (waiting.size > 0) {
      for (const { status } of await deliverSome(destination, waiting)) seen.add(status);
    }

    expect(seen).toEqual(new Set(['delivered', 'retry']));
    expect(await idsIn(topic, 60)).toHaveProperty('size', 60);
  });

  test.each([1, 2, 3, 4])('never takes a connection cut after %i packets for a wrong password', async (packets) => {
    const topic = await newTopic();
    const proxy = await startCuttingProxy(service.sasl, packets);
    const destination = opened(
      { brokers: [proxy.address], topic, auth: 'plain', username: service.username },
      { password: service.password },
    );

    expect(await destination.deliver(events(1))).toMatchObject([{ status: 'retry', code: 'connection_lost' }]);
    proxy.stop();
  });

  test('retries when no broker answers', async () => {
    const destination = opened({ brokers: ['127.0.0.1:1'], topic: 'any' });

    expect(await destination.deliver(events(1))).toMatchObject([{ status: 'retry', code: 'connection_refused' }]);
  });

  test('reaches the cluster although the first broker of the list is dead', async () => {
    const topic = await newTopic();
    for (let attempt = 0; attempt < 4; attempt += 1) {
      const destination = opened({ brokers: ['127.0.0.1:1', service.plain], topic });
      expect(await destination.deliver(events(1))).toEqual([delivered]);
    }
  });

  function opened(options: Record<string, unknown>, secrets: Record<string, unknown> = {}): Deliverer {
    const destination = openDestination('kafka', { options, secrets });
    open.push(destination);
    return { deliver: async (batch) => (await destination).deliver(batch) };
  }

  function openPlain(options: Record<string, unknown>): Deliverer {
    return opened({ brokers: [service.plain], ...options });
  }

  async function newTopic(settings: Record<string, string> = {}): Promise<string> {
    const topic = `topic-${++topics}`;
    const configEntries = Object.entries(settings).map(([name, value]) => ({ name, value }));
    await admin.createTopics({ topics: [{ topic, configEntries }], waitForLeaders: true });
    // The leader is known before it has opened its partitions.
    const isOpen = (): Promise<boolean> => admin.fetchTopicOffsets(topic).then(Boolean, () => false);
    await expect.poll(isOpen).toBe(true);
    return topic;
  }

  async function numberOfRecords(topic: string): Promise<number> {
    const offsets = await admin.fetchTopicOffsets(topic);
    return offsets.reduce((sum, { high, low }) => sum + Number(high) - Number(low), 0);
  }

  function recordsOf(topic: string, count: number): Promise<readonly ReadRecord[]> {
    return readUntil(topic, (records) => records.length >= count);
  }

  async function idsIn(topic: string, count: number): Promise<ReadonlySet<string | undefined>> {
    const idsOf = (records: readonly ReadRecord[]) => new Set(records.map(({ headers }) => headers['event-id']));
    return idsOf(await readUntil(topic, (records) => idsOf(records).size >= count));
  }

  /** Reads a topic from its start until what was read is enough. */
  async function readUntil(
    topic: string,
    isEnough: (records: readonly ReadRecord[]) => boolean,
  ): Promise<readonly ReadRecord[]> {
    const consumer = client.consumer({ groupId: `reader-${topic}-${Math.random()}` });
    const records: ReadRecord[] = [];
    const { promise, resolve } = Promise.withResolvers<void>();
    try {
      await consumer.connect();
      await consumer.subscribe({ topic, fromBeginning: true });
      await consumer.run({
        eachMessage: async ({ partition, message }) => {
          records.push(readRecord(partition, message));
          if (isEnough(records)) resolve();
        },
      });
      await promise;
      return records;
    } finally {
      await consumer.disconnect();
    }
  }
});

type Deliverer = Pick<LiveDestination, 'deliver'>;

interface ReadRecord {
  readonly partition: number;
  readonly key: string;
  readonly value: string;
  readonly headers: Readonly<Record<string, string>>;
}

function readRecord(partition: number, { key, value, headers }: KafkaMessage): ReadRecord {
  return {
    partition,
    key: String(key),
    value: String(value),
    headers: Object.fromEntries(Object.entries(headers ?? {}).map(([name, text]) => [name, String(text)])),
  };
}

function events(count: number): readonly ClusterEvent[] {
  return Array.from({ length: count }, (_, index) => {
    const n = index + 1;
    return sampleEvent({
      metadata: { namespace: 'payments', name: `event-${n}`, uid: `uid-${n}`, resourceVersion: '1' },
      involvedObject: { kind: 'Pod', namespace: 'payments', name: `api-${n}` },
      message: `Back-off "${n}"\n\u0000☃`,
    });
  });
}

/** Passes that many packets on to the broker, and breaks the connection before the reply to the last. */
async function startCuttingProxy(
  target: string,
  packets: number,
): Promise<{ readonly address: string; readonly connections: () => number; readonly stop: () => void }> {
  const [host, port] = target.split(':');
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    const broker = connect({ host: host ?? '', port: Number(port) });
    let seen = 0;
    socket.on('data', (data) => {
      seen += 1;
      if (seen < packets) broker.write(data);
      else socket.destroy();
    });
    broker.pipe(socket);
    for (const end of [socket, broker]) end.on('error', () => {});
    socket.on('close', () => broker.destroy());
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('a port was expected');
  return { address: `127.0.0.1:${address.port}`, connections: () => connections, stop: () => server.close() };
}

/** Limits the bytes a second of the clients of that name, or lifts the limit: AlterClientQuotas, which kafkajs does not have. */
async function setProducerQuota(broker: string, clientName: string, bytesPerSecond: number | undefined): Promise<void> {
  const int = (bytes: 1 | 2 | 4, value: number): Buffer => {
    const buffer = Buffer.alloc(bytes);
    buffer.writeIntBE(value, 0, bytes);
    return buffer;
  };
  const text = (value: string): Buffer => Buffer.concat([int(2, value.length), Buffer.from(value)]);
  const rate = Buffer.alloc(8);
  rate.writeDoubleBE(bytesPerSecond ?? 0);
  const header = Buffer.concat([int(2, 49), int(2, 0), int(4, 1), text('test')]);
  const entity = Buffer.concat([int(4, 1), int(4, 1), text('client-id'), text(clientName)]);
  const change = Buffer.concat([
    int(4, 1),
    text('producer_byte_rate'),
    rate,
    int(1, bytesPerSecond === undefined ? 1 : 0),
  ]);
  const request = Buffer.concat([header, entity, change, int(1, 0)]);
  const [host = '', port] = broker.split(':');
  const socket = connect({ host, port: Number(port) });
  socket.write(Buffer.concat([int(4, request.length), request]));
  const [reply]: Buffer[] = await once(socket, 'data');
  socket.destroy();
  // Length, correlation id, throttle time, number of entries, error code.
  if (reply?.readInt16BE(16) !== 0) throw new Error(`the quota was not set: ${reply?.toString('hex')}`);
}

async function timersSetDuring(work: () => Promise<void>): Promise<number> {
  let count = 0;
  const hook = createHook({ init: (_id, type) => (count += type === 'Timeout' ? 1 : 0) }).enable();
  await work();
  hook.disable();
  return count;
}

/** Ten of the waiting events, as one invocation; what was delivered waits no more. */
async function deliverSome(
  destination: Deliverer,
  waiting: Map<string, ClusterEvent>,
): Promise<readonly { readonly status: string }[]> {
  const batch = [...waiting.values()].slice(0, 10);
  const outcomes = await destination.deliver(batch);
  for (const [index, event] of batch.entries()) {
    if (outcomes[index]?.status === 'delivered') waiting.delete(event.id);
  }
  return outcomes;
}
