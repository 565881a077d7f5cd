import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Fact, factsOf } from '../../../relay/context/facts.ts';

/** `<kind> <name>: <owner>, on <node>`, each part where it is told. */
function textOf({ object, owner, node }: Fact): string {
  const parts = [owner && `${owner.kind} ${owner.name}`, node && `on ${node}`].filter(Boolean);
  return `${object.namespace}: ${object.kind} ${object.name}: ${parts.join(', ')}`;
}

const told = (kind: string, name: string, reason: string, message: string, more: object = {}) =>
  factsOf({ involvedObject: { kind, namespace: 'shop', name }, reason, message, ...more }).map(textOf);

test.each([
  ['ReplicaSet', 'web-6c9f7d5b8', 'SuccessfulCreate', 'Created pod: web-6c9f7d5b8-x2kqp', 'Pod web-6c9f7d5b8-x2kqp'],
  ['ReplicaSet', 'web-6c9f7d5b8', 'SuccessfulDelete', 'Deleted pod: web-6c9f7d5b8-x2kqp', 'Pod web-6c9f7d5b8-x2kqp'],
  ['DaemonSet', 'fluentd', 'SuccessfulCreate', 'Created pod: fluentd-x2kqp', 'Pod fluentd-x2kqp'],
  ['Job', 'migrate', 'SuccessfulCreate', 'Created pod: migrate-x2kqp', 'Pod migrate-x2kqp'],
  ['MPIJob', 'train', 'SuccessfulCreate', 'Created pod: train-worker-0', 'Pod train-worker-0'],
  ['StatefulSet', 'orders', 'SuccessfulCreate', 'create Pod orders-0 in StatefulSet orders successful', 'Pod orders-0'],
  ['StatefulSet', 'orders', 'SuccessfulDelete', 'delete Pod orders-0 in StatefulSet orders successful', 'Pod orders-0'],
  [
    'StatefulSet',
    'orders',
    'RecreatingFailedPod',
    'StatefulSet shop/orders is recreating failed Pod orders-0',
    'Pod orders-0',
  ],
  ['CronJob', 'nightly', 'SuccessfulCreate', 'Created job nightly-29384640', 'Job nightly-29384640'],
  ['CronJob', 'nightly', 'SuccessfulDelete', 'Deleted job nightly-29384640', 'Job nightly-29384640'],
  [
    'CronJob',
    'nightly',
    'SawCompletedJob',
    'Saw completed job: nightly-29384640, condition: Complete',
    'Job nightly-29384640',
  ],
  [
    'CronJob',
    'nightly',
    'SawCompletedJob',
    'Saw completed job: nightly-29384640, status: Failed',
    'Job nightly-29384640',
  ],
  [
    'CronJob',
    'nightly',
    'UnexpectedJob',
    'Saw a job that the controller did not create or forgot: by-hand',
    'Job by-hand',
  ],
  ['CronJob', 'nightly', 'MissingJob', 'Active job went missing: nightly-29384640', 'Job nightly-29384640'],
  [
    'Deployment',
    'web',
    'ScalingReplicaSet',
    'Scaled up replica set web-6c9f7d5b8 from 0 to 3',
    'ReplicaSet web-6c9f7d5b8',
  ],
  ['Deployment', 'web', 'ScalingReplicaSet', 'Scaled down replica set web-6c9f7d5b8 to 1', 'ReplicaSet web-6c9f7d5b8'],
  ['Rollout', 'web', 'ScalingReplicaSet', 'Scaled up replica set web-6c9f7d5b8 to 1', 'ReplicaSet web-6c9f7d5b8'],
])('%s %s tells by %s "%s" that it controls the %s', (kind, name, reason, message, child) => {
  const expected = [`shop: ${child}: ${kind} ${name}`];

  expect(told(kind, name, reason, message)).toEqual(expected);
  // A message that says more, or says it within something else, is another one.
  expect(told(kind, name, reason, `It is not so that ${message}`)).toEqual([]);
  if (reason !== 'SawCompletedJob') expect(told(kind, name, reason, `${message} or not`)).toEqual([]);
  // As client-go writes it from the tenth on.
  expect(told(kind, name, reason, `(combined from similar events): ${message}`)).toEqual(expected);
  expect(factsOf({ regarding: { kind, namespace: 'shop', name }, reason, note: message }).map(textOf)).toEqual(
    expected,
  );
});

