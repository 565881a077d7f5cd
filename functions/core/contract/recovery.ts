import type { ClusterEvent } from './event.ts';
import { severityOf } from './severity.ts';

/** An event that says of its object that something is over which another said before. */
export interface Recovery {
  readonly reason: string;
  /** The kind of object that both are about. */
  readonly kind: string;
  /** The reason that is over. */
  readonly ends: string;
  /** The type that Kubernetes gives it. */
  readonly type: 'Normal' | 'Warning';
  /** Where Kubernetes says both (release 1.37). */
  readonly source: string;
}

const CONDITIONS = 'pkg/kubelet/nodestatus/setters.go: told when the condition of the node changes';
const LOAD_BALANCER = 'k8s.io/cloud-provider/controllers/service/controller.go';

/**
 * What ends what, as far as that is unequivocal. Not among them: `Started` and `Pulled`, which come each time a container crashes;
 * `SuccessfulAttachVolume`, because another volume of the pod may still fail; and what no event ends, such as `Evicted`.
 */
export const recoveries: readonly Recovery[] = [
  {
    reason: 'NodeReady',
    kind: 'Node',
    ends: 'NodeNotReady',
    type: 'Normal',
    source: `${CONDITIONS}; NodeNotReady also by pkg/controller/nodelifecycle/node_lifecycle_controller.go`,
  },
  {
    reason: 'RemovingNode',
    kind: 'Node',
    ends: 'NodeNotReady',
    type: 'Normal',
    source: 'pkg/controller/nodelifecycle/node_lifecycle_controller.go: the Node was deleted',
  },
  {
    reason: 'NodeHasSufficientMemory',
    kind: 'Node',
    ends: 'NodeHasInsufficientMemory',
    type: 'Normal',
    source: CONDITIONS,
  },
  { reason: 'NodeHasNoDiskPressure', kind: 'Node', ends: 'NodeHasDiskPressure', type: 'Normal', source: CONDITIONS },
  { reason: 'NodeHasSufficientPID', kind: 'Node', ends: 'NodeHasInsufficientPID', type: 'Normal', source: CONDITIONS },
  {
    reason: 'NodeSchedulable',
    kind: 'Node',
    ends: 'NodeNotSchedulable',
    type: 'Normal',
    source: 'pkg/kubelet/kubelet_node_status.go: told when spec.unschedulable changes',
  },
  {
    reason: 'Scheduled',
    kind: 'Pod',
    ends: 'FailedScheduling',
    type: 'Warning',
    source: 'pkg/scheduler/schedule_one.go: the pod is bound, once and for all',
  },
  {
    reason: 'ProvisioningSucceeded',
    kind: 'PersistentVolumeClaim',
    ends: 'ProvisioningFailed',
    type: 'Warning',
    source: 'pkg/controller/volume/persistentvolume/pv_controller.go: a claim has one volume',
  },
  {
    reason: 'EnsuredLoadBalancer',
    kind: 'Service',
    ends: 'SyncLoadBalancerFailed',
    type: 'Warning',
    source: `${LOAD_BALANCER}: syncLoadBalancerIfNeeded`,
  },
  {
    reason: 'DeletedLoadBalancer',
    kind: 'Service',
    ends: 'SyncLoadBalancerFailed',
    type: 'Warning',
    source: `${LOAD_BALANCER}: syncLoadBalancerIfNeeded`,
  },
  {
    reason: 'UpdatedLoadBalancer',
    kind: 'Service',
    ends: 'UpdateLoadBalancerFailed',
    type: 'Warning',
    source: `${LOAD_BALANCER}: lockedUpdateLoadBalancerHosts`,
  },
  {
    reason: 'SuccessfulRescale',
    kind: 'HorizontalPodAutoscaler',
    ends: 'FailedRescale',
    type: 'Warning',
    source: 'pkg/controller/podautoscaler/horizontal.go: reconcileAutoscaler',
  },
];

const known: ReadonlyMap<string, Recovery> = new Map(
  recoveries.map((recovery) => [`${recovery.kind} ${recovery.reason}`, recovery]),
);

/** What an event ends; undefined where it ends nothing. */
export function recoveryOf({
  reason,
  object,
}: Pick<ClusterEvent, 'reason'> & {
  readonly object: { readonly kind: string };
}): Recovery | undefined {
  return known.get(`${object.kind} ${reason}`);
}

/** The event that another ends, as it may have been: at first, and after it had lasted. What it said is not known: its texts are the other's. */
export function endedBy(event: ClusterEvent): readonly ClusterEvent[] {
  const recovery = recoveryOf(event);
  if (!recovery) return [];
  const { ends: reason, type } = recovery;
  const first = { ...event, reason, type, count: 1, previousCount: 0, firstSeen: event.lastSeen };
  const lasting = { ...first, count: Number.MAX_SAFE_INTEGER, firstSeen: new Date(0).toISOString() };
  return [first, lasting].map((ended) => ({ ...ended, severity: severityOf(ended) }));
}
