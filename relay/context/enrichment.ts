import type { EventContext } from '../../functions/core/contract/context.ts';
import type { KubeEvent } from '../../functions/core/contract/event.ts';
import type { Enrich } from '../config.ts';
import type { RelayMetrics } from '../metrics.ts';
import { learnedContext } from './learned-context.ts';
import { createContextMemory } from './memory.ts';

/** Adds to events what is known of the objects that they are about. */
export interface Enrichment {
  /** Learns from an event that is not sent. */
  learn(event: KubeEvent): void;
  /** Learns from an event, and gives what is known of its object. */
  contextOf(event: KubeEvent): EventContext;
}

/** How many objects are remembered: of each its controller and its node. */
const REMEMBERED_OBJECTS = 20_000;

export function createEnrichment(enrich: Enrich, { context }: Pick<RelayMetrics, 'context'>): Enrichment {
  if (enrich === 'none') return { learn() {}, contextOf: () => ({}) };
  const memory = createContextMemory(REMEMBERED_OBJECTS);
  return {
    learn: (event) => memory.learn(event),
    contextOf(event) {
      memory.learn(event);
      const known = learnedContext(memory, event);
      context.add(1, { result: resultOf(known) });
      return known;
    },
  };
}

function resultOf({ owner }: EventContext): string {
  if (owner === undefined) return 'unknown';
  return owner.guessed === true ? 'guessed' : 'known';
}
