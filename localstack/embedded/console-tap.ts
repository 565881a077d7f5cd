import type { Message } from '@aws-sdk/client-sqs';
import { openMessage, type Opened } from '../../functions/core/contract/envelope.ts';
import { clusterEvent } from '../../functions/core/contract/event.ts';
import { MessageError } from '../../functions/core/contract/message.ts';
import type { Observed } from '../../functions/core/runtime/observe.ts';
import type { ConsoleSource, Observation } from '../../infra/console/source.ts';
import { oneLine } from '../../infra/ops/one-line.ts';
import { createClusters, type Clusters } from './console-clusters.ts';
import type { Tap } from './embedded.ts';
import { createRate } from './rate.ts';

/** What the console learns while it looks on. */
export interface ConsoleTap extends Tap {
  readonly follow: ConsoleSource['follow'];
  readonly clusters: Clusters['flow'];
  eventsPerSecond(): number;
  /** Events that were done a second, at the destinations of a type. */
  donePerSecond(type: string): number;
  /** Destinations of a type where nothing succeeds of late, in a line each. */
  failing(type: string): readonly string[];
}

/** What is kept for the first who follows: the console starts beside the stack. */
const MOST_EARLY = 1000;
/** A failure or two is the passing trouble of a service. */
const FAILING_FROM = 3;
const MOST_FAILING = 1000;

interface Failing {
  readonly times: number;
  readonly code: string;
  readonly detail: string;
}

export function createConsoleTap(now: () => number = Date.now): ConsoleTap {
  const followers = new Set<Parameters<ConsoleSource['follow']>[0]>();
  const clusters = createClusters(now);
  const arriving = createRate(now);
  const done = new Map<string, ReturnType<typeof createRate>>();
  const failing = new Map<string, Failing>();
  let pending: Observation[] = [];
  let isFlushing = false;

  return {
    arrived(messages) {
      for (const message of messages) arrive(message);
    },
    observe(observed) {
      count(observed);
      const { event: eventId, destination, status, code, detail } = observed;
      if (eventId === undefined) return;
      const at = new Date(now()).toISOString();
      const attempt = { at, status, ...(code !== undefined && { code }), ...(detail && { detail }) };
      push({ kind: 'delivery', eventId, destination, attempt });
    },
    async follow(tell, signal) {
      const { promise, resolve } = Promise.withResolvers<void>();
      followers.add(tell);
      signal.addEventListener('abort', () => resolve(), { once: true });
      if (signal.aborted) resolve();
      flushSoon();
      await promise;
      followers.delete(tell);
    },
    clusters: () => clusters.flow(),
    eventsPerSecond: () => arriving.perSecond(),
    donePerSecond: (type) => done.get(type)?.perSecond() ?? 0,
    failing(type) {
      const own = [...failing].filter(([id, { times }]) => id.startsWith(`${type}/`) && times >= FAILING_FROM);
      return own.map(([id, { code, detail }]) =>
        oneLine(`${id} fails, and its events are tried again: ${[code, detail].filter(Boolean).join(', ')}`),
      );
    },
  };

  function arrive({ Body = '', MessageAttributes = {} }: Message): void {
    const opened = open(Body);
    if (opened?.kind !== 'events') {
      if (opened) clusters.accept(opened);
      return;
    }
    // A letter that comes again was seen before.
    if (Object.hasOwn(MessageAttributes, 'replays')) return;
    arriving.add(opened.events.length);
    for (const message of opened.events) push({ kind: 'event', event: clusterEvent(message) });
  }

  function count({ destination, status, code = '', detail = '' }: Observed): void {
    if (status === 'delivered' || status === 'filtered') {
      const [type = ''] = destination.split('/');
      const rate = done.get(type) ?? createRate(now);
      rate.add(1);
      done.set(type, rate);
    }
    if (status === 'delivered' || status === 'letter') failing.delete(destination);
    if (status !== 'retrying') return;
    const times = (failing.get(destination)?.times ?? 0) + 1;
    failing.set(destination, { times, code, detail });
    const [oldest] = failing.keys();
    if (failing.size > MOST_FAILING && oldest !== undefined) failing.delete(oldest);
  }

  function push(observation: Observation): void {
    pending.push(observation);
    if (followers.size === 0 && pending.length > 2 * MOST_EARLY) pending = pending.slice(-MOST_EARLY);
    flushSoon();
  }

  /** What comes in one turn of the event loop is told together, and after it, so that telling delays no invocation. */
  function flushSoon(): void {
    if (isFlushing || followers.size === 0) return;
    isFlushing = true;
    setImmediate(() => {
      isFlushing = false;
      const all = pending;
      pending = [];
      for (const tell of followers) {
        try {
          tell(all);
        } catch {
          // A follower that fails misses these; nothing else does.
        }
      }
    });
  }
}

function open(body: string): Opened | undefined {
  try {
    return openMessage(body);
  } catch (error) {
    if (error instanceof MessageError) return undefined;
    throw error;
  }
}
