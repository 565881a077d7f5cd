import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { Agent } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import axios, { type AxiosInstance } from 'axios';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { parseMessage } from '../../functions/core/contract/message.ts';
import { renderManifest } from '../../relay/manifests/render.ts';
import { serviceAccountAccess } from '../../relay/cluster/service-account.ts';
import { createTestQueue, runRelay, until } from '../support/relay.ts';
import { type BuiltRelay, buildRelay, type RelayProcess, spawnRelay } from '../support/relay-process.ts';
import { type ScriptedSqs, startScriptedSqs } from '../support/scripted-sqs.ts';
import { kube, type KubeService, startKube } from '../support/services/kube.ts';
import { requireService } from '../support/services/service.ts';
import { eventIds } from '../support/event-ids.ts';

interface Cluster {
  readonly kube: KubeService;
  readonly http: AxiosInstance;
}

let built: BuiltRelay;
let folder: string;
let sqs: ScriptedSqs;
const relays: RelayProcess[] = [];

async function startCluster(flags: readonly string[]): Promise<Cluster> {
  const service = await startKube({ flags });
  const http = axios.create({
    baseURL: service.url,
    headers: { Authorization: `Bearer ${service.token}` },
    httpsAgent: new Agent({ ca: await readFile(service.caFile), keepAlive: true }),
    proxy: false,
  });
  return { kube: service, http };
}

let serial = 0;

/** Creates an event, or repeats the one given. Resolves to `<uid>/<resourceVersion>`. */
async function put({ http }: Cluster, repeat?: string): Promise<{ id: string; name: string }> {
  serial += 1;
  const name = repeat ?? `pod-${serial}.abc`;
  const url = '/api/v1/namespaces/default/events';
  const now = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
  const { data } =
    repeat === undefined
      ? await http.post(url, {
          metadata: { name },
          involvedObject: { kind: 'Pod', namespace: 'default', name: `pod-${serial}` },
          reason: 'BackOff',
          message: 'Back-off restarting failed container',
          type: 'Warning',
          count: 1,
          firstTimestamp: now,
          lastTimestamp: now,
        })
      : await http.patch(
          `${url}/${name}`,
          { count: serial, lastTimestamp: now },
          { headers: { 'content-type': 'application/merge-patch+json' } },
        );
  return { id: `${data.metadata.uid}/${data.metadata.resourceVersion}`, name };
}

async function run(
  { kube: service }: Cluster,
  env: Readonly<Record<string, string>> = {},
  token?: string,
): Promise<RelayProcess> {
  const kubeconfig = join(folder, `kubeconfig-${(serial += 1)}`);
  await service.writeKubeconfig(kubeconfig, token);
  const relay = spawnRelay(built.file, {
    KUBECONFIG: kubeconfig,
    QUEUE_URL: sqs.queueUrl,
    LOG_LEVEL: 'debug',
    START_FROM: 'all',
    CURSOR: `file:${join(folder, 'cursor')}`,
    ...env,
  });
  relays.push(relay);
  return relay;
}

const messages = () => sqs.bodies.map(parseMessage);
const gaps = () => messages().filter(({ kind }) => kind === 'gap');
const ids = (): readonly string[] => eventIds(messages());

async function delivered(...events: readonly { id: string }[]): Promise<void> {
  await until(
    () => events.every(({ id }) => ids().includes(id)),
    `${events.length} events; the relays said: ${relays.flatMap(({ logs }) => logs.slice(-20)).join('\n')}`,
    60_000,
  );
}

async function saw(relay: RelayProcess, text: string): Promise<void> {
  await until(() => relay.logs.some((line) => line.includes(text)), `"${text}" in ${relay.logs.join('\n')}`);
}

async function kill(relay: RelayProcess, signal: NodeJS.Signals): Promise<number | null> {
  relay.kill(signal);
  return relay.exited;
}

/** Makes every version up to now a thing of the past. */
async function compact({ kube: service, http }: Cluster): Promise<void> {
  const { data } = await http.get('/api/v1/namespaces/default/events?limit=1');
  await axios.post(
    `${service.etcdUrl}/v3/kv/compaction`,
    { revision: data.metadata.resourceVersion, physical: true },
    { proxy: false },
  );
}

