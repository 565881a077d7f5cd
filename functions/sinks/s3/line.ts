/** An event as a line of the archive. The format is versioned, because archives outlive deploys. */
import type { EventContext } from '../../core/contract/context.ts';
import type { ClusterEvent, SeenEvent } from '../../core/contract/event.ts';
import { MESSAGE_VERSION, MessageError, readEvent, type EventMessage } from '../../core/contract/message.ts';
import { recordOf, textOf } from '../../core/contract/untrusted.ts';
import { toJson } from '../../core/kit/json.ts';

/** The version of lines. A reader takes those it knows, and ignores fields that it does not. */
export const LINE_VERSION = 1;

/**
 * One line, without its end: what people search by, as every sink names it, and in `seen` the event as the relay sent it, from
 * which {@link readLine} gives what can be delivered anew. `seen` alone is what a replay reads.
 */
export function archiveLine(event: ClusterEvent): string {
  const { raw: _, change: __, previousCount: ___, seenAt: ____, ...view } = event;
  return toJson({ v: LINE_VERSION, ...view, seen: seenOf(event) });
}

/** What the relay said, as far as a sink knows it: read again, it gives the same event. */
function seenOf(event: ClusterEvent): SeenEvent {
  const { cluster, seenAt, change, previousCount, raw, object, owner, node, namespace } = event;
  const context: EventContext = {
    ...(owner && { owner }),
    ...(node !== '' && { node }),
    labels: object.labels,
    annotations: object.annotations,
    namespaceLabels: namespace.labels,
    namespaceAnnotations: namespace.annotations,
  };
  return { cluster, seenAt, change, previousCount, context, event: raw };
}

/**
 * The event of a line, as a message.
 * @throws {MessageError} if it is no line of a version this build knows
 */
export function readLine(line: string): EventMessage {
  const { v, seen } = recordOf(parseJson(line));
  if (v !== LINE_VERSION)
    throw new MessageError('unsupported_version', `field v is not ${LINE_VERSION}, which this build reads`);
  const fields = recordOf(seen);
  const cluster = textOf(fields['cluster']);
  if (cluster === '') throw new MessageError('invalid_message', 'field seen.cluster is not a non-empty string');
  return { ...readEvent(fields, { cluster }), v: MESSAGE_VERSION };
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw new MessageError('invalid_message', 'the line is not JSON');
  }
}
