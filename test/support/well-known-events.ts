import { sampleEventIn } from '../../functions/core/contract/sample.ts';
import type { ClusterEvent, KubeEvent } from '../../functions/core/contract/event.ts';

const kubelet = { component: 'kubelet', host: 'ip-10-0-1-17' };
const pod = { apiVersion: 'v1', kind: 'Pod', namespace: 'shop', name: 'checkout-6c9f7d5b8-x2kqp' };
/** What the relay knows of the pod. */
const ofCheckout = { owner: { kind: 'Deployment', name: 'checkout' } };
const container = { ...pod, fieldPath: 'spec.containers{checkout}' };
const node = { apiVersion: 'v1', kind: 'Node', name: 'ip-10-0-1-17' };
const claim = {
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  namespace: 'shop',
  name: 'data-orders-0',
};

/** A reason with an event as a real cluster writes it. */
type Example = readonly [reason: string, message: string, fields?: KubeEvent];

const ofContainer = { involvedObject: container, source: kubelet };
const ofPod = { involvedObject: pod, source: kubelet };
const ofNode = { involvedObject: node, source: kubelet };
const scheduling = { involvedObject: pod, source: { component: 'default-scheduler' } };

/** The messages as kubelet, scheduler and controllers write them; the names are invented. */
const examples: readonly Example[] = [
  [
    'BackOff',
    'Back-off restarting failed container checkout in pod checkout-6c9f7d5b8-x2kqp_shop(0f6c9a52-4a5e-4a0f-8f6a-6d8b0c1f2e3d)',
    { ...ofContainer, count: 14 },
  ],
  ['BackOff', 'Back-off pulling image "registry.example.com/shop/checkout:v1.42"', { ...ofContainer, count: 3 }],
  [
    'Failed',
    'Failed to pull image "registry.example.com/shop/checkout:v1.42": rpc error: code = NotFound desc = failed to pull and unpack image "registry.example.com/shop/checkout:v1.42": failed to resolve reference "registry.example.com/shop/checkout:v1.42": registry.example.com/shop/checkout:v1.42: not found',
    ofContainer,
  ],
  ['Failed', 'Error: secret "checkout-db" not found', { ...ofContainer, count: 5 }],
  [
    'Failed',
    'Error: failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: exec: "/app/start.sh": permission denied: unknown',
    ofContainer,
  ],
  [
    'ErrImagePull',
    'rpc error: code = Unknown desc = failed to resolve reference "registry.example.com/shop/checkout:v1.42": unexpected status code 401 Unauthorized',
    ofContainer,
  ],
  ['ImagePullBackOff', 'Back-off pulling image "registry.example.com/shop/checkout:v1.42"', ofContainer],
  ['CreateContainerConfigError', "couldn't find key DB_PASSWORD in Secret shop/checkout-db", ofContainer],
  ['ErrImageNeverPull', 'Container image "checkout:dev" is not present with pull policy of Never', ofContainer],
  [
    'InspectFailed',
    'Failed to apply default image tag "registry.example.com/Shop/checkout:": couldn\'t parse image name: invalid reference format: repository name must be lowercase',
    ofContainer,
  ],
  [
    'OOMKilling',
    'Memory cgroup out of memory: Killed process 43121 (java) total-vm:4312044kB, anon-rss:1046220kB, file-rss:0kB, shmem-rss:0kB, UID:1000 pgtables:2456kB oom_score_adj:969',
    { involvedObject: node, source: { component: 'kernel-monitor', host: 'ip-10-0-1-17' } },
  ],
  [
    'Unhealthy',
    'Liveness probe failed: Get "http://10.0.1.93:8080/healthz": context deadline exceeded (Client.Timeout exceeded while awaiting headers)',
    { ...ofContainer, count: 3 },
  ],
  ['Unhealthy', 'Readiness probe failed: HTTP probe failed with statuscode: 503', { ...ofContainer, count: 27 }],
  [
    'Unhealthy',
    'Startup probe failed: dial tcp 10.0.1.93:8080: connect: connection refused',
    { ...ofContainer, count: 10 },
  ],
  [
    'FailedScheduling',
    '0/6 nodes are available: 2 node(s) had untolerated taint {node-role.kubernetes.io/control-plane: }, 4 Insufficient cpu. preemption: 0/6 nodes are available: 2 Preemption is not helpful for scheduling, 4 No preemption victims found for incoming pod.',
    { ...scheduling, count: 12 },
  ],
  [
    'FailedScheduling',
    '0/6 nodes are available: pod has unbound immediate PersistentVolumeClaims. preemption: 0/6 nodes are available: 6 Preemption is not helpful for scheduling.',
    scheduling,
  ],
  ['FailedScheduling', "0/6 nodes are available: 6 node(s) didn't match Pod's node affinity/selector.", scheduling],
  [
    'FailedMount',
    'MountVolume.SetUp failed for volume "config" : configmap "checkout-config" not found',
    { ...ofPod, count: 8 },
  ],
  [
    'FailedAttachVolume',
    'Multi-Attach error for volume "pvc-3f1c" Volume is already used by pod(s) orders-0',
    { involvedObject: pod, source: { component: 'attachdetach-controller' } },
  ],
  [
    'FailedCreatePodSandBox',
    'Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup network for sandbox "8a5f": plugin type="aws-cni" name="aws-cni" failed (add): add cmd: failed to assign an IP address to container',
    { ...ofPod, count: 6 },
  ],
  [
    'NetworkNotReady',
    'network is not ready: container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: cni plugin not initialized',
    ofPod,
  ],
  [
    'Evicted',
    'The node was low on resource: memory. Threshold quantity: 100Mi, available: 62Mi. Container checkout was using 1893Mi, request is 256Mi, has larger consumption of memory.',
    ofPod,
  ],
  ['Preempted', 'Preempted by pod 1f0d on node ip-10-0-1-17', scheduling],
  [
    'FailedKillPod',
    'error killing pod: failed to "KillPodSandbox" for "0f6c" with KillPodSandboxError: "rpc error: code = DeadlineExceeded desc = context deadline exceeded"',
    ofPod,
  ],
  ['FailedPostStartHook', 'PostStartHook failed', ofContainer],
  ['FailedPreStopHook', 'PreStopHook failed', ofContainer],
  [
    'NodeNotReady',
    'Node ip-10-0-1-17 status is now: NodeNotReady',
    { involvedObject: node, type: 'Normal', source: { component: 'node-controller' } },
  ],
  ['SystemOOM', 'System OOM encountered, victim process: java, pid: 43121', ofNode],
  [
    'NodeHasInsufficientMemory',
    'Node ip-10-0-1-17 status is now: NodeHasInsufficientMemory',
    { ...ofNode, type: 'Normal' },
  ],
  ['NodeHasInsufficientPID', 'Node ip-10-0-1-17 status is now: NodeHasInsufficientPID', { ...ofNode, type: 'Normal' }],
  ['NodeHasDiskPressure', 'Node ip-10-0-1-17 status is now: NodeHasDiskPressure', { ...ofNode, type: 'Normal' }],
  [
    'FreeDiskSpaceFailed',
    'Failed to garbage collect required amount of images. Attempted to free 5321048064 bytes, but only found 0 bytes eligible to free.',
    ofNode,
  ],
  [
    'ImageGCFailed',
    'failed to garbage collect required amount of images. Wanted to free 5321048064 bytes, but freed 0 bytes',
    ofNode,
  ],
  ['EvictionThresholdMet', 'Attempting to reclaim ephemeral-storage', ofNode],
  ['Rebooted', 'Node ip-10-0-1-17 has been rebooted, boot id: 7c9e6679-7425-40de-944b-e07fc1f90ae7', ofNode],
  [
    'FailedCreate',
    'Error creating: pods "checkout-6c9f7d5b8-" is forbidden: exceeded quota: team-shop, requested: limits.cpu=2, used: limits.cpu=19, limited: limits.cpu=20',
    ofController('apps/v1', 'ReplicaSet', 'checkout-6c9f7d5b8', 'replicaset-controller'),
  ],
  [
    'FailedCreate',
    'Error creating: admission webhook "validate.kyverno.svc-fail" denied the request: resource Pod/shop/checkout was blocked due to the following policies: require-limits',
    ofController('apps/v1', 'ReplicaSet', 'checkout-6c9f7d5b8', 'replicaset-controller'),
  ],
  [
    'FailedCreate',
    'Error creating: Internal error occurred: failed calling webhook "inject.example.com": failed to call webhook: Post "https://injector.mesh.svc:443/inject?timeout=10s": dial tcp 172.20.14.3:443: connect: connection refused',
    ofController('apps/v1', 'ReplicaSet', 'checkout-6c9f7d5b8', 'replicaset-controller'),
  ],
  [
    'FailedCreate',
    'create Pod orders-0 in StatefulSet orders failed error: pods "orders-0" already exists',
    ofController('apps/v1', 'StatefulSet', 'orders', 'statefulset-controller'),
  ],
  [
    'BackoffLimitExceeded',
    'Job has reached the specified backoff limit',
    ofController('batch/v1', 'Job', 'nightly-report-29384640', 'job-controller'),
  ],
  [
    'DeadlineExceeded',
    'Job was active longer than specified deadline',
    ofController('batch/v1', 'Job', 'nightly-report-29384640', 'job-controller'),
  ],
  [
    'MissSchedule',
    'Missed scheduled time to start a job: Mon, 23 Nov 2026 02:00:00 +0000',
    ofController('batch/v1', 'CronJob', 'nightly-report', 'cronjob-controller'),
  ],
  [
    'TooManyMissedTimes',
    'too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew',
    ofController('batch/v1', 'CronJob', 'nightly-report', 'cronjob-controller'),
  ],
  [
    'FailedGetResourceMetric',
    'failed to get cpu utilization: unable to get metrics for resource cpu: unable to fetch metrics from resource metrics API: the server is currently unable to handle the request (get pods.metrics.k8s.io)',
    ofController('autoscaling/v2', 'HorizontalPodAutoscaler', 'checkout', 'horizontal-pod-autoscaler'),
  ],
  [
    'FailedComputeMetricsReplicas',
    'invalid metrics (1 invalid out of 1), first error is: failed to get cpu resource metric value: missing request for cpu in container checkout',
    ofController('autoscaling/v2', 'HorizontalPodAutoscaler', 'checkout', 'horizontal-pod-autoscaler'),
  ],
  [
    'ProvisioningFailed',
    'failed to provision volume with StorageClass "gp3": rpc error: code = Internal desc = Could not create volume: UnauthorizedOperation',
    { involvedObject: claim, source: { component: 'ebs.csi.aws.com' } },
  ],
  [
    'FailedBinding',
    'no persistent volumes available for this claim and no storage class is set',
    { involvedObject: claim, type: 'Normal', source: { component: 'persistentvolume-controller' } },
  ],
  [
    'SyncLoadBalancerFailed',
    'Error syncing load balancer: failed to ensure load balancer: could not find any suitable subnets for creating the ELB',
    ofController('v1', 'Service', 'storefront', 'service-controller'),
  ],
];

function ofController(apiVersion: string, kind: string, name: string, component: string): KubeEvent {
  return { involvedObject: { apiVersion, kind, namespace: 'shop', name }, source: { component } };
}

/** One event or more of every reason that has a hint. */
export const wellKnownEvents: readonly ClusterEvent[] = examples.map(([reason, message, fields], index) =>
  sampleEventIn(fields?.involvedObject === pod || fields?.involvedObject === container ? ofCheckout : undefined, {
    reason,
    message,
    metadata: {
      name: `event-${index}`,
      namespace: 'shop',
      uid: `${(0x5a0c6d1e + index).toString(16)}-7f3b-4c1e-9d54-0f1f0f3c2a11`,
      resourceVersion: String(184_467 + index),
      creationTimestamp: '2026-11-23T07:55:00Z',
    },
    ...fields,
  }),
);
