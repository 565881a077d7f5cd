import { openMessage } from '../../functions/core/contract/envelope.ts';
import type { EventMessage, GapMessage, HeartbeatMessage } from '../../functions/core/contract/message.ts';

/** The messages that a body stands for: an envelope for one of each of its events. */
export function messagesIn(body: string): readonly (EventMessage | GapMessage | HeartbeatMessage)[] {
  const opened = openMessage(body);
  return opened.kind === 'events' ? opened.events : [opened];
}
