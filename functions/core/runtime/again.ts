import { headOf, itemOf, pack } from '../contract/envelope.ts';
import type { Retry } from '../contract/outcome.ts';
import type { Postponed } from './account.ts';
import { attemptsOf, carriedOn, retryDelaySeconds } from './attempts.ts';
import { sentAnew, type How, type Past } from './past.ts';
import type { Outgoing } from './queue.ts';
import type { Item, ReadItem } from './record.ts';

export interface AgainOptions {
  readonly baseSeconds: number;
  /** Of an envelope; undefined for as many as there may be. */
  readonly maxEvents: number | undefined;
  readonly now: () => Date;
  readonly random: () => number;
}

/** An event that is to be tried again, after this failure, or when its time has come. */
export interface Again {
  readonly item: ReadItem;
  readonly after: Retry | Postponed;
}

/** A message on its way back to the queue, and the items that are in it. */
export interface Anew {
  readonly items: readonly Item[];
  readonly message: Outgoing;
  readonly delaySeconds: number;
}

/** The messages in which events go back to their queue: together where all that is said of them is alike. */
export function messagesAnew(all: readonly Again[], options: AgainOptions): readonly Anew[] {
  return [...Map.groupBy(all, alike).values()].flatMap((group) => {
    const [first] = group;
    if (!first) return [];
    const events = group.map(({ item }) => ({ source: item, item: itemOf(item.message) }));
    return pack(headOf(first.item.message), events, options.maxEvents).map(({ body, events: packed }) => {
      const items = packed.map(({ source }) => source);
      return anew(body, items, first, options);
    });
  });
}

/** An item that goes back alone, because its letter could not be written: the next attempt has its record to itself. */
export function aloneAnew(item: Item, options: AgainOptions): Anew {
  const { past } = item;
  const delaySeconds = retryDelaySeconds({ ...options, attempts: attemptsOf(past) }, options.random);
  return outgoing(item.body(), [item], failed([item], { past, delaySeconds }, options), options);
}

/** Events with equal keys have the same attempts behind them and the same time before them. */
function alike({ item, after }: Again): string {
  const { destination, past, message } = item;
  const { carried, receives, replays, isHeld } = past;
  const reason = after.status === 'retry' ? [after.code, after.afterMs, isHeld] : [after.until, after.isHeld];
  return JSON.stringify([destination, message.cluster, carried, receives, replays, ...reason]);
}

function anew(body: string, items: readonly Item[], { item, after }: Again, options: AgainOptions): Anew {
  const { past } = item;
  if (after.status === 'postponed') {
    const delaySeconds = untilDue({ notBefore: after.until }, options);
    const how = { carried: past.carried, retryingSince: retryingSince(items), delaySeconds, isHeld: after.isHeld };
    return outgoing(body, items, how, options);
  }
  const { baseSeconds, random } = options;
  const delaySeconds = retryDelaySeconds({ attempts: attemptsOf(past), afterMs: after.afterMs, baseSeconds }, random);
  return outgoing(body, items, failed(items, { past, delaySeconds }, options), options);
}

/** What a message says of items that have failed, now or before. */
function failed(
  items: readonly Item[],
  { past, delaySeconds }: { readonly past: Past; readonly delaySeconds: number },
  { now }: AgainOptions,
): How {
  const since = retryingSince(items) ?? now().toISOString();
  return { carried: carriedOn(past), retryingSince: since, delaySeconds, isHeld: past.isHeld };
}

/** When the first of some items failed first; undefined if none has. */
function retryingSince(items: readonly Item[]): string | undefined {
  return items.flatMap(({ past }) => past.retryingSince ?? []).toSorted()[0];
}

function outgoing(body: string, items: readonly Item[], how: How, { now }: AgainOptions): Anew {
  const [first] = items;
  const address = { body, groupId: first?.destination ?? '', replays: first?.past.replays };
  return { items, delaySeconds: how.delaySeconds, message: sentAnew(address, how, now()) };
}

/** How long until a message may be tried, in whole seconds. */
export function untilDue({ notBefore }: Pick<Past, 'notBefore'>, { now }: Pick<AgainOptions, 'now'>): number {
  return Math.max(0, Math.ceil((notBefore - now().getTime()) / 1000));
}
