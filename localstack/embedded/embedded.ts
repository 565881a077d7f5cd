import { setTimeout as sleep } from 'node:timers/promises';
import type { SQSEvent } from 'aws-lambda';
import type { SinkConfig } from '../../functions/core/contract/config.ts';
import { createHandler, type SinkHandler } from '../../functions/core/runtime/handler.ts';
import { createRouter } from '../../functions/fanout/router.ts';
import { loadConfigs, sinkTypes } from '../../infra/discover.ts';
import { folderDocuments } from '../../infra/ops/formats.ts';
import { loadSink } from '../../infra/ops/sinks.ts';
import { parseSettings, type FunctionSettings } from '../../infra/stack/settings.ts';
import { eventCountIn, sum } from './event-count.ts';
import { startQueues, type QueuePair } from './embedded-queues.ts';
import { startEventSource, type EventSource, type QueueFunction } from './event-source.ts';
import { createMetricTotals } from './metric-totals.ts';
import { REDRIVE_MARGIN } from '../../functions/core/runtime/attempts.ts';
import { isSentAnew } from '../../functions/core/runtime/past.ts';
import { namedMessageOf } from '../../functions/core/contract/untrusted.ts';

export interface EmbeddedOptions {
  /** The destinations folder: edits in it take effect within a second. */
  readonly folder: string;
  /** Takes the lines of the `log` destinations. */
  readonly print: (line: string) => void;
  /** Takes the functions' logs, one JSON document each. */
  readonly log: (line: string) => void;
  /** @default 8 */
  readonly maxReceives?: number;
  /** @default 5: on AWS it is longer, here somebody is waiting. */
  readonly retryBaseSeconds?: number;
}

/** The unit is one event at one destination; an event that no destination wants counts once, as filtered. */
export interface Summary {
  /** Events that reached the router. */
  readonly events: number;
  /** What there is to account for: equals the sum of the next four. */
  readonly seen: number;
  readonly delivered: number;
  readonly filtered: number;
  /** In a dead-letter queue now: a letter that was replayed is counted where it went. */
  readonly deadLettered: number;
  /** Still on a queue. */
  readonly waiting: number;
  /** Attempts that are to be repeated. */
  readonly retried: number;
  readonly replayed: number;
}

export interface EmbeddedStack {
  readonly ingestQueueUrl: string;
  readonly queues: Awaited<ReturnType<typeof startQueues>>;
  summary(): Summary;
  /** Replays the dead letters of a sink type. */
  replay(type: string): Promise<number>;
  /** Resolves once nothing is left to do, or nothing that can be done within the limit. */
  drain(limitMs: number): Promise<void>;
  /** Ends when no invocation is under way. Resolves to the final account: only now is nothing counted twice. */
  stop(): Promise<Summary>;
}

const DRAIN_POLL_MS = 50;

/**
 * The whole cloud side in this process: the queues, the router and every sink's function, with the settings the stack would
 * give them. A sink's module is loaded when its first message comes.
 */
