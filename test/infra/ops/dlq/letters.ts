import { pack } from '../../../../functions/core/contract/envelope.ts';
import { sampleKubeEvent } from '../../../../functions/core/contract/sample.ts';

/** A message of a sink's queue. */
export function letterBody(uid: string, fields: object = {}): object {
  const event = { ...sampleKubeEvent, ...fields, metadata: { ...sampleKubeEvent.metadata, uid } };
  return { v: 1, kind: 'event', cluster: 'c', seenAt: '', change: 'added', destination: 'log/all', event };
}

/** The body of an envelope with such messages; what has no event cannot be read. */
export function envelopeOf(messages: readonly object[], destination: string | undefined = 'log/all'): string {
  const items = messages.map((message) => ({
    item: JSON.stringify({ ...message, v: undefined, kind: undefined, cluster: undefined, destination: undefined }),
  }));
  const [packed] = pack({ cluster: 'c', ...(destination !== undefined && { destination }) }, items);
  return packed?.body ?? '';
}
