import type { ApiClient } from './cluster/api-client.ts';
import type { RelayConfig } from './config.ts';
import { createCounts } from './stream/counts.ts';
import { createEnrichment } from './context/enrichment.ts';
import type { Cursors, Tenure } from './cursor/cursor-store.ts';
import { type ApiTiming, createEventApi } from './cluster/event-api.ts';
import type { Logger } from './log.ts';
import { heartbeatMessage, type Outgoing } from './queue/message.ts';
import type { RelayMetrics } from './metrics.ts';
import { createOutbox, type OutboxLimits } from './queue/outbox.ts';
import type { SendBatch } from './queue/sqs.ts';
import { createStream } from './stream/stream.ts';
import { unlessAborted } from './wait.ts';
import type { Cursor } from './stream/watermark.ts';

/** All that a relay does while it leads. */
export interface Session {
  /** Reads until the signal aborts. @throws {Error} if that cannot go on; then nothing reads any more. */
  run(signal: AbortSignal): Promise<void>;
  /** Resolves once everything read is on the queue, or the signal aborts. */
  drain(signal: AbortSignal): Promise<void>;
  /** Sends nothing more. */
  end(): void;
  /** What may be saved now. */
  cursors(): Cursors | undefined;
  /** Whether the queue has accepted something from it, and still does. */
  canSend(): boolean;
  /** For how long the queue has not accepted anything, in milliseconds. */
  unableMs(): number;
  /** What is not in order. */
  troubles(): readonly string[];
  stuck(): boolean;
}

export interface SessionPorts {
  readonly client: ApiClient;
  readonly send: SendBatch;
  readonly metrics: RelayMetrics;
  readonly log: Logger;
  readonly version: string;
  readonly timing: ApiTiming;
  readonly limits: OutboxLimits;
  readonly heartbeatMs: number;
}

/** Every namespace at once. */
const ALL = '*';
const REMEMBERED_COUNTS = 20_000;

export function createSession(config: RelayConfig, tenure: Tenure, ports: SessionPorts): Session {
  const { client, metrics, log } = ports;
  const { cluster, budget } = config;
  const outbox = createOutbox({ send: ports.send, probe: heartbeat, cluster, budget, metrics, log }, ports.limits);
  // Forgotten with the session: what the outbox drops then is read again, and must not look as if it had been seen.
  const counts = createCounts(REMEMBERED_COUNTS);
  const enrichment = createEnrichment(config, { client, timing: ports.timing, metrics, log });
  const names = config.namespaces.length === 0 ? [ALL] : config.namespaces;
  const streams = names.map((name) => {
    const api = createEventApi(client, name === ALL ? undefined : name, ports.timing);
    // Versions are the same whether one namespace is watched or all of them.
    const saved = tenure.saved[name] ?? (name === ALL ? oldest(Object.values(tenure.saved)) : tenure.saved[ALL]);
    const { startFrom, eventTtlMs } = config;
    const stream = createStream(
      { name, cluster, startFrom, eventTtlMs, saved, cursorLost: tenure.cursorLost },
      { client, api, timing: ports.timing, outbox, counts, enrichment, metrics, log, save: tenure.save },
    );
    return { name, saved, stream };
  });
  let heartbeatWaiting = false;

  function heartbeat(): Outgoing {
    const { version } = ports;
    const { identity, enrich } = config;
    const { installation } = tenure;
    return heartbeatMessage(config.cluster, { version, installation, identity, enrich, sent: metrics.sent.total() });
  }

  function sendHeartbeat(): void {
    // While the queue does not accept, one is enough.
    if (heartbeatWaiting) return;
    heartbeatWaiting = true;
    outbox.push(heartbeat(), () => {
      heartbeatWaiting = false;
    });
  }

  return {
    async run(signal) {
      const failing = new AbortController();
      const either = AbortSignal.any([signal, failing.signal]);
      const timer = setInterval(sendHeartbeat, ports.heartbeatMs);
      try {
        sendHeartbeat();
        // No stream ends before the signal, unless by a fault of this program: then all of them are to begin anew.
        await Promise.all([...streams.map(({ stream }) => stream.run(either)), enrichment.run(either)]);
      } finally {
        failing.abort();
        clearInterval(timer);
      }
    },
    drain: (signal) => unlessAborted(outbox.empty(), signal),
    end: () => outbox.discard(),
    cursors() {
      const now = streams.map(({ name, saved, stream }) => [name, stream.cursor() ?? saved] as const);
      // A lost cursor stays lost until everything was sent anew: dying on the way must not hide it.
      if (tenure.cursorLost && now.some(([, cursor]) => cursor?.rv === undefined)) return undefined;
      return Object.fromEntries(now.filter((entry): entry is readonly [string, Cursor] => entry[1] !== undefined));
    },
    canSend: () => outbox.trouble === undefined,
    unableMs: () => outbox.failingMs,
    troubles() {
      const queue = outbox.trouble;
      const reading = streams.flatMap(({ name, stream }) => {
        const trouble = stream.trouble();
        return trouble === undefined ? [] : [name === ALL ? trouble : `namespace ${name}: ${trouble}`];
      });
      return [...(queue === undefined ? [] : [`queue: ${queue}`]), ...reading];
    },
    stuck: () => streams.some(({ stream }) => stream.stuck()),
  };
}

/** Where all namespaces go on from, when some were watched before. */
function oldest(cursors: readonly Cursor[]): Cursor | undefined {
  return cursors.toSorted((a, b) => Date.parse(a.observedAt) - Date.parse(b.observedAt))[0];
}
