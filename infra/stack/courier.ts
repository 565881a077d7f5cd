import { Stack, Tags } from 'aws-cdk-lib';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { routerBundle, sinkBundle } from '../bundles.ts';
import { Alarms } from './alarms.ts';
import { Archive } from './archive.ts';
import { Consumer } from './consumer.ts';
import { createDashboard } from './dashboard.ts';
import type { Watched } from './group-alarms.ts';
import { network, type VpcConfig } from './network.ts';
import { archiveOutput, consumerOutput, relayOutput, stackOutputs } from './outputs.ts';
import { readDestinations, readDestinationsOf, readSilences, type Grant } from './grants.ts';
import { QueuePair } from './queues.ts';
import { RelayIdentity } from './relay-identity.ts';
import type { Settings, SinkSettings } from './settings.ts';

/** More URLs of queues might not fit into the 4 KB that Lambda allows for a function's environment; names do. */
const MOST_QUEUE_URLS = 20;

/**
 * Everything on AWS: ingest queue, router, and one pipeline per enabled sink type. Destinations are not in it: users edit them.
 * Its outputs are those of the stack that it is in, where tools find it: there is one in a stack.
 */
export class Courier extends Construct {
  readonly ingestQueue: IQueue;
  /** Where alarms go that must wake somebody, and those that can wait. */
  readonly topics: { readonly page: ITopic; readonly ticket: ITopic };

  constructor(scope: Construct, id: string, settings: Settings) {
    super(scope, id);
    const stack = Stack.of(this);
    // Not in every partition may an event source mapping have tags: where it may not, they would fail the deployment.
    Tags.of(this).add('kube-courier', settings.stackName, {
      excludeResourceTypes: ['AWS::Lambda::EventSourceMapping'],
    });
    const { prefix } = settings;
    // One for all functions, whose lines say which they are of: alarms and tools need not look in as many places as there are sinks.
    const logGroup = createLogGroup(this, settings);
    const alarms = new Alarms(this, 'Alarms', settings, logGroup);
    const vpc = network(this, settings.vpc);
    // Whoever names a bucket as the target of the sink has one.
    const isArchived = settings.sinks.some(({ type, targets }) => type === 's3' && targets.length === 0);
    const archive = isArchived ? new Archive(this, 'Archive', settings) : undefined;
    const pipelines = settings.sinks.map((sink) => {
      const grants = archive && sink.type === 's3' ? [archive.grant()] : [];
      return new SinkPipeline(this, `sink-${sink.type}`, { sink, settings, vpc, logGroup, grants });
    });

    const ingest = new QueuePair(this, 'Ingest', 'router', settings.router, settings);
    const router = new Consumer(this, 'Router', {
      description: `kube-courier: copies events to the queues of the destinations they match (${settings.stackName})`,
      bundle: routerBundle,
      queues: ingest,
      settings: settings.router,
      logGroup,
      ownLog: false,
      environment: {
        ...commonEnvironment(settings),
        SINK_QUEUES: stack.toJsonString(
          Object.fromEntries(
            pipelines.map(({ owner, queues: { queue } }) => [
              owner,
              pipelines.length > MOST_QUEUE_URLS ? queue.queueName : queue.queueUrl,
            ]),
          ),
        ),
        DEAD_LETTER_QUEUE_URL: ingest.deadLetters.queueUrl,
      },
      grants: [
        { actions: ['sqs:SendMessage'], resources: pipelines.map(({ queues }) => queues.queue.queueArn) },
        ...readDestinations(this, prefix),
        readSilences(this, prefix),
      ],
    });

    const watched: readonly Watched[] = [{ owner: 'router', queues: ingest, consumer: router }, ...pipelines];
    alarms.watch(watched);
    alarms.watchRetries();
    alarms.watchConfiguration();
    alarms.watchRelays();
    if (settings.dashboard) createDashboard(this, settings, logGroup, watched);
    const relays = new Construct(this, 'Relays');
    const identities = settings.clusters.map((cluster) => new RelayIdentity(relays, cluster, ingest.queue));
    for (const [index, identity] of identities.entries()) relayOutput(stack, index + 1, identity);
    for (const each of watched) consumerOutput(stack, each);
    if (archive) archiveOutput(stack, archive);
    this.ingestQueue = ingest.queue;
    this.topics = { page: alarms.page, ticket: alarms.ticket };
    const userNames = identities.flatMap(({ userName }) => userName ?? []);
    stackOutputs(stack, settings, ingest.queue.queueUrl, userNames);
  }
}

interface PipelineProps {
  readonly sink: SinkSettings;
  readonly settings: Settings;
  readonly vpc: VpcConfig | undefined;
  readonly logGroup: LogGroup;
  /** What its role allows besides: of what the stack makes for it. */
  readonly grants: readonly Grant[];
}

/** One sink type: its queue, dead letters and function. */
class SinkPipeline extends Construct implements Watched {
  /** The sink type. */
  readonly owner: string;
  readonly queues: QueuePair;
  readonly consumer: Consumer;

  constructor(scope: Construct, id: string, { sink, settings, vpc, logGroup, grants }: PipelineProps) {
    super(scope, id);
    const { type } = sink;
    this.owner = type;
    this.queues = new QueuePair(this, 'Queues', type, sink, settings);
    this.consumer = new Consumer(this, 'Consumer', {
      description: `kube-courier: delivers to ${type} (${settings.stackName})`,
      bundle: sinkBundle(type),
      queues: this.queues,
      settings: sink,
      // What a sink delivers into its log must not be taken for what functions say.
      logGroup: sink.ownLog ? createLogGroup(this, settings) : logGroup,
      ownLog: sink.ownLog,
      environment: {
        ...commonEnvironment(settings),
        QUEUE_URL: this.queues.queue.queueUrl,
        DEAD_LETTER_QUEUE_URL: this.queues.deadLetters.queueUrl,
        MAX_RECEIVES: String(sink.maxReceives),
        RETRY_BASE_SECONDS: String(sink.retryBaseSeconds),
      },
      grants: [
        ...readDestinationsOf(this, settings.prefix, type),
        ...grants,
        ...(sink.silences ? [readSilences(this, settings.prefix)] : []),
        ...sink.policy.map((grant) => ({ ...grant, wildcards: `The context asks for it (sinks.${type}.policy).` })),
      ],
      vpc,
    });
  }
}

/** What router and sinks read of their environment alike. */
function commonEnvironment({ prefix, metricsBy }: Settings): Readonly<Record<string, string>> {
  return { DESTINATIONS: `ssm:${prefix}`, METRICS_BY: metricsBy };
}

function createLogGroup(scope: Construct, { logRetentionDays }: Settings): LogGroup {
  // RetentionDays is an enumeration of the numbers themselves.
  const retention: RetentionDays = logRetentionDays;
  return new LogGroup(scope, 'Logs', { retention });
}