export async function startEmbeddedStack(options: EmbeddedOptions): Promise<EmbeddedStack> {
  const { folder, print, log, maxReceives = 8, retryBaseSeconds = 5 } = options;
  const configs = await loadConfigs();
  const settings = parseSettings({ sinks: sinkTypes(), maxReceives, retryBaseSeconds, ...atOnce(configs) }, configs);
  const queues = await startQueues();
  const documents = folderDocuments(folder);
  const metrics = createMetricTotals();
  const output = {
    stdout: (line: string) => {
      if (!metrics.accept(line)) print(line);
    },
    stderr: log,
  };
  const firstReceives = { router: 0, sinks: 0 };
  let replayed = 0;

  const ingest = createPair('ingest', settings.router);
  const sinks = new Map(settings.sinks.map((sink) => [sink.type, createPair(sink.type, sink)]));
  const sinkQueues = Object.fromEntries([...sinks].map(([type, { url }]) => [type, url]));
  const router = createRouter(async (type) => configs.find((config) => config.type === type), {
    env: {
      SINK_QUEUES: JSON.stringify(sinkQueues),
      DEAD_LETTER_QUEUE_URL: ingest.deadLetterUrl,
    },
    output,
    queueClient: queues.client,
    documents,
  });
  const sources: readonly EventSource[] = [
    startFunction('router', ingest, settings.router, (event, context) => {
      firstReceives.router += countFirst(event);
      return router(event, context);
    }),
    ...settings.sinks.map((sink) => {
      const pair = sinks.get(sink.type) ?? ingest;
      return startFunction(sink.type, pair, sink, sinkFunction(sink.type, pair));
    }),
  ];

  return {
    ingestQueueUrl: ingest.url,
    queues,
    summary,
    async replay(type) {
      const pair = sinks.get(type);
      const count = pair ? await queues.replay(pair) : 0;
      replayed += count;
      return count;
    },
    drain,
    async stop() {
      await Promise.all(sources.map((source) => source.stop()));
      const final = summary();
      await queues.stop();
      return final;
    },
  };

  function createPair(name: string, { visibilitySeconds, maxReceives: receives }: FunctionSettings): QueuePair {
    return queues.createPair(name, { visibilitySeconds, redriveReceives: receives + REDRIVE_MARGIN });
  }

  function startFunction(name: string, pair: QueuePair, of: FunctionSettings, invoke: QueueFunction): EventSource {
    return startEventSource(queues.client, { ...of, queueUrl: pair.url }, invoke, (error) =>
      log(
        JSON.stringify({ level: 'error', message: 'an invocation failed', sink: name, error: namedMessageOf(error) }),
      ),
    );
  }

  function sinkFunction(type: string, { url, deadLetterUrl }: QueuePair): QueueFunction {
    const env = {
      QUEUE_URL: url,
      DEAD_LETTER_QUEUE_URL: deadLetterUrl,
      MAX_RECEIVES: String(maxReceives),
      RETRY_BASE_SECONDS: String(retryBaseSeconds),
    };
    let handler: Promise<SinkHandler> | undefined;
    return async (event, context) => {
      firstReceives.sinks += countFirst(event);
      handler ??= loadSink(type).then((sink) =>
        createHandler(sink, { env, output, queueClient: queues.client, documents }),
      );
      return (await handler)(event, context);
    };
  }

  function summary(): Summary {
    const pairs = [ingest, ...sinks.values()];
    const counts = [...sinks.values()].map(({ url }) => queues.counts(url));
    const sinksWaiting = sum(counts.map(({ events }) => events));
    const untouched = sum(counts.map((each) => each.untouched));
    const ingestCounts = queues.counts(ingest.url);
    const routerLetters = queues.counts(ingest.deadLetterUrl).events;
    const unmatched = metrics.sum('Filtered', 'router');
    const copies = firstReceives.sinks + untouched - replayed;
    return {
      events: firstReceives.router + ingestCounts.untouched - metrics.sum('Heartbeats') - metrics.sum('Gaps'),
      seen: copies + unmatched + routerLetters + ingestCounts.events,
      delivered: metrics.sum('Delivered'),
      filtered: metrics.sum('Filtered'),
      deadLettered: sum(pairs.map(({ deadLetterUrl }) => queues.counts(deadLetterUrl).events)),
      waiting: sinksWaiting + ingestCounts.events,
      retried: metrics.sum('Retried'),
      replayed,
    };
  }

  async function drain(limitMs: number): Promise<void> {
    const deadline = Date.now() + limitMs;
    const hasWork = (): boolean =>
      sources.some((source) => source.isBusy()) ||
      [ingest, ...sinks.values()].some(({ url }) => (queues.counts(url).nextDueMs ?? Infinity) <= deadline);
    while (Date.now() < deadline && hasWork()) await sleep(DRAIN_POLL_MS);
  }
}

/** Stores gather for the sake of the bill, which there is none of here. Chats gather to be read, for as long as somebody looks on. */
function atOnce(configs: readonly SinkConfig[]): Readonly<Record<string, number>> {
  const seconds = ({ chat, runtime }: SinkConfig) => (chat ? Math.min(runtime?.windowSeconds ?? 5, 5) : 0);
  return Object.fromEntries(configs.map((config) => [`sinks.${config.type}.windowSeconds`, seconds(config)]));
}

/** The events that a function gets for the first time. */
function countFirst({ Records }: SQSEvent): number {
  const first = Records.filter(
    ({ attributes, messageAttributes }) => attributes.ApproximateReceiveCount === '1' && !isSentAnew(messageAttributes),
  );
  return sum(first.map(({ body }) => eventCountIn(body)));
}
