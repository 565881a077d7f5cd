import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { isAlive } from '../support/is-alive.ts';
import { messagesIn } from '../support/messages.ts';
import { type ScriptedApiServer, startApiServer, type StoredEvent } from '../support/api-server.ts';
import { until } from '../support/relay.ts';
import {
  type BuiltRelay,
  buildRelay,
  type RelayProcess,
  spawnRelay,
  writeKubeconfig,
} from '../support/relay-process.ts';
import { type ScriptedSqs, startScriptedSqs } from '../support/scripted-sqs.ts';
import { eventIds } from '../support/event-ids.ts';

let built: BuiltRelay;
let folder: string;
let api: ScriptedApiServer;
let sqs: ScriptedSqs;
let kubeconfig: string;
const relays: RelayProcess[] = [];

beforeAll(async () => {
  built = await buildRelay();
});
afterAll(() => built.remove());

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'relay-process-'));
  api = await startApiServer();
  sqs = await startScriptedSqs();
  kubeconfig = await writeKubeconfig(folder, api.url);
});

afterEach(async () => {
  for (const relay of relays) relay.kill('SIGKILL');
  await Promise.all(relays.splice(0).map(({ exited }) => exited));
  await Promise.all([api.close(), sqs.close(), rm(folder, { recursive: true })]);
});

function run(env: Readonly<Record<string, string>> = {}): RelayProcess {
  const cursor = `file:${join(folder, 'cursor')}`;
  const relay = spawnRelay(built.file, {
    KUBECONFIG: kubeconfig,
    QUEUE_URL: sqs.queueUrl,
    START_FROM: 'all',
    CURSOR: cursor,
    ...env,
  });
  relays.push(relay);
  return relay;
}

const ids = (): readonly string[] => eventIds(sqs.bodies.flatMap(messagesIn));
const idOf = ({ uid, version }: StoredEvent): string => `${uid}/${version}`;

async function delivered(events: readonly StoredEvent[]): Promise<void> {
  const missing = (): readonly string[] => {
    const known = new Set(ids());
    return events.map(idOf).filter((id) => !known.has(id));
  };
  await until(() => missing().length === 0, `${events.length} events`);
  expect(missing()).toEqual([]);
}

describe('the built relay', () => {
  test('drains on SIGTERM in the middle of a burst, and its successor repeats nothing', async () => {
    const first = run();
    await until(() => api.watchCount() === 1, 'the watch');
    const events = Array.from({ length: 3000 }, (_, i) => api.put({ name: `e${i}` }));
    await until(() => ids().length > 100, 'the beginning of the burst');
    first.kill('SIGTERM');
    expect(await first.exited).toBe(0);
    const second = run();
    await delivered(events);
    second.kill('SIGINT');
    expect(await second.exited).toBe(0);
    expect(ids()).toHaveLength(3000);
  });

  test('loses nothing to SIGKILL, and repeats with the same identity only', async () => {
    const events: StoredEvent[] = [];
    for (let round = 0; round < 3; round += 1) {
      const relay = run();
      await until(() => api.watchCount() === 1, 'the watch');
      for (let i = 0; i < 400; i += 1) events.push(api.put({ name: `e${round}-${i}` }));
      const before = ids().length;
      await until(() => ids().length > before + 50, 'some of them');
      relay.kill('SIGKILL');
      await relay.exited;
      await until(() => api.watchCount() === 0, 'the connection to end');
      events.push(api.put({ name: `down-${round}` }));
    }
    run();
    await delivered(events);
    expect(new Set(ids()).size).toBe(events.length);
  });
});

