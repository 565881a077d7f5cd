import { openMessage } from '../../functions/core/contract/envelope.ts';
import { MessageError } from '../../functions/core/contract/message.ts';

/** How many events a message's body holds. One that cannot be read, or that is none, counts as one. */
export function eventCountIn(body: string): number {
  try {
    const opened = openMessage(body);
    return opened.kind === 'events' ? opened.events.length + opened.bad.length : 1;
  } catch (error) {
    if (error instanceof MessageError) return 1;
    throw error;
  }
}

export function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
