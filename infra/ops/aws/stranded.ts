import { ListQueueTagsCommand, paginateListQueues, type SQSClient } from '@aws-sdk/client-sqs';
import { opsCommand } from '../../stack/ops-command.ts';
import { consumersOf } from '../../stack/parse-outputs.ts';
import { countText } from '../count.ts';
import { queueState } from '../dlq/scan.ts';
import type { Deployed } from './stack.ts';

/** A queue that an earlier deployment of the stack left, with something in it. */
export interface StrandedQueue {
  readonly stackName: string;
  /** `router`, or the sink type. */
  readonly owner: string;
  readonly kind: 'events' | 'dead-letters';
  readonly url: string;
  /** Messages, as SQS counts them: each may hold several events. */
  readonly count: number;
  readonly retentionSeconds: number;
}

/** CloudFormation begins a queue's name with its stack's, and shortens it to what SQS allows. */
const PREFIX_LENGTH = 20;

/**
 * Queues outlive a sink that is removed, and one that returns gets new ones. The old ones are found by their tags; those that
 * are empty are left out.
 */
export async function strandedQueues(sqs: SQSClient, deployed: Deployed): Promise<readonly StrandedQueue[]> {
  const own = consumersOf(deployed)
    .flatMap(({ queueUrl, deadLetterQueueUrl }) => [queueUrl, deadLetterQueueUrl])
    .map(nameOf);
  const found: StrandedQueue[] = [];
  const QueueNamePrefix = deployed.stack.slice(0, PREFIX_LENGTH);
  for await (const { QueueUrls = [] } of paginateListQueues({ client: sqs, pageSize: 1000 }, { QueueNamePrefix })) {
    for (const url of QueueUrls) {
      if (own.includes(nameOf(url))) continue;
      const { Tags = {} } = await sqs.send(new ListQueueTagsCommand({ QueueUrl: url }));
      const { 'kube-courier': stack, 'kube-courier/owner': owner, 'kube-courier/queue': kind } = Tags;
      if (stack !== deployed.stack || owner === undefined) continue;
      const { waiting, hidden, retentionSeconds } = await queueState(sqs, url);
      if (waiting + hidden === 0) continue;
      const isLetters = kind === 'dead-letters';
      found.push({
        stackName: stack,
        owner,
        kind: isLetters ? kind : 'events',
        url,
        count: waiting + hidden,
        retentionSeconds,
      });
    }
  }
  return found.toSorted((a, b) => (`${a.owner} ${a.kind}` < `${b.owner} ${b.kind}` ? -1 : 1));
}

/** What somebody who looks at a stack should know of its stranded queues, and what to type then. */
export function strandedText(
  queue: StrandedQueue,
  isDeployed: boolean,
): { readonly text: string; readonly command: string } {
  const { owner, kind, count } = queue;
  const text = `${holdingText(count, kind)} of ${owner} in a queue of an earlier deployment`;
  const first = isDeployed ? '' : `: add ${owner} to sinks and deploy, then`;
  return { text: text + first, command: opsCommand(queue, `adopt ${owner}`) };
}

/** A number of messages by what they hold. */
export function holdingText(count: number, kind: StrandedQueue['kind']): string {
  return `${countText(count, 'message')} with ${kind === 'events' ? 'events' : 'dead letters'}`;
}

function nameOf(url: string): string {
  return url.slice(url.lastIndexOf('/') + 1);
}