describe('a mistake in the configuration is said in a line each, at once', () => {
  test('in the environment', async () => {
    const relay = run({
      QUEUE_URL: 'ingest',
      CLUSTER_NAME: 'a b',
      START_FROM: 'yesterday',
      CURSOR: 'lease:x',
      PORT: '70000',
      NAMESPACES: 'a,B',
    });
    expect(await relay.exited).toBe(1);
    expect(relay.logs.map((line) => JSON.parse(line).message.split(':')[0])).toEqual([
      'QUEUE_URL is "ingest"',
      'CLUSTER_NAME is "a b"',
      'NAMESPACES has "B"',
      'START_FROM is "yesterday"',
      'CURSOR is "lease',
      'PORT is "70000"',
    ]);
  });

  test('in the kubeconfig', async () => {
    const relay = run({ KUBECONFIG: join(folder, 'missing') });
    expect(await relay.exited).toBe(1);
    expect(relay.logs).toHaveLength(1);
    expect(relay.logs[0]).toContain('there is no kubeconfig to read at');
  });

  test('in the port', async () => {
    const relay = run({ PORT: new URL(api.url).port });
    expect(await relay.exited).toBe(1);
    expect(relay.logs).toHaveLength(1);
    expect(relay.logs[0]).toContain('EADDRINUSE');
  });

  test('in the credentials', async () => {
    const relay = run({ AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '', HOME: folder });
    await until(() => relay.logs.some((line) => line.includes('no AWS credentials')), relay.logs.join('\n'));
    const ready = await fetch(`http://127.0.0.1:${await relay.port()}/readyz`);
    expect([ready.status, await ready.text()]).toEqual([503, expect.stringContaining('queue: no AWS credentials')]);
  });

  test.each([
    ['QueueDoesNotExist', 'queue not found'],
    ['AccessDeniedException', 'no permission to send'],
  ])('in the queue: %s', async (type, text) => {
    sqs.script(() => ({ status: 400, type }));
    const relay = run();
    await until(() => relay.logs.some((line) => line.includes(text)), relay.logs.join('\n'));
    await until(() => sqs.calls >= 3, 'further attempts');
    expect(relay.logs.filter((line) => line.includes(text))).toHaveLength(1);
  });
});

test('credentials stay out of the log and of /readyz, whatever the API server repeats', async () => {
  const token = 'the-token-of-the-kubeconfig';
  const withToken = await mkdtemp(join(folder, 'token-'));
  api.intercept((_url, { headers }, response) => {
    const login = Buffer.from(headers.authorization ?? '').toString('base64');
    response.writeHead(500, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ kind: 'Status', code: 500, message: `${headers.authorization} ${login}` }));
    return true;
  });
  const relay = run({ KUBECONFIG: await writeKubeconfig(withToken, api.url, token) });
  const ready = async (): Promise<string> => (await fetch(`http://127.0.0.1:${await relay.port()}/readyz`)).text();
  await until(async () => (await ready()).includes('[secret]'), 'the failure in /readyz', 30_000);

  const shown = [...relay.logs, await ready()].join('\n');
  expect(shown.match(/\[secret\]/g)?.length).toBeGreaterThanOrEqual(4);
  expect(shown).not.toContain(token);
  expect(shown).not.toContain(Buffer.from(`Bearer ${token}`).toString('base64').slice(10, 30));
});

test('metrics are in the Prometheus text format', async () => {
  const relay = run();
  api.put({ name: 'a' });
  await until(() => ids().length === 1, 'the event');
  const response = await fetch(`http://127.0.0.1:${await relay.port()}/metrics`);
  const text = await response.text();
  expect(response.headers.get('content-type')).toContain('text/plain; version=0.0.4');
  expect(text).toContain('\nkube_courier_relay_events_seen_total{change="listed"} 1\n');
  const sample = /^[a-z_]+(\{[a-z_]+="[^"]*"(,[a-z_]+="[^"]*")*\})? -?[0-9.e+-]+$/;
  for (const line of text.trimEnd().split('\n')) {
    if (!line.startsWith('# ')) expect(line).toMatch(sample);
  }
});

test('SIGTERM ends it while a credential plugin hangs, and the plugin with it', async () => {
  const pidFile = join(folder, 'plugin.pid');
  const exec = { command: 'sh', args: ['-c', `echo $$ > ${pidFile}; exec sleep 600`], interactiveMode: 'Never' };
  const config = {
    'current-context': 'c',
    contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
    clusters: [{ name: 'c', cluster: { server: api.url } }],
    users: [{ name: 'u', user: { exec: { apiVersion: 'client.authentication.k8s.io/v1', ...exec } } }],
  };
  await writeFile(join(folder, 'config'), JSON.stringify(config));
  const relay = run({ KUBECONFIG: join(folder, 'config'), CURSOR: 'none' });
  const pid = async (): Promise<number> => Number(await readFile(pidFile, 'utf8').catch(() => ''));
  await until(async () => (await pid()) > 0, 'the plugin');
  relay.kill('SIGTERM');
  expect(await relay.exited).toBe(0);
  const plugin = await pid();
  await until(() => !isAlive(plugin), 'the plugin to end');
});

test('a proxy that is none is a mistake said in a line, without its password', async () => {
  const relay = run({ HTTPS_PROXY: 'socks5://user:secret@proxy:1' });
  expect(await relay.exited).toBe(1);
  expect(relay.logs).toHaveLength(1);
  expect(relay.logs[0]).toContain('HTTPS_PROXY is not the address of an HTTP proxy');
  expect(relay.logs[0]).not.toContain('secret');
});
