import { family } from '../../core/chat/groups.ts';
import type { Incident } from '../../core/chat/incident.ts';
import { cutBytes, plainLine } from '../../core/kit/text.ts';
import type { Severity } from '../../core/contract/severity.ts';

/** The labels that the sink gives an alert. What changes from event to event, or from pod to pod, is none of them. */
export const OWN_LABELS: readonly string[] = [
  'alertname',
  'cluster',
  'namespace',
  'kind',
  'name',
  'severity',
  'source',
];

/** The labels of an incident, by which Alertmanager knows it again. Those without a value are left out, as it does itself. */
export function labelsOf({ event, reason }: Incident, severity: Severity): Readonly<Record<string, string>> {
  const { kind, namespace, name } = family(event);
  const labels = {
    alertname: valueOf(reason) || 'unknown',
    cluster: valueOf(event.cluster),
    namespace: valueOf(namespace),
    kind: valueOf(kind),
    name: valueOf(name),
    severity,
    source: 'kube-courier',
  };
  return Object.fromEntries(Object.entries(labels).filter(([, value]) => value !== ''));
}

/** Names are at most 253 bytes in Kubernetes; anything longer is hostile. */
function valueOf(text: string): string {
  return cutBytes(plainLine(text), 253);
}
