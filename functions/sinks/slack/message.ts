import { laidOut } from '../../core/chat/message.ts';
import type { ChatOptions } from '../../core/chat/options.ts';
import type { ClusterEvent } from '../../core/contract/event.ts';
import { renderText } from '../../core/kit/template.ts';
import { attachmentLayout, type AttachmentMessage } from './attachments.ts';
import { blockLayout, type BlockMessage } from './blocks.ts';

export interface SlackOptions extends ChatOptions {
  readonly channel?: string | undefined;
  readonly fallbackChannel?: string | undefined;
  readonly format: 'blocks' | 'attachments';
  readonly mentions: readonly string[];
}

export type SlackMessage = (BlockMessage | AttachmentMessage) & { readonly channel?: string };

/** One message for a batch of events. Pure. */
export function slackMessage(events: readonly ClusterEvent[], options: SlackOptions): BlockMessage | AttachmentMessage {
  const { format, language, mentions } = options;
  return format === 'blocks'
    ? laidOut(events, options, blockLayout(language, mentions.map(mention).join(' ')))
    : laidOut(events, options, attachmentLayout(language, mentions.map((name) => `@${name}`).join(' ')));
}

/** `<@U...>` a person, `<!subteam^S...>` a group, `<!here>` whoever is there. */
function mention(id: string): string {
  if (/^S[A-Z0-9]+$/.test(id)) return `<!subteam^${id}>`;
  return /^[UW][A-Z0-9]+$/.test(id) ? `<@${id}>` : `<!${id}>`;
}

/** An id of a channel or person, or the name of a channel. */
export const CHANNEL = /^(?:[CGDUW][A-Z0-9]{5,20}|#?[\p{Ll}\p{Lo}\p{N}_-]{1,80})$/u;

/** The channel that an event goes to; undefined for a webhook, which has one. What the template makes of an event may be no channel. */
export function channelOf(event: ClusterEvent, { channel, fallbackChannel }: SlackOptions): string | undefined {
  if (channel === undefined) return undefined;
  try {
    const name = renderText(channel, { event }).trim();
    return CHANNEL.test(name) ? name : fallbackChannel;
  } catch {
    return fallbackChannel;
  }
}
