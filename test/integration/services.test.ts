import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, readdir, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { Agent } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Client } from '@elastic/elasticsearch';
import { CoreV1Api, KubeConfig } from '@kubernetes/client-node';
import axios, { type AxiosInstance } from 'axios';
import { Kafka, logLevel, type KafkaConfig, type SASLOptions } from 'kafkajs';
import { MongoClient } from 'mongodb';
import { createConnection, type RowDataPacket } from 'mysql2/promise';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';

import { installOnce, installedFolder, type Service } from '../support/services/cache.ts';
import { launch, serviceFolder } from '../support/services/child.ts';
import { clickhouse, startClickhouse } from '../support/services/clickhouse.ts';
import { elasticsearch, startElasticsearch } from '../support/services/elasticsearch.ts';
import { ferretdb, startFerretdb } from '../support/services/ferretdb.ts';
import { influxdb, startInfluxdb } from '../support/services/influxdb.ts';
import { kafka, startKafka, type KafkaService } from '../support/services/kafka.ts';
import { kube, startKube, type KubeService } from '../support/services/kube.ts';
import { mariadb, startMariadb } from '../support/services/mariadb.ts';
import { opensearch, startOpensearch } from '../support/services/opensearch.ts';
import { moto, startMoto } from '../support/services/moto.ts';
import { requireService } from '../support/services/service.ts';
import { startTelegraf, telegraf } from '../support/services/telegraf.ts';

let folder: string;

beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'services-test-')));
});

afterAll(() => rm(folder, { recursive: true }));

afterEach(() => {
  vi.unstubAllEnvs();
});

/** Gives the services a temporary folder that no other test uses, so that what they leave can be told apart. */
async function ownTemporaryFolder(name: string): Promise<string> {
  const own = join(folder, name);
  await mkdir(own);
  vi.stubEnv('TMPDIR', own);
  return own;
}

/** What a service has left: processes that were started with something from the folder, and files in it. */
async function leftovers(own: string): Promise<readonly string[]> {
  return [...commandLines(own), ...(await readdir(own))];
}

function commandLines(containing: string): readonly string[] {
  const { stdout } = spawnSync('ps', ['-A', '-ww', '-o', 'args'], { encoding: 'utf8' });
  return stdout.split('\n').filter((line) => line.includes(containing));
}

describe.runIf(requireService(kube))('kube', () => {
  it('keeps events over a restart and leaves nothing behind', async () => {
    const own = await ownTemporaryFolder('kube');
    const service = await startKube();
    onTestFinished(service.stop);
    const file = join(folder, 'kubeconfig');
    await service.writeKubeconfig(file);
    const config = new KubeConfig();
    config.loadFromFile(file);
    const api = config.makeApiClient(CoreV1Api);
    await api.createNamespacedEvent({
      namespace: 'default',
      body: {
        metadata: { name: 'first' },
        involvedObject: { kind: 'Pod', namespace: 'default', name: 'web' },
        reason: 'BackOff',
      },
    });

    await service.restart();

    const { items } = await api.listNamespacedEvent({ namespace: 'default' });
    // The API server may have events of its own.
    expect(items.map((event) => event.reason)).toContain('BackOff');
    await service.stop();
    expect(await leftovers(own)).toEqual([]);
  });

  it('obeys its flags, and makes an old watch expire when etcd is compacted', async () => {
    const service = await startKube({ flags: ['--feature-gates=WatchList=false'] });
    onTestFinished(service.stop);
    const client = await kubeClient(service);
    const list = await client.get('/api/v1/namespaces');
    const watch = '/api/v1/events?watch=true&timeoutSeconds=30';

    const refused = await client.get(`${watch}&sendInitialEvents=true&resourceVersionMatch=NotOlderThan`);
    await axios.post(`${service.etcdUrl}/v3/kv/compaction`, { revision: list.data.metadata.resourceVersion });
    const expired = await client.get(`${watch}&resourceVersion=1`);

    expect(refused.status).toBe(422);
    expect(expired.status).toBe(200);
    expect(expired.data).toMatchObject({ type: 'ERROR', object: { code: 410 } });
  });
});

