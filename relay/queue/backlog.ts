import type { Outgoing } from './message.ts';

/**
 * How much the relay holds: events, and bytes of what it will send. Above a high mark streams stop reading; once below both low
 * marks they go on.
 */
export interface BacklogLimits {
  readonly highEvents: number;
  readonly highBytes: number;
  readonly lowEvents: number;
  readonly lowBytes: number;
}

/** A message in place of one that the queue refuses. */
export interface Substitute {
  readonly message: Outgoing;
  /** To be called once it is on the queue: only then the refused message is given up. */
  readonly sent: () => void;
}

/** What to send in place of a message, if it is the message that the queue refuses. */
export type Refused = (code: string, detail: string) => Substitute;

/** A message on its way to the queue. */
export interface Entry {
  readonly message: Outgoing;
  /** Size of the message's body as UTF-8. */
  readonly bytes: number;
  /** Of an envelope: the events in it. Empty if it is a single message. */
  readonly parts: readonly Entry[];
  /** How often the queue has answered that it does not take it. */
  readonly attempts: number;
  /** It was refused together with others: the next call carries nothing else, and shows whose fault it was. */
  readonly isolated: boolean;
  /** To be called once it is on the queue, or its substitute. */
  readonly accepted: () => void;
  /** Without it, nothing can be wrong with the message, and it waits for as long as it is refused. */
  readonly refused: Refused | undefined;
  /** How many messages the queue had accepted when it refused this one, sent by itself, for the first time. */
  readonly refusedAfter: number | undefined;
  /** Where this is a substitute: what it stands for. */
  readonly standsFor: { readonly entry: Entry; readonly sent: () => void } | undefined;
}

/**
 * All that is held: entries that wait for a call, in order, and those that calls under way have taken. What was taken
 * counts until it is removed.
 */
export interface Backlog {
  add(entry: Entry): void;
  /** Adds an entry before all that wait. */
  addFirst(entry: Entry): void;
  /** The waiting entry at a place in the order, from 0; undefined behind the last. */
  at(place: number): Entry | undefined;
  /** Takes the first waiting entries for a call. */
  take(count: number): readonly Entry[];
  /** Puts taken entries back before all that wait. */
  putBack(taken: readonly Entry[]): void;
  /** What was taken has another form now. */
  replace(taken: Entry, forms: readonly Entry[]): void;
  /** A taken entry is no longer held. */
  remove(taken: Entry): void;
  /** Forgets what waits. */
  clear(): void;
  /** How many events are held, and messages of the relay's own. */
  readonly events: number;
  readonly bytes: number;
  readonly full: boolean;
  /** Resolves once there is room again. */
  room(): Promise<void>;
  /** Resolves once nothing is held. */
  empty(): Promise<void>;
}

/** How many events an entry carries; a message of the relay's own counts as one. */
export function eventsIn({ parts }: Pick<Entry, 'parts'>): number {
  return Math.max(1, parts.length);
}

/** So many places of taken entries may lie unused at the front before the list is copied without them. */
const UNUSED_PLACES = 256;

export function createBacklog(limits: BacklogLimits): Backlog {
  let list: Entry[] = [];
  let first = 0;
  let events = 0;
  let bytes = 0;
  let waiters: { readonly isOver: () => boolean; readonly resolve: () => void }[] = [];

  const hasRoom = (): boolean => events < limits.lowEvents && bytes < limits.lowBytes;

  function until(isOver: () => boolean): Promise<void> {
    if (isOver()) return Promise.resolve();
    return new Promise((resolve) => {
      waiters.push({ isOver, resolve });
    });
  }

  function wake(): void {
    const over = waiters.filter(({ isOver }) => isOver());
    if (over.length === 0) return;
    waiters = waiters.filter((waiter) => !over.includes(waiter));
    for (const { resolve } of over) resolve();
  }

  function hold(entry: Entry): void {
    events += eventsIn(entry);
    bytes += entry.bytes;
  }

  function letGo(entry: Entry): void {
    events -= eventsIn(entry);
    bytes -= entry.bytes;
  }

  function putFirst(taken: readonly Entry[]): void {
    list = [...taken, ...list.slice(first)];
    first = 0;
  }

  return {
    add(entry) {
      hold(entry);
      list.push(entry);
    },
    addFirst(entry) {
      hold(entry);
      putFirst([entry]);
    },
    at: (place) => list[first + place],
    take(count) {
      const taken = list.slice(first, first + count);
      first += taken.length;
      if (first > UNUSED_PLACES || first === list.length) {
        list = list.slice(first);
        first = 0;
      }
      return taken;
    },
    putBack: putFirst,
    replace(taken, forms) {
      letGo(taken);
      for (const form of forms) hold(form);
      wake();
    },
    remove(taken) {
      letGo(taken);
      wake();
    },
    clear() {
      list = [];
      first = 0;
    },
    get events() {
      return events;
    },
    get bytes() {
      return bytes;
    },
    get full() {
      return events >= limits.highEvents || bytes >= limits.highBytes;
    },
    room: () => until(hasRoom),
    empty: () => until(() => events === 0),
  };
}
