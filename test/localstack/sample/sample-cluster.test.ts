import { afterEach, beforeEach, expect, test } from 'vitest';
import { ownerByName } from '../../../functions/core/contract/owner.ts';
import { isKubeEvent, type KubeEvent } from '../../../functions/core/contract/event.ts';
import { startSampleCluster, type SampleCluster } from '../../../localstack/sample/sample-cluster.ts';
import { sampleOccurrences } from '../../../localstack/sample/sample-events.ts';
import { seededRandom } from '../../../infra/seeded-random.ts';
import { textsOf } from '../../../functions/core/contract/untrusted.ts';

let cluster: SampleCluster;

beforeEach(async () => {
  cluster = await startSampleCluster(1);
});

afterEach(async () => {
  await cluster.stop();
});

interface EventList {
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string };
  readonly items: readonly KubeEvent[];
}

async function list(query = ''): Promise<EventList> {
  const reply = await fetch(`${cluster.url}/api/v1/events?${query}`);
  const body: EventList = JSON.parse(await reply.text());
  return body;
}

/** The frames of a watch until `isLast`. */
async function watch(query: string, isLast: (frame: { type: string; object: KubeEvent }) => boolean) {
  const { body } = await fetch(`${cluster.url}/api/v1/events?watch=true&${query}`);
  const frames: { readonly type: string; readonly object: KubeEvent }[] = [];
  let unfinished = '';
  for await (const chunk of body?.pipeThrough(new TextDecoderStream()) ?? []) {
    const lines = `${unfinished}${chunk}`.split('\n');
    unfinished = lines.pop() ?? '';
    for (const line of lines) {
      const frame: { type: string; object: KubeEvent } = JSON.parse(line);
      frames.push(frame);
      if (isLast(frame)) return frames;
    }
  }
  return frames;
}

function take(seed: number, count: number) {
  const occurrences = sampleOccurrences(seededRandom(seed));
  return Array.from({ length: count }, () => occurrences.next().value);
}

test('tells the same stories for the same seed, and others for another', () => {
  expect(take(1, 300)).toEqual(take(1, 300));
  expect(take(1, 300)).not.toEqual(take(2, 300));
});

test('tells them in the order of time', () => {
  const times = take(1, 1000).map(({ atMs }) => atMs);

  expect(times).toEqual(times.toSorted((a, b) => a - b));
  expect(times.filter((atMs) => atMs < 1000).length).toBeGreaterThan(5);
});

test('shows what people know from their own clusters', () => {
  const reasons = new Set(take(1, 300).map(({ reason }) => reason));

  for (const reason of [
    'OOMKilling',
    'BackOff',
    'Failed',
    'Unhealthy',
    'FailedScheduling',
    'ScalingReplicaSet',
    'NodeNotReady',
  ]) {
    expect(reasons).toContain(reason);
  }
});

test('reports the conditions of nodes as Kubernetes does: of type Normal, a lost node by the controller', () => {
  const told = take(1, 1000);
  const ofNodes = told.filter(({ object }) => object.kind === 'Node');
  const conditions = ofNodes.filter(({ reason }) => /^Node[A-Z]/.test(reason));

  expect(new Set(conditions.map(({ reason, type, component }) => `${type} ${reason} ${component}`))).toEqual(
    new Set([
      'Normal NodeHasDiskPressure kubelet',
      'Normal NodeNotReady node-controller',
      'Normal NodeReady kubelet',
      'Normal NodeHasNoDiskPressure kubelet',
    ]),
  );
  expect(ofNodes.every(({ object }) => object.namespace === undefined)).toBe(true);
});

test('tells each pod of a lost node, as a warning', () => {
  const pods = take(1, 1000).filter(({ reason, object }) => reason === 'NodeNotReady' && object.kind === 'Pod');

  expect(pods.length).toBeGreaterThan(2);
  expect(new Set(pods.map(({ type, component, host }) => `${type} ${component} ${host}`))).toEqual(
    new Set(['Warning node-controller undefined']),
  );
});

test('names pods so that their Deployment can be told', () => {
  const pods = take(1, 1000).filter(({ reason, object }) => reason === 'Started' && object.kind === 'Pod');

  expect(new Set(pods.map(({ object }) => ownerByName(object)?.name))).toEqual(new Set(['web', 'checkout']));
});

test('has events from the start, and lists all of them in pages', async () => {
  const first = await list('limit=2');
  const rest = await list(`continue=${first.metadata.continue ?? ''}`);

  expect(first.items).toHaveLength(2);
  expect(rest.items.length).toBeGreaterThan(0);
  expect([...first.items, ...rest.items].every(isKubeEvent)).toBe(true);
  const uids = new Set([...first.items, ...rest.items].map(({ metadata }) => textsOf(metadata)['uid']));
  expect(uids.size).toBe(first.items.length + rest.items.length);
});

test('sends a watch what changes after its version, with a rising count for repeats', async () => {
  const { metadata } = await list();
  const frames = await watch(
    `resourceVersion=${metadata.resourceVersion}`,
    ({ object }) => Number(object.count ?? 0) >= 2,
  );

  expect(
    frames.every(
      ({ object }) => Number(textsOf(object.metadata)['resourceVersion']) > Number(metadata.resourceVersion),
    ),
  ).toBe(true);
  expect(frames.at(-1)).toMatchObject({ type: 'MODIFIED', object: { count: 2 } });
});

test('ends the initial events of a watch that asks for them with a bookmark', async () => {
  const frames = await watch('sendInitialEvents=true&allowWatchBookmarks=true', ({ type }) => type === 'BOOKMARK');

  expect(frames.length).toBeGreaterThan(1);
  expect(frames.at(-1)).toMatchObject({
    object: { metadata: { annotations: { 'k8s.io/initial-events-end': 'true' } } },
  });
});

test('answers 410 in the stream for a version it does not remember', async () => {
  const frames = await watch('resourceVersion=5', () => true);

  expect(frames).toMatchObject([{ type: 'ERROR', object: { code: 410 } }]);
});

test('watches one namespace when asked to', async () => {
  const reply = await fetch(`${cluster.url}/api/v1/namespaces/shop/events`);
  const { items }: EventList = JSON.parse(await reply.text());

  expect(items.length).toBeGreaterThan(0);
  expect(new Set(items.map(({ metadata }) => textsOf(metadata)['namespace']))).toEqual(new Set(['shop']));
});

test('answers 404 for what it does not have', async () => {
  const reply = await fetch(`${cluster.url}/api/v1/pods`);

  expect(reply.status).toBe(404);
});