describe.runIf(requireService(kafka))('kafka', () => {
  let service: KafkaService;
  let own: string;

  beforeAll(async () => {
    own = await ownTemporaryFolder('kafka');
    service = await startKafka();
  });

  afterAll(() => service.stop());

  it.each([
    ['plain', undefined],
    ['tls', undefined],
    ['mutualTls', undefined],
    ['sasl', 'plain'],
    ['sasl', 'scram-sha-256'],
    ['sasl', 'scram-sha-512'],
    ['saslTls', 'plain'],
    ['saslTls', 'scram-sha-256'],
    ['saslTls', 'scram-sha-512'],
  ] as const)('accepts a record on its %s listener with mechanism %s', async (listener, mechanism) => {
    const [ca, cert, key] = await Promise.all(
      [service.caFile, service.certificateFile, service.keyFile].map((file) => readFile(file, 'utf8')),
    );
    const sasl = mechanism === undefined ? undefined : credentials(mechanism, service.username, service.password);
    const ssl = listener === 'mutualTls' ? { ca, cert, key } : { ca };
    const client = kafkaClient({
      brokers: [service[listener]],
      ...(/tls$/i.test(listener) ? { ssl } : {}),
      ...(sasl === undefined ? {} : { sasl }),
    });
    const producer = client.producer();
    onTestFinished(() => producer.disconnect());
    await producer.connect();

    const [written] = await producer.send({ topic: 'events', acks: -1, messages: [{ value: 'one' }] });

    expect(written?.errorCode).toBe(0);
  });

  it.each(['plain', 'scram-sha-256', 'scram-sha-512'] as const)(
    'refuses a wrong password with %s',
    async (mechanism) => {
      const sasl = credentials(mechanism, service.username, 'wrong');
      const producer = kafkaClient({ brokers: [service.sasl], sasl }).producer();
      onTestFinished(() => producer.disconnect());

      await expect(producer.connect()).rejects.toMatchObject({ name: 'KafkaJSSASLAuthenticationError' });
    },
  );

  it('keeps records over a restart and leaves nothing behind', async () => {
    const admin = kafkaClient({ brokers: [service.plain] }).admin();
    const producer = kafkaClient({ brokers: [service.plain] }).producer();
    await producer.connect();
    await producer.send({ topic: 'kept', acks: -1, messages: [{ value: 'one', partition: 0 }] });
    await producer.disconnect();

    await service.restart();

    await admin.connect();
    // A broker that has just come back leads its partitions a moment later.
    await expect
      .poll(() => admin.fetchTopicOffsets('kept').catch(() => []), { timeout: 60_000 })
      .toContainEqual({ partition: 0, offset: '1', high: '1', low: '0' });
    await admin.disconnect();
    await service.stop();
    expect(await leftovers(own)).toEqual([]);
  });
});

describe.runIf(requireService(elasticsearch))('elasticsearch', () => {
  it('keeps documents over a restart, knows its users and leaves nothing behind', async () => {
    const own = await ownTemporaryFolder('elasticsearch');
    const service = await startElasticsearch({
      users: { writer: { indices: [{ names: ['k8s-*'], privileges: ['create_doc'] }] } },
    });
    onTestFinished(service.stop);
    const client = (username: string): Client =>
      new Client({ node: service.url, auth: { username, password: service.password }, maxRetries: 0 });
    await client(service.username).index({
      index: 'k8s-events',
      id: '1',
      document: { reason: 'BackOff' },
      refresh: true,
    });
    const refused = client('writer').index({ index: 'other', document: {} });
    await expect(refused).rejects.toMatchObject({ statusCode: 403 });

    await service.restart();

    const { _source } = await client(service.username).get({ index: 'k8s-events', id: '1' });
    expect(_source).toEqual({ reason: 'BackOff' });
    await service.stop();
    expect(await leftovers(own)).toEqual([]);
  });
});

