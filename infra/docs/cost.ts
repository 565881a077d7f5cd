import { MAX_ENVELOPE_BYTES, MAX_EVENTS } from '../../functions/core/contract/envelope.ts';
import type { SinkConfig } from '../../functions/core/contract/config.ts';
import { listOf, recordOf } from '../../functions/core/contract/untrusted.ts';
import { DEFAULT_BUDGET, type SendBudget } from '../../relay/manifests/settings.ts';
import { playSends } from './sends.ts';

/**
 * List prices of us-east-1 in dollars, November 2026, before free tiers: aws.amazon.com/sqs/pricing, /lambda/pricing (arm64) and
 * /cloudwatch/pricing, /s3/pricing.
 */
const PRICES = {
  /** Of up to 64 KiB. */
  sqsRequest: 0.4 / 1e6,
  /** For a message with a group on a standard queue. */
  sqsFairMessage: 0.1 / 1e6,
  lambdaRequest: 0.2 / 1e6,
  lambdaGbSecond: 0.0000133334,
  logGb: 0.5,
  /** By the hour, for the hours in which it has values. */
  metric: 0.3,
  /** For each metric of it. */
  alarm: 0.1,
  dashboard: 3,
  s3Put: 5 / 1e6,
  s3GbMonth: 0.023,
} as const;

const UNIT_BYTES = 64 * 1024;
const MONTH_SECONDS = 730 * 3600;
/** SQS' bound of what one call sends, receives or deletes. */
const CALL_MESSAGES = 10;
const HEARTBEATS_PER_SECOND = 1 / 300;

/** What neither the template nor the code says. Tests hold what can be measured. */
export const ASSUMPTIONS = {
  /** Which part of all events is of type `Warning`. */
  warningShare: 0.2,
  /** Of an event in an envelope; and where they are many, gzipped, as base64. */
  eventBytes: 800,
  gzippedEventBytes: 110,
  /** Without a window, a batch holds what arrives within this time. */
  arrivalSeconds: 0.05,
  /** Lambda keeps this many long polls on a queue, of 20 s each, and each gathers its own batches. */
  pollers: 5,
  pollSeconds: 20,
  /** An invocation of the router: SSM's answer is known, SQS is asked once. */
  routerSeconds: 0.05,
  /** A request to the service. */
  sinkSeconds: 0.1,
  /** What an event adds to an invocation, on the share of a processor that 256 MB have. */
  eventSeconds: 0.00015,
  /** Lines of metrics of an invocation, each with the 26 bytes that CloudWatch adds: two of the router, one of a sink; and its latencies, twenty at most. */
  routerLogBytes: 450,
  sinkLogBytes: 300,
  latencyLogBytes: 6,
  mostLatencies: 20,
  /** Metrics that always have values, of the router (`Received`, `Filtered`), a sink (`Delivered`, `DeliveryLatency`), a cluster (`Heartbeats`). */
  steadyMetrics: { router: 2, sink: 2, cluster: 1 },
  /** Metrics that have values where something fails: the router's `Rejected`, `ConfigErrors`, `Gaps` and those of alarms; a sink's `Retried`, `Rejected`, `RetryAge`, `ConfigErrors` and `Failing`. */
  failureMetrics: { router: 5, sink: 5, cluster: 1 },
  /** Of an event in the archive, gzipped with many others. Real ones are less alike than those of a test. */
  archivedBytes: 200,
  /** In which part of all hours something fails. */
  failingHours: 0.1,
} as const;

/** What the cost depends on, as a synthesised template has it. */
export interface TemplateBody {
  readonly Resources: Readonly<
    Record<string, { readonly Type: string; readonly Properties: Readonly<Record<string, unknown>> }>
  >;
}

export interface Traffic {
  readonly eventsPerSecond: number;
  /** The relay's. @default its own default */
  readonly budget?: SendBudget;
  /** Of each sink; each takes every event. @default 1 */
  readonly destinations?: number;
}

/** Dollars a month by service. */
export type Cost = Readonly<Record<'SQS' | 'Lambda' | 'Logs' | 'Metrics' | 'Alarms' | 'Dashboard' | 'S3', number>>;

/** A queue and its function. */
interface Consumer {
  readonly isRouter: boolean;
  /** Whether it writes into the stack's bucket: an object for each batch, and one more where the hour turns. */
  readonly isArchive: boolean;
  readonly batchSize: number;
  readonly windowSeconds: number;
  readonly memoryMb: number;
  /** Where its service gets a request for each event, the most events of a message. */
  readonly envelopeEvents: number | undefined;
}

