import type { ClusterEvent } from '../contract/event.ts';
import type { Severity } from '../contract/severity.ts';
import { fingerprint } from '../kit/fingerprint.ts';
import { renderUrl } from '../kit/template.ts';
import { cutBytes, plainLine } from '../kit/text.ts';
import { familyOf, named, type Group } from './groups.ts';
import { hintFor } from './hints.ts';
import { containerName, kubectlCommands } from './kubectl.ts';
import type { ChatOptions } from './options.ts';
import { localTime, type LocalTime } from './time.ts';
import { words, type Words } from './words.ts';

export interface Fact {
  readonly label: string;
  readonly value: string;
}

export interface Link {
  readonly title: string;
  /** http or https. */
  readonly url: string;
}

/**
 * What a person needs to know of one event, or of several that tell one thing, in words; how it is marked up is the sink's business.
 * Texts are single lines, not escaped. Message, hint, commands and links are those of the first event.
 */
export interface EventView {
  readonly severity: Severity;
  readonly cluster: string;
  readonly reason: string;
  /** `BackOff · Pod payments/api-7d9f`, `Failed · Deployment shop/checkout: 10 pods` */
  readonly title: string;
  readonly message: string;
  readonly facts: readonly Fact[];
  readonly hint: string | undefined;
  readonly commands: readonly string[];
  readonly links: readonly Link[];
  /** Tells it from another that reads alike: the start of the event's uid and its resourceVersion, or a hash of several. */
  readonly id: string;
  readonly events: Group;
  /** How often it happened. */
  readonly count: number;
  readonly lastSeen: LocalTime;
}

export const severityMarks: Readonly<Record<Severity, string>> = { critical: '🔴', warning: '🟠', info: '🔵' };

const MAX_URL_CHARACTERS = 1024;

export function viewOf(events: Group, options: ChatOptions): EventView {
  const [event] = events;
  const say = words[options.language];
  const hint = hintFor(event);
  const reason = value(event.reason) || say.noReason;
  const count = events.reduce((sum, each) => sum + each.count, 0);
  const first = localTime(earliest(events.map(({ firstSeen }) => firstSeen)), options.timeZone);
  const last = localTime(latest(events.map(({ lastSeen }) => lastSeen)), options.timeZone);
  const objects = distinct(events, ({ object }) => object.name);
  const facts: readonly Fact[] = [
    { label: say.owner, value: ownerOf(events, objects.length, say) },
    { label: say.objects, value: objects.length > 1 ? some(objects) : '' },
    { label: say.texts, value: textsOf(events, say) },
    { label: say.container, value: only(distinct(events, containerName)) },
    { label: say.when, value: count > 1 ? say.repeated(count, first, last) : say.once(last) },
    { label: say.source, value: sourceOf(events, say) },
    { label: say.node, value: nodeOf(events, say) },
  ];
  return {
    severity: event.severity,
    cluster: value(event.cluster),
    reason,
    title: [reason, subjectOf(events, objects.length, say)].filter(Boolean).join(' · '),
    message: plainLine(event.message),
    facts: facts.filter((fact) => fact.value !== ''),
    hint: hint?.text[options.language],
    commands: kubectlCommands(event, hint?.logs),
    links: linksOf(event, options),
    id: idOf(events, say),
    events,
    count,
    lastSeen: last,
  };
}

function subjectOf(events: Group, objects: number, say: Words): string {
  const [event] = events;
  const { kind, namespace, name } = event.object;
  if (objects > 1) return `${value(familyOf(event))}: ${say.objectsOf(objects, value(kind))}`;
  return named(value(kind), value(namespace), value(name));
}

/** Of several objects the title names it; that it is a guess, it does not say. */
function ownerOf(events: Group, objects: number, say: Words): string {
  const told = events.find(({ owner }) => owner && !owner.guessed);
  const { owner } = told ?? events[0];
  if (!owner || (told && objects > 1)) return '';
  const name = named(value(owner.kind), '', value(owner.name));
  return owner.guessed ? say.guessed(name) : name;
}

/** Where the objects are, unless title, source or message say it. */
function nodeOf(events: Group, say: Words): string {
  const nodes = distinct(events, ({ node }) => node).filter(Boolean);
  const [node, ...others] = nodes;
  const isNamed = events.every((event) => ['', event.source.host, event.object.name].includes(event.node));
  if (node === undefined || isNamed) return '';
  if (others.length > 0) return say.nodes(nodes.length);
  return events[0].message.includes(node) ? '' : value(node);
}

function sourceOf(events: Group, say: Words): string {
  const hosts = distinct(events, ({ source }) => source.host);
  return say.reportedBy(value(events[0].source.component), hosts.length > 1 ? say.nodes(hosts.length) : only(hosts));
}

/** That the events do not all say the same, apart from the names, ids and numbers in their texts. */
function textsOf(events: Group, say: Words): string {
  const texts = distinct(events, ({ message, object }) =>
    [object.name, /[0-9a-f]{8}-[0-9a-f-]{27}|\d+/g].reduce<string>(
      (text, own) => text.replaceAll(own, ''),
      plainLine(message),
    ),
  );
  return texts.length > 1 ? say.different(texts.length) : '';
}

function idOf(events: Group, say: Words): string {
  const [event, ...others] = events;
  if (others.length > 0) return say.digestId(digestId(events));
  return say.eventId(`${value(event.uid).slice(0, 8)}/${value(event.resourceVersion)}`);
}

/** Tells two messages apart that read alike: WeCom drops a message that equals a recent one. */
export function digestId(events: readonly ClusterEvent[]): string {
  const ids = events.map(({ id }) => id).toSorted();
  return fingerprint(JSON.stringify(ids), 8);
}

function distinct(events: Group, textOf: (event: ClusterEvent) => string): readonly string[] {
  return [...new Set(events.map(textOf))];
}

function only(texts: readonly string[]): string {
  return texts.length === 1 ? value(texts.join('')) : '';
}

/** The first of some names, and how many there are beside them. */
function some(names: readonly string[]): string {
  const shown = names.slice(0, NAMED_OBJECTS).map(value);
  return [...shown, ...(names.length > shown.length ? [`+${names.length - shown.length}`] : [])].join(', ');
}

const NAMED_OBJECTS = 3;

/** Of instants in RFC 3339 UTC, which order as texts. */
function earliest(instants: readonly string[]): string {
  return instants.toSorted()[0] ?? '';
}

function latest(instants: readonly string[]): string {
  return instants.toSorted().at(-1) ?? '';
}

/** Names are at most 253 bytes in Kubernetes; anything longer is hostile. */
function value(text: string): string {
  return cutBytes(plainLine(text), 253);
}

function linksOf(event: ClusterEvent, options: ChatOptions): readonly Link[] {
  return Object.entries(options.links).flatMap(([title, template]) => {
    const url = urlOf(template, event);
    return url === undefined ? [] : [{ title: plainLine(title), url }];
  });
}

/** A link that cannot be made must not cost the message. */
function urlOf(template: string, event: ClusterEvent): string | undefined {
  try {
    const url = renderUrl(template, { event });
    const isUsable = url.length <= MAX_URL_CHARACTERS && /^https?:\/\/[^\s<>"'`\\]+$/i.test(url) && URL.canParse(url);
    return isUsable ? url : undefined;
  } catch {
    return undefined;
  }
}
