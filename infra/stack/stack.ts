import { Stack, Tags } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { routerBundle, sinkBundle } from '../build.ts';
import { projectFolder } from '../discover.ts';
import { Alarms } from './alarms.ts';
import { Consumer } from './consumer.ts';
import { createDashboard } from './dashboard.ts';
import { network, type VpcConfig } from './network.ts';
import { consumerOutput, relayOutput, stackOutputs } from './outputs.ts';
import { readDestinations, readDestinationsOf } from './grants.ts';
import { QueuePair } from './queues.ts';
import { RelayIdentity } from './relay-identity.ts';
import type { Settings, SinkSettings } from './settings.ts';

export interface KubeCourierProps {
  readonly settings: Settings;
  /** The project whose functions are deployed. @default this one */
  readonly project?: string;
}

/** Everything on AWS: ingest queue, router, and one pipeline per enabled sink type. Destinations are not in it: users edit them. */
export class KubeCourierStack extends Stack {
  constructor(scope: Construct, { settings, project = projectFolder }: KubeCourierProps) {
    super(scope, settings.stackName, {
      description: 'kube-courier: carries Kubernetes events to chats, stores and queues',
    });
    Tags.of(this).add('kube-courier', settings.stackName);
    const { prefix, logRetentionDays } = settings;
    const alarms = new Alarms(this, 'Alarms', settings);
    const vpc = network(this, settings.vpc);
    const pipelines = settings.sinks.map(
      (sink) => new SinkPipeline(this, `sink-${sink.type}`, { sink, settings, project, vpc, alarms }),
    );

    const ingest = new QueuePair(this, 'Ingest', 'router', settings.router, settings);
    const router = new Consumer(this, 'Router', {
      description: `kube-courier: copies events to the queues of the destinations they match (${settings.stackName})`,
      bundle: routerBundle,
      project,
      queues: ingest,
      settings: settings.router,
      logRetentionDays,
      environment: {
        DESTINATIONS: `ssm:${prefix}`,
        SINK_QUEUES: this.toJsonString(
          Object.fromEntries(pipelines.map(({ type, queues }) => [type, queues.queue.queueUrl])),
        ),
        DEAD_LETTER_QUEUE_URL: ingest.deadLetters.queueUrl,
      },
      grants: [
        { actions: ['sqs:SendMessage'], resources: pipelines.map(({ queues }) => queues.queue.queueArn) },
        ...readDestinations(this, prefix),
      ],
    });

    alarms.watch('router', ingest, router);
    alarms.watchConfiguration([router, ...pipelines.map(({ consumer }) => consumer)]);
    alarms.watchRelays(router);
    if (settings.dashboard) {
      const pairs = pipelines.map(({ type, queues }) => [type, queues] as const);
      createDashboard(this, settings.stackName, new Map([['router', ingest], ...pairs]));
    }
    const relays = new Construct(this, 'Relays');
    const identities = settings.clusters.map((cluster) => new RelayIdentity(relays, cluster, ingest.queue));
    for (const [index, identity] of identities.entries()) relayOutput(this, index + 1, identity);
    consumerOutput(this, 'router', ingest, router);
    for (const { type, queues, consumer } of pipelines) consumerOutput(this, type, queues, consumer);
    const userNames = identities.flatMap(({ userName }) => userName ?? []);
    stackOutputs(this, settings, ingest.queue.queueUrl, userNames);
  }
}

interface PipelineProps {
  readonly sink: SinkSettings;
  readonly settings: Settings;
  readonly project: string;
  readonly vpc: VpcConfig | undefined;
  readonly alarms: Alarms;
}

/** One sink type: its queue, dead letters, function and alarms. */
class SinkPipeline extends Construct {
  readonly type: string;
  readonly queues: QueuePair;
  readonly consumer: Consumer;

  constructor(scope: Construct, id: string, { sink, settings, project, vpc, alarms }: PipelineProps) {
    super(scope, id);
    const { type } = sink;
    this.type = type;
    this.queues = new QueuePair(this, 'Queues', type, sink, settings);
    this.consumer = new Consumer(this, 'Consumer', {
      description: `kube-courier: delivers to ${type} (${settings.stackName})`,
      bundle: sinkBundle(type),
      project,
      queues: this.queues,
      settings: sink,
      logRetentionDays: settings.logRetentionDays,
      environment: {
        DESTINATIONS: `ssm:${settings.prefix}`,
        QUEUE_URL: this.queues.queue.queueUrl,
        DEAD_LETTER_QUEUE_URL: this.queues.deadLetters.queueUrl,
        MAX_RECEIVES: String(sink.maxReceives),
        RETRY_BASE_SECONDS: String(sink.retryBaseSeconds),
      },
      grants: [
        { actions: ['sqs:ChangeMessageVisibility'], resources: [this.queues.queue.queueArn] },
        ...readDestinationsOf(this, settings.prefix, type),
        ...sink.policy.map((grant) => ({ ...grant, wildcards: `The context asks for it (sinks.${type}.policy).` })),
      ],
      vpc,
    });
    alarms.watch(type, this.queues, this.consumer);
  }
}