/** Messages on their way to a consumer. */
interface Arrivals {
  readonly messages: number;
  readonly events: number;
}

/** What is billed of a consumer, a second. */
interface Usage {
  readonly requests: number;
  readonly invocations: number;
  readonly gbSeconds: number;
  readonly logBytes: number;
}

/**
 * The cost of a stack with one cluster, all of whose events are delivered at once by all sinks.
 * @param configs of all sinks that the stack has
 */
export function monthlyCost(
  template: TemplateBody,
  configs: readonly SinkConfig[],
  { eventsPerSecond, budget = DEFAULT_BUDGET, destinations = 1 }: Traffic,
): Cost {
  const consumers = consumersOf(template, configs);
  const { messagesPerSecond } = playSends({ eventsPerSecond, warningShare: ASSUMPTIONS.warningShare }, budget);
  const sent = { messages: messagesPerSecond, events: eventsPerSecond };
  const ingest = { messages: sent.messages + HEARTBEATS_PER_SECOND, events: sent.events };
  const sinks = consumers.filter(({ isRouter }) => !isRouter);
  const routers = consumers.filter(({ isRouter }) => isRouter);
  const usages = routers.map((router) => usageOf(router, ingest));
  let requests = ingest.messages * units(messageBytes(sent));
  let fairMessages = 0;
  let objects = 0;
  for (const sink of sinks) {
    for (const router of routers) {
      const { copies, calls } = copiesOf(router, sink, sent, destinations);
      requests += calls;
      fairMessages += copies.messages;
      const usage = usageOf(sink, copies);
      if (sink.isArchive) objects += usage.invocations * (1 + sink.windowSeconds / 3600);
      usages.push(usage);
    }
  }
  const total = (of: keyof Usage): number => sum(usages.map((usage) => usage[of])) * MONTH_SECONDS;
  const alarms = resourcesOf(template, 'AWS::CloudWatch::Alarm').map(([, alarm]) => metricsOfAlarm(alarm));
  return {
    SQS:
      (requests * MONTH_SECONDS + total('requests')) * PRICES.sqsRequest +
      fairMessages * MONTH_SECONDS * PRICES.sqsFairMessage,
    Lambda: total('invocations') * PRICES.lambdaRequest + total('gbSeconds') * PRICES.lambdaGbSecond,
    Logs: (total('logBytes') / 1e9) * PRICES.logGb,
    Metrics:
      (metricsOf('router') +
        metricsOf('cluster') +
        sinks.length * metricsOf('sink') * (hasOwnMetrics(template) ? 1 + destinations : 1)) *
      PRICES.metric,
    Alarms: sum(alarms) * PRICES.alarm,
    Dashboard: resourcesOf(template, 'AWS::CloudWatch::Dashboard').length * PRICES.dashboard,
    S3: objects * MONTH_SECONDS * PRICES.s3Put + storedGb(template, eventsPerSecond * destinations) * PRICES.s3GbMonth,
  };
}

function consumersOf(template: TemplateBody, configs: readonly SinkConfig[]): readonly Consumer[] {
  const functions = resourcesOf(template, 'AWS::Lambda::Function');
  return resourcesOf(template, 'AWS::Lambda::EventSourceMapping').map(([id, { Properties }]) => {
    const config = configs.find(({ type }) => id.startsWith(`sink${type.replaceAll('-', '')}Consumer`));
    const [, own] = functions.find(([name]) => id.startsWith(name.replace(/Function\w*$/, ''))) ?? [];
    return {
      isRouter: config === undefined,
      isArchive: config?.type === 's3',
      batchSize: Number(Properties['BatchSize']),
      windowSeconds: Number(Properties['MaximumBatchingWindowInSeconds'] ?? 0),
      memoryMb: Number(own?.Properties['MemorySize']),
      envelopeEvents: config?.runtime?.envelopeEvents,
    };
  });
}

/** What the router makes of what came: a message for each destination and batch, or more where a sink takes fewer events. */
function copiesOf(
  router: Consumer,
  { envelopeEvents = MAX_EVENTS }: Consumer,
  sent: Arrivals,
  destinations: number,
): { readonly copies: Arrivals; readonly calls: number } {
  const batches = sent.messages / batchOf(router, sent.messages);
  const events = sent.events / batches;
  const messages = Math.ceil(events / envelopeEvents) * destinations;
  const bytes = messages * messageBytes({ messages: messages / destinations, events });
  return {
    copies: { messages: batches * messages, events: sent.events * destinations },
    calls: batches * Math.max(Math.ceil(messages / CALL_MESSAGES), units(bytes)),
  };
}

