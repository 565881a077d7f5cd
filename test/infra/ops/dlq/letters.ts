import { sampleKubeEvent } from '../../../../functions/core/contract/sample.ts';

/** A message of a sink's queue. */
export function letterBody(uid: string, fields: object = {}): object {
  const event = { ...sampleKubeEvent, ...fields, metadata: { ...sampleKubeEvent.metadata, uid } };
  return { v: 1, kind: 'event', cluster: 'c', seenAt: '', change: 'added', destination: 'log/all', event };
}
