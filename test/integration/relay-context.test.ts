import { readFile } from 'node:fs/promises';
import { Agent } from 'node:https';
import axios, { type AxiosInstance } from 'axios';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import type { ClusterAccess } from '../../relay/cluster/api-client.ts';
import { ENRICH, type RelayConfig } from '../../relay/config.ts';
import { type ManifestOptions, renderManifest } from '../../relay/manifests/render.ts';
import { createTestQueue, runRelay, type TestQueue, until } from '../support/relay.ts';
import { kube, type KubeService, startKube } from '../support/services/kube.ts';
import { requireService } from '../support/services/service.ts';

interface Stored {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly uid: string };
}

let service: KubeService;
let admin: AxiosInstance;
let relayToken: string | undefined;
let ca: string;

const pod = { spec: { containers: [{ name: 'app', image: 'app' }] } };
const once = { spec: { ...pod.spec, restartPolicy: 'Never' } };
const selecting = (app: string) => ({
  selector: { matchLabels: { app } },
  template: { metadata: { labels: { app } }, ...pod },
});

async function clientOf(token: string): Promise<AxiosInstance> {
  return axios.create({
    baseURL: service.url,
    headers: { Authorization: `Bearer ${token}` },
    httpsAgent: new Agent({ ca, keepAlive: true }),
    proxy: false,
  });
}

async function create(object: { apiVersion: string; kind: string; metadata: object }): Promise<Stored> {
  const { apiVersion, kind, metadata } = object;
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const place = 'namespace' in metadata ? `/namespaces/${String(metadata.namespace)}` : '';
  const { data } = await admin.post(`${root}${place}/${kind.toLowerCase()}s`, object);
  return { ...data, apiVersion, kind };
}

/** Creates an object of the namespace `shop`, as its controller does. */
function make(
  apiVersion: string,
  kind: string,
  name: string,
  spec: object,
  controller?: Omit<Stored, 'metadata'> & { metadata: { name: string; uid: string } },
) {
  const owner = controller && {
    apiVersion: controller.apiVersion,
    kind: controller.kind,
    name: controller.metadata.name,
    uid: controller.metadata.uid,
    controller: true,
  };
  const metadata = { name, namespace: 'shop', labels: { app: name }, ...(owner && { ownerReferences: [owner] }) };
  return create({ apiVersion, kind, metadata, ...spec });
}

let events = 0;
async function tell(
  { apiVersion, kind, metadata }: Stored,
  reason: string,
  message: string,
  source: object = {},
): Promise<void> {
  const { name, namespace = 'default', uid } = metadata;
  const involvedObject = { apiVersion, kind, name, namespace: metadata.namespace, uid };
  await admin.post(`/api/v1/namespaces/${namespace}/events`, {
    metadata: { name: `${name}.${(events += 1)}` },
    involvedObject,
    reason,
    message,
    source,
    type: 'Normal',
  });
}

interface World {
  /** Each object with the topmost of its controllers, as owner references have it. */
  readonly owned: readonly (readonly [Stored, string | undefined])[];
  /** What controllers said when they made them, by the events of Kubernetes. */
  readonly told: readonly (readonly [Stored, string, string])[];
}

async function makeWorld(): Promise<World> {
  const owned: [Stored, string | undefined][] = [];
  const told: [Stored, string, string][] = [];
  async function deploy(name: string, hash: string): Promise<void> {
    const deployment = await make('apps/v1', 'Deployment', name, { spec: selecting(name) });
    const set = await make('apps/v1', 'ReplicaSet', `${name}-${hash}`, { spec: selecting(name) }, deployment);
    const web = await make('v1', 'Pod', `${name}-${hash}-x2kqp`, pod, set);
    told.push(
      [deployment, 'ScalingReplicaSet', `Scaled up replica set ${set.metadata.name} from 0 to 1`],
      [set, 'SuccessfulCreate', `Created pod: ${web.metadata.name}`],
    );
    owned.push([deployment, undefined], [set, `Deployment ${name}`], [web, `Deployment ${name}`]);
  }
  await deploy('web', '6c9f7d5b8');
  await deploy('api-2', '5d4f8c7d9b');
  // One in four hundred hashes is as short as a name.
  await deploy('tiny', 'bcdf4');
  const orders = await make('apps/v1', 'StatefulSet', 'orders', { spec: { ...selecting('orders'), serviceName: 'o' } });
  const ordinal = await make('v1', 'Pod', 'orders-0', pod, orders);
  told.push([orders, 'SuccessfulCreate', 'create Pod orders-0 in StatefulSet orders successful']);
  const fluentd = await make('apps/v1', 'DaemonSet', 'fluentd', { spec: selecting('fluentd') });
  const daemon = await make('v1', 'Pod', 'fluentd-x2kqp', pod, fluentd);
  told.push([fluentd, 'SuccessfulCreate', 'Created pod: fluentd-x2kqp']);
  const nightly = await make('batch/v1', 'CronJob', 'nightly', {
    spec: { schedule: '0 3 * * *', jobTemplate: { spec: { template: once } } },
  });
  const run = await make('batch/v1', 'Job', 'nightly-29384640', { spec: { template: once } }, nightly);
  const running = await make('v1', 'Pod', 'nightly-29384640-x2kqp', once, run);
  told.push(
    [nightly, 'SuccessfulCreate', 'Created job nightly-29384640'],
    [run, 'SuccessfulCreate', 'Created pod: nightly-29384640-x2kqp'],
  );
  const migrate = await make('batch/v1', 'Job', 'migrate', { spec: { template: once } });
  const migrating = await make('v1', 'Pod', 'migrate-x2kqp', once, migrate);
  told.push([migrate, 'SuccessfulCreate', 'Created pod: migrate-x2kqp']);
  // Made by hand, and one is named as if it were not.
  const alone = await make('v1', 'Pod', 'by-hand', pod);
  const misnamed = await make('v1', 'Pod', 'lone-6c9f7d5b8-x2kqp', pod);
  const node = await create({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'node-1', labels: { zone: 'a' } } });
  owned.push(
    [orders, undefined],
    [ordinal, 'StatefulSet orders'],
    [fluentd, undefined],
    [daemon, 'DaemonSet fluentd'],
    [nightly, undefined],
    [run, 'CronJob nightly'],
    [running, 'CronJob nightly'],
    [migrate, undefined],
    [migrating, 'Job migrate'],
    [alone, undefined],
    [misnamed, undefined],
    [node, undefined],
  );
  return { owned, told };
}

