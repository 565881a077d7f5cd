import { createGathering } from '../../relay/queue/gathering.ts';
import { seededRandom } from '../seeded-random.ts';
import type { SendBudget } from '../../relay/manifests/settings.ts';

/** Events as they come, at random times. */
export interface Flow {
  readonly eventsPerSecond: number;
  /** Which part of them is of type `Warning`. */
  readonly warningShare: number;
}

/** What a relay sends of a flow, and how long its events wait for that. */
export interface Sends {
  readonly messagesPerSecond: number;
  /** In milliseconds, ascending. */
  readonly waits: Readonly<Record<Lane, readonly number[]>>;
}

export type Lane = 'warning' | 'normal';

/** So many events show what comes in the long run: hours of one event a second, minutes of a hundred. */
const EVENTS = 30_000;
/** By then the tokens that there are at first are spent. */
const FIRST_EVENTS = 10_000;

const played = new Map<string, Sends>();

/** Plays a flow of events through the relay's own envelopes and budget, once: the same flow gives the same sends. */
export function playSends(flow: Flow, budget: SendBudget): Sends {
  const key = JSON.stringify([flow, budget]);
  const sends = played.get(key) ?? play(flow, budget);
  played.set(key, sends);
  return sends;
}

function play({ eventsPerSecond, warningShare }: Flow, budget: SendBudget): Sends {
  const random = seededRandom(1);
  let now = 0;
  let startedAt = 0;
  let messages = 0;
  let waiting: { readonly lane: Lane; readonly since: number }[] = [];
  let waits: Readonly<Record<Lane, number[]>> = { warning: [], normal: [] };
  const gathering = createGathering('prod', budget, () => now);

  for (let each = 0; each < FIRST_EVENTS + EVENTS; each += 1) {
    if (each === FIRST_EVENTS) {
      startedAt = now;
      messages = 0;
      waits = { warning: [], normal: [] };
    }
    const next = now - (Math.log(1 - random()) / eventsPerSecond) * 1000;
    for (let ms = gathering.waitMs(); ms !== undefined && now + ms <= next; ms = gathering.waitMs()) {
      now += ms;
      send(gathering.allowed().length);
    }
    now = next;
    const lane: Lane = random() < warningShare ? 'warning' : 'normal';
    waiting.push({ lane, since: now });
    send(gathering.add(lane, entry).length);
    send(gathering.allowed().length);
  }
  for (const lane of Object.values(waits)) lane.sort((a, b) => a - b);
  return { messagesPerSecond: (messages * 1000) / (now - startedAt), waits };

  /** What is sent is all that waits. */
  function send(count: number): void {
    if (count === 0) return;
    messages += count;
    for (const { lane, since } of waiting) waits[lane].push(now - since);
    waiting = [];
  }
}

/** The value below which a part of ascending numbers lies. */
export function quantile(sorted: readonly number[], part: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
}

/** An event, as far as gathering looks at it: short, because what packing makes of its bytes is not asked here. */
const entry = {
  message: { body: '{"v":1,"kind":"event","cluster":"prod","seenAt":""}' },
  bytes: 51,
  parts: [],
  attempts: 0,
  isolated: false,
  accepted: () => {},
  refused: undefined,
  refusedAfter: undefined,
  standsFor: undefined,
} as const;