test('a DaemonSet tells of a pod that failed where it was', () => {
  const message = 'Found failed daemon pod shop/fluentd-x2kqp on node node-1, will try to kill it';
  expect(told('DaemonSet', 'fluentd', 'FailedDaemonPod', message)).toEqual([
    'shop: Pod fluentd-x2kqp: DaemonSet fluentd, on node-1',
  ]);
  expect(told('DaemonSet', 'fluentd', 'FailedDaemonPod', `It is not so that ${message}`)).toEqual([]);
});

test.each([
  ['Scheduled', 'Successfully assigned shop/web to node-1', {}],
  ['Scheduled', 'Successfully assigned web to node-1', {}],
  ['Preempted', 'Preempted by other/pod on node node-1', {}],
  ['Preempted', 'Preempted by pod 0b9e2f64-3c1d-4d7c-8f5b-6a1f2e3d4c5b on node node-1', {}],
  ['BackOff', 'Back-off', { source: { component: 'kubelet', host: 'node-1' } }],
  ['BackOff', 'Back-off', { reportingComponent: 'kubelet', reportingInstance: 'node-1' }],
  [
    'BackOff',
    'Back-off',
    { reportingController: 'kubelet', deprecatedSource: { component: 'kubelet', host: 'node-1' } },
  ],
])('a pod is on the node that %s "%s" with %j names', (reason, message, more) => {
  expect(told('Pod', 'web', reason, message, more)).toEqual(['shop: Pod web: on node-1']);
  expect(told('Pod', 'web', reason, `It is not so that ${message}`)).toEqual([]);
  expect(told('Pod', 'web', reason, `${message} or not`)).toEqual([]);
});

test.each([
  // Of another kind than who writes such messages, or about nothing.
  ['Pod', 'web', 'SuccessfulCreate', 'Created pod: other', {}],
  ['', 'web', 'SuccessfulCreate', 'Created pod: other', {}],
  ['ReplicaSet', '', 'SuccessfulCreate', 'Created pod: other', {}],
  // Messages that say something else.
  ['ReplicaSet', 'web', 'FailedCreate', 'Error creating: pods "web-x2kqp" is forbidden', {}],
  ['ReplicaSet', 'web', 'SuccessfulCreate', 'Created pod: ', {}],
  ['ReplicaSet', 'web', 'SuccessfulCreate', 'Created pod: one two', {}],
  [
    'StatefulSet',
    'orders',
    'SuccessfulCreate',
    'create Claim data-orders-0 Pod orders-0 in StatefulSet orders success',
    {},
  ],
  ['StatefulSet', 'orders', 'FailedCreate', 'create Pod orders-0 in StatefulSet orders failed error: no', {}],
  ['Deployment', 'web', 'ScalingReplicaSet', 'Scaled up replica set web-6c9f7d5b8 by 3', {}],
  ['Pod', 'web', 'FailedScheduling', '0/3 nodes are available', { source: { component: 'default-scheduler' } }],
  // Not every host is the pod's node.
  [
    'Pod',
    'web',
    'NodeNotReady',
    'Node is not ready',
    { source: { component: 'node-controller', host: 'control-plane' } },
  ],
  ['Node', 'node-1', 'Rebooted', 'rebooted', { source: { component: 'kubelet', host: 'node-1' } }],
])('%s %j tells nothing by %s "%s"', (kind, name, reason, message, more) => {
  expect(told(kind, name, reason, message, more)).toEqual([]);
});

test('nothing in an event makes it throw', () => {
  const field = fc.jsonValue();
  const event = fc.record({
    involvedObject: fc.oneof(
      field,
      fc.record({ kind: fc.constantFrom('Pod', 'ReplicaSet'), name: field, namespace: field }),
    ),
    reason: fc.constantFrom('SuccessfulCreate', 'Scheduled', 'constructor', 7),
    message: fc.oneof(field, fc.constant('Created pod: a')),
    source: field,
  });
  fc.assert(
    fc.property(event, (each) => {
      for (const { object } of factsOf(each)) expect(object.name).not.toBe('');
    }),
  );
});
