import { plainDialect } from '../../functions/core/chat/dialect.ts';
import { chatMessage, type ChatMessage } from '../../functions/core/chat/message.ts';
import type { ChatOptions } from '../../functions/core/chat/options.ts';
import type { TextLayout } from '../../functions/core/chat/text.ts';
import type { ClusterEvent, KubeEvent } from '../../functions/core/contract/event.ts';
import { sampleEvent, sampleKubeEvent } from '../../functions/core/contract/sample.ts';

/** The options of a chat, all by default. */
export const chatOptions: ChatOptions = { language: 'en', timeZone: 'UTC', links: {}, labels: [] };

/** A message without markup, counted in bytes. */
export function plainMessage(
  events: readonly ClusterEvent[],
  max = 3000,
  changed: Partial<ChatOptions> = {},
  layout: Partial<TextLayout> = {},
): ChatMessage {
  const options = { ...chatOptions, ...changed };
  return chatMessage(events, options, { dialect: plainDialect(options.language), max, unit: 'utf8', ...layout });
}

/** Events of different pods that say the same: `api-1`, `api-2`. */
export function numberedEvent(index: number, fields: KubeEvent = {}): ClusterEvent {
  return sampleEvent({
    metadata: { ...sampleKubeEvent.metadata, uid: `uid-${index}` },
    involvedObject: { ...sampleKubeEvent.involvedObject, name: `api-${index}` },
    ...fields,
  });
}
