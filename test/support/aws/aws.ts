import { listOf, recordOf, textOf } from '../../../functions/core/contract/untrusted.ts';
import type { ConsumerOutput } from '../../../infra/stack/parse-outputs.ts';
import { matchesPattern } from './filter-pattern.ts';
import { serveParameters, type Parameters } from './parameters.ts';
import { serveQueues, type Queues } from './queues.ts';
import { AwsError, startAwsServer, type AwsServer } from './server.ts';

/** A deployed stack, named `kube-courier` unless told otherwise, as the operator's commands find it, out of memory. */
export interface Aws extends AwsServer {
  readonly queues: Queues;
  readonly parameters: Parameters;
  /** The router, or a sink type of the stack. */
  consumer(owner: string): ConsumerOutput;
  /** A queue that an earlier deployment of the stack left. */
  stranded(owner: string, kind: 'events' | 'dead-letters', stack?: string): string;
  /** Pauses or resumes a consumer. */
  turn(owner: string, state: string): void;
  /** Adds a line to the functions' log, or to another log group. */
  log(line: string, at: number, group?: string): void;
  /** The next value of the age of a queue's oldest message. */
  age(queueUrl: string, seconds: number): void;
  /** The next value of a function's metric. */
  count(owner: string, metric: 'Errors' | 'Throttles', value: number): void;
}

export interface StackOptions {
  readonly stackName?: string;
  readonly sinks?: readonly string[];
  /** Further outputs of the stack. */
  readonly outputs?: Readonly<Record<string, string>>;
}

const LOG_GROUP = 'kube-courier-log';

/** Starts AWS on the loopback and directs this process' AWS clients to it, until `stop`. */
export async function startAws({
  stackName = 'kube-courier',
  sinks = ['log', 'webhook'],
  outputs = {},
}: StackOptions = {}): Promise<Aws> {
  const server = await startAwsServer();
  const consumers = ['router', ...sinks].map((owner) => consumerOf(owner, server.endpoint));
  const states = new Map<string, string>();
  const metrics = new Map<string, number[]>();
  const measure = (key: string, value: number): void => void metrics.set(key, [...(metrics.get(key) ?? []), value]);
  const logs = new Map<string, { readonly message: string; readonly timestamp: number }[]>([[LOG_GROUP, []]]);
  const find = (owner: string): ConsumerOutput => {
    const found = consumers.find((each) => each.owner === owner);
    if (!found) throw new Error(`the stack of the test has no ${owner}`);
    return found;
  };

  server.answer('DescribeStacks', ({ StackName }) => {
    const all: Readonly<Record<string, string>> = {
      Region: 'us-east-1',
      Prefix: '/kube-courier',
      IngestQueueUrl: find('router').queueUrl,
      ...Object.fromEntries(
        consumers.map((each) => [each.owner === 'router' ? 'Router' : `SinkX${each.owner}`, JSON.stringify(each)]),
      ),
      ...outputs,
    };
    if (StackName !== undefined && StackName !== stackName)
      throw new AwsError('ValidationError', `Stack with id ${textOf(StackName)} does not exist`);
    const Outputs = Object.entries(all).map(([OutputKey, OutputValue]) => ({ OutputKey, OutputValue }));
    return { Stacks: [{ StackName: stackName, StackStatus: 'CREATE_COMPLETE', Outputs }] };
  });
  server.answer('GetEventSourceMapping', ({ UUID }) => ({ UUID, State: states.get(textOf(UUID)) ?? 'Enabled' }));
  server.answer('UpdateEventSourceMapping', ({ UUID, Enabled }) => {
    states.set(textOf(UUID), Enabled === true ? 'Enabled' : 'Disabled');
    return { UUID, State: Enabled === true ? 'Enabling' : 'Disabling' };
  });
  server.answer('GetAccountSettings', () => ({ AccountLimit: { ConcurrentExecutions: 1000 } }));
  server.answer('GetMetricData', ({ MetricDataQueries, ScanBy }) => ({
    MetricDataResults: listOf(MetricDataQueries).map((query) => {
      const { Id, MetricStat } = recordOf(query);
      const { MetricName, Dimensions } = recordOf(recordOf(MetricStat)['Metric']);
      const [dimension] = listOf(Dimensions);
      const values = metrics.get(`${textOf(MetricName)} ${textOf(recordOf(dimension)['Value'])}`) ?? [];
      const Values = ScanBy === 'TimestampDescending' ? values.toReversed() : values;
      return { Id, Values, Timestamps: Values.map((_, index) => index) };
    }),
  }));
  server.answer('FilterLogEvents', ({ logGroupName, startTime, endTime = Infinity, filterPattern }) => {
    const lines = logs.get(textOf(logGroupName));
    if (!lines) throw new AwsError('ResourceNotFoundException', 'The specified log group does not exist.');
    const isWanted = filterPattern === undefined ? () => true : matchesPattern(textOf(filterPattern));
    const isInTime = (at: number): boolean => at >= Number(startTime) && at <= Number(endTime);
    const events = lines.map((line, index) => ({ ...line, eventId: String(index) }));
    return { events: events.filter(({ message, timestamp }) => isInTime(timestamp) && isWanted(message)) };
  });

  const restore = setVariables({
    AWS_ENDPOINT_URL: server.endpoint,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
  });
  const queues = serveQueues(server);
  return {
    ...server,
    queues,
    stranded(owner, kind, stack = stackName) {
      const url = `${server.endpoint}/000000000000/${stackName}-sink${owner}-${kind}-${stack}-old`;
      queues.tag(url, { 'kube-courier': stack, 'kube-courier/owner': owner, 'kube-courier/queue': kind });
      return url;
    },
    parameters: serveParameters(server),
    consumer: find,
    turn: (owner, state) => void states.set(find(owner).eventSource, state),
    log(message, timestamp, group = LOG_GROUP) {
      logs.set(group, [...(logs.get(group) ?? []), { message, timestamp }]);
    },
    age: (queueUrl, seconds) =>
      measure(`ApproximateAgeOfOldestMessage ${queueUrl.slice(queueUrl.lastIndexOf('/') + 1)}`, seconds),
    count: (owner, metric, value) => measure(`${metric} ${find(owner).functionName}`, value),
    async stop() {
      restore();
      await server.stop();
    },
  };
}

/** Sets variables of the environment, and gives what puts the former ones back. */
function setVariables(variables: Readonly<Record<string, string>>): () => void {
  const before = Object.keys(variables).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, variables);
  return () => {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  };
}

function consumerOf(owner: string, endpoint: string): ConsumerOutput {
  return {
    owner,
    queueUrl: `${endpoint}/000000000000/${owner}`,
    deadLetterQueueUrl: `${endpoint}/000000000000/${owner}-letters`,
    functionName: `${owner}-function`,
    eventSource: `${owner}-source`,
    logGroup: LOG_GROUP,
  };
}
