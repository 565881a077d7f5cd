import type { Message } from '../../functions/core/contract/message.ts';
import { textsOf } from '../../functions/core/contract/untrusted.ts';

/** `<uid>/<resourceVersion>` of the events among some messages, in their order. */
export function eventIds(messages: readonly Message[]): readonly string[] {
  return messages.flatMap((message) => {
    if (message.kind !== 'event') return [];
    const { uid, resourceVersion } = textsOf(message.event.metadata);
    return [`${uid}/${resourceVersion}`];
  });
}
