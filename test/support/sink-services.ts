import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import axios from 'axios';
import { Kafka, logLevel } from 'kafkajs';
import { MongoClient } from 'mongodb';
import { createConnection, type RowDataPacket } from 'mysql2/promise';
import { startHttpServer } from './http-server.ts';
import { startElasticsearch } from './services/elasticsearch.ts';
import { startFerretdb } from './services/ferretdb.ts';
import { startInfluxdb } from './services/influxdb.ts';
import { startKafka } from './services/kafka.ts';
import { startMariadb } from './services/mariadb.ts';
import { sinksFolder } from './sink-under-test.ts';
import { startAlibabaEventbridge } from './vendors/alibaba-eventbridge.ts';
import { startDingTalk } from './vendors/dingtalk.ts';
import { startHoneycomb } from './vendors/honeycomb.ts';
import { startSls } from './vendors/sls.ts';
import { startWeCom } from './vendors/wecom.ts';

/** A service that a sink delivers to, and the destination's two documents for it. */
export interface SinkService {
  readonly document: Readonly<Record<string, unknown>>;
  readonly secrets?: Readonly<Record<string, unknown>>;
  /**
   * The identities of the events it holds, repeats included where the service keeps them; undefined where it cannot tell, as
   * in a chat.
   */
  ids?(): Promise<readonly string[]>;
  /** Requests or messages it has taken so far, where that can be counted. */
  requests?(): number;
  stop(): Promise<void>;
}

/** A running service for each sink: the real one where there is one to be had, else a strict stand-in. `log` needs none. */
export const sinkServices: Readonly<Record<string, () => Promise<SinkService>>> = {
  webhook,
  dingtalk,
  wechat,
  elasticsearch,
  influxdb,
  honeycomb,
  sls,
  'alibaba-eventbridge': alibabaEventbridge,
  kafka,
  mysql,
  mongo,
};

async function webhook(): Promise<SinkService> {
  const server = await startHttpServer(() => ({ status: 204 }));
  return {
    document: { url: `${server.url}/hook` },
    ids: async () => server.requests.map(({ headers }) => decodeURIComponent(headers['webhook-id'] ?? '')),
    requests: () => server.requests.length,
    stop: () => server.stop(),
  };
}

async function dingtalk(): Promise<SinkService> {
  const fake = await startDingTalk({ accessToken: 'token-of-the-test', signSecret: 'SECtest' });
  return {
    document: { endpoint: fake.url },
    secrets: { accessToken: 'token-of-the-test', signSecret: 'SECtest' },
    requests: () => fake.replies.length,
    stop: () => fake.stop(),
  };
}

async function wechat(): Promise<SinkService> {
  const fake = await startWeCom({ robotKey: 'key-of-the-robot' });
  return {
    document: { mode: 'robot', endpoint: fake.url },
    secrets: { robotKey: 'key-of-the-robot' },
    requests: () => fake.messages.length,
    stop: () => fake.stop(),
  };
}

async function elasticsearch(): Promise<SinkService> {
  const server = await startElasticsearch();
  const { username, password } = server;
  const template = JSON.parse(await readFile(join(sinksFolder, 'elasticsearch/index-template.json'), 'utf8'));
  const http = axios.create({ baseURL: server.url, auth: { username, password } });
  await http.put('/_index_template/every-sink', { ...template, index_patterns: ['every-sink*'] });
  return {
    document: { endpoint: server.url, mode: 'daily', index: 'every-sink', username },
    secrets: { password },
    async ids() {
      await http.post('/every-sink*/_refresh');
      const { data } = await http.post('/every-sink*/_search?size=10000', { _source: false });
      const hits: { _id: string }[] = data.hits.hits;
      return hits.map(({ _id }) => _id);
    },
    stop: () => server.stop(),
  };
}

async function influxdb(): Promise<SinkService> {
  const server = await startInfluxdb();
  const { username, password } = server;
  const query = (q: string) =>
    axios.post(`${server.url}/query`, new URLSearchParams({ q, db: 'courier' }), { auth: { username, password } });
  await query('CREATE DATABASE courier');
  return {
    document: { endpoint: server.url, api: 'v1', database: 'courier', username },
    secrets: { password },
    async ids() {
      const { data } = await query('SELECT * FROM kubernetes_events');
      const values: string[][] = data.results[0].series?.[0].values ?? [];
      return values.map((row) => JSON.stringify(row));
    },
    stop: () => server.stop(),
  };
}

