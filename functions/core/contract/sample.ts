import type { EventContext } from './context.ts';
import { clusterEvent, type ClusterEvent, type KubeEvent } from './event.ts';

/** The event of examples, cases and `destinations test`: a container that keeps failing. */
export const sampleKubeEvent = {
  apiVersion: 'v1',
  kind: 'Event',
  metadata: {
    name: 'api-7d9f.17ab3c',
    namespace: 'payments',
    uid: '5a0c6d1e-7f3b-4c1e-9d54-0f1f0f3c2a11',
    resourceVersion: '184467',
    creationTimestamp: '2026-11-23T07:55:00Z',
  },
  involvedObject: {
    apiVersion: 'v1',
    kind: 'Pod',
    namespace: 'payments',
    name: 'api-7d9f',
    uid: '9b0e2f64-3c1d-4d7c-8f5b-6a1f2e3d4c5b',
    fieldPath: 'spec.containers{api}',
  },
  type: 'Warning',
  reason: 'BackOff',
  message: 'Back-off restarting failed container api',
  count: 1,
  firstTimestamp: '2026-11-23T07:55:00Z',
  lastTimestamp: '2026-11-23T07:59:30Z',
  source: { component: 'kubelet', host: 'node-1' },
} as const satisfies KubeEvent;

/** What a relay that looks labels up knows of the sample's object. */
export const sampleContext: EventContext = {
  owner: { kind: 'Deployment', name: 'api' },
  node: 'node-1',
  labels: { app: 'api' },
  namespaceLabels: { team: 'payments' },
};

/** The sample with some fields replaced, as a destination sees it. */
export function sampleEvent(fields: KubeEvent = {}): ClusterEvent {
  return sampleEventIn(undefined, fields);
}

/** The same with what a relay knows of its object. */
export function sampleEventIn(context: EventContext | undefined, fields: KubeEvent = {}): ClusterEvent {
  return clusterEvent({
    cluster: 'prod',
    seenAt: '2026-11-23T07:59:31Z',
    change: 'added',
    ...(context && { context }),
    event: { ...sampleKubeEvent, ...fields },
  });
}