/** Gives a relay the rights of its manifest, and its token. */
async function install(options: Pick<ManifestOptions, 'namespace' | 'namespaces' | 'settings'>): Promise<string> {
  const manifest = renderManifest({
    bundle: Buffer.from('relay'),
    queueUrl: 'https://sqs.eu-west-1.amazonaws.com/000000000000/ingest',
    region: 'eu-west-1',
    cluster: 'test',
    identity: { kind: 'pod-identity' },
    settings: { ENRICH: 'labels' },
    ...options,
  });
  for (const document of parseAllDocuments(manifest)) {
    const object = document.toJS();
    // Two installations share what they may do, not where.
    const isThere = object.kind === 'ClusterRole' && relayToken !== undefined;
    if (!isThere && /^(Namespace|ServiceAccount|.*Role|.*RoleBinding)$/.test(object.kind)) await create(object);
  }
  const account = `/api/v1/namespaces/${options.namespace ?? 'kube-courier'}/serviceaccounts/kube-courier-relay/token`;
  return (await admin.post(account, { spec: {} })).data.status.token;
}

function accessWith(token: string): ClusterAccess {
  const credentials = { server: new URL(service.url), headers: { authorization: `Bearer ${token}` }, tls: { ca } };
  return { description: 'the test', credentials: async () => credentials };
}

/** Runs a relay with the rights of its manifest while `work` is done. */
async function withRelay(
  config: Pick<Partial<RelayConfig>, 'enrich' | 'namespaces'>,
  work: (queue: TestQueue) => Promise<void>,
  token = relayToken,
): Promise<void> {
  const queue = createTestQueue();
  const access = accessWith(token ?? '');
  const relay = await runRelay(service, queue, { ...config, startFrom: { kind: 'lookBack', ms: 1 } }, { access });
  try {
    await until(() => relay.logs.some((line) => line.includes('"message":"watching"')), relay.logs.join(''));
    await work(queue);
  } finally {
    await relay.stop();
  }
}

/** Has something happen to each object, one after the other, and gives what its event carried. */
async function contextsOf(queue: TestQueue, objects: readonly Stored[]) {
  const contexts = [];
  for (const object of objects) {
    const message = `happened-${(events += 1)}`;
    await tell(object, 'Happened', message, object.kind === 'Pod' ? { component: 'kubelet', host: 'node-1' } : {});
    const found = () => queue.events().find(({ event }) => event.message === message);
    await until(() => found() !== undefined, message, 30_000);
    contexts.push(found()?.context ?? {});
  }
  return contexts;
}

