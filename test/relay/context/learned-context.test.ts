import { expect, test } from 'vitest';
import { learnedContext } from '../../../relay/context/learned-context.ts';
import { createContextMemory } from '../../../relay/context/memory.ts';
import { topmostOwner } from '../../../relay/context/owner.ts';

const about = (kind: string, name: string, more: object = {}) => ({
  involvedObject: { kind, namespace: kind === 'Node' ? '' : 'shop', name },
  ...more,
});
const made = (kind: string, name: string, message: string, reason = 'SuccessfulCreate') =>
  about(kind, name, { reason, message });
const scaled = (set: string) =>
  made('Deployment', 'web', `Scaled up replica set ${set} from 0 to 3`, 'ScalingReplicaSet');

/** The context of the last of these events, after all of them were learned. */
function after(...events: readonly object[]) {
  const memory = createContextMemory(100);
  for (const event of events) memory.learn(event);
  return learnedContext(memory, events.at(-1) ?? {});
}

const POD = 'web-6c9f7d5b8-x2kqp';
const SET = 'web-6c9f7d5b8';
const RUN = 'nightly-29384640';

test.each([
  [
    'its ReplicaSet and that of its Deployment',
    [scaled(SET), made('ReplicaSet', SET, `Created pod: ${POD}`)],
    POD,
    { kind: 'Deployment', name: 'web' },
  ],
  [
    'a ReplicaSet whose hash is too short to be one',
    [scaled('web-abc'), made('ReplicaSet', 'web-abc', 'Created pod: web-abc-x2kqp')],
    'web-abc-x2kqp',
    { kind: 'Deployment', name: 'web' },
  ],
  [
    'its StatefulSet',
    [made('StatefulSet', 'orders', 'create Pod orders-0 in StatefulSet orders successful')],
    'orders-0',
    { kind: 'StatefulSet', name: 'orders' },
  ],
  [
    'its DaemonSet',
    [made('DaemonSet', 'fluentd', 'Created pod: fluentd-x2kqp')],
    'fluentd-x2kqp',
    { kind: 'DaemonSet', name: 'fluentd' },
  ],
  [
    'the run of a CronJob',
    [made('CronJob', 'nightly', `Created job ${RUN}`), made('Job', RUN, `Created pod: ${RUN}-x2kqp`)],
    `${RUN}-x2kqp`,
    { kind: 'CronJob', name: 'nightly' },
  ],
])('a pod is the one of whom was told: %s', (_, events, pod, owner) => {
  expect(after(...events, about('Pod', pod))).toEqual({ owner });
});

test.each([
  // Nothing was told, and the name says it.
  [[], 'Pod', POD, { kind: 'Deployment', name: 'web', guessed: true }],
  [[], 'ReplicaSet', SET, { kind: 'Deployment', name: 'web', guessed: true }],
  [[], 'Job', RUN, { kind: 'CronJob', name: 'nightly', guessed: true }],
  // Its ReplicaSet was told, and that one's name says the rest.
  [[made('ReplicaSet', SET, `Created pod: ${POD}`)], 'Pod', POD, { kind: 'Deployment', name: 'web', guessed: true }],
  // A ReplicaSet or Job may have been made by somebody who has not been heard of.
  [
    [made('ReplicaSet', 'web-abc', 'Created pod: web-abc-x2kqp')],
    'Pod',
    'web-abc-x2kqp',
    { kind: 'ReplicaSet', name: 'web-abc', guessed: true },
  ],
  [
    [made('Job', 'migrate', 'Created pod: migrate-x2kqp')],
    'Pod',
    'migrate-x2kqp',
    { kind: 'Job', name: 'migrate', guessed: true },
  ],
])('after %j the owner of the %s %s is a guess', (events, kind, name, owner) => {
  expect(after(...events, about(kind, name))).toEqual({ owner });
});

test.each([
  ['Pod', 'orders-0'],
  ['Pod', 'fluentd-x2kqp'],
  ['Deployment', 'web'],
  ['HorizontalPodAutoscaler', 'web'],
  ['', ''],
])('of the %s %j nothing is said where nothing is known', (kind, name) => {
  expect(after(about(kind, name))).toEqual({});
});

test('a pod stays on the node that was named, and a node is one', () => {
  const kubelet = { source: { component: 'kubelet', host: 'node-1' } };
  expect(after(about('Pod', 'a', kubelet))).toEqual({ node: 'node-1' });
  expect(after(about('Pod', 'a', kubelet), about('Pod', 'a'))).toEqual({ node: 'node-1' });
  expect(after(about('Node', 'node-1'))).toEqual({ node: 'node-1' });
});

test('owners that go round in a circle have an end', () => {
  const circle = [
    made('StatefulSet', 'a', 'Created job b'),
    made('Job', 'b', 'Created pod: c'),
    made('Job', 'b', 'Created job b'),
  ];
  expect(after(...circle, about('Pod', 'c'))).toEqual({ owner: { kind: 'Job', name: 'b', guessed: true } });
});

test('five levels of controllers are gone up, which is more than there are', () => {
  const kinds = ['Job', 'CronJob', 'Deployment', 'StatefulSet', 'DaemonSet', 'Rollout', 'Pipeline'];
  const levels = (count: number) => (of: { readonly name: string }) => {
    const level = Number(of.name);
    const kind = kinds[level] ?? '';
    return level === count ? 'none' : { apiVersion: '', kind, namespace: 'shop', name: String(level + 1), uid: '' };
  };
  const lowest = { apiVersion: '', kind: 'Pod', namespace: 'shop', name: '0', uid: '' };
  expect(topmostOwner(lowest, levels(4))).toEqual({ kind: 'StatefulSet', name: '4' });
  expect(topmostOwner(lowest, levels(7))).toEqual({ kind: 'DaemonSet', name: '5', guessed: true });
});
