import { Duration, RemovalPolicy, Tags } from 'aws-cdk-lib';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { acknowledge } from './acknowledge.ts';
import type { FunctionSettings, Settings } from './settings.ts';
import { REDRIVE_MARGIN } from '../../functions/core/runtime/attempts.ts';

/** SQS' limit. Said explicitly, because CloudFormation may otherwise set 256 KiB when it updates a queue. */
const MAX_MESSAGE_BYTES = 1024 * 1024;

/** A queue and its dead letters. Both outlive the stack: an event that waits, or a letter, is nobody's to delete unasked. */
export class QueuePair extends Construct {
  readonly queue: Queue;
  readonly deadLetters: Queue;

  /** @param owner `router`, or the sink type; stands in the queues' tags. */
  constructor(scope: Construct, id: string, owner: string, own: FunctionSettings, settings: Settings) {
    super(scope, id);
    const common = {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      maxMessageSizeBytes: MAX_MESSAGE_BYTES,
      removalPolicy: RemovalPolicy.RETAIN,
    };
    this.deadLetters = new Queue(this, 'DeadLetters', {
      ...common,
      retentionPeriod: Duration.days(settings.deadLetterRetentionDays),
    });
    this.queue = new Queue(this, 'Queue', {
      ...common,
      visibilityTimeout: Duration.seconds(own.visibilitySeconds),
      retentionPeriod: Duration.days(settings.retentionDays),
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: own.maxReceives + REDRIVE_MARGIN },
    });
    Tags.of(this).add('kube-courier', settings.stackName);
    Tags.of(this).add('kube-courier/owner', owner);
    Tags.of(this.queue).add('kube-courier/queue', 'events');
    Tags.of(this.deadLetters).add('kube-courier/queue', 'dead-letters');
    for (const rule of ['AwsSolutions-SQS3', 'Serverless-SQSRedrivePolicy']) {
      acknowledge(this.deadLetters, rule, 'It is a dead-letter queue itself.');
    }
  }
}
