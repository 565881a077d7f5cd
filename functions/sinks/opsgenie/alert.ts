import type { Incident } from '../../core/chat/incident.ts';
import { escapeTags } from '../../core/chat/escape.ts';
import { familyOf } from '../../core/chat/groups.ts';
import type { Severity } from '../../core/contract/severity.ts';
import { cutText, plainLine } from '../../core/kit/text.ts';
import type { config } from './config.ts';

type Options = (typeof config.options)['_zod']['output'];

/** A request to the alert API. https://docs.opsgenie.com/docs/alert-api */
export type AlertRequest = Create | Close;

interface Create {
  readonly action: 'create';
  readonly body: {
    readonly message: string;
    readonly alias: string;
    readonly description?: string;
    readonly entity?: string;
    readonly source: 'kube-courier';
    readonly priority: 'P1' | 'P3' | 'P5';
    readonly details: Readonly<Record<string, string>>;
    readonly tags: readonly string[];
    readonly responders?: Options['responders'];
  };
}

interface Close {
  readonly action: 'close';
  readonly alias: string;
  readonly body: { readonly source: 'kube-courier'; readonly note: string };
}

/** In characters. Longer alerts are refused. */
export const LIMITS = { message: 130, description: 15_000, entity: 512, note: 25_000 } as const;

/** What is left to the message of an event. */
const MESSAGE_ROOM = LIMITS.description / 2;

const priorities: Readonly<Record<Severity, Create['body']['priority']>> = {
  critical: 'P1',
  warning: 'P3',
  info: 'P5',
};

/** What the service is told of an incident. Pure. */
export function alertRequest(incident: Incident, { tags, responders }: Options): AlertRequest {
  const { key, isOpen, title, message, severity, event, details } = incident;
  if (!isOpen) {
    const note = [title, message].filter(Boolean).join(' · ');
    return { action: 'close', alias: key, body: { source: 'kube-courier', note: cut(note, LIMITS.note) } };
  }
  const description = descriptionOf(incident);
  const entity = cut(plainLine(familyOf(event)), LIMITS.entity);
  const { message: _, hint: _hint, commands: _commands, ...facts } = details;
  return {
    action: 'create',
    body: {
      message: cut(title, LIMITS.message),
      alias: key,
      ...(description !== '' && { description }),
      ...(entity !== '' && { entity }),
      source: 'kube-courier',
      priority: priorities[severity],
      details: facts,
      tags,
      ...(responders.length > 0 && { responders }),
    },
  };
}

/** The message, and below it what helps, as far as there is room for it. */
function descriptionOf({ message, hint, commands, links }: Incident): string {
  const parts = [cut(message, MESSAGE_ROOM)];
  for (const part of [hint ?? '', commands.join('\n'), links.map(({ title, url }) => `${title}: ${url}`).join('\n')]) {
    const longer = [...parts, escapeTags(part)];
    if (part !== '' && longer.join('\n\n').length <= LIMITS.description) parts.push(escapeTags(part));
  }
  return parts.filter(Boolean).join('\n\n');
}

/** Message and description may hold HTML. */
function cut(text: string, max: number): string {
  return cutText(text, max, { unit: 'utf16', escape: escapeTags });
}
