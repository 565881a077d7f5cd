import { App } from 'aws-cdk-lib';
import { listOf, recordOf } from '../../functions/core/contract/untrusted.ts';
import type { SinkConfig } from '../../functions/core/contract/config.ts';
import { parseSettings } from '../stack/settings.ts';
import { KubeCourierStack } from '../stack/stack.ts';
import { table } from './tables.ts';

/** List prices of us-east-1 in dollars, November 2026, before free tiers. */
const PRICES = {
  sqsRequest: 0.4 / 1e6,
  /** For a message with a group on a standard queue. */
  sqsFairMessage: 0.1 / 1e6,
  lambdaRequest: 0.2 / 1e6,
  lambdaGbSecond: 0.0000133334,
  logGb: 0.5,
  metric: 0.3,
  /** For each metric of it. */
  alarm: 0.1,
  dashboard: 3,
} as const;

/** What the template does not say. */
export const ASSUMPTIONS = {
  /** Without a window, a batch holds what arrives within this time. */
  arrivalSeconds: 0.05,
  /** Lambda keeps this many long polls on a queue, 20 s each. */
  pollers: 5,
  pollSeconds: 20,
  routerSeconds: 0.05,
  sinkSeconds: 0.2,
  /** Lambda's own lines and one of metrics, per invocation. */
  logBytes: 800,
  /** Metrics of a destination, of the router, and of a cluster. */
  metricsPerDestination: 5,
  metricsOfRouter: 3,
  metricsPerCluster: 1,
} as const;

const MONTH_SECONDS = 730 * 3600;
const RELAY_BATCH = 10;

/** What the cost depends on, as a synthesised template has it. */
interface TemplateBody {
  readonly Resources: Readonly<
    Record<string, { readonly Type: string; readonly Properties: Readonly<Record<string, unknown>> }>
  >;
}

/** Dollars a month by service. */
export type Cost = Readonly<Record<'SQS' | 'Lambda' | 'Logs' | 'Metrics' | 'Alarms' | 'Dashboard', number>>;

/** The cost of a stack with one cluster, whose events each go to one destination of every sink. */
export function monthlyCost({ Resources }: TemplateBody, eventsPerSecond: number): Cost {
  const of = (type: string) => Object.entries(Resources).filter(([, { Type }]) => Type === type);
  const consumers = of('AWS::Lambda::EventSourceMapping').map(([id, { Properties }]) => ({
    isRouter: id.startsWith('Router'),
    batchSize: Number(Properties['BatchSize']),
    windowSeconds: Number(Properties['MaximumBatchingWindowInSeconds'] ?? 0),
  }));
  const [memoryMb = 0] = of('AWS::Lambda::Function').map(([, { Properties }]) => Number(Properties['MemorySize']));
  const events = eventsPerSecond * MONTH_SECONDS;
  const relayBatch = batch(eventsPerSecond, RELAY_BATCH, 0);
  let requests = events / relayBatch;
  let invocations = 0;
  let seconds = 0;
  for (const { isRouter, batchSize, windowSeconds } of consumers) {
    const batches = events / batch(eventsPerSecond, batchSize, windowSeconds);
    const polls = (ASSUMPTIONS.pollers * MONTH_SECONDS) / ASSUMPTIONS.pollSeconds;
    const calls = Math.ceil(batch(eventsPerSecond, batchSize, windowSeconds) / 10) * batches;
    // Received and deleted; the router also sends what it received, once to each sink.
    requests += polls + 2 * calls + (isRouter ? calls * (consumers.length - 1) : 0);
    invocations += batches;
    seconds += batches * (isRouter ? ASSUMPTIONS.routerSeconds : ASSUMPTIONS.sinkSeconds);
  }
  const sinks = consumers.length - 1;
  const { metricsPerDestination, metricsOfRouter, metricsPerCluster, logBytes } = ASSUMPTIONS;
  return {
    SQS: requests * PRICES.sqsRequest + events * consumers.length * PRICES.sqsFairMessage,
    Lambda: invocations * PRICES.lambdaRequest + ((seconds * memoryMb) / 1024) * PRICES.lambdaGbSecond,
    Logs: ((invocations * logBytes) / 1e9) * PRICES.logGb,
    Metrics: (metricsPerDestination * sinks + metricsOfRouter + metricsPerCluster) * PRICES.metric,
    Alarms: sum(of('AWS::CloudWatch::Alarm').map(([, alarm]) => metricsOf(alarm))) * PRICES.alarm,
    Dashboard: of('AWS::CloudWatch::Dashboard').length * PRICES.dashboard,
  };
}

/** An alarm costs its price for each metric that it looks at. */
function metricsOf({ Properties }: TemplateBody['Resources'][string]): number {
  const metrics = listOf(Properties['Metrics']).filter((metric) => 'MetricStat' in recordOf(metric));
  return Math.max(1, metrics.length);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}

function batch(eventsPerSecond: number, largest: number, windowSeconds: number): number {
  return Math.min(largest, Math.max(1, eventsPerSecond * Math.max(windowSeconds, ASSUMPTIONS.arrivalSeconds)));
}

/** The README's table: a stack with one sink, and what each further one adds. */
export function costSection(configs: readonly SinkConfig[]): string {
  const rates = [1, 10, 100];
  const one = template(configs, { sinks: ['webhook'] });
  const two = template(configs, { sinks: ['webhook', 'elasticsearch'] });
  const windowed = template(configs, { sinks: ['webhook'], windowSeconds: 1 });
  const rows = Object.keys(monthlyCost(one, 1)).map((service) => [
    service,
    ...rates.map((rate) =>
      dollars(Object.entries(monthlyCost(one, rate)).find(([name]) => name === service)?.[1] ?? 0),
    ),
  ]);
  return [
    ...table(
      ['a month', ...rates.map((rate) => `${rate} ${rate === 1 ? 'event' : 'events'} a second`)],
      [
        ...rows,
        ['**one sink**', ...rates.map((rate) => `**${dollars(total(one, rate))}**`)],
        ['each further sink', ...rates.map((rate) => dollars(total(two, rate) - total(one, rate)))],
      ],
    ),
    '',
    `List prices of us-east-1 before free tiers, for a stack with one cluster, every event delivered to one destination of each sink in ${ASSUMPTIONS.sinkSeconds * 1000} ms.`,
    'Computed from the synthesised template by `npm run docs`, not measured on an account.',
    `Fuller batches cost less: with \`"windowSeconds": 1\`, 10 events a second cost ${dollars(total(windowed, 10))}, and an event takes up to two seconds longer.`,
  ].join('\n');
}

function total(body: TemplateBody, eventsPerSecond: number): number {
  return sum(Object.values(monthlyCost(body, eventsPerSecond)));
}

function dollars(value: number): string {
  return `$${value.toFixed(2)}`;
}

function template(configs: readonly SinkConfig[], settings: Readonly<Record<string, unknown>>): TemplateBody {
  // Neither code nor validation: no bundle is built for a table.
  const context = { 'aws:cdk:bundling-stacks': [], clusters: 'prod', ...settings };
  const app = new App({ context, builtinCloudFormationValidation: false });
  const stack = new KubeCourierStack(app, { settings: parseSettings(context, configs) });
  const body: TemplateBody = app.synth().getStackByName(stack.stackName).template;
  return body;
}
