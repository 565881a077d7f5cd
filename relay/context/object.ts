import type { KubeEvent } from '../../functions/core/contract/event.ts';
import { recordOf, textOf } from '../../functions/core/contract/untrusted.ts';

/** Names an object of the cluster. What is not known of it is empty, as is the namespace of what has none. */
export interface ObjectRef {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

/** The object that an event is about. */
export function involvedObject(event: KubeEvent): ObjectRef {
  const { apiVersion, kind, namespace, name, uid } = recordOf(event.involvedObject ?? event.regarding);
  return {
    apiVersion: textOf(apiVersion),
    kind: textOf(kind),
    namespace: textOf(namespace),
    name: textOf(name),
    uid: textOf(uid),
  };
}

/** Who reported an event, and where from. */
export function reporterOf(event: KubeEvent): { readonly component: string; readonly host: string } {
  const { component, host } = recordOf(event.source ?? event.deprecatedSource);
  return {
    component: textOf(component) || textOf(event.reportingComponent) || textOf(event.reportingController),
    host: textOf(host) || textOf(event.reportingInstance),
  };
}
