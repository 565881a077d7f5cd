import { setTimeout as sleep } from 'node:timers/promises';
import type { Message } from '@aws-sdk/client-sqs';
import type { ClusterEvent } from '../../functions/core/contract/event.ts';
import type { SinkConfig } from '../../functions/core/contract/config.ts';
import type { Fate } from '../../functions/core/contract/outcome.ts';
import { namedMessageOf } from '../../functions/core/contract/untrusted.ts';
import { REDRIVE_MARGIN } from '../../functions/core/runtime/attempts.ts';
import { createHandler, type SinkHandler, type TestInvocation } from '../../functions/core/runtime/handler.ts';
import type { MetricName } from '../../functions/core/runtime/metrics.ts';
import type { Observe } from '../../functions/core/runtime/observe.ts';
import { createRouter } from '../../functions/fanout/router.ts';
import { loadConfigs, sinkTypes } from '../../infra/discover.ts';
import type { ReplayResult } from '../../infra/ops/dlq/replay-loop.ts';
import { folderDocuments } from '../../infra/ops/formats.ts';
import { loadSink } from '../../infra/ops/sinks.ts';
import { parseSettings, type FunctionSettings } from '../../infra/stack/settings.ts';
import { startQueues, type EmbeddedQueues, type QueuePair, type ReplayChoice } from './embedded-queues.ts';
import { startEventSource, type EventSource, type QueueFunction } from './event-source.ts';
import { createLedger, isFirst, type Summary } from './ledger.ts';
import { createMetricTotals } from './metric-totals.ts';
import { recordOf } from '../../functions/core/contract/untrusted.ts';

export interface EmbeddedOptions {
  /** The destinations folder: edits in it take effect within a second. */
  readonly folder: string;
  /** Takes the lines of the `log` destinations. */
  readonly print: (line: string) => void;
  /** How a `log` destination with `"format": "text"` writes an event. @default as on AWS */
  readonly eventText?: (event: ClusterEvent) => string;
  /** Takes the functions' logs, one JSON document each. */
  readonly log: (line: string) => void;
  /** @default 8 */
  readonly maxReceives?: number;
  /** @default 5: on AWS it is longer, here somebody is waiting. */
  readonly retryBaseSeconds?: number;
  readonly tap?: Tap;
}

/** Looks on. */
export interface Tap {
  /** Takes messages that reach the router for the first time. */
  readonly arrived: (messages: readonly Message[]) => void;
  /** Takes what becomes of each event at each destination. */
  readonly observe: Observe;
}

/** The router, or a sink type, with its queues. */
export interface Consumer {
  /** `router`, or the sink type. */
  readonly owner: string;
  readonly pair: QueuePair;
}

export interface EmbeddedStack {
  readonly ingestQueueUrl: string;
  readonly queues: EmbeddedQueues;
  /** The router first. */
  readonly consumers: readonly Consumer[];
  summary(): Summary;
  /** What the functions of an owner have counted. */
  counted(name: MetricName, owner: string): number;
  /** Sends dead letters of an owner back: all of them, where nothing chooses. */
  replay(owner: string, choice?: ReplayChoice): Promise<ReplayResult>;
  /** Delivers an event for real, as a test of a destination does, and touches no queue. */
  test(invocation: TestInvocation['test']): Promise<Fate>;
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
  const { folder, print, log, maxReceives = 8, retryBaseSeconds = 5, tap } = options;
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
  const ingest = createPair('ingest', settings.router);
  const sinks = new Map(settings.sinks.map((sink) => [sink.type, createPair(sink.type, sink)]));
  const ledger = createLedger(queues, { ingest, sinks }, metrics);
  const consumers = [{ owner: 'router', pair: ingest }, ...[...sinks].map(([owner, pair]) => ({ owner, pair }))];
  const handlers = new Map<string, Promise<SinkHandler>>();
  const sinkQueues = Object.fromEntries([...sinks].map(([type, { url }]) => [type, url]));
  const router = createRouter(async (type) => configs.find((config) => config.type === type), {
    env: {
      SINK_QUEUES: JSON.stringify(sinkQueues),
      DEAD_LETTER_QUEUE_URL: ingest.deadLetterUrl,
    },
    output,
    queueCalls: queues.calls,
    documents,
  });
  const sources: readonly EventSource[] = [
    startFunction('router', ingest, settings.router, router),
    ...settings.sinks.map((sink) =>
      startFunction(sink.type, pairOf(sink.type), sink, async (event, context) =>
        (await handlerOf(sink.type))(event, context),
      ),
    ),
  ];

