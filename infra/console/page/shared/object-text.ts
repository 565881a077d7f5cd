import type { EventLine } from '../../contract.ts';
import { routeTo } from '../foundation/route.ts';

export type ObjectName = Pick<EventLine, 'cluster' | 'kind' | 'namespace' | 'name'>;

/** `Pod shop/checkout-6c9f`, `Node ip-10-0-1-17`. */
export function objectText({ kind, namespace, name }: Omit<ObjectName, 'cluster'>): string {
  return `${kind} ${namespace === '' ? '' : `${namespace}/`}${name}`;
}

export function objectRoute({ cluster, kind, namespace, name }: ObjectName): string {
  return routeTo('object', cluster, kind, namespace, name);
}
