import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { parseMessage } from '../../functions/core/contract/message.ts';
import { kubeconfigAccess } from '../../relay/cluster/kubeconfig.ts';
import { createLogger } from '../../relay/log.ts';
import { queueSender } from '../../relay/queue/sqs.ts';
import { type RelayHandle, startRelay } from '../../relay/relay.ts';
import { type ScriptedApiServer, type StoredEvent, startApiServer } from '../support/api-server.ts';
import { FAULTS, type FaultyRoute, startFaultyRoute, type Weather } from '../support/faulty-server.ts';
import { testConfig, until } from '../support/relay.ts';
import { type ScriptedSqs, startScriptedSqs } from '../support/scripted-sqs.ts';

/**
 * Each service that the relay depends on, with each way in which it can fail. Time runs a hundred times as fast as in life: what
 * lasts two minutes there lasts little more than a second here, and the limits are as much shorter.
 */
const OUTAGE_MS = 1200;
const LIMITS = { callMs: 300, credentialsMs: 400 };
const TIMING = {
  watchSeconds: () => 1,
  graceMs: 300,
  answerMs: 300,
  retryBaseMs: 20,
  retryCapMs: 200,
  unreadyAfterMs: 200,
};
const STOP_MS = 1500;

vi.setConfig({ testTimeout: 60_000 });

let folder: string;
let api: ScriptedApiServer;
let sqs: ScriptedSqs;
let agent: http.Server;
let routes: Record<'api' | 'sqs' | 'agent', FaultyRoute>;
let relay: RelayHandle;
let logs: string[];
/** The token of the API server, and the first key that the queue takes: raising them asks for new credentials. */
let validToken: number;
let validKey: number;
let keys: number;

const portOf = (server: http.Server): number => {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
};

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dependencies-'));
  [validToken, validKey, keys, logs] = [1, 1, 0, []];
  api = await startApiServer({ token: () => `token-${validToken}` });
  sqs = await startScriptedSqs();
  sqs.script(({ request }) => {
    const key = Number(/Credential=KEY(\d+)\//.exec(request.headers.authorization ?? '')?.[1]);
    return key >= validKey ? undefined : { status: 403, type: 'ExpiredToken' };
  });
  agent = http.createServer((_, response) => {
    keys += 1;
    const Expiration = '2040-01-01T00:00:00Z';
    response.end(JSON.stringify({ AccessKeyId: `KEY${keys}`, SecretAccessKey: 's', Token: 't', Expiration }));
  });
  await new Promise<void>((resolve) => agent.listen(0, '127.0.0.1', resolve));
  routes = {
    api: await startFaultyRoute(Number(new URL(api.url).port)),
    sqs: await startFaultyRoute(Number(new URL(sqs.queueUrl).port)),
    agent: await startFaultyRoute(portOf(agent)),
  };
  await setPlugin('fine');
  for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) vi.stubEnv(name, undefined);
  vi.stubEnv('AWS_REGION', 'us-east-1');
  vi.stubEnv('AWS_CONTAINER_CREDENTIALS_FULL_URI', `http://127.0.0.1:${routes.agent.port}/v1/credentials`);
  relay = await start();
});

afterEach(async () => {
  await relay.stop();
  vi.unstubAllEnvs();
  await Promise.all([...Object.values(routes).map((route) => route.close()), api.close(), sqs.close()]);
  agent.closeAllConnections();
  await new Promise((resolve) => agent.close(resolve));
  await rm(folder, { recursive: true });
});

/** What the credential plugin does, from its next run on. */
async function setPlugin(weather: Weather): Promise<void> {
  const scripts: Readonly<Record<Weather, string>> = {
    fine: `printf '{"status":{"token":"token-%s"}}' "$(cat ${join(folder, 'token')})"`,
    refuse: 'echo "log in first" >&2; exit 1',
    hang: 'exec sleep 600',
    'hang-body': `printf '{"status":'; exec sleep 600`,
    garbage: 'echo "<html>"',
  };
  await writeFile(join(folder, 'token'), String(validToken));
  await writeFile(join(folder, 'plugin.new'), `#!/bin/sh\n${scripts[weather]}\n`, { mode: 0o755 });
  await rename(join(folder, 'plugin.new'), join(folder, 'plugin'));
}

