import { isRead, type Item } from './record.ts';

/** What became of an event at a destination, told when it is settled. Its texts are those of the log: without secrets. */
export interface Observed {
  /** `<type>/<name>`; the sink's type alone where the message does not say. */
  readonly destination: string;
  /** The event's id; undefined for what could not be read. */
  readonly event: string | undefined;
  readonly status: 'delivered' | 'filtered' | 'retrying' | 'held' | 'letter';
  /** The outcome's code, or why it was filtered. */
  readonly code?: string | undefined;
  readonly detail?: string | undefined;
}

/** Looks on while a function settles events. */
export type Observe = (observed: Observed) => void;

/** The same, but such that it cannot harm what it observes: what it throws is dropped. */
export function harmless(observe: Observe): Observe {
  return (observed) => {
    try {
      observe(observed);
    } catch {
      // Whoever looks on is at fault, and the event was settled all the same.
    }
  };
}

/** What is told of an item. */
export function observedOf(
  item: Item,
  status: Observed['status'],
  reason: Pick<Observed, 'code' | 'detail'> = {},
): Observed {
  const { code, detail } = reason;
  return { destination: item.destination, event: isRead(item) ? item.content.id : undefined, status, code, detail };
}
