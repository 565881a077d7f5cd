import * as z from 'zod/mini';
import type { ClusterEvent } from '../contract/event.ts';
import { recoveryOf } from '../contract/recovery.ts';
import type { Severity } from '../contract/severity.ts';
import { fingerprint } from '../kit/fingerprint.ts';
import { cutBytes, plainLine } from '../kit/text.ts';
import { viewsOf } from './card.ts';
import { familyOf, named } from './groups.ts';
import { containerName } from './kubectl.ts';
import { chatFields } from './options.ts';
import type { EventView, Link } from './view.ts';

const { language, links } = chatFields;

/** The options that every pager has: spread them into its strict object. Times are sent as they are, and shown in the reader's own zone. */
export const pagerFields = { language, links };

const pagerSchema = z.strictObject(pagerFields);

export type PagerOptions = Readonly<z.infer<typeof pagerSchema>>;

/** What happens in one cluster for one reason to one owner, as a batch tells of it. Texts are single lines, not escaped. */
export interface Incident {
  /** `prod: FailedScheduling of Deployment shop:checkout`: at most 255 characters of UTF-8, each a byte where Kubernetes chose them. */
  readonly key: string;
  /** What it is about: where it is over, what was ended. */
  readonly reason: string;
  /** Whether it goes on; else it is over. */
  readonly isOpen: boolean;
  readonly severity: Severity;
  /** `[prod] FailedScheduling · Deployment shop/checkout: 10 pods` */
  readonly title: string;
  readonly message: string;
  readonly hint: string | undefined;
  readonly commands: readonly string[];
  readonly links: readonly Link[];
  /** All of the batch, in the order of their time. */
  readonly events: readonly ClusterEvent[];
  /** The one that tells it: the most serious of those that go on, or the one that ends it. */
  readonly event: ClusterEvent;
  /** How often it has happened, for those of its objects for which it goes on. */
  readonly count: number;
  readonly details: Readonly<Record<string, string>>;
}

/**
 * The incidents of a batch, in the order in which they began. What ends an incident is part of it. Of each object the last event
 * counts; an incident is over when that is so for all its objects in the batch.
 */
export function incidentsOf(events: readonly ClusterEvent[], options: PagerOptions): readonly Incident[] {
  const inOrder = events.toSorted(byTime);
  return [...Map.groupBy(inOrder, incidentKey)].map(([key, group]) => incident(key, group, options));
}

function incident(key: string, events: readonly ClusterEvent[], options: PagerOptions): Incident {
  const last = [...new Map(events.map((event) => [objectKey(event), event])).values()];
  const open = last.filter((event) => !recoveryOf(event));
  const isOpen = open.length > 0;
  const [view] = viewsOf(isOpen ? open : last, { ...options, timeZone: 'UTC', labels: [] });
  if (!view) throw new Error('an incident needs at least one event');
  const { severity, message, hint, links, count } = view;
  const [event] = view.events;
  const title = `[${view.cluster}] ${view.title}`;
  const commands = view.commands.filter((command) => Buffer.byteLength(command) <= COMMAND_BYTES);
  const details = detailsOf(view, commands);
  return {
    key,
    reason: name(reasonOf(event)),
    isOpen,
    severity,
    title,
    message,
    hint,
    commands,
    links,
    events,
    event,
    count,
    details,
  };
}

/** A command is copied, so it is shown whole or not at all. */
const COMMAND_BYTES = 1000;

const PLAIN = /^[\w.-]+: [\w.-]+ of [\w.-]+( [\w.:*-]+)?$/;
const KEY_BYTES = 255;

/**
 * Equal of events of one incident, and of what ends it. One that is long, or that Kubernetes would not have named, ends in a hash. There
 * is no slash in it: services take it as a part of a path, where proxies do not tell `%2F` from a slash.
 */
export function incidentKey(event: ClusterEvent): string {
  const [cluster, reason, family] = [event.cluster, reasonOf(event), familyOf(event)];
  const text = `${cluster}: ${reason} of ${family}`.replaceAll('/', ':');
  if (PLAIN.test(text) && text.length <= KEY_BYTES) return text;
  const hash = ` #${fingerprint(JSON.stringify([cluster, reason, family]))}`;
  return `${cutBytes(plainLine(text), KEY_BYTES - hash.length)}${hash}`;
}

/** What an event says of its object, or ends of it. */
function reasonOf(event: ClusterEvent): string {
  return recoveryOf(event)?.ends ?? event.reason;
}

function objectKey({ object: { kind, namespace, name } }: ClusterEvent): string {
  return JSON.stringify([kind, namespace, name]);
}

/** Events have whole seconds; of two in one second the API server tells which came later. */
function byTime(a: ClusterEvent, b: ClusterEvent): number {
  return Date.parse(a.lastSeen) - Date.parse(b.lastSeen) || Number(a.resourceVersion) - Number(b.resourceVersion) || 0;
}

/** What is known, what helps first, by names that rules of the service can use. What is not known is left out. */
function detailsOf(view: EventView, commands: readonly string[]): Readonly<Record<string, string>> {
  const { message, count, hint } = view;
  const [event] = view.events;
  const { object, owner, source } = event;
  const known = {
    message,
    hint: hint ?? '',
    commands: commands.join('\n'),
    cluster: event.cluster,
    namespace: object.namespace,
    kind: object.kind,
    name: object.name,
    owner: owner ? named(owner.kind, '', owner.name) : '',
    container: containerName(event),
    node: event.node,
    reason: event.reason,
    count: String(count),
    firstSeen: event.firstSeen,
    lastSeen: event.lastSeen,
    source: [source.component, source.host].filter(Boolean).join(' on '),
    event: event.id,
  };
  const lines = Object.entries(known).map(([field, value]) => [field, valueOf(field, value)] as const);
  return Object.fromEntries(lines.filter(([, value]) => value !== ''));
}

/** Texts of ours and the message, which is bounded, stay whole. */
function valueOf(field: string, value: string): string {
  return ['message', 'hint', 'commands'].includes(field) ? value : name(value);
}

/** Names are at most 253 bytes in Kubernetes; anything longer is hostile. */
function name(text: string): string {
  return cutBytes(plainLine(text), 253);
}