describe.runIf(requireService(opensearch))('opensearch', () => {
  it('keeps documents over a restart and leaves nothing behind', async () => {
    const own = await ownTemporaryFolder('opensearch');
    const service = await startOpensearch();
    onTestFinished(service.stop);
    await axios.put(`${service.url}/events/_doc/1?refresh=true`, { reason: 'BackOff' });

    await service.restart();

    const { data } = await axios.get(`${service.url}/events/_doc/1`);
    expect(data._source).toEqual({ reason: 'BackOff' });
    await service.stop();
    expect(await leftovers(own)).toEqual([]);
  });
});

describe.runIf(requireService(mariadb))('mariadb', () => {
  it('speaks TLS, keeps rows over a restart and leaves nothing behind', async () => {
    const own = await ownTemporaryFolder('mariadb');
    const service = await startMariadb();
    onTestFinished(service.stop);
    const { host, port, user, password, database } = service;
    const ssl = { ca: await readFile(service.caFile) };
    const query = async (sql: string): Promise<unknown> => {
      const connection = await createConnection({ host, port, user, password, database, ssl });
      try {
        const [rows] = await connection.query<RowDataPacket[]>(sql);
        return rows;
      } finally {
        await connection.end();
      }
    };
    await query('CREATE TABLE events (reason VARCHAR(20))');
    await query("INSERT INTO events VALUES ('BackOff')");
    expect(await query("SHOW STATUS LIKE 'Ssl_version'")).toMatchObject([{ Value: expect.stringMatching(/^TLS/) }]);

    await service.restart();

    expect(await query('SELECT reason FROM events')).toEqual([{ reason: 'BackOff' }]);
    await service.stop();
    expect(await leftovers(own)).toEqual([]);
  });
});

describe.runIf(requireService(influxdb))('influxdb', () => {
  it('keeps points over a restart, refuses strangers and leaves nothing behind', async () => {
    const own = await ownTemporaryFolder('influxdb');
    const service = await startInfluxdb();
    onTestFinished(service.stop);
    const { username, password } = service;
    const client = axios.create({ baseURL: service.url, auth: { username, password } });
    await client.post('/query', new URLSearchParams({ q: 'CREATE DATABASE k8s' }));
    await client.post('/write?db=k8s', 'events,reason=BackOff count=3 1700000000000000000');
    const stranger = await axios.post(`${service.url}/write?db=k8s`, 'events count=1', { validateStatus: () => true });
    expect(stranger.status).toBe(401);

    await service.restart();

    const { data } = await client.get('/query', { params: { db: 'k8s', q: 'SELECT count FROM events' } });
    expect(data.results[0].series[0].values).toEqual([['2023-11-14T22:13:20Z', 3]]);
    await service.stop();
    expect(await leftovers(own)).toEqual([]);
  });
});

describe.runIf(requireService(telegraf))('telegraf', () => {
  it('shows the points it received, keeps them over a restart and leaves nothing behind', async () => {
    const own = await ownTemporaryFolder('telegraf');
    const service = await startTelegraf();
    onTestFinished(service.stop);
    const write = async (token: string, line: string): Promise<number> => {
      const response = await axios.post(`${service.url}/api/v2/write?org=any&bucket=k8s`, line, {
        headers: { Authorization: `Token ${token}` },
        validateStatus: () => true,
      });
      return response.status;
    };

    expect(await write('wrong', 'events count=3')).toBe(401);
    expect(await write(service.token, 'events,reason=BackOff count=3 1700000000000000000')).toBe(204);

    const point = {
      name: 'events',
      tags: { reason: 'BackOff', bucket: 'k8s' },
      fields: { count: 3 },
      timestamp: 1_700_000_000_000_000_000,
    };
    await vi.waitFor(async () => expect(await service.points()).toEqual([point]), 120_000);
    await service.restart();
    expect(await service.points()).toEqual([point]);
    await service.stop();
    expect(await leftovers(own)).toEqual([]);
  });
});

