import type { KubeEvent } from '../../functions/core/contract/event.ts';
import type { Owner } from '../../functions/core/contract/owner.ts';
import { textOf } from '../../functions/core/contract/untrusted.ts';
import { involvedObject, type ObjectRef, reporterOf } from './object.ts';

/** What an event tells of an object, which need not be the one that it is about. */
export interface Fact {
  readonly object: Pick<ObjectRef, 'kind' | 'namespace' | 'name'>;
  /** Its controller. */
  readonly owner?: Owner;
  /** The node that it is on. */
  readonly node?: string;
}

/** A message in which a controller names what it controls. Groups of the pattern: `name`, and `node` if it says that as well. */
interface Told {
  readonly kind: string;
  readonly pattern: RegExp;
}

/*
 * As Kubernetes' controllers write them, in versions before this one too: RealPodControl (ReplicaSets, DaemonSets, Jobs and
 * ReplicationControllers; operators copy it), and the controllers of CronJobs, Deployments, StatefulSets and DaemonSets.
 */
const pods: Told = { kind: 'Pod', pattern: /^(?:Created|Deleted) pod: (?<name>\S+)$/ };
const jobs: Told = { kind: 'Job', pattern: /^(?:Created|Deleted) job (?<name>\S+)$/ };
const ordinals: Told = {
  kind: 'Pod',
  pattern: /^(?:create|delete) Pod (?<name>\S+) in StatefulSet \S+ successful$/,
};
const daemons: Told = {
  kind: 'Pod',
  pattern: /^Found (?:failed|succeeded) daemon pod [^\s/]+\/(?<name>\S+) on node (?<node>\S+), will try to /,
};

const tellers: ReadonlyMap<string, readonly Told[]> = new Map([
  ['SuccessfulCreate', [pods, jobs, ordinals]],
  ['SuccessfulDelete', [pods, jobs, ordinals]],
  [
    'ScalingReplicaSet',
    [{ kind: 'ReplicaSet', pattern: /^Scaled (?:up|down) replica set (?<name>\S+) (?:from \d+ )?to \d+$/ }],
  ],
  ['SawCompletedJob', [{ kind: 'Job', pattern: /^Saw completed job: (?<name>[^\s,]+)(?:,|$)/ }]],
  [
    'UnexpectedJob',
    [{ kind: 'Job', pattern: /^Saw a job that the controller did not create or forgot: (?<name>\S+)$/ }],
  ],
  ['MissingJob', [{ kind: 'Job', pattern: /^Active job went missing: (?<name>\S+)$/ }]],
  ['RecreatingFailedPod', [{ kind: 'Pod', pattern: /^StatefulSet \S+ is recreating failed Pod (?<name>\S+)$/ }]],
  ['FailedDaemonPod', [daemons]],
  ['SucceededDaemonPod', [daemons]],
]);

/** Messages in which the scheduler names the node of the pod that the event is about. */
const placements: ReadonlyMap<string, RegExp> = new Map([
  ['Scheduled', /^Successfully assigned \S+ to (?<node>\S+)$/],
  ['Preempted', /^Preempted by .+ on node (?<node>\S+)$/],
]);

/** Put before a message by client-go once ten that differ only in it came within ten minutes. */
const COMBINED = '(combined from similar events): ';

/** What an event tells of owners and nodes. */
export function factsOf(event: KubeEvent): readonly Fact[] {
  const about = involvedObject(event);
  if (about.kind === '' || about.name === '') return [];
  if (about.kind === 'Pod') {
    const node = nodeOfPod(event);
    return node === undefined ? [] : [{ object: about, node }];
  }
  const told = tellers.get(textOf(event.reason));
  if (told === undefined) return [];
  const message = messageOf(event);
  for (const { kind, pattern } of told) {
    const { name, node } = pattern.exec(message)?.groups ?? {};
    if (name === undefined) continue;
    const owner = { kind: about.kind, name: about.name };
    return [{ object: { kind, namespace: about.namespace, name }, owner, ...(node !== undefined && { node }) }];
  }
  return [];
}

function nodeOfPod(event: KubeEvent): string | undefined {
  const { component, host } = reporterOf(event);
  if (component === 'kubelet' && host !== '') return host;
  return placements.get(textOf(event.reason))?.exec(messageOf(event))?.groups?.['node'];
}

function messageOf(event: KubeEvent): string {
  const message = textOf(event.message) || textOf(event.note);
  return message.startsWith(COMBINED) ? message.slice(COMBINED.length) : message;
}
