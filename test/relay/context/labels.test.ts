import type { ServerResponse } from 'node:http';
import { isDeepStrictEqual as equals } from 'node:util';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { RelayHandle } from '../../../relay/relay.ts';
import type { RelayConfig } from '../../../relay/config.ts';
import { type ScriptedApiServer, startApiServer } from '../../support/api-server.ts';
import { type MetadataServer, metadataServer } from '../../support/metadata-server.ts';
import { createTestQueue, runRelay, type TestQueue, until } from '../../support/relay.ts';

vi.setConfig({ testTimeout: 60_000 });

const POD = 'web-6c9f7d5b8-x2kqp';
const PATH = '/api/v1/namespaces/shop';
const APPS = '/apis/apps/v1/namespaces/shop';

let api: ScriptedApiServer;
let metadata: MetadataServer;
let queue: TestQueue;
let relay: RelayHandle;
let hanging: ServerResponse[];
let events: number;

beforeEach(async () => {
  hanging = [];
  events = 0;
  api = await startApiServer();
  metadata = metadataServer(
    { path: PATH, labels: { team: 'shop' }, annotations: { channel: '#shop' } },
    {
      path: `${PATH}/pods/${POD}`,
      labels: { app: 'web' },
      annotations: { note: 'n' },
      controller: { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web-6c9f7d5b8' },
    },
    // By its name, it would be of a Deployment web.
    {
      path: `${APPS}/replicasets/web-6c9f7d5b8`,
      controller: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'shop-web' },
    },
    { path: `${APPS}/deployments/shop-web` },
  );
  api.intercept(metadata.intercept);
  queue = createTestQueue();
});

afterEach(async () => {
  await relay.stop();
  for (const response of hanging) response.destroy();
  await api.close();
});

async function start(config: Partial<RelayConfig> = {}): Promise<void> {
  relay = await runRelay(api, queue, { enrich: 'labels', ...config });
  await until(() => api.watchCount() > 0, 'a watch');
}

const failing = (pod: string, n: number) =>
  api.put({
    name: `${pod}.${n}`,
    namespace: 'shop',
    involvedObject: { apiVersion: 'v1', kind: 'Pod', namespace: 'shop', name: pod },
    reason: 'BackOff',
  });

/** What the next message about a pod carries. */
async function nextContextOf(pod: string) {
  const { uid, version } = failing(pod, (events += 1));
  const place = () => queue.ids().indexOf(`${uid}/${version}`);
  await until(() => place() >= 0, `an event of ${pod}`);
  return queue.events()[place()]?.context;
}

/** Resolves once messages about a pod carry this: those before may have been late. */
async function untilKnown(pod: string, expected: object): Promise<void> {
  await until(async () => equals(await nextContextOf(pod), expected), JSON.stringify(expected));
}

async function results(): Promise<Readonly<Record<string, number>>> {
  const text = await (await fetch(`http://127.0.0.1:${relay.port}/metrics`)).text();
  return Object.fromEntries(
    [...text.matchAll(/context_total\{result="(\w+)"\} (\d+)/g)].map(
      ([, result, count]) => [result ?? '', Number(count)] as const,
    ),
  );
}

const KNOWN = {
  owner: { kind: 'Deployment', name: 'shop-web' },
  node: 'node-1',
  labels: { app: 'web' },
  annotations: { note: 'n' },
  namespaceLabels: { team: 'shop' },
  namespaceAnnotations: { channel: '#shop' },
};

test('an event carries labels, annotations and the owner that owner references say, asked for once', async () => {
  await start();
  await untilKnown(POD, KNOWN);
  const before = (await results())['known'] ?? 0;
  for (let n = 0; n < 20; n += 1) expect(await nextContextOf(POD)).toEqual(KNOWN);

  expect((await results())['known']).toBe(before + 20);
  expect(metadata.asked).toEqual([
    `${PATH}/pods/${POD}`,
    `${APPS}/replicasets/web-6c9f7d5b8`,
    `${APPS}/deployments/shop-web`,
  ]);
});

test('with namespaces to watch, their metadata is asked for one by one', async () => {
  await start({ namespaces: ['shop'] });
  await untilKnown(POD, KNOWN);

  expect(metadata.asked).toContain(PATH);
  expect(api.requests.filter(({ url }) => url.pathname === '/api/v1/namespaces')).toEqual([]);
});

test('of an object that is gone, what events have told is known', async () => {
  const { namespaceLabels, namespaceAnnotations, node } = KNOWN;
  const owner = { kind: 'Deployment', name: 'api', guessed: true };
  await start();
  await untilKnown('api-7d9f8c6b5-k8s2v', { owner, node, namespaceLabels, namespaceAnnotations });
  await expect
    .poll(async () => {
      await nextContextOf('api-7d9f8c6b5-k8s2v');
      return results();
    })
    .toHaveProperty('missing');
});

/** How a server may answer for an object. */
const faults: Readonly<
  Record<string, { readonly answer: (path: string, response: ServerResponse) => void; readonly result: string }>
> = {
  'never answers': { answer: (_, response) => void hanging.push(response), result: 'failed' },
  'answers half': {
    answer(_, response) {
      hanging.push(response);
      response.writeHead(200);
      response.write('{"metadata":');
    },
    result: 'failed',
  },
  'is slow': {
    answer: (path, response) =>
      void setTimeout(() => response.end(JSON.stringify({ metadata: { name: path.split('/').at(-1) } })), 1000),
    result: 'known',
  },
  'forbids it': { answer: (_, response) => void response.writeHead(403).end('{}'), result: 'forbidden' },
  'has none': { answer: (_, response) => void response.writeHead(404).end('{}'), result: 'missing' },
  throttles: {
    answer: (_, response) => void response.writeHead(429, { 'retry-after': '1' }).end('{}'),
    result: 'failed',
  },
  fails: { answer: (_, response) => void response.writeHead(500).end('{}'), result: 'failed' },
  'answers garbage': { answer: (_, response) => void response.end('<html>'), result: 'failed' },
  'hangs up': { answer: (_, response) => void response.destroy(), result: 'failed' },
};

describe.each(Object.entries(faults))('a server that %s', (_, { answer, result }) => {
  test('has each event sent once and counted, and the relay stays ready', async () => {
    await start();
    metadata.script(answer);
    const put = Array.from({ length: 60 }, (_each, n) => failing(`pod-${n % 15}`, n));
    await until(() => queue.events().length >= put.length, 'all events');

    const ids = queue.ids();
    expect(ids).toHaveLength(put.length);
    expect(new Set(ids)).toEqual(new Set(put.map(({ uid, version }) => `${uid}/${version}`)));
    const counted = await results();
    expect(Object.keys(counted).filter((each) => ![result, 'late', 'limited'].includes(each))).toEqual([]);
    expect(Object.values(counted).reduce((sum, each) => sum + each, 0)).toBe(put.length);
    expect((await fetch(`http://127.0.0.1:${relay.port}/readyz`)).status).toBe(200);
  });
});

test('what waits for its context when the relay is told to stop is sent all the same', async () => {
  await start();
  metadata.script(faults['never answers']?.answer);
  failing('web', 0);
  await until(() => hanging.length > 0, 'a request');
  await relay.stop();
  expect(queue.events()).toHaveLength(1);
});
