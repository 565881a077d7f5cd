import type { Incident } from '../../core/chat/incident.ts';
import type { Severity } from '../../core/contract/severity.ts';
import { cutText, plainLine } from '../../core/kit/text.ts';

/**
 * An event as PagerDuty takes it, but for the routing key.
 * https://developer.pagerduty.com/docs/events-api-v2/trigger-events/
 */
export type PagerDutyEvent = Trigger | Resolve;

interface Resolve {
  readonly event_action: 'resolve';
  readonly dedup_key: string;
}

interface Trigger {
  readonly event_action: 'trigger';
  readonly dedup_key: string;
  readonly client: 'kube-courier';
  readonly payload: {
    readonly summary: string;
    readonly source: string;
    readonly severity: Severity;
    readonly timestamp: string;
    readonly component?: string;
    readonly group?: string;
    readonly class?: string;
    readonly custom_details: Readonly<Record<string, string>>;
  };
  readonly links: readonly { readonly href: string; readonly text: string }[];
}

/** Longer summaries are refused. */
export const MAX_SUMMARY_CHARACTERS = 1024;
/** The other texts are names; their limit is not documented. */
const MAX_NAME_CHARACTERS = 255;

/** What PagerDuty is told of an incident. Pure. */
export function pagerDutyEvent(incident: Incident): PagerDutyEvent {
  const { key, isOpen, title, message, severity, event, details, links } = incident;
  if (!isOpen) return { event_action: 'resolve', dedup_key: key };
  const { cluster, object, reason, lastSeen } = event;
  const { container } = details;
  const group = name(object.namespace);
  const kind = name(reason);
  return {
    event_action: 'trigger',
    dedup_key: key,
    client: 'kube-courier',
    payload: {
      summary: cut(message === '' ? title : `${title} · ${message}`, MAX_SUMMARY_CHARACTERS),
      source: name([cluster, object.namespace, object.kind, object.name].filter(Boolean).join('/')) || 'unknown',
      severity,
      timestamp: lastSeen,
      ...(container !== undefined && { component: container }),
      ...(group !== '' && { group }),
      ...(kind !== '' && { class: kind }),
      custom_details: details,
    },
    links: links.map(({ title: text, url: href }) => ({ href, text })),
  };
}

function name(text: string): string {
  return cut(plainLine(text), MAX_NAME_CHARACTERS);
}

function cut(text: string, max: number): string {
  return cutText(text, max, { unit: 'utf16', escape: (part) => part });
}
