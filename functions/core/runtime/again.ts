import { headOf, itemOf, pack } from '../contract/envelope.ts';
import type { Retry } from '../contract/outcome.ts';
import { attemptsOf, carriedOn, retryDelaySeconds } from './attempts.ts';
import { sentAnew, type Past } from './past.ts';
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
  readonly after: Retry | 'early';
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
  return outgoing(item.body(), [item], { carried: carriedOn(past), delaySeconds }, options);
}

/** Events with equal keys have the same attempts behind them and the same time before them. */
function alike({ item, after }: Again): string {
  const { destination, past, message } = item;
  const { carried, receives, notBefore, replays } = past;
  const reason = after === 'early' ? [notBefore] : [after.code, after.afterMs];
  return JSON.stringify([destination, message.cluster, carried, receives, replays, ...reason]);
}

function anew(body: string, items: readonly Item[], { item, after }: Again, options: AgainOptions): Anew {
  const { past } = item;
  if (after === 'early')
    return outgoing(body, items, { carried: past.carried, delaySeconds: untilDue(past, options) }, options);
  const { baseSeconds, random } = options;
  const delaySeconds = retryDelaySeconds({ attempts: attemptsOf(past), afterMs: after.afterMs, baseSeconds }, random);
  return outgoing(body, items, { carried: carriedOn(past), delaySeconds }, options);
}

function outgoing(
  body: string,
  items: readonly Item[],
  { carried, delaySeconds }: { readonly carried: number; readonly delaySeconds: number },
  { now }: AgainOptions,
): Anew {
  const [first] = items;
  const since = items.flatMap(({ past }) => past.retryingSince ?? []).toSorted();
  const retryingSince = since[0] ?? now().toISOString();
  const address = { body, groupId: first?.destination ?? '', replays: first?.past.replays };
  return { items, delaySeconds, message: sentAnew(address, { carried, retryingSince, delaySeconds }, now()) };
}

/** How long until a message may be tried, in whole seconds. */
export function untilDue({ notBefore }: Pick<Past, 'notBefore'>, { now }: Pick<AgainOptions, 'now'>): number {
  return Math.max(0, Math.ceil((notBefore - now().getTime()) / 1000));
}
