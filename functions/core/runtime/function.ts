import type { Context } from 'aws-lambda';
import type { AwsAccess } from '../contract/sink.ts';
import {
  createDestinations,
  type ConfigError,
  type Destinations,
  type DestinationsOptions,
} from '../destinations/destinations.ts';
import type { DocumentSource } from '../destinations/documents.ts';
import { openSource } from '../destinations/source.ts';
import { createDeadline, type Deadline } from './deadline.ts';
import { oneOf, required, type Environment } from './environment.ts';
import { printable } from '../contract/printable.ts';
import { createLog, processOutput, type Log, type Output } from './log.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import { harmless, type Observe } from './observe.ts';
import { sleepUntil, type Sleep } from './pace.ts';
import { createProcessAccess } from './process-access.ts';
import { sqsCalls, type QueueCalls } from './queue-calls.ts';
import { createQueues, type Queues } from './queue.ts';

/** What the surroundings give a function; by default the process' own. */
export interface Surroundings {
  readonly env?: Environment;
  readonly output?: Output;
  readonly now?: () => Date;
  readonly random?: () => number;
  readonly sleep?: Sleep;
  /** For the queues alone: sinks that sign for AWS keep the process' own credentials. */
  readonly queueCalls?: QueueCalls;
  /** Is told what becomes of each event at each destination. On Lambda nobody asks. */
  readonly observe?: Observe;
  /** Where destinations and silences are read, in place of what `DESTINATIONS` names. */
  readonly documents?: DocumentSource;
}

export type InvocationContext = Pick<Context, 'getRemainingTimeInMillis'>;

/** What every function works with, made once by its first invocation. */
export interface Tools<Options = unknown, Secrets = unknown> {
  readonly env: Environment;
  readonly output: Output;
  readonly now: () => Date;
  readonly random: () => number;
  readonly sleep: Sleep;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly queues: Queues;
  readonly letterQueueUrl: string;
  readonly destinations: Destinations<Options, Secrets>;
  readonly aws: AwsAccess;
  readonly observe: Observe | undefined;
}

export interface FunctionSpec<Options, Secrets, Parts> extends Pick<
  DestinationsOptions<Options, Secrets>,
  'configOf' | 'only' | 'withSilences'
> {
  /** `router`, or the sink's type: logs and metrics carry it. */
  readonly name: string;
  /** What the function makes of its tools, once. @throws {Error} if its own part of the environment is wrong. */
  readonly assemble: (tools: Tools<Options, Secrets>) => Parts;
}

/** Runs one invocation: gives the work the function's parts and the deadline, and writes the metrics when it is over. */
export type Invoke<Parts> = <Result>(
  context: InvocationContext,
  work: (parts: Parts, deadline: Deadline) => Promise<Result>,
) => Promise<Result>;

/**
 * What the router and all sinks have in common as functions: where they read settings, log, count, and find queues and
 * destinations. Environment: `DESTINATIONS`, `DEAD_LETTER_QUEUE_URL`, `METRICS_BY` (`sink`, or `destination`).
 */
export function createFunction<Options, Secrets, Parts>(
  spec: FunctionSpec<Options, Secrets, Parts>,
  surroundings: Surroundings,
): Invoke<Parts> {
  // By the first invocation, not by the import: a bundle can be loaded without an environment.
  let made: { readonly metrics: Metrics; readonly parts: Parts } | undefined;
  return async function invoke(context, work) {
    if (!made) {
      const tools = createTools(spec, surroundings);
      made = { metrics: tools.metrics, parts: spec.assemble(tools) };
    }
    const deadline = createDeadline(context.getRemainingTimeInMillis());
    try {
      return await work(made.parts, deadline);
    } finally {
      deadline.end();
      made.metrics.flush();
    }
  };
}

function createTools<Options, Secrets>(
  { name, configOf, only, withSilences }: Omit<FunctionSpec<Options, Secrets, unknown>, 'assemble'>,
  {
    env = process.env,
    output = processOutput,
    now = () => new Date(),
    random = Math.random,
    sleep = sleepUntil,
    queueCalls,
    observe,
    documents,
  }: Surroundings,
): Tools<Options, Secrets> {
  const letterQueueUrl = required(env, 'DEAD_LETTER_QUEUE_URL');
  const log = createLog(output.stderr, { sink: name });
  const metrics = createMetrics(output.stdout, now, oneOf(env, 'METRICS_BY', ['sink', 'destination']));
  const aws = createProcessAccess();
  const queues = createQueues(queueCalls ?? sqsCalls(letterQueueUrl, aws, env), (detail) =>
    log.warn('SQS refused a call', { detail: printable(detail) }),
  );
  const destinations = createDestinations({
    source: documents ?? openSource(env['DESTINATIONS'], aws, env),
    configOf,
    ...(withSilences !== undefined && { withSilences }),
    ...(only !== undefined && { only }),
    onError: (error, isRepeated) => reportConfigError(error, isRepeated, { name, log, metrics }),
    onChange: ({ destination, version }) =>
      log.info(version === undefined ? 'a destination was removed' : 'an edit is in force', { destination, version }),
    now: () => now().getTime(),
  });
  return {
    env,
    output,
    now,
    random,
    sleep,
    log,
    metrics,
    queues,
    letterQueueUrl,
    destinations,
    aws,
    observe: observe && harmless(observe),
  };
}

/** Says once that an operator must repair a destination or silence, and counts it, with its name, for as long as it lasts. */
function reportConfigError(
  { destination, silence, document, version, detail, inForce }: ConfigError,
  isRepeated: boolean,
  { name, log, metrics }: { readonly name: string; readonly log: Log; readonly metrics: Metrics },
): void {
  const whose = { ...(destination !== undefined && { destination }), ...(silence !== undefined && { silence }) };
  const message = silence === undefined ? 'a destination needs repair' : 'a silence needs repair';
  if (!isRepeated) log.error(message, { ...whose, document, version, detail: printable(detail), inForce });
  metrics.add('ConfigErrors', 1, { Sink: name }, whose);
}