  return {
    ingestQueueUrl: ingest.url,
    queues,
    consumers,
    summary: () => ledger.summary(),
    counted: (name, owner) => metrics.sum(name, owner),
    async replay(owner, choice) {
      let counted = 0;
      return queues.replay(owner, pairOf(owner), {
        ...choice,
        // At once, so that the account is right while many are on their way.
        onProgress(replayed) {
          ledger.replayed(owner, replayed - counted);
          counted = replayed;
        },
      });
    },
    async test(invocation) {
      const [type = ''] = invocation.destination.split('/');
      const seconds = settings.sinks.find((sink) => sink.type === type)?.timeoutSeconds ?? 0;
      return (await handlerOf(type))({ test: invocation }, { getRemainingTimeInMillis: () => seconds * 1000 });
    },
    drain,
    async stop() {
      await Promise.all(sources.map((source) => source.stop()));
      const final = ledger.summary();
      await queues.stop();
      return final;
    },
  };

  function createPair(name: string, { visibilitySeconds, maxReceives: receives }: FunctionSettings): QueuePair {
    return queues.createPair(name, { visibilitySeconds, redriveReceives: receives + REDRIVE_MARGIN });
  }

  /** @throws {Error} if there is none. */
  function pairOf(owner: string): QueuePair {
    const consumer = consumers.find((each) => each.owner === owner);
    if (!consumer) throw new Error(`there is no queue of ${owner}`);
    return consumer.pair;
  }

  function startFunction(owner: string, pair: QueuePair, of: FunctionSettings, invoke: QueueFunction): EventSource {
    return startEventSource(
      queues.client,
      { ...of, queueUrl: pair.url },
      invoke,
      (error) =>
        log(
          JSON.stringify({
            level: 'error',
            message: 'an invocation failed',
            sink: owner,
            error: namedMessageOf(error),
          }),
        ),
      (messages) => {
        ledger.received(owner, messages);
        if (owner === 'router') tell(messages.filter(isFirst));
      },
    );
  }

  function tell(messages: readonly Message[]): void {
    try {
      tap?.arrived(messages);
    } catch {
      // Whoever looks on is at fault, and the messages are handled all the same.
    }
  }

  /** A sink's function, which is loaded when it is first called. */
  function handlerOf(type: string): Promise<SinkHandler> {
    const { url, deadLetterUrl } = pairOf(type);
    const env = {
      QUEUE_URL: url,
      DEAD_LETTER_QUEUE_URL: deadLetterUrl,
      MAX_RECEIVES: String(maxReceives),
      RETRY_BASE_SECONDS: String(retryBaseSeconds),
    };
    const surroundings = { env, output, queueCalls: queues.calls, documents, ...(tap && { observe: tap.observe }) };
    const handler =
      handlers.get(type) ??
      loadSink(type).then((sink) => createHandler(withText(sink, options.eventText), surroundings));
    handlers.set(type, handler);
    return handler;
  }

  async function drain(limitMs: number): Promise<void> {
    const deadline = Date.now() + limitMs;
    const hasWork = (): boolean =>
      sources.some((source) => source.isBusy()) ||
      [ingest, ...sinks.values()].some(({ url }) => (queues.counts(url).nextDueMs ?? Infinity) <= deadline);
    while (Date.now() < deadline && hasWork()) await sleep(DRAIN_POLL_MS);
  }
}

type AnySink = Awaited<ReturnType<typeof loadSink>>;

/** The `log` sink, its lines for people written anew. */
function withText(sink: AnySink, eventText: EmbeddedOptions['eventText']): AnySink {
  if (sink.config.type !== 'log' || !eventText) return sink;
  return {
    ...sink,
    render: (events, options) =>
      recordOf(options)['format'] === 'text'
        ? events.map((event) => ({ events: [event], payload: eventText(event) }))
        : sink.render(events, options),
  };
}

/** Stores gather for the sake of the bill, which there is none of here. Chats gather to be read, for as long as somebody looks on. */
function atOnce(configs: readonly SinkConfig[]): Readonly<Record<string, number>> {
  const seconds = ({ chat, runtime }: SinkConfig) => (chat ? Math.min(runtime?.windowSeconds ?? 5, 5) : 0);
  return Object.fromEntries(configs.map((config) => [`sinks.${config.type}.windowSeconds`, seconds(config)]));
}
