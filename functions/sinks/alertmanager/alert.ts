import type { Incident } from '../../core/chat/incident.ts';
import { endedBy } from '../../core/contract/recovery.ts';
import type { Severity } from '../../core/contract/severity.ts';
import type { config } from './config.ts';
import { labelsOf } from './labels.ts';

type Options = (typeof config.options)['_zod']['output'];

/** An alert of the API, version 2. All values are texts. https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml */
export interface Alert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly startsAt?: string;
  /** Of one that goes on, when it is over unless it is sent again; of one that is over, when that was. */
  readonly endsAt: string;
  readonly generatorURL?: string;
}

/**
 * The alerts of an incident. Pure. Severity is a label, and what ends an incident does not know how serious it had become: it ends the
 * alert of each severity that it can have had.
 */
export function alertsOf(incident: Incident, { resolveAfterMinutes, labels }: Options): readonly Alert[] {
  const { isOpen, event, severity, links } = incident;
  const annotations = annotationsOf(incident);
  const withLabels = (each: Severity) => ({ ...labels, ...labelsOf(incident, each) });
  if (!isOpen) {
    const severities = new Set(endedBy(event).map((ended) => ended.severity));
    return [...severities].map((each) => ({ labels: withLabels(each), annotations, endsAt: event.lastSeen }));
  }
  const [link] = links;
  const startsAt = event.firstSeen < event.lastSeen ? event.firstSeen : event.lastSeen;
  const endsAt = new Date(Date.parse(event.lastSeen) + resolveAfterMinutes * 60_000).toISOString();
  return [{ labels: withLabels(severity), annotations, startsAt, endsAt, ...(link && { generatorURL: link.url }) }];
}

function annotationsOf({ title, details, links }: Incident): Readonly<Record<string, string>> {
  const { message = '', ...others } = details;
  return {
    summary: title,
    ...(message !== '' && { description: message }),
    ...others,
    ...(links.length > 0 && { links: links.map((link) => `${link.title}: ${link.url}`).join('\n') }),
  };
}