describe.runIf(requireService(kube))('context, with a real API server', () => {
  let world: World;

  beforeAll(async () => {
    service = await startKube();
    ca = await readFile(service.caFile, 'utf8');
    admin = await clientOf(service.token);
    await create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop', labels: { team: 'shop' } } });
    relayToken = await install({});
    world = await makeWorld();
  });
  afterAll(() => service.stop());

  test.each(ENRICH)('with ENRICH=%s, the relay may read no secret and no config map, anywhere', async (enrich) => {
    // With labels, the relay of these tests, which may read everywhere; else one that watches a namespace of its own.
    const own = { namespace: `reads-${enrich}`, namespaces: [`reads-${enrich}`] };
    const token = enrich === 'labels' ? relayToken : await install({ ...own, settings: { ENRICH: enrich } });
    const relay = await clientOf(token ?? '');
    async function isAllowed(verb: string, resource: string, namespace: string, group = ''): Promise<boolean> {
      const resourceAttributes = { verb, resource, group, ...(namespace !== '' && { namespace }) };
      const review = await relay.post('/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', {
        spec: { resourceAttributes },
      });
      return review.data.status.allowed;
    }
    const home = enrich === 'labels' ? 'kube-courier' : own.namespace;
    const allowed = [];
    for (const namespace of [home, 'shop', 'kube-system', '']) {
      for (const resource of ['secrets', 'configmaps', '*']) {
        for (const verb of ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', '*']) {
          if (await isAllowed(verb, resource, namespace)) allowed.push(`${verb} ${resource} in ${namespace}`);
        }
      }
    }
    expect(allowed).toEqual([]);
    expect(await isAllowed('watch', 'events', home)).toBe(true);
    expect(await isAllowed('get', 'pods', home)).toBe(enrich === 'labels');
    expect(await isAllowed('list', 'pods', home)).toBe(false);
    expect(await isAllowed('get', 'deployments', home, 'apps')).toBe(enrich === 'labels');
  });

  test('with ENRICH=labels, owners are those of the owner references, and labels those of object and namespace', async () => {
    // What an operator made has a controller that the relay may not read.
    const prometheus = {
      apiVersion: 'monitoring.coreos.com/v1',
      kind: 'Prometheus',
      metadata: { name: 'k8s', uid: 'u' },
    };
    const operated = await make(
      'apps/v1',
      'StatefulSet',
      'prom',
      { spec: { ...selecting('prom'), serviceName: 'p' } },
      prometheus,
    );
    const owned = [...world.owned, [await make('v1', 'Pod', 'prom-0', pod, operated), 'Prometheus k8s'] as const];
    await withRelay({ enrich: 'labels' }, async (queue) => {
      for (const [object, owner] of owned) {
        const isNode = object.kind === 'Node';
        const told = async () => (await contextsOf(queue, [object]))[0];
        // Requests are few in a second: what has no turn goes without, and what is not known to be the topmost is called a guess.
        let context = await told();
        await until(
          async () => {
            const isWhole = context?.labels !== undefined && (isNode || context.namespaceLabels !== undefined);
            if (isWhole && context?.owner?.guessed !== true) return true;
            context = await told();
            return false;
          },
          `${object.metadata.name}: ${JSON.stringify(context)}`,
          20_000,
        );
        expect(context).toMatchObject({
          labels: isNode ? { zone: 'a' } : { app: object.metadata.name },
          ...(!isNode && { namespaceLabels: { team: 'shop' } }),
        });
        expect(context?.owner && `${context.owner.kind} ${context.owner.name}`).toBe(owner);
      }
    });
  });

  test('with some namespaces to watch, it is allowed to read labels there, and does', async () => {
    const token = await install({ namespace: 'scoped', namespaces: ['shop'] });
    const name = 'web-6c9f7d5b8-x2kqp';
    const pods = world.owned.map(([object]) => object).filter(({ metadata }) => metadata.name === name);
    const expected = {
      owner: { kind: 'Deployment', name: 'web' },
      labels: { app: name },
      namespaceLabels: { team: 'shop' },
    };
    await withRelay(
      { enrich: 'labels', namespaces: ['shop'] },
      async (queue) => {
        await expect.poll(() => contextsOf(queue, pods)).toMatchObject([expected]);
      },
      token,
    );
  });

  const all = { right: 10, 'right, guessed': 1, wrong: 0, 'wrong, guessed': 1, unknown: 0 };

  test.each([
    ['without the events of controllers', false, { ...all, right: 0, 'right, guessed': 6, unknown: 5 }],
    ['after the events of controllers', true, all],
    ['of a relay that has found them in its first list', false, all],
  ])('with ENRICH=owners, %s, no owner is wrong that is not said to be guessed', async (_, isTold, expected) => {
    await withRelay({ enrich: 'owners' }, async (queue) => {
      if (isTold) for (const [object, reason, message] of world.told) await tell(object, reason, message);
      const contexts = await contextsOf(
        queue,
        world.owned.map(([object]) => object),
      );
      const counted: Record<string, number> = {
        right: 0,
        'right, guessed': 0,
        wrong: 0,
        'wrong, guessed': 0,
        unknown: 0,
      };
      for (const [nth, [, owner]] of world.owned.entries()) {
        const found = contexts[nth]?.owner;
        if (found === undefined && owner === undefined) continue;
        const isRight = found !== undefined && `${found.kind} ${found.name}` === owner;
        const verdict = isRight ? 'right' : 'wrong';
        const result = found === undefined ? 'unknown' : `${verdict}${found.guessed === true ? ', guessed' : ''}`;
        counted[result] = (counted[result] ?? 0) + 1;
      }
      expect(counted).toEqual(expected);
      for (const [nth, [object]] of world.owned.entries()) {
        const isPlaced = object.kind === 'Pod' || object.kind === 'Node';
        expect(contexts[nth]?.node).toBe(isPlaced ? 'node-1' : undefined);
      }
    });
  });
});