async function start(): Promise<RelayHandle> {
  const file = join(folder, 'config');
  const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: './plugin', interactiveMode: 'Never' };
  await writeFile(
    file,
    JSON.stringify({
      'current-context': 'c',
      contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
      clusters: [{ name: 'c', cluster: { server: `http://127.0.0.1:${routes.api.port}` } }],
      users: [{ name: 'u', user: { exec } }],
    }),
  );
  return startRelay(testConfig(), {
    access: await kubeconfigAccess({ file, pluginLimitMs: 800 }),
    send: queueSender(`http://127.0.0.1:${routes.sqs.port}/000000000000/ingest`, process.env, undefined, LIMITS),
    log: createLogger('info', (line) => logs.push(line)),
    version: 'test',
    timing: TIMING,
    limits: { retryBaseMs: 20, retryCapMs: 100 },
    heartbeatMs: 200,
    drainMs: 700,
    stopMs: STOP_MS,
  });
}

async function readiness(): Promise<{ readonly status: number; readonly text: string }> {
  const response = await fetch(`http://127.0.0.1:${relay.port}/readyz`);
  return { status: response.status, text: await response.text() };
}

const isReady = async (): Promise<boolean> => (await readiness()).status === 200;

const missing = (events: readonly StoredEvent[]): readonly StoredEvent[] => {
  const ids = new Set(
    sqs.bodies.map(parseMessage).flatMap((message) => {
      if (message.kind !== 'event') return [];
      const { metadata } = JSON.parse(JSON.stringify(message.event));
      return [`${metadata.uid}/${metadata.resourceVersion}`];
    }),
  );
  return events.filter(({ uid, version }) => !ids.has(`${uid}/${version}`));
};

interface Service {
  readonly name: string;
  /** How it fails, or works again. */
  readonly set: (weather: Weather) => Promise<void> | void;
  /** What is named on `/readyz` while it fails. */
  readonly named: RegExp;
}

const SERVICES: readonly Service[] = [
  {
    name: 'the API server',
    set: (weather) => {
      routes.api.weather = weather;
    },
    named: /^no events from the API server/,
  },
  {
    name: 'the credentials service',
    set: (weather) => {
      // What the relay has is refused from now on.
      if (weather !== 'fine') validKey = keys + 1;
      routes.agent.weather = weather;
    },
    named: /queue: no AWS credentials: the credentials endpoint at 127\.0\.0\.1:\d+ (does not answer|gives none)/,
  },
  {
    name: 'the queue',
    set: (weather) => {
      routes.sqs.weather = weather;
    },
    named: /queue: (the queue (does not answer|cannot be reached)|127\.0\.0\.1:\d+ answers what no SQS answers)/,
  },
  {
    name: 'the credential plugin',
    set: async (weather) => {
      if (weather !== 'fine') validToken += 1;
      await setPlugin(weather);
      if (weather !== 'fine') api.dropWatches('reset');
    },
    named: /credential plugin "\.\/plugin"/,
  },
];

describe.each(SERVICES)('$name', ({ set, named }) => {
  test.each(FAULTS)('%s for two minutes: told, nothing lost, back by itself; stops in time', async (fault) => {
    const events: StoredEvent[] = [api.put({ name: 'before' })];
    await until(async () => missing(events).length === 0 && (await isReady()), 'a relay in order');

    await set(fault);
    const writing = setInterval(() => events.push(api.put({ name: `during-${events.length}` })), 20);
    const healed = new Promise((resolve) => setTimeout(resolve, OUTAGE_MS));
    await until(async () => named.test((await readiness()).text), `the reason: ${logs.join('')}`);
    const seen: number[] = [];
    let over = false;
    void healed.then(() => (over = true));
    while (!over) {
      seen.push((await readiness()).status);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    clearInterval(writing);
    // Never ready while it fails.
    expect(new Set(seen)).toEqual(new Set([503]));

    await set('fine');
    await until(async () => missing(events).length === 0, `${missing(events).length} events`);
    await until(isReady, 'readiness');
    expect(sqs.bodies.map(parseMessage).filter(({ kind }) => kind === 'gap')).toEqual([]);

    // And while it fails once more, stopping ends in time all the same.
    await set(fault);
    for (let i = 0; i < 50; i += 1) api.put({ name: `e${i}` });
    await until(async () => !(await isReady()), 'unreadiness');
    await relay.stop();
    expect(logs.at(-1)).toContain('"message":"stopped"');
  });
});