function usageOf(consumer: Consumer, arrivals: Arrivals): Usage {
  const { isRouter, memoryMb, envelopeEvents } = consumer;
  const { messages, events } = arrivals;
  const size = batchOf(consumer, messages);
  const batches = messages / size;
  const serviceRequests = envelopeEvents === undefined ? 1 : events / batches;
  const seconds =
    batches * (isRouter ? ASSUMPTIONS.routerSeconds : serviceRequests * ASSUMPTIONS.sinkSeconds) +
    events * ASSUMPTIONS.eventSeconds;
  return {
    requests: receives(arrivals) + batches * Math.ceil(size / CALL_MESSAGES),
    invocations: batches,
    gbSeconds: (seconds * memoryMb) / 1024,
    logBytes: batches * logBytes(consumer, events / batches),
  };
}

function logBytes({ isRouter }: Consumer, events: number): number {
  const { routerLogBytes, sinkLogBytes, latencyLogBytes, mostLatencies } = ASSUMPTIONS;
  return isRouter ? routerLogBytes : sinkLogBytes + latencyLogBytes * Math.min(events, mostLatencies);
}

/** How many messages a batch holds. With a window, each poller gathers from its first message on. */
function batchOf({ batchSize, windowSeconds }: Consumer, messages: number): number {
  const { pollers } = ASSUMPTIONS;
  const arrived = windowSeconds > 0 ? 1 + (messages / pollers) * windowSeconds : together(messages);
  return Math.min(batchSize, arrived);
}

/** How many messages are there when one is received. */
function together(messages: number): number {
  return Math.max(1, messages * ASSUMPTIONS.arrivalSeconds);
}

/** Long polls: those that a message ends, and those that end by themselves because none came for 20 s. */
function receives(arrivals: Arrivals): number {
  const { pollers, pollSeconds } = ASSUMPTIONS;
  const size = Math.min(CALL_MESSAGES, together(arrivals.messages));
  const full = arrivals.messages / size;
  const all = full / (1 - Math.exp((-full * pollSeconds) / pollers));
  return all + full * (units(size * messageBytes(arrivals)) - 1);
}

/** Plain while it fits, else gzipped. */
function messageBytes({ messages, events }: Arrivals): number {
  const each = events / messages;
  const plain = each * ASSUMPTIONS.eventBytes;
  return plain <= MAX_ENVELOPE_BYTES ? plain : each * ASSUMPTIONS.gzippedEventBytes;
}

function units(bytes: number): number {
  return Math.ceil(bytes / UNIT_BYTES);
}

/** How many metrics are billed for a month, because they have values. */
function metricsOf(what: keyof typeof ASSUMPTIONS.steadyMetrics): number {
  const { steadyMetrics, failureMetrics, failingHours } = ASSUMPTIONS;
  return steadyMetrics[what] + failingHours * failureMetrics[what];
}

/** What the bucket holds once it is full: then as much is deleted each day as is added. */
function storedGb(template: TemplateBody, eventsPerSecond: number): number {
  const days = resourcesOf(template, 'AWS::S3::Bucket').map(([, { Properties }]) => {
    const [rule] = listOf(recordOf(Properties['LifecycleConfiguration'])['Rules']);
    return Number(recordOf(rule)['ExpirationInDays']);
  });
  return (sum(days) * 86_400 * eventsPerSecond * ASSUMPTIONS.archivedBytes) / 1e9;
}

function hasOwnMetrics(template: TemplateBody): boolean {
  return resourcesOf(template, 'AWS::Lambda::Function').some(
    ([, { Properties }]) => recordOf(recordOf(Properties['Environment'])['Variables'])['METRICS_BY'] === 'destination',
  );
}

/** An alarm costs its price for each metric that it looks at. */
function metricsOfAlarm({ Properties }: TemplateBody['Resources'][string]): number {
  const metrics = listOf(Properties['Metrics']).filter((metric) => 'MetricStat' in recordOf(metric));
  return Math.max(1, metrics.length);
}

function resourcesOf({ Resources }: TemplateBody, type: string) {
  return Object.entries(Resources).filter(([, { Type }]) => Type === type);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
