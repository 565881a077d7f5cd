import type { ClusterEvent } from '../contract/event.ts';
import { cutBytes } from './text.ts';

/** No name of Kubernetes is that long. */
const MAX_TEXT_BYTES = 4000;

/** What a store gets of an event that is larger than it takes. */
export type View = Omit<ClusterEvent, 'raw'>;

/**
 * An event without labels and annotations, and with its texts bounded, but for its message, which the caller cuts to what has room.
 * `shortened` says so to readers.
 */
export function bareView(view: View): View & { readonly shortened: readonly string[] } {
  const { message } = view;
  return {
    ...cut({ ...view, message: '' }),
    message,
    object: { ...cut(view.object), labels: {}, annotations: {} },
    namespace: { labels: {}, annotations: {} },
    source: cut(view.source),
    ...(view.owner && { owner: cut(view.owner) }),
    shortened: ['labels', 'annotations', 'texts'],
  };
}

function cut<T extends object>(part: T): T {
  const texts = Object.entries(part).flatMap(([name, value]) =>
    typeof value === 'string' ? [[name, cutBytes(value, MAX_TEXT_BYTES)]] : [],
  );
  return { ...part, ...Object.fromEntries(texts) };
}
