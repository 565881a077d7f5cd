import type { ClusterEvent } from '../../core/contract/event.ts';
import type { Severity } from '../../core/contract/severity.ts';
import { bareView } from '../../core/kit/bare-view.ts';
import { toJson } from '../../core/kit/json.ts';
import { cutBytes, cutText } from '../../core/kit/text.ts';
import { tagsOf } from './tags.ts';

export interface LogOptions {
  readonly service: string;
  readonly tags: readonly string[];
}

/** Datadog cuts a log of more than 1 MB without a word. JSON writes a control character in six bytes: 420 kB at the most. */
const MAX_MESSAGE_BYTES = 70_000;
const MAX_NAME_BYTES = 4000;
/** Of everything else; labels and annotations are left out where it would be more. */
const MAX_ATTRIBUTES_BYTES = 200_000;

const STATUSES: Readonly<Record<Severity, string>> = { critical: 'error', warning: 'warn', info: 'info' };

/** An event as a log, with the tags that Datadog's own agent gives to Kubernetes' events. One line of JSON. */
export function logOf(event: ClusterEvent, { service, tags }: LogOptions): string {
  const head = {
    message: cutText(event.message, MAX_MESSAGE_BYTES, { unit: 'utf8', escape: (text) => text }),
    ddsource: 'kubernetes',
    service,
    hostname: cutBytes(event.node || event.source.host, MAX_NAME_BYTES),
    status: STATUSES[event.severity],
    timestamp: Date.parse(event.lastSeen),
    ddtags: tagsOf(event, tags).join(','),
  };
  const { raw: _, ...seen } = event;
  const { message: __, ...view } = seen;
  const whole = toJson({ ...head, event_id: cutBytes(event.id, MAX_NAME_BYTES), k8s_event: view });
  if (Buffer.byteLength(whole) <= MAX_MESSAGE_BYTES + MAX_ATTRIBUTES_BYTES) return whole;
  const { message: ___, ...bare } = bareView(seen);
  return toJson({ ...head, event_id: cutBytes(event.id, MAX_NAME_BYTES), k8s_event: bare });
}
