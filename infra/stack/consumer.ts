import { Duration } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  Architecture,
  CfnFunction,
  EventSourceMapping,
  Function,
  LoggingFormat,
  RecursiveLoop,
  Runtime,
  SystemLogLevel,
} from 'aws-cdk-lib/aws-lambda';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { Bundle } from '../bundles.ts';
import { acknowledge, acknowledgeWildcards } from './acknowledge.ts';
import { attachToVpc, policyOf, type Grant } from './grants.ts';
import { functionCode } from './function-code.ts';
import type { QueuePair } from './queues.ts';
import type { FunctionSettings } from './settings.ts';
import type { VpcConfig } from './network.ts';

export interface ConsumerProps {
  readonly description: string;
  readonly bundle: Bundle;
  readonly queues: QueuePair;
  readonly settings: FunctionSettings;
  readonly logGroup: ILogGroup;
  /** Whether what it delivers goes into its log, in whatever format. */
  readonly ownLog: boolean;
  readonly environment: Readonly<Record<string, string>>;
  /** What its role allows beyond consuming the queue, writing dead letters and its own logs. */
  readonly grants: readonly Grant[];
  readonly vpc?: VpcConfig | undefined;
}

/** A function that consumes a queue, with a role of its own that names each action and resource. */
export class Consumer extends Construct {
  readonly function: Function;
  readonly logGroup: ILogGroup;
  readonly eventSource: EventSourceMapping;

  constructor(scope: Construct, id: string, props: ConsumerProps) {
    super(scope, id);
    const { queues, settings, logGroup } = props;
    this.logGroup = logGroup;
    const grants: readonly Grant[] = [
      { actions: ['logs:CreateLogStream', 'logs:PutLogEvents'], resources: [logGroup.logGroupArn] },
      {
        actions: [
          'sqs:ReceiveMessage',
          'sqs:SendMessage',
          'sqs:DeleteMessage',
          'sqs:ChangeMessageVisibility',
          'sqs:GetQueueAttributes',
        ],
        resources: [queues.queue.queueArn],
      },
      { actions: ['sqs:SendMessage'], resources: [queues.deadLetters.queueArn] },
      ...props.grants,
      ...(props.vpc ? [attachToVpc] : []),
    ];
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      description: props.description,
      inlinePolicies: { Function: policyOf(grants) },
    });
    for (const { actions, resources, wildcards = '' } of grants) {
      acknowledgeWildcards(role, 'Action', actions, wildcards);
      acknowledgeWildcards(role, 'Resource', resources, wildcards);
      if (resources.includes('*')) acknowledge(role, 'Serverless-LambdaStarPermissions', wildcards);
    }
    this.function = new Function(this, 'Function', {
      description: props.description,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      handler: 'index.handler',
      code: functionCode(props.bundle),
      role,
      logGroup,
      ...(!props.ownLog && quietLambda),
      memorySize: settings.memoryMb,
      timeout: Duration.seconds(settings.timeoutSeconds),
      environment: { ...props.environment },
      // What is to be retried goes back to the function's own queue, which Lambda would take for a runaway loop at the 17th time
      // and end. The attempts are bounded by the function.
      recursiveLoop: RecursiveLoop.ALLOW,
    });
    if (props.vpc && this.function.node.defaultChild instanceof CfnFunction) {
      this.function.node.defaultChild.vpcConfig = {
        subnetIds: [...props.vpc.subnetIds],
        securityGroupIds: [...props.vpc.securityGroupIds],
      };
    }
    this.eventSource = new EventSourceMapping(this, 'EventSource', {
      target: this.function,
      eventSourceArn: queues.queue.queueArn,
      batchSize: settings.batchSize,
      ...(settings.windowSeconds > 0 && { maxBatchingWindow: Duration.seconds(settings.windowSeconds) }),
      maxConcurrency: settings.maxConcurrency,
      reportBatchItemFailures: true,
    });
    const letters = 'A message that fails is dead-lettered by the function itself, or by its queue.';
    acknowledge(this.function, 'Serverless-LambdaDLQ', letters);
    acknowledge(this.eventSource, 'Serverless-LambdaEventSourceMappingDestination', letters);
    acknowledge(
      this.function,
      'Serverless-LambdaTracing',
      'Traces of one short call each would cost more than they tell.',
    );
  }
}

/**
 * Lambda itself writes three lines for each invocation, which nobody reads and everybody pays for. In its JSON format it writes
 * none, unless an invocation has failed, timed out or lost logs ("System log level event mapping"). Lines of our own stay as they
 * are: what is written to the process' streams is not touched, only `console` is (aws-lambda-nodejs-runtime-interface-client,
 * LogPatch.js), and JSON is not encoded twice.
 */
const quietLambda = { loggingFormat: LoggingFormat.JSON, systemLogLevelV2: SystemLogLevel.WARN } as const;
