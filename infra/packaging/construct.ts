import { Stack, Token } from 'aws-cdk-lib';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { Courier } from '../stack/courier.ts';
import { parseSettings } from '../stack/settings.ts';
import { strictSettings } from '../stack/settings-file.ts';
import { configs } from './configs.ts';

/** A queue and the function that consumes it: for all of them, or by `router.NAME` and `sinks.TYPE.NAME` for one. */
export interface FunctionProps {
  /** Messages per invocation, each of up to 200 events. @default 10, 100 for chats */
  readonly batchSize?: number;
  /** How long Lambda collects a batch. @default 0, 5 for chats */
  readonly windowSeconds?: number;
  /** Invocations at once. @default 2, 4 for the router */
  readonly maxConcurrency?: number;
  /** The function's timeout. @default 60 */
  readonly timeoutSeconds?: number;
  /** How long a received message stays hidden. @default six times the timeout, and the window */
  readonly visibilitySeconds?: number;
  /** @default 256 */
  readonly memoryMb?: number;
  /** Attempts of an event before it becomes a dead letter. @default 8 */
  readonly maxReceives?: number;
  /** The first delay before another attempt; each is twice the one before. @default 30 */
  readonly retryBaseSeconds?: number;
}

/** A cluster, and how its relay proves to AWS who it is. */
export type ClusterProps = {
  /** The relay's CLUSTER_NAME. */
  readonly name: string;
  /** @default kube-courier */
  readonly namespace?: string;
  /** @default kube-courier-relay */
  readonly serviceAccount?: string;
} & (
  | { readonly identity: 'pod-identity'; readonly eksCluster: string }
  | { readonly identity: 'irsa'; readonly providerArn: string }
  | { readonly identity: 'access-key' | 'none' }
);

/** The settings of `kube-courier.json`, by the same names; the guide to deploying says more about each. */
export interface KubeCourierProps extends FunctionProps {
  /** The sink types to deploy. @default log */
  readonly sinks?: readonly string[];
  /** The clusters, each with an alarm for its missing heartbeat; a name alone has the identity `none`. @default none */
  readonly clusters?: readonly (string | ClusterProps)[];
  /** Where alarms are mailed. @default nowhere: subscribe to `pageTopic` and `ticketTopic` */
  readonly alarmEmail?: string;
  /** Where destinations stand in SSM. @default a slash and the name of the stack */
  readonly prefix?: string;
  /** So many dead letters of a queue within five minutes page. @default 10 */
  readonly pageAtLetters?: number;
  /** Events that wait or fail for so long raise an alarm. @default 30 */
  readonly queueAgeMinutes?: number;
  /** How long SQS keeps events that wait. @default 7 */
  readonly retentionDays?: number;
  /** How long SQS keeps dead letters. @default 14 */
  readonly deadLetterRetentionDays?: number;
  /** How long CloudWatch keeps logs. @default 30 */
  readonly logRetentionDays?: number;
  /** How long the bucket of the sink `s3` keeps events. @default 400 */
  readonly archiveDays?: number;
  /** @default true */
  readonly dashboard?: boolean;
  /** Whether each destination has metrics of its own, which are billed as such. @default sink */
  readonly metricsBy?: 'sink' | 'destination';
  /** A fixed address: a new VPC, one in these zones, or subnets and security groups of yours. @default none */
  readonly vpc?:
    | 'new'
    | { readonly zones: readonly string[] }
    | { readonly subnetIds: readonly string[]; readonly securityGroupIds: readonly string[] };
  /** What is set for the router, or for one sink type, such as `sinks.kafka.memoryMb` or `sinks.sns.targets`. */
  readonly [setting: `router.${string}` | `sinks.${string}.${string}`]: unknown;
}

/** Settings that are none here, and why. */
const OWN = {
  stackName: 'is the name of the stack that it is in',
  removeSinks: 'is for one deployment, and nothing is looked at here that is deployed',
};

/**
 * Everything on AWS that carries the events: ingest queue, router, and a queue and a function per sink type, with alarms. A stack
 * holds one, and has its outputs, by which `kube-courier ops --stack NAME` finds it.
 * @throws where settings cannot be used; the message names each mistake
 */
export class KubeCourier extends Construct {
  /** Where relays put events. */
  readonly ingestQueue: IQueue;
  /** Where alarms go that must wake somebody. */
  readonly pageTopic: ITopic;
  /** Where alarms go that can wait until morning. */
  readonly ticketTopic: ITopic;

  constructor(scope: Construct, id: string, props: KubeCourierProps = {}) {
    super(scope, id);
    const stack = Stack.of(this);
    const { stackName } = stack;
    if (Token.isUnresolved(stackName))
      throw new Error(`${this.node.path} is in a nested stack, where no tool finds it: put it in a stack of its own`);
    const others = stack.node.findAll().filter((other) => other !== this && Stack.of(other) === stack);
    if (others.some((other) => other instanceof KubeCourier))
      throw new Error(`${this.node.path}: the stack ${stackName} has a KubeCourier, and tools would find only one`);
    const types = configs.map(({ type }) => type);
    const settings = parseSettings({ ...strictSettings({ ...props }, types, this.node.path, OWN), stackName }, configs);
    const { ingestQueue, topics } = new Courier(this, 'Default', settings);
    this.ingestQueue = ingestQueue;
    this.pageTopic = topics.page;
    this.ticketTopic = topics.ticket;
  }
}
