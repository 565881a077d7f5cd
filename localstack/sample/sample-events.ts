import type { Random } from '../../infra/seeded-random.ts';
import { randomName, templateHash } from './sample-names.ts';

/** What an event of the sample cluster is about; cluster-scoped objects have no namespace. */
export type SampleObject = Readonly<
  Record<'apiVersion' | 'kind' | 'name', string> & Partial<Record<'namespace' | 'uid' | 'fieldPath', string>>
>;

/** Something that happens in the sample cluster. The same thing happening again raises the count of one Event. */
export interface Occurrence {
  /** Milliseconds after the start of its story. */
  readonly atMs: number;
  readonly object: SampleObject;
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
  readonly component: string;
  readonly host?: string;
  /** Written in the newer style: eventTime and series instead of timestamps and count. */
  readonly isSeries?: true;
}

type Story = (random: Random) => readonly Occurrence[];

const NODES = ['node-a', 'node-b', 'node-c'] as const;

/**
 * The stories that the sample cluster tells over and over, with new names each time: what people meet in their own.
 * Each entry is when a story starts within a round, and what happens in it.
 * No story outlasts its round.
 */
const ROUND: readonly (readonly [startMs: number, story: Story])[] = [
  [0, (random) => rollout(random, { namespace: 'shop', app: 'web', pods: 2 })],
  [300, crashLoop],
  [900, imageTypo],
  [2500, failingProbe],
  [4000, unschedulable],
  [7000, outOfMemory],
  [11_000, nodeTrouble],
  [15_000, (random) => rollout(random, { namespace: 'shop', app: 'checkout', pods: 8 })],
  [20_000, nightlyJob],
  [24_000, autoscaling],
];
const ROUND_MS = 30_000;

/** Everything that happens, in order of time and without end; `atMs` counts from the start of the cluster. */
export function* sampleOccurrences(random: Random): Generator<Occurrence, never> {
  for (let round = 0; ; round += 1) {
    const all = ROUND.flatMap(([startMs, story]) =>
      story(random).map((occurrence) => ({ ...occurrence, atMs: round * ROUND_MS + startMs + occurrence.atMs })),
    );
    yield* all.toSorted((a, b) => a.atMs - b.atMs);
  }
}

function rollout(random: Random, app: { namespace: string; app: string; pods: number }): readonly Occurrence[] {
  const { namespace, app: name, pods } = app;
  const set = `${name}-${templateHash(random)}`;
  const scaled: Occurrence = {
    atMs: 0,
    object: { apiVersion: 'apps/v1', kind: 'Deployment', namespace, name },
    type: 'Normal',
    reason: 'ScalingReplicaSet',
    message: `Scaled up replica set ${set} from 0 to ${pods}`,
    component: 'deployment-controller',
  };
  const started = Array.from({ length: pods }, (_, index) => {
    const pod = podOf(namespace, `${set}-${randomName(random, 5)}`);
    const host = nodeFor(random);
    const image = `registry.example/${namespace}/${name}:2.3.${index % 2}`;
    const kubelet = { object: container(pod, name), type: 'Normal', component: 'kubelet', host } as const;
    const created: Occurrence = {
      atMs: 20,
      object: { apiVersion: 'apps/v1', kind: 'ReplicaSet', namespace, name: set },
      type: 'Normal',
      reason: 'SuccessfulCreate',
      message: `Created pod: ${pod.name}`,
      component: 'replicaset-controller',
    };
    const occurrences: readonly Occurrence[] = [
      created,
      scheduled(pod, host, 30),
      { ...kubelet, atMs: 120, reason: 'Pulling', message: `Pulling image "${image}"` },
      {
        ...kubelet,
        atMs: 400,
        reason: 'Pulled',
        message: `Successfully pulled image "${image}" in 281ms (281ms including waiting)`,
      },
      { ...kubelet, atMs: 450, reason: 'Created', message: `Created container: ${name}` },
      { ...kubelet, atMs: 500, reason: 'Started', message: `Started container ${name}` },
    ];
    return occurrences;
  });
  return [scaled, ...started.flat()];
}

