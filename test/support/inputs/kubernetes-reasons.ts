/**
 * Lists the reasons that the source of Kubernetes gives to its events, each with the types it is given with.
 *
 * `node test/support/inputs/kubernetes-reasons.ts FOLDER... > test/support/inputs/kubernetes-1.37-reasons.json`, with the folders that
 * `go mod download -json k8s.io/kubernetes@v1.37.2` names, and the same for client-go, cloud-provider and endpointslice at v0.37.2.
 */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Reasons that are passed on through variables, as read in the source: in status conditions, errors and wrappers. */
const READ_BY_HAND = {
  // pkg/controller/job: the condition that ends a Job. podautoscaler: what keeps it from computing. deployment/rollback.go.
  // statefulset/stateful_pod_control.go: a verb after Failed or Successful. kubelet: why a pod is not admitted, or not resized.
  Warning: `
    BackoffLimitExceeded DeadlineExceeded FailedIndexes MaxFailedIndexesExceeded PodFailurePolicy
    FailedGetContainerResourceMetric FailedGetExternalMetric FailedGetObjectMetric FailedGetPodsMetric FailedGetResourceMetric
    InvalidMetricSourceType InvalidSelector
    DeploymentRollbackRevisionNotFound DeploymentRollbackTemplateUnchanged
    FailedUpdate
    AppArmor EmptyPodSharedPoolError HostPortConflict NodeSelectorMismatching NodeShutdown OutOfcpu OutOfmemory OutOfpods
    PodLevelResourcesNotSupported SysctlForbidden UnexpectedAdmissionError VolumeAttachmentLimitExceeded
    ResizeDeferred ResizeInfeasible`,
  // pkg/controller/volume: claims that wait, and SELinux labels that meet. statefulset, as above.
  Normal: 'SuccessfulUpdate WaitForFirstConsumer WaitForPodScheduled SELinuxLabelConflict SELinuxChangePolicyConflict',
} as const;

const reasons = new Map<string, Set<string>>();
const add = (reason: string, type: string) => reasons.set(reason, (reasons.get(reason) ?? new Set()).add(type));

for (const folder of process.argv.slice(2)) {
  const sources = globSync('**/*.go', { cwd: folder })
    .filter((path) => !/_test\.go$|(^|\/)(test|testing|testutil|hack|third_party)\//.test(path))
    .map((path) => readFileSync(join(folder, path), 'utf8').replaceAll(/^\s*\/\/.*$/gm, ''));
  const constants = constantsOf(sources);
  for (const source of sources) {
    // The reason follows the type, whatever the function is called.
    for (const [, type = '', given = ''] of source.matchAll(/\bEventType(Normal|Warning),\s*("\w+"|[\w.]+)/g)) {
      if (given.startsWith('"')) add(given.slice(1, -1), type);
      else for (const reason of constants.get(given.split('.').at(-1) ?? '') ?? []) add(reason, type);
    }
    for (const [, reason = ''] of source.matchAll(/\bRecordNodeStatusChange\(.*"(\w+)"\)/g)) add(reason, 'Normal');
  }
}
for (const [type, list] of Object.entries(READ_BY_HAND)) {
  for (const reason of list.trim().split(/\s+/)) add(reason, type);
}

/** The texts that constants stand for, by their names alone; names of variables are in lower case. */
function constantsOf(sources: readonly string[]): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>();
  for (const source of sources) {
    for (const [, name = '', text = ''] of source.matchAll(
      /^\s*(?:const\s+)?(\w+)(?:\s+[\w.]+)?\s*=\s*"([A-Z]\w+)"/gm,
    )) {
      if (name === 'reason' || name === 'eventType') continue;
      found.set(name, (found.get(name) ?? new Set()).add(text));
    }
  }
  return found;
}

const sorted = [...reasons].toSorted(([a], [b]) => (a < b ? -1 : 1));
const file = {
  from: 'k8s.io/kubernetes v1.37.2, and k8s.io/client-go, cloud-provider and endpointslice v0.37.2',
  how: 'node test/support/inputs/kubernetes-reasons.ts, which says how; what it cannot see is listed there by hand',
  reasons: Object.fromEntries(sorted.map(([reason, types]) => [reason, [...types].toSorted()])),
};
process.stdout.write(`${JSON.stringify(file, undefined, 2)}\n`);
