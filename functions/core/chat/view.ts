import type { ClusterEvent } from '../contract/event.ts';
import { renderUrl } from '../kit/template.ts';
import type { Severity } from './hint.ts';
import { hintFor, severityOf } from './hints.ts';
import { containerName, kubectlCommands } from './kubectl.ts';
import type { ChatOptions } from './options.ts';
import { cutBytes, plainLine } from '../kit/text.ts';
import { localTime, type LocalTime } from './time.ts';
import { words } from './words.ts';

export interface Fact {
  readonly label: string;
  readonly value: string;
}

export interface Link {
  readonly title: string;
  /** http or https. */
  readonly url: string;
}

/** What a person needs to know of an event, in words; how it is marked up is the sink's business. Texts are single lines, not escaped. */
export interface EventView {
  readonly severity: Severity;
  readonly cluster: string;
  readonly namespace: string;
  readonly reason: string;
  /** `BackOff · Pod payments/api-7d9f` */
  readonly title: string;
  readonly message: string;
  readonly facts: readonly Fact[];
  readonly hint: string | undefined;
  readonly commands: readonly string[];
  readonly links: readonly Link[];
  /** Names this version of the event: the start of its uid, and its resourceVersion. */
  readonly id: string;
  readonly count: number;
  readonly lastSeen: LocalTime;
}

export const severityMarks: Readonly<Record<Severity, string>> = { critical: '🔴', warning: '🟠', info: '🔵' };

const MAX_URL_CHARACTERS = 1024;

export function viewOf(event: ClusterEvent, options: ChatOptions): EventView {
  const { object, source } = event;
  const say = words[options.language];
  const hint = hintFor(event);
  const reason = value(event.reason) || say.noReason;
  const place = [object.namespace, object.name].map(value).filter(Boolean).join('/');
  const subject = [value(object.kind), place].filter(Boolean).join(' ');
  const first = localTime(event.firstSeen, options.timeZone);
  const last = localTime(event.lastSeen, options.timeZone);
  const facts: readonly Fact[] = [
    { label: say.container, value: value(containerName(event)) },
    { label: say.when, value: event.count > 1 ? say.repeated(event.count, first, last) : say.once(last) },
    { label: say.source, value: say.reportedBy(value(source.component), value(source.host)) },
  ];
  return {
    severity: severityOf(event, hint),
    cluster: value(event.cluster),
    namespace: object.namespace,
    reason,
    title: [reason, subject].filter(Boolean).join(' · '),
    message: plainLine(event.message),
    facts: facts.filter((fact) => fact.value !== ''),
    hint: hint?.text[options.language],
    commands: kubectlCommands(event, hint?.logs),
    links: linksOf(event, options),
    id: `${value(event.uid).slice(0, 8)}/${value(event.resourceVersion)}`,
    count: event.count,
    lastSeen: last,
  };
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