describe.runIf(requireService(ferretdb))('ferretdb', () => {
  it('keeps documents over a restart, refuses a second one with the same id and leaves nothing behind', async () => {
    const own = await ownTemporaryFolder('ferretdb');
    const service = await startFerretdb();
    onTestFinished(service.stop);
    const client = new MongoClient(service.url, { serverSelectionTimeoutMS: 60_000 });
    onTestFinished(() => client.close());
    const events = client.db('k8s').collection<{ _id: string; reason: string }>('events');
    await events.insertOne({ _id: '1', reason: 'BackOff' });
    await expect(events.insertOne({ _id: '1', reason: 'Other' })).rejects.toMatchObject({ code: 11_000 });

    await service.restart();

    expect(await events.find().toArray()).toEqual([{ _id: '1', reason: 'BackOff' }]);
    await client.close();
    await service.stop();
    expect(await leftovers(own)).toEqual([]);
  });
});

describe.runIf(requireService(clickhouse))('clickhouse', () => {
  it('keeps rows over a restart, refuses strangers and leaves nothing behind', async () => {
    const own = await ownTemporaryFolder('clickhouse');
    const service = await startClickhouse();
    onTestFinished(service.stop);
    await service.query('CREATE TABLE events (reason String) ENGINE = MergeTree ORDER BY reason');
    await service.query("INSERT INTO events VALUES ('BackOff')");
    const stranger = await axios.post(service.url, 'SELECT 1', { validateStatus: () => true });
    expect(stranger.status).toBe(403);

    await service.restart();

    expect(await service.query('SELECT reason FROM events')).toBe('BackOff');
    await service.stop();
    expect(await leftovers(own)).toEqual([]);
  });
});

describe.runIf(requireService(moto))('moto', () => {
  it('comes up again after a restart and leaves nothing behind', async () => {
    const own = await ownTemporaryFolder('moto');
    const service = await startMoto();
    onTestFinished(service.stop);

    await service.restart();

    const { data } = await axios.get(`${service.url}/moto-api/data.json`);
    expect(data).toEqual({});
    await service.stop();
    expect(await leftovers(own)).toEqual([]);
  });
});

describe('starting a service', () => {
  it('reports the end of the log of a program that does not come up, and removes what it left', async () => {
    const own = await ownTemporaryFolder('failing');
    const failing = launch({
      name: 'failing',
      folder: await serviceFolder('failing'),
      command: ['sh', '-c', 'echo the port is taken; exit 3'],
      isReady: () => Promise.resolve(false),
    });

    await expect(failing).rejects.toThrow(/failing did not come up: it ended with code 3.*\nthe port is taken$/);
    expect(await leftovers(own)).toEqual([]);
  });

  it('kills a program, and what that started, when it does not stop by itself', async () => {
    const own = await ownTemporaryFolder('stubborn');
    const serviceFiles = await serviceFolder('stubborn');
    const program = join(serviceFiles, 'stubborn.sh');
    await writeFile(
      program,
      'trap "" TERM\n[ "$1" = child ] || sh "$0" child &\ntouch up-$1\nfor second in $(seq 60); do sleep 1; done\n',
    );
    const service = await launch({
      name: 'stubborn',
      folder: serviceFiles,
      command: ['sh', program, 'parent'],
      isReady: () => Promise.resolve(['up-parent', 'up-child'].every((file) => existsSync(join(serviceFiles, file)))),
      graceMs: 100,
    });

    await service.stop();

    expect(await leftovers(own)).toEqual([]);
  });

  it.runIf(process.platform === 'linux' && requireService(influxdb))(
    'ties it to the process that started it, even when that one is killed',
    async () => {
      const own = await ownTemporaryFolder('orphan');
      const module = new URL('../support/services/influxdb.ts', import.meta.url).href;
      const program = `import { startInfluxdb } from '${module}'; await startInfluxdb(); process.kill(process.pid, 'SIGKILL');`;

      const { signal } = spawnSync(process.execPath, ['--input-type=module', '--eval', program]);

      expect(signal).toBe('SIGKILL');
      await vi.waitFor(() => expect(commandLines(own)).toEqual([]), 120_000);
    },
  );

  it('takes its endpoint from the environment when one is named there', async () => {
    vi.stubEnv('KUBE_COURIER_TEST_FERRETDB', '{"url":"mongodb://127.0.0.1:1/"}');

    const service = await startFerretdb();

    expect(service.url).toBe('mongodb://127.0.0.1:1/');
    await expect(service.restart()).rejects.toThrow('KUBE_COURIER_TEST_FERRETDB');
  });

  it('names the variable and the field, and no value, when the environment is wrong', async () => {
    vi.stubEnv('KUBE_COURIER_TEST_INFLUXDB', '{"url":"http://127.0.0.1:1","username":1,"password":"secret"}');

    const started = startInfluxdb();

    await expect(started).rejects.toThrow(
      'KUBE_COURIER_TEST_INFLUXDB must be a JSON object with valid endpoint fields; check: username',
    );
  });
});