describe.runIf(requireService(kube))('the relay with a real API server', () => {
  beforeAll(async () => {
    built = await buildRelay();
  });

  afterAll(async () => {
    await built.remove();
  });

  afterEach(async () => {
    await Promise.all(relays.splice(0).map((relay) => kill(relay, 'SIGKILL')));
    await sqs.close();
    await rm(folder, { recursive: true });
  });

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'relay-kube-'));
    sqs = await startScriptedSqs();
  });

  describe.each([
    ['with WatchList', []],
    ['without WatchList', ['--feature-gates=WatchList=false']],
  ])('%s', (_, flags) => {
    let cluster: Cluster;

    beforeAll(async () => {
      cluster = await startCluster(flags);
    });
    afterAll(() => cluster.kube.stop());

    test('lists, watches, survives a SIGKILL, and goes on from its cursor', async () => {
      const old = [await put(cluster), await put(cluster)];
      const relay = await run(cluster);
      await delivered(...old);
      await saw(relay, '"message":"watching"');
      const live = await put(cluster);
      const repeated = await put(cluster, live.name);
      await delivered(live, repeated);
      await kill(relay, 'SIGKILL');
      const missed = [await put(cluster), await put(cluster, live.name)];
      const next = await run(cluster);
      await delivered(...missed);
      expect(await kill(next, 'SIGTERM')).toBe(0);
      const before = ids().length;
      await run(cluster);
      await delivered(await put(cluster));
      expect(ids()).toHaveLength(before + 1);
      expect(gaps()).toEqual([]);
    });

    test('a real 410 after compaction costs a list and loses nothing', async () => {
      const first = await run(cluster, { START_FROM: 'now' });
      await saw(first, '"message":"watching"');
      const seen = await put(cluster);
      await delivered(seen);
      expect(await kill(first, 'SIGTERM')).toBe(0);
      const missed = [await put(cluster), await put(cluster, seen.name), await put(cluster)];
      await compact(cluster);
      const second = await run(cluster);
      await delivered(...missed);
      await saw(second, 'the version is no longer there');
      expect(ids()).toHaveLength(4);
      expect(gaps()).toEqual([]);
    });

    test('a killed and restarted API server costs nothing', async () => {
      const relay = await run(cluster, { START_FROM: 'now' });
      await saw(relay, '"message":"watching"');
      await delivered(await put(cluster));
      await cluster.kube.restart();
      const after = [await put(cluster), await put(cluster)];
      await delivered(...after);
      expect(new Set(ids()).size).toBe(ids().length);
      expect(gaps()).toEqual([]);
    });
  });

  describe('with the rendered manifest applied', () => {
    let cluster: Cluster;
    const namespace = 'kube-courier';

    let manifest: string;
    const created: { kind: string; status: number; message: unknown }[] = [];

    beforeAll(async () => {
      cluster = await startCluster([]);
      manifest = renderManifest({
        bundle: await readFile(built.inCluster),
        queueUrl: 'https://sqs.eu-west-1.amazonaws.com/000000000000/ingest',
        region: 'eu-west-1',
        cluster: 'test',
        identity: { kind: 'irsa', roleArn: 'arn:aws:iam::000000000000:role/relay' },
      });
      for (const document of parseAllDocuments(manifest)) {
        const object = document.toJS();
        // What kubectl apply does: the object as it was applied goes into an annotation, 262,144 bytes at most.
        object.metadata.annotations = {
          ...object.metadata.annotations,
          'kubectl.kubernetes.io/last-applied-configuration': `${JSON.stringify(object)}\n`,
        };
        const params = { fieldValidation: 'Strict' };
        const answer = await cluster.http.post(collection(object), object, { validateStatus: () => true, params });
        created.push({ kind: object.kind, status: answer.status, message: answer.data.message });
      }
    });
    afterAll(() => cluster.kube.stop());

    async function token(): Promise<string> {
      const { data } = await cluster.http.post(
        `/api/v1/namespaces/${namespace}/serviceaccounts/kube-courier-relay/token`,
        {
          apiVersion: 'authentication.k8s.io/v1',
          kind: 'TokenRequest',
          spec: { expirationSeconds: 600 },
        },
      );
      return data.status.token;
    }

    test('the server takes every object of it, and the last-applied annotation that kubectl adds', () => {
      expect(Buffer.byteLength(manifest)).toBeLessThan(300_000);
      expect(created.filter(({ status }) => status !== 201)).toEqual([]);
      expect(created).toHaveLength(11);
    });

    test('the kustomize base is applied on the server side without a change', async () => {
      const base = new URL('../../relay/manifests/base/', import.meta.url);
      const { resources } = parse(await readFile(new URL('kustomization.yaml', base), 'utf8'));
      for (const file of resources) {
        for (const document of parseAllDocuments(await readFile(new URL(file, base), 'utf8'))) {
          const object = document.toJS();
          const applied = await cluster.http.patch(
            `${collection(object)}/${object.metadata.name}`,
            JSON.stringify(object),
            {
              params: { fieldManager: 'test', force: true, dryRun: 'All', fieldValidation: 'Strict' },
              headers: { 'content-type': 'application/apply-patch+yaml' },
              validateStatus: () => true,
            },
          );
          expect([object.kind, applied.status, applied.data.message]).toEqual([object.kind, 200, undefined]);
        }
      }
    });

    test('two relays with exactly its permissions elect a leader, and the second goes on after the first is killed', async () => {
      const env = { CURSOR: `lease:${namespace}/kube-courier-relay` };
      const first = await run(cluster, { ...env, POD_NAME: 'relay-a' }, await token());
      await saw(first, '"message":"watching"');
      const second = await run(cluster, { ...env, POD_NAME: 'relay-b' }, await token());
      const port = await second.port();
      await until(
        async () => (await (await fetch(`http://127.0.0.1:${port}/readyz`)).text()).includes('relay-a leads'),
        'the standby',
        30_000,
      );
      const seen = await put(cluster);
      await delivered(seen);
      await kill(first, 'SIGKILL');
      const missed = await put(cluster);
      await delivered(missed);
      await saw(second, '"message":"leading"');
      expect(gaps()).toEqual([]);
      const { data } = await cluster.http.get(
        `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases/kube-courier-relay`,
      );
      expect(data.spec.holderIdentity).toBe('relay-b');
      expect(await kill(second, 'SIGTERM')).toBe(0);
    });

    test('a rotated token is read again', async () => {
      const account = `/api/v1/namespaces/${namespace}/serviceaccounts`;
      await writeFile(join(folder, 'token'), await token());
      await writeFile(join(folder, 'ca.crt'), await readFile(cluster.kube.caFile));
      const { hostname, port } = new URL(cluster.kube.url);
      const queue = createTestQueue();
      const access = serviceAccountAccess(hostname, port, folder);
      const relay = await runRelay({ url: cluster.kube.url }, queue, { startFrom: { kind: 'now' } }, { access });
      const got = async ({ id }: { id: string }): Promise<void> =>
        until(() => queue.ids().includes(id), `the event; the relay said ${relay.logs.slice(-20).join('')}`);
      try {
        await until(() => relay.logs.some((line) => line.includes('"message":"watching"')), 'the watch');
        await got(await put(cluster));
        // A token dies with its account; the one of the same name that follows is another one.
        await cluster.http.delete(`${account}/kube-courier-relay`);
        await cluster.http.post(account, { metadata: { name: 'kube-courier-relay' } });
        await cluster.kube.restart();
        const missed = await put(cluster);
        await until(
          () => relay.logs.some((line) => line.includes("refuses the relay's identity")),
          'the refusal',
          40_000,
        );
        await writeFile(join(folder, 'token'), await token());
        await got(missed);
        expect(queue.gaps()).toEqual([]);
      } finally {
        await relay.stop();
      }
    });

    test('without the permission it says which one is missing', async () => {
      const { data } = await cluster.http.post('/api/v1/namespaces/default/serviceaccounts', {
        metadata: { name: 'nobody' },
      });
      const nobody = await cluster.http.post(`/api/v1/namespaces/default/serviceaccounts/${data.metadata.name}/token`, {
        apiVersion: 'authentication.k8s.io/v1',
        kind: 'TokenRequest',
        spec: {},
      });
      const relay = await run(cluster, {}, nobody.data.status.token);
      await saw(relay, 'no permission to read events in all namespaces: the relay needs get, list and watch on events');
      expect(sqs.bodies.map(parseMessage).map(({ kind }) => kind)).not.toContain('event');
    });
  });
});

const GROUPS: Readonly<Record<string, string>> = {
  Namespace: 'namespaces',
  ServiceAccount: 'serviceaccounts',
  ConfigMap: 'configmaps',
  ClusterRole: 'clusterroles',
  ClusterRoleBinding: 'clusterrolebindings',
  Role: 'roles',
  RoleBinding: 'rolebindings',
  Deployment: 'deployments',
  PodDisruptionBudget: 'poddisruptionbudgets',
  NetworkPolicy: 'networkpolicies',
};

function collection({
  apiVersion,
  kind,
  metadata,
}: {
  apiVersion: string;
  kind: string;
  metadata: { namespace?: string };
}): string {
  const group = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  return `${group}${metadata.namespace === undefined ? '' : `/namespaces/${metadata.namespace}`}/${GROUPS[kind]}`;
}
