import type { ClusterEvent } from '../../core/contract/event.ts';
import type { Severity } from '../../core/contract/severity.ts';
import { fingerprint } from '../../core/kit/fingerprint.ts';
import { cutText, type TextRules } from '../../core/kit/text.ts';
import { tagsOf } from '../datadog/tags.ts';

/** An event as Datadog takes it, but for its time. https://docs.datadoghq.com/api/latest/events/post-an-event/ */
export interface DatadogEvent {
  readonly title: string;
  readonly text: string;
  readonly tags: readonly string[];
  readonly alert_type: 'error' | 'warning' | 'info';
  /** Events of one key are shown as one. */
  readonly aggregation_key: string;
  readonly source_type_name: 'kubernetes';
  readonly host?: string;
}

const MAX_TITLE_CHARACTERS = 100;
const MAX_TEXT_CHARACTERS = 4000;
const MAX_NAME_CHARACTERS = 255;

const ALERT_TYPES: Readonly<Record<Severity, DatadogEvent['alert_type']>> = {
  critical: 'error',
  warning: 'warning',
  info: 'info',
};

/** What Datadog's own agent says of an event, so that both look and group alike, and below it how often, since when, and its identity. */
export function datadogEvent(event: ClusterEvent, { tags }: { readonly tags: readonly string[] }): DatadogEvent {
  const { object, reason, severity, message, node, source } = event;
  const name = object.namespace === '' ? object.name : `${object.namespace}/${object.name}`;
  const host = short(node || source.host);
  const facts = factsOf(event);
  return {
    title: cut(`${object.kind} ${name}: ${reason}`, MAX_TITLE_CHARACTERS),
    text: `${cut(message, MAX_TEXT_CHARACTERS - facts.length - 2)}\n\n${facts}`,
    tags: tagsOf(event, tags),
    alert_type: ALERT_TYPES[severity],
    aggregation_key: keyOf(event),
    source_type_name: 'kubernetes',
    ...(host !== '' && { host }),
  };
}

function factsOf({ id, count, firstSeen, lastSeen, source }: ClusterEvent): string {
  const times = count > 1 ? `${count} times since ${firstSeen}, last at ${lastSeen}` : `at ${lastSeen}`;
  const by = source.component === '' ? '' : `, seen by ${short(source.component)}`;
  return `${times}${by}\n${short(id)}`;
}

/** The agent's key of the object; an object without a uid has one of its own. */
function keyOf({ cluster, object: { kind, namespace, name, uid } }: ClusterEvent): string {
  const isUsual = /^[\w-]{1,64}$/.test(uid);
  return `kubernetes_apiserver:${isUsual ? uid : fingerprint([cluster, kind, namespace, name, uid].join('/'))}`;
}

/** `@name` in an event notifies somebody, and `%%%` makes it Markdown: a zero-width space takes them apart. */
const RULES: TextRules = {
  unit: 'utf16',
  escape: (text) => text.toWellFormed().replaceAll('@', '@\u200B').replaceAll('%%%', '%\u200B%\u200B%'),
};

function cut(text: string, max: number): string {
  return cutText(text, max, RULES);
}

function short(text: string): string {
  return cut(text, MAX_NAME_CHARACTERS);
}