async function honeycomb(): Promise<SinkService> {
  const fake = await startHoneycomb({ apiKey: 'key-of-the-test' });
  return {
    document: { dataset: 'events', endpoint: fake.url },
    secrets: { apiKey: 'key-of-the-test' },
    ids: async () => fake.events.map(({ data }) => String(data['event.id'])),
    requests: () => fake.batches.length,
    stop: () => fake.stop(),
  };
}

async function sls(): Promise<SinkService> {
  const key = { accessKeyId: 'id-of-the-test', accessKeySecret: 'secret-of-the-test' };
  const fake = await startSls({ ...key, region: 'cn-hangzhou', logstore: 'events' });
  return {
    document: { project: 'test', logstore: 'events', region: 'cn-hangzhou', endpoint: fake.url },
    secrets: key,
    ids: async () => fake.logs.map(({ contents }) => contents['id'] ?? ''),
    requests: () => fake.groups.length,
    stop: () => fake.stop(),
  };
}

async function alibabaEventbridge(): Promise<SinkService> {
  const key = { accessKeyId: 'id-of-the-test', accessKeySecret: 'secret-of-the-test' };
  const fake = await startAlibabaEventbridge({ ...key, eventBus: 'default' });
  return {
    document: { accountId: '1234567890', region: 'cn-hangzhou', clusterId: 'c1', endpoint: fake.url },
    secrets: key,
    ids: async () => fake.events.map(({ id }) => id),
    requests: () => fake.requests.length,
    stop: () => fake.stop(),
  };
}

async function kafka(): Promise<SinkService> {
  const server = await startKafka();
  const client = new Kafka({ brokers: [server.plain], logLevel: logLevel.NOTHING });
  const admin = client.admin();
  await admin.connect();
  await admin.createTopics({ waitForLeaders: true, topics: [{ topic: 'every-sink', numPartitions: 3 }] });
  return {
    document: { brokers: [server.plain], topic: 'every-sink' },
    async ids() {
      const offsets = await admin.fetchTopicOffsets('every-sink');
      let left = offsets.reduce((sum, { high }) => sum + Number(high), 0);
      const found: string[] = [];
      if (left === 0) return found;
      const consumer = client.consumer({ groupId: `reader-${Date.now()}` });
      await consumer.connect();
      await consumer.subscribe({ topic: 'every-sink', fromBeginning: true });
      const { promise, resolve } = Promise.withResolvers<void>();
      await consumer.run({
        async eachMessage({ message }) {
          found.push(String(message.headers?.['event-id']));
          left -= 1;
          if (left === 0) resolve();
        },
      });
      await promise;
      await consumer.disconnect();
      return found;
    },
    async stop() {
      await admin.disconnect();
      await server.stop();
    },
  };
}

async function mysql(): Promise<SinkService> {
  const server = await startMariadb();
  const { host, port, user, password, database } = server;
  const admin = await createConnection({ host, port, user, password, database, multipleStatements: true });
  await admin.query(await readFile(join(sinksFolder, 'mysql/schema.sql'), 'utf8'));
  return {
    document: { host, port, database, username: user },
    secrets: { password },
    async ids() {
      const [rows] = await admin.query<RowDataPacket[]>('SELECT event_key FROM kube_events');
      return rows.map((row) => String(row['event_key']));
    },
    async stop() {
      await admin.end();
      await server.stop();
    },
  };
}

async function mongo(): Promise<SinkService> {
  const server = await startFerretdb();
  const client = await MongoClient.connect(server.url);
  return {
    document: { database: 'every', collection: 'events' },
    secrets: { uri: server.url },
    async ids() {
      const documents = await client
        .db('every')
        .collection('events')
        .find({}, { projection: { _id: 1 } })
        .toArray();
      return documents.map(({ _id }) => String(_id));
    },
    async stop() {
      await client.close();
      await server.stop();
    },
  };
}
