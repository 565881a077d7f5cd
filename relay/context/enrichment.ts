import type { EventContext } from '../../functions/core/contract/context.ts';
import type { KubeEvent } from '../../functions/core/contract/event.ts';
import type { ApiClient } from '../cluster/api-client.ts';
import type { ApiTiming } from '../cluster/event-api.ts';
import { createMetadataApi, createNamespaceApi } from '../cluster/metadata-api.ts';
import type { RelayConfig } from '../config.ts';
import type { Logger } from '../log.ts';
import type { RelayMetrics } from '../metrics.ts';
import { type Asked, askedContext, type ContextSources } from './asked-context.ts';
import { learnedContext } from './learned-context.ts';
import { createLookup, type Lookup } from './lookup.ts';
import { createContextMemory } from './memory.ts';
import { createNamespaces, type Namespaces } from './namespaces.ts';
import { involvedObject, type ObjectRef } from './object.ts';
import { createWaitingLine, type LineLimits } from './waiting-line.ts';

/** Adds to events what is known of the objects that they are about. */
export interface Enrichment {
  /** Learns from an event that is not sent. */
  learn(event: KubeEvent): void;
  /**
   * Learns from an event, and calls `send` with what is known of its object: at once, or after the API server was asked, which has
   * an end. What is sent is sent in the order of the calls.
   * @param bytes that are held until then.
   */
  enrich(event: KubeEvent, bytes: number, send: (context: EventContext) => void): void;
  /** Sends something without context, in its turn. */
  pass(send: () => void): void;
  /** Keeps up to date what it knows until the signal aborts; from then on, nothing waits. Never rejects. */
  run(signal: AbortSignal): Promise<void>;
}

export interface EnrichmentPorts {
  readonly client: ApiClient;
  readonly timing: ApiTiming;
  readonly metrics: Pick<RelayMetrics, 'context'>;
  readonly log: Logger;
}

/** How many objects are remembered: of each its controller and its node. */
const REMEMBERED_OBJECTS = 20_000;
/** An event waits for half a second at most, timers' delay included. */
const LINE_LIMITS: LineLimits = { waitMs: 450, messages: 400, bytes: 512 * 1024 };
/** A request may take longer than an event waits: the next event of its object has the answer then. */
const REQUEST_MS = 2000;
/** More than the levels of controllers, and each level's discovery. */
const MAX_ASKS = 8;

export function createEnrichment(
  { enrich, namespaces }: Pick<RelayConfig, 'enrich' | 'namespaces'>,
  ports: EnrichmentPorts,
): Enrichment {
  const memory = createContextMemory(REMEMBERED_OBJECTS);
  switch (enrich) {
    case 'none':
      return { ...immediate, learn() {}, enrich: (_event, _bytes, send) => send({}) };
    case 'owners':
      return {
        ...immediate,
        learn: (event) => memory.learn(event),
        enrich(event, _bytes, send) {
          memory.learn(event);
          const context = learnedContext(memory, event);
          ports.metrics.context.add(1, { result: learnedResult(context) });
          send(context);
        },
      };
    case 'labels': {
      const { client, timing, log } = ports;
      const watched = namespaces.length === 0 ? createNamespaces(createNamespaceApi(client, timing), log) : undefined;
      const lookup = createLookup(createMetadataApi(client, REQUEST_MS), log);
      return askingEnrichment({ memory, lookup, namespaces: watched }, ports.metrics);
    }
  }
}

const immediate: Pick<Enrichment, 'pass' | 'run'> = { pass: (send) => send(), run: async () => {} };

function askingEnrichment(
  sources: ContextSources & { readonly lookup: Lookup; readonly namespaces: Namespaces | undefined },
  { context: counter }: Pick<RelayMetrics, 'context'>,
): Enrichment {
  const { memory, lookup, namespaces } = sources;
  const line = createWaitingLine(LINE_LIMITS);
  const stopping = new AbortController();

  const asking = new Map<string, Promise<void>>();

  /** Resolves once all that is due of an object was asked for, as far as there are answers; undefined if nothing is due. */
  function ready(object: ObjectRef): Promise<void> | undefined {
    const { due } = askedContext(sources, object);
    if (due === undefined) return undefined;
    const { apiVersion, kind, namespace, name, uid } = object;
    const key = JSON.stringify([apiVersion, kind, namespace, name, uid]);
    const underway = asking.get(key);
    if (underway !== undefined) return underway;
    const asked = askAll(object, due).finally(() => asking.delete(key));
    asking.set(key, asked);
    return asked;
  }

  async function askAll(object: ObjectRef, due: ObjectRef): Promise<void> {
    let next: ObjectRef | undefined = due;
    for (let asks = 0; next !== undefined && asks < MAX_ASKS; asks += 1) {
      if (!(await lookup.ask(next, stopping.signal))) return;
      next = askedContext(sources, object).due;
    }
  }

  return {
    learn: (event) => memory.learn(event),
    enrich(event, bytes, send) {
      memory.learn(event);
      const object = askable(involvedObject(event));
      line.add(ready(object), bytes, (isLate) => {
        const known = askedContext(sources, object);
        counter.add(1, { result: askedResult(known, isLate) });
        send(known.context);
      });
    },
    pass: (send) => line.add(undefined, 0, send),
    async run(signal) {
      const stop = (): void => {
        stopping.abort();
        line.flush();
      };
      signal.addEventListener('abort', stop);
      if (signal.aborted) stop();
      await namespaces?.run(signal);
    },
  };
}

/** Kubelets leave out the version of what is part of the core. */
function askable(object: ObjectRef): ObjectRef {
  return object.apiVersion === '' ? { ...object, apiVersion: 'v1' } : object;
}

function learnedResult({ owner }: EventContext): string {
  if (owner === undefined) return 'unknown';
  return owner.guessed === true ? 'guessed' : 'known';
}

function askedResult({ answer, due }: Asked, isLate: boolean): string {
  if (isLate) return 'late';
  if (due !== undefined) return 'limited';
  if (answer === undefined) return 'unknown';
  return answer === 'found' ? 'known' : answer;
}
