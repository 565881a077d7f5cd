import { cutText, sizeOf } from '../../core/kit/text.ts';
import type { ClusterEvent } from '../../core/contract/event.ts';
import { toJson } from '../../core/kit/json.ts';
import type { EventbridgeOptions } from './config.ts';

/** What EventBridge takes for one event. https://help.aliyun.com/zh/eventbridge/putevents */
const MAX_EVENT_BYTES = 64 * 1024;
const MAX_TYPE_CHARACTERS = 64;

type Options = Pick<EventbridgeOptions, 'accountId' | 'region' | 'eventBus' | 'clusterId' | 'source'>;

/** An event as a CloudEvent, in JSON. Its id is the event's identity, so that consumers can drop what comes twice. */
export function cloudEvent(event: ClusterEvent, options: Options): string {
  const whole = encode(event, options, event.raw);
  if (sizeOf(whole, 'utf8') <= MAX_EVENT_BYTES) return whole;
  // The message is what makes an event large; one that is still too large is for EventBridge to refuse.
  const { note: _, ...rest } = event.raw;
  const withMessage = (message: string): string => encode(event, options, { ...rest, message });
  const room = MAX_EVENT_BYTES - sizeOf(withMessage(''), 'utf8');
  const escaped = cutText(event.message, Math.max(0, room), { unit: 'utf8', escape: jsonEscape });
  return withMessage(JSON.parse(`"${escaped}"`));
}

function jsonEscape(text: string): string {
  return toJson(text).slice(1, -1);
}

function encode(event: ClusterEvent, options: Options, data: ClusterEvent['raw']): string {
  return toJson({
    specversion: '1.0',
    id: event.id,
    source: options.source,
    type: eventType(event.object.kind),
    subject: subject(event, options),
    time: event.lastSeen,
    datacontenttype: 'application/json',
    aliyuneventbusname: options.eventBus,
    data,
  });
}

function eventType(kind: string): string {
  const suffix = 'RelatedEvent';
  const prefix = 'cs:k8s:';
  const room = MAX_TYPE_CHARACTERS - prefix.length - suffix.length;
  return kind === '' ? `${prefix}UnknownTypeEvent` : `${prefix}${kind.slice(0, room).toWellFormed()}${suffix}`;
}

/** The form that kube-eventer gives it: `acs:cs:<region>:<account>:<cluster>/apis/<version>/namespaces/<namespace>/<resource>/<name>`. */
function subject({ cluster, object }: ClusterEvent, { region, accountId, clusterId }: Options): string {
  const isGroupOnly = object.apiVersion.includes('.') && !object.apiVersion.includes('/');
  const version = isGroupOnly ? `${object.apiVersion}/versionUnknown` : object.apiVersion;
  const place = `/apis/${version}/namespaces/${object.namespace}/${resource(object.kind)}/${object.name}`;
  return `acs:cs:${region}:${accountId}:${clusterId ?? cluster}${place}`;
}

/** The plural that Kubernetes itself guesses where it has no mapping. */
function resource(kind: string): string {
  const singular = kind.toLowerCase();
  if (singular === '' || singular === 'endpoints') return singular;
  if (singular.endsWith('s')) return `${singular}es`;
  return singular.endsWith('y') ? `${singular.slice(0, -1)}ies` : `${singular}s`;
}