describe('installing a service', () => {
  function service(name: string, install: Service['install'], tools: readonly string[] = []): Service {
    return { name, version: '1', buildTools: tools, runTools: [], install };
  }

  it('is done once, however many ask at the same time', async () => {
    vi.stubEnv('XDG_CACHE_HOME', folder);
    const install = vi.fn((to: string) => writeFile(join(to, 'program'), ''));
    const wanted = service('once', install);

    const folders = await Promise.all([installOnce(wanted), installOnce(wanted), installOnce(wanted)]);

    expect(new Set(folders)).toEqual(new Set([join(folder, 'kube-courier', 'once-1')]));
    expect(install).toHaveBeenCalledTimes(1);
  });

  it('starts afresh after an install that failed', async () => {
    vi.stubEnv('XDG_CACHE_HOME', folder);
    await expect(installOnce(service('broken', () => Promise.reject(new Error('no network'))))).rejects.toThrow(
      'no network',
    );

    await installOnce(service('broken', (to) => writeFile(join(to, 'program'), '')));

    expect((await readdir(join(folder, 'kube-courier'))).filter((name) => name.startsWith('broken'))).toEqual([
      'broken-1',
    ]);
  });

  it('starts afresh after an install that was killed', async () => {
    vi.stubEnv('XDG_CACHE_HOME', folder);
    const { pid } = spawnSync('true');
    const wanted = service('killed', (to) => writeFile(join(to, 'program'), ''));
    await mkdir(`${installedFolder(wanted)}.unfinished-${pid}`, { recursive: true });
    await symlink(String(pid), `${installedFolder(wanted)}.lock`);

    await installOnce(wanted);

    expect((await readdir(join(folder, 'kube-courier'))).filter((name) => name.startsWith('killed'))).toEqual([
      'killed-1',
    ]);
  });

  it('is skipped where a tool is missing, and is an error there in CI', () => {
    vi.stubEnv('CI', '');
    const impossible = service('impossible', () => Promise.resolve(), ['no-such-tool']);
    expect(requireService(impossible)).toBe(false);

    vi.stubEnv('CI', 'true');
    expect(() => requireService(impossible)).toThrow(
      'impossible needs no-such-tool on the PATH, or its endpoint in KUBE_COURIER_TEST_IMPOSSIBLE',
    );
  });
});

async function kubeClient({ url, caFile, token }: KubeService): Promise<AxiosInstance> {
  return axios.create({
    baseURL: url,
    headers: { Authorization: `Bearer ${token}` },
    httpsAgent: new Agent({ ca: await readFile(caFile) }),
    validateStatus: () => true,
  });
}

function kafkaClient(config: KafkaConfig): Kafka {
  return new Kafka({ logLevel: logLevel.NOTHING, retry: { retries: 5 }, ...config });
}

function credentials(
  mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512',
  username: string,
  password: string,
): SASLOptions {
  switch (mechanism) {
    case 'plain':
      return { mechanism, username, password };
    case 'scram-sha-256':
      return { mechanism, username, password };
    case 'scram-sha-512':
      return { mechanism, username, password };
  }
}
