import type { Card } from '../../core/chat/card.ts';
import { plainDialect } from '../../core/chat/dialect.ts';
import { escapeText } from '../../core/chat/escape.ts';
import { laidOut } from '../../core/chat/message.ts';
import type { ChatOptions } from '../../core/chat/options.ts';
import { textOf } from '../../core/chat/text.ts';
import { threadOf } from '../../core/chat/thread.ts';
import { severityMarks } from '../../core/chat/view.ts';
import type { ClusterEvent } from '../../core/contract/event.ts';
import { fingerprint } from '../../core/kit/fingerprint.ts';
import { cutText } from '../../core/kit/text.ts';
import { htmlOf } from './html.ts';

export interface Mail {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly headers: readonly Header[];
}

interface Header {
  readonly Name: string;
  readonly Value: string;
}

/** Gmail cuts mails beyond some 102 kB. */
export const MAX_HTML_BYTES = 90_000;

export const MAX_SUBJECT = 150;

/** Amazon SES takes 995 printable ASCII characters; no name in Kubernetes is that long. */
const MAX_HEADER = 300;

/** One mail for a batch of events. Pure. */
export function mailOf(events: readonly ClusterEvent[], options: ChatOptions): Mail {
  const thread = threadOf(events);
  const lay = (card: Card): Mail => {
    const title = thread === undefined ? card.title : `${severityMarks[card.severity]} ${thread}`;
    return {
      subject: cutText(title, MAX_SUBJECT, { unit: 'utf16', escape: escapeText }),
      text: textOf(card, { dialect: plainDialect(options.language), max: MAX_HTML_BYTES, unit: 'utf8' }),
      html: htmlOf(card, options),
      headers: headersOf(events, card, thread),
    };
  };
  return laidOut(events, options, { lay, size: ({ html }) => Buffer.byteLength(html), max: MAX_HTML_BYTES });
}

/**
 * Mail programs thread by `References` and subject together (RFC 5322, 3.6.4); the message that it refers to need not exist.
 * `List-Id` (RFC 2919) is what rules of a mailbox go by, and `Auto-Submitted` (RFC 3834) keeps automatic answers away.
 */
function headersOf(events: readonly ClusterEvent[], { severity }: Card, thread: string | undefined): readonly Header[] {
  const clusters = [...new Set(events.map(({ cluster }) => cluster))];
  const [event] = events;
  const all: Readonly<Record<string, string>> = {
    'Auto-Submitted': 'auto-generated',
    'List-Id': `<${clusters.length === 1 ? clusters.join('') : 'clusters'}.kube-courier.invalid>`,
    ...(thread !== undefined && { References: `<${fingerprint(thread, 32)}@kube-courier.invalid>` }),
    'X-Kube-Courier-Severity': severity,
    ...(event && events.length === 1 && { 'X-Kube-Courier-Event': event.id }),
  };
  return Object.entries(all).map(([Name, value]) => ({ Name, Value: headerText(value) }));
}

function headerText(value: string): string {
  return value.replaceAll(/[^\x20-\x7e]/g, '?').slice(0, MAX_HEADER);
}