function crashLoop(random: Random): readonly Occurrence[] {
  const pod = podOf('payments', `api-${templateHash(random)}-${randomName(random, 5)}`);
  const host = nodeFor(random);
  return times(14, 1700, {
    object: container(pod, 'api'),
    type: 'Warning',
    reason: 'BackOff',
    message: `Back-off restarting failed container api in pod ${pod.name}_payments(${randomName(random, 8)})`,
    component: 'kubelet',
    host,
  });
}

function imageTypo(random: Random): readonly Occurrence[] {
  const pod = podOf('shop', `search-${templateHash(random)}-${randomName(random, 5)}`);
  const image = 'registry.example/shop/search:1.4.O';
  const kubelet = { object: container(pod, 'search'), component: 'kubelet', host: nodeFor(random) } as const;
  const failed = (message: string): Omit<Occurrence, 'atMs'> => ({
    ...kubelet,
    type: 'Warning',
    reason: 'Failed',
    message,
  });
  return [
    ...times(4, 6000, { ...kubelet, type: 'Normal', reason: 'Pulling', message: `Pulling image "${image}"` }),
    ...times(
      4,
      6000,
      failed(`Failed to pull image "${image}": rpc error: code = NotFound desc = ${image}: not found`),
      250,
    ),
    ...times(4, 6000, failed('Error: ErrImagePull'), 260),
    ...times(
      8,
      3000,
      { ...kubelet, type: 'Normal', reason: 'BackOff', message: `Back-off pulling image "${image}"` },
      900,
    ),
    ...times(8, 3000, failed('Error: ImagePullBackOff'), 910),
  ];
}

function failingProbe(random: Random): readonly Occurrence[] {
  const pod = podOf('payments', `ledger-${templateHash(random)}-${randomName(random, 5)}`);
  const kubelet = { object: container(pod, 'ledger'), component: 'kubelet', host: nodeFor(random) } as const;
  const unhealthy = (message: string): Omit<Occurrence, 'atMs'> => ({
    ...kubelet,
    type: 'Warning',
    reason: 'Unhealthy',
    message,
  });
  return [
    ...times(6, 1000, unhealthy('Readiness probe failed: HTTP probe failed with statuscode: 503')),
    ...times(
      3,
      2000,
      unhealthy('Liveness probe failed: Get "http://10.42.1.17:8080/healthz": context deadline exceeded'),
      1500,
    ),
    {
      ...kubelet,
      atMs: 6000,
      type: 'Normal',
      reason: 'Killing',
      message: 'Container ledger failed liveness probe, will be restarted',
    },
  ];
}

function unschedulable(random: Random): readonly Occurrence[] {
  return times(5, 2500, {
    object: podOf('analytics', `report-${randomName(random, 5)}`),
    type: 'Warning',
    reason: 'FailedScheduling',
    message:
      '0/3 nodes are available: 3 Insufficient memory. preemption: 0/3 nodes are available: 3 No preemption victims found for incoming pod.',
    component: 'default-scheduler',
    isSeries: true,
  });
}

function outOfMemory(random: Random): readonly Occurrence[] {
  const name = nodeFor(random);
  const pid = 2000 + Math.floor(random() * 30_000);
  return [
    {
      atMs: 0,
      // The node problem detector does not know the uids of nodes.
      object: { ...nodeOf(name), uid: name },
      type: 'Warning',
      reason: 'OOMKilling',
      message: `Memory cgroup out of memory: Killed process ${pid} (java) total-vm:4821456kB, anon-rss:1047012kB, file-rss:0kB, shmem-rss:0kB`,
      component: 'kernel-monitor',
      host: name,
    },
    {
      atMs: 100,
      object: nodeOf(name),
      type: 'Warning',
      reason: 'SystemOOM',
      message: `System OOM encountered, victim process: java, pid: ${pid}`,
      component: 'kubelet',
      host: name,
    },
  ];
}

