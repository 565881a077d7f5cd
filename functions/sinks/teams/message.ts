import { laidOut } from '../../core/chat/message.ts';
import type { ChatOptions } from '../../core/chat/options.ts';
import type { ClusterEvent } from '../../core/contract/event.ts';
import { cardLayout, type AdaptiveCard, type Mention } from './card.ts';

export interface TeamsOptions extends ChatOptions {
  readonly shape: 'message' | 'card';
  readonly mentions: readonly Mention[];
}

/** What a flow takes: a message with the card in it, or the card alone. */
export type TeamsMessage = AdaptiveCard | MessageWithCard;

interface MessageWithCard {
  readonly type: 'message';
  readonly attachments: readonly [
    { readonly contentType: 'application/vnd.microsoft.card.adaptive'; readonly content: AdaptiveCard },
  ];
}

/** One message for a batch of events. Pure. */
export function teamsMessage(events: readonly ClusterEvent[], options: TeamsOptions): TeamsMessage {
  const content = laidOut(events, options, cardLayout(options.mentions));
  if (options.shape === 'card') return content;
  return { type: 'message', attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', content }] };
}

/** The card of a message of either shape. */
export function cardIn(message: TeamsMessage): AdaptiveCard {
  return message.type === 'message' ? message.attachments[0].content : message;
}
