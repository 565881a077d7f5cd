import { createHash } from 'node:crypto';
import { queueEndpoint } from '../aws/endpoint.ts';
import { serviceCalls, type ServiceAnswer } from '../aws/service-calls.ts';
import type { CallLimits } from '../contract/limits.ts';
import type { AwsAccess } from '../contract/sink.ts';
import { listOf, recordOf, textOf } from '../contract/untrusted.ts';
import type { Environment } from './environment.ts';

/** An entry of a batch, with an id of its own in it. */
interface Entry {
  readonly Id: string;
}

export interface SendEntry extends Entry {
  readonly MessageBody: string;
  readonly MessageGroupId: string;
  readonly MessageAttributes: Record<string, { readonly DataType: 'String'; readonly StringValue: string }>;
  readonly DelaySeconds?: number;
}

export interface DelayEntry extends Entry {
  readonly ReceiptHandle: string;
  readonly VisibilityTimeout: number;
}

export interface RemoveEntry extends Entry {
  readonly ReceiptHandle: string;
}

/** What SQS answers to a batch of any kind. */
export interface BatchReply {
  readonly Successful?: readonly Taken[] | undefined;
  readonly Failed?: readonly Refused[] | undefined;
}

interface Taken {
  readonly Id: string | undefined;
}

interface Refused {
  readonly Code?: string | undefined;
  readonly Message?: string | undefined;
}

type BatchCall<E extends Entry> = (
  input: { readonly QueueUrl: string; readonly Entries: E[] },
  signal: AbortSignal,
) => Promise<BatchReply>;

/** The calls of SQS that functions make, of ten entries at most. They reject if nothing is known of the entries. */
export interface QueueCalls {
  readonly sendMessageBatch: BatchCall<SendEntry>;
  readonly changeMessageVisibilityBatch: BatchCall<DelayEntry>;
  readonly deleteMessageBatch: BatchCall<RemoveEntry>;
}

/** A batch of 900 KiB may take a second or two. What was accepted without an answer is sent twice, so there is time for one. */
const LIMITS: CallLimits = { connectMs: 3000, answerMs: 10_000 };

/**
 * The calls that functions make for a queue, and for others beside it.
 * @param env says where they go: {@link queueEndpoint}.
 */
export function sqsCalls(
  queueUrl: string,
  aws: AwsAccess,
  env: Environment = process.env,
  limits: CallLimits = LIMITS,
): QueueCalls {
  const { url, region } = queueEndpoint(queueUrl, env);
  const call = serviceCalls({
    name: 'sqs',
    place: async () => ({ url, region: region ?? (await aws.region()) }),
    credentials: aws.credentials,
    limits,
    attempts: 3,
  });
  const batch =
    (operation: string) =>
    async (input: Parameters<BatchCall<Entry>>[0], signal: AbortSignal): Promise<BatchReply> => {
      const { output, clean } = await call(operation, input, signal);
      return replyOf(output, clean);
    };
  return {
    async sendMessageBatch(input, signal) {
      const { output, clean } = await call('SendMessageBatch', input, signal);
      return withoutGarbled(replyOf(output, clean), output, input.Entries);
    },
    changeMessageVisibilityBatch: batch('ChangeMessageVisibilityBatch'),
    deleteMessageBatch: batch('DeleteMessageBatch'),
  };
}

type Output = ServiceAnswer['output'];

interface Reply extends BatchReply {
  readonly Successful: readonly Taken[];
  readonly Failed: readonly Refused[];
}

function replyOf({ Successful, Failed }: Output, clean: (text: string) => string): Reply {
  return {
    Successful: listOf(Successful).map((entry) => ({ Id: textOf(recordOf(entry)['Id']) })),
    Failed: listOf(Failed)
      .map(recordOf)
      .map(({ Code, Message }) => ({ Code: clean(textOf(Code)), Message: clean(textOf(Message)) })),
  };
}

/** SQS says what it has received of each message, which must be what was sent. */
function withoutGarbled({ Successful, Failed }: Reply, output: Output, entries: readonly SendEntry[]): BatchReply {
  const digests = new Map(
    entries.map(({ Id, MessageBody }) => [Id, createHash('md5').update(MessageBody).digest('hex')]),
  );
  const garbled = listOf(output['Successful'])
    .map(recordOf)
    .filter(({ Id, MD5OfMessageBody: digest }) => digest !== undefined && digest !== digests.get(textOf(Id)));
  const ids = new Set(garbled.map(({ Id }) => textOf(Id)));
  return {
    Successful: Successful.filter(({ Id = '' }) => !ids.has(Id)),
    Failed: [...Failed, ...garbled.map(() => ({ Code: 'InvalidMD5', Message: 'SQS has received another text' }))],
  };
}