/** A full disk, then a node that is lost for a while. All that is said of a node's conditions is of type Normal. */
function nodeTrouble(random: Random): readonly Occurrence[] {
  const name = nodeFor(random);
  const node = nodeOf(name);
  const condition = (reason: string): Omit<Occurrence, 'atMs' | 'component'> => ({
    object: node,
    type: 'Normal',
    reason,
    message: `Node ${name} status is now: ${reason}`,
  });
  const kubelet = { component: 'kubelet', host: name } as const;
  const set = `storefront-${templateHash(random)}`;
  const lost = Array.from({ length: 3 }, (): Occurrence => ({
    atMs: 5100,
    object: podOf('shop', `${set}-${randomName(random, 5)}`),
    type: 'Warning',
    reason: 'NodeNotReady',
    message: 'Node is not ready',
    component: 'node-controller',
  }));
  return [
    { ...condition('NodeHasDiskPressure'), ...kubelet, atMs: 0 },
    ...times(
      3,
      1500,
      {
        ...kubelet,
        object: node,
        type: 'Warning',
        reason: 'FreeDiskSpaceFailed',
        message:
          "Insufficient free disk space on the node's image filesystem (97% of 80 GiB used). Failed to free sufficient space by deleting unused images (freed 0 bytes). Investigate disk usage, as it could be used by active images, logs, volumes, or other data.",
      },
      300,
    ),
    { ...condition('NodeNotReady'), component: 'node-controller', atMs: 5000 },
    ...lost,
    { ...condition('NodeReady'), ...kubelet, atMs: 9000 },
    { ...condition('NodeHasNoDiskPressure'), ...kubelet, atMs: 9100 },
  ];
}

function nightlyJob(random: Random): readonly Occurrence[] {
  const name = `backup-${Math.floor(29_000_000 + random() * 1_000_000)}`;
  const job: SampleObject = { apiVersion: 'batch/v1', kind: 'Job', namespace: 'analytics', name };
  return [
    {
      atMs: 0,
      object: { apiVersion: 'batch/v1', kind: 'CronJob', namespace: 'analytics', name: 'backup' },
      type: 'Normal',
      reason: 'SuccessfulCreate',
      message: `Created job ${name}`,
      component: 'cronjob-controller',
    },
    {
      atMs: 2500,
      object: job,
      type: 'Normal',
      reason: 'Completed',
      message: 'Job completed',
      component: 'job-controller',
    },
  ];
}

function autoscaling(random: Random): readonly Occurrence[] {
  const size = 3 + Math.floor(random() * 6);
  const autoscaler: SampleObject = {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    namespace: 'shop',
    name: 'web',
  };
  return [
    {
      atMs: 0,
      object: autoscaler,
      type: 'Normal',
      reason: 'SuccessfulRescale',
      message: `New size: ${size}; reason: cpu resource utilization (percentage of request) above target`,
      component: 'horizontal-pod-autoscaler',
    },
    {
      atMs: 60,
      object: { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'shop', name: 'web' },
      type: 'Normal',
      reason: 'ScalingReplicaSet',
      message: `Scaled up replica set web-${templateHash(random)} from 2 to ${size}`,
      component: 'deployment-controller',
    },
  ];
}

function times(
  count: number,
  everyMs: number,
  occurrence: Omit<Occurrence, 'atMs'>,
  firstMs = 0,
): readonly Occurrence[] {
  return Array.from({ length: count }, (_, index) => ({ ...occurrence, atMs: firstMs + index * everyMs }));
}

function scheduled(pod: SampleObject, host: string, atMs: number): Occurrence {
  return {
    atMs,
    object: pod,
    type: 'Normal',
    reason: 'Scheduled',
    message: `Successfully assigned ${pod.namespace ?? ''}/${pod.name ?? ''} to ${host}`,
    component: 'default-scheduler',
    isSeries: true,
  };
}

function podOf(namespace: string, name: string): SampleObject {
  return { apiVersion: 'v1', kind: 'Pod', namespace, name };
}

function container(pod: SampleObject, name: string): SampleObject {
  return { ...pod, fieldPath: `spec.containers{${name}}` };
}

function nodeOf(name: string): SampleObject {
  return { apiVersion: 'v1', kind: 'Node', name };
}

function nodeFor(random: Random): string {
  return NODES[Math.floor(random() * NODES.length)] ?? NODES[0];
}
