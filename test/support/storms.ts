import type { ContextOwner } from '../../functions/core/contract/context.ts';
import type { ClusterEvent, KubeEvent } from '../../functions/core/contract/event.ts';
import { ownerByName } from '../../functions/core/contract/owner.ts';
import { sampleEvent, sampleEventIn } from '../../functions/core/contract/sample.ts';
import { wellKnownEvents } from './well-known-events.ts';

const LETTERS = 'bcdfghjklmnpqrstvwxz2456789';

/** The end of a generated name. */
function suffix(index: number): string {
  return `x${[2, 1, 0].map((power) => LETTERS[Math.floor(index / LETTERS.length ** power) % LETTERS.length]).join('')}p`;
}

/** Whose pods a ReplicaSet or DaemonSet makes, as the relay learns it from the events in which they are made. */
function ownerOf(set: string): ContextOwner | undefined {
  if (set === 'fluentd') return { kind: 'DaemonSet', name: set };
  return ownerByName({ kind: 'ReplicaSet', name: set });
}

/** An event of its own about one of many pods. */
export function podEvent(index: number, set: string, fields: KubeEvent, node?: string): ClusterEvent {
  const name = `${set}-${suffix(index)}`;
  const owner = ownerOf(set);
  return sampleEventIn(
    { ...(owner && { owner }), ...(node !== undefined && { node }) },
    {
      metadata: {
        name: `${name}.17ab3c`,
        namespace: 'shop',
        uid: `${set}-${index}`,
        resourceVersion: String(190_000 + index),
      },
      involvedObject: { apiVersion: 'v1', kind: 'Pod', namespace: 'shop', name },
      ...fields,
    },
  );
}

function numbered(count: number, make: (index: number) => ClusterEvent): readonly ClusterEvent[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

/** What a Deployment with a wrong tag makes of its ten pods: one text, ten times. */
export const tenPods: readonly ClusterEvent[] = numbered(10, (index) =>
  podEvent(index, 'checkout-6c9f7d5b8', {
    reason: 'Failed',
    message: 'Error: ImagePullBackOff',
    count: 4,
    source: { component: 'kubelet', host: `ip-10-0-1-${17 + (index % 3)}` },
  }),
);

const NODE = { apiVersion: 'v1', kind: 'Node', name: 'ip-10-0-1-17' };
const SETS = ['checkout-6c9f7d5b8', 'storefront-5d4f8c7d9b', 'search-7bf8c77b5b', 'ledger-66b6c48dd5', 'fluentd'];

/** A node is lost, and each of its 30 pods is told of it. */
export const nodeLost: readonly ClusterEvent[] = [
  ...numbered(30, (index) =>
    podEvent(
      index,
      SETS[index % SETS.length] ?? '',
      { reason: 'NodeNotReady', message: 'Node is not ready', source: { component: 'node-controller' } },
      NODE.name,
    ),
  ),
  sampleEvent({
    metadata: { name: 'ip-10-0-1-17.17ab3d', namespace: 'default', uid: 'node-lost', resourceVersion: '190100' },
    involvedObject: NODE,
    type: 'Normal',
    reason: 'NodeNotReady',
    message: 'Node ip-10-0-1-17 status is now: NodeNotReady',
    source: { component: 'node-controller' },
  }),
];

/** The node is back. */
export const nodeBack: readonly ClusterEvent[] = [
  sampleEvent({
    metadata: { name: 'ip-10-0-1-17.17ab3f', namespace: 'default', uid: 'node-back', resourceVersion: '190150' },
    involvedObject: NODE,
    type: 'Normal',
    reason: 'NodeReady',
    message: 'Node ip-10-0-1-17 status is now: NodeReady',
    source: { component: 'kubelet', host: NODE.name },
  }),
];

/** A Deployment of twelve pods gets a new version. */
export const rollout: readonly ClusterEvent[] = [
  sampleEvent({
    metadata: { name: 'storefront.17ab3e', namespace: 'shop', uid: 'scaled', resourceVersion: '190200' },
    involvedObject: { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'shop', name: 'storefront' },
    type: 'Normal',
    reason: 'ScalingReplicaSet',
    message: 'Scaled up replica set storefront-5d4f8c7d9b from 0 to 12',
    source: { component: 'deployment-controller' },
  }),
  ...['Pulling', 'Pulled', 'Created', 'Started'].flatMap((reason) =>
    numbered(12, (index) =>
      podEvent(index, 'storefront-5d4f8c7d9b', {
        metadata: { namespace: 'shop', uid: `${reason}-${index}`, resourceVersion: String(190_300 + index) },
        type: 'Normal',
        reason,
        message: `${reason} image or container of storefront`,
      }),
    ),
  ),
  ...numbered(3, (index) =>
    podEvent(index, 'storefront-5d4f8c7d9b', {
      metadata: { namespace: 'shop', uid: `unhealthy-${index}`, resourceVersion: String(190_400 + index) },
      reason: 'Unhealthy',
      message: `Startup probe failed: dial tcp 10.0.1.${90 + index}:8080: connect: connection refused`,
    }),
  ),
];

/** Many events at once, under a name for people. */
export interface Storm {
  readonly name: string;
  readonly events: readonly ClusterEvent[];
}

export const storms: readonly Storm[] = [
  { name: 'Ten pods of one ReplicaSet', events: tenPods },
  { name: 'A node lost with 30 pods', events: nodeLost },
  { name: 'A rollout of twelve pods', events: rollout },
  { name: `A mixed bag of ${wellKnownEvents.length}`, events: wellKnownEvents },
];
