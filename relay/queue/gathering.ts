import type { SendBudget } from '../config.ts';
import type { Entry } from './backlog.ts';
import { createTokens, type Tokens } from './budget.ts';
import { MAX_EVENTS } from '../../functions/core/contract/envelope.ts';
import { envelopesOf } from './envelope.ts';
import type { Lane } from './message.ts';

/**
 * Events that wait until they may be sent, in an open envelope for each lane. Warnings have a budget of their own, so that no
 * flow of other events holds them up. What is sent takes along what waits in the other lane: that costs nothing more.
 */
export interface Gathering {
  /** Adds an event. Gives the envelopes that are full by that: they need no budget. */
  add(lane: Lane, entry: Entry): readonly Entry[];
  /** What the budget allows to be sent now. */
  allowed(): readonly Entry[];
  /** How long until the budget allows something, in milliseconds; undefined while nothing waits. */
  waitMs(): number | undefined;
  /** All that waits, whatever the budget says. */
  flush(): readonly Entry[];
  /** How many events wait. */
  readonly size: number;
}

/** An envelope is closed when its events take so much, uncompressed: it would be held in memory otherwise. */
const MAX_OPEN_BYTES = 256 * 1024;

interface OpenEnvelope {
  readonly tokens: Tokens;
  entries: Entry[];
  bytes: number;
}

export function createGathering(cluster: string, budget: SendBudget): Gathering {
  const open = (): OpenEnvelope => ({ tokens: createTokens(budget), entries: [], bytes: 0 });
  const lanes: Readonly<Record<Lane, OpenEnvelope>> = { warning: open(), normal: open() };
  const waiting = (): readonly OpenEnvelope[] => Object.values(lanes).filter(({ entries }) => entries.length > 0);

  function close(envelope: OpenEnvelope): readonly Entry[] {
    const { entries } = envelope;
    envelope.entries = [];
    envelope.bytes = 0;
    return entries;
  }

  return {
    add(lane, entry) {
      const envelope = lanes[lane];
      envelope.entries.push(entry);
      envelope.bytes += entry.bytes;
      const isFull = envelope.entries.length === MAX_EVENTS || envelope.bytes >= MAX_OPEN_BYTES;
      return isFull ? envelopesOf(cluster, close(envelope)) : [];
    },
    allowed() {
      const all = waiting();
      if (!all.some(({ tokens }) => tokens.waitMs() === 0)) return [];
      for (const { tokens } of all) tokens.spend();
      return envelopesOf(cluster, all.flatMap(close));
    },
    waitMs() {
      const waits = waiting().map(({ tokens }) => tokens.waitMs());
      return waits.length === 0 ? undefined : Math.min(...waits);
    },
    flush: () => envelopesOf(cluster, waiting().flatMap(close)),
    get size() {
      return waiting().reduce((sum, { entries }) => sum + entries.length, 0);
    },
  };
}
