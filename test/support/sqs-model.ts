import { SQSClient } from '@aws-sdk/client-sqs';
import type { SQSRecord } from 'aws-lambda';
import type { QueueCalls } from '../../functions/core/runtime/queue-calls.ts';
import { sdkQueueCalls } from '../../infra/ops/aws/sdk-calls.ts';
import { listOf, recordOf, textOf, textsOf } from '../../functions/core/contract/untrusted.ts';
import { sqsRecord } from './sqs-record.ts';

/** A message on a queue of the model. */
export interface ModelMessage {
  readonly id: string;
  readonly body: string;
  readonly attributes: Readonly<Record<string, string>>;
  receives: number;
  /** Milliseconds since the epoch. */
  visibleAt: number;
}

/** What goes wrong in an invocation: its n-th step outwards is its last, or SQS refuses its n-th call. */
export interface Fault {
  readonly kind: 'crash' | 'refuse';
  readonly step: number;
}

/**
 * SQS as a model, with a clock of its own: visibility, delays, receive counts and redrive. The calls of a function reach it
 * through the real client. A crash lets nothing more of an invocation take effect; what it still does is not seen by anybody.
 */
export interface SqsModel {
  readonly client: SQSClient;
  /** Those of functions. */
  readonly calls: QueueCalls;
  readonly now: () => number;
  /** Sends a message, as somebody from outside, now or later. */
  put(queue: string, body: string, attributes?: Readonly<Record<string, string>>, inSeconds?: number): void;
  messages(queue: string): readonly ModelMessage[];
  /** Receives what is visible, so many at most; messages beyond their receives go to the dead letters instead. */
  receive(queue: string, most: number, order: (ids: readonly string[]) => readonly string[]): readonly SQSRecord[];
  /** Deletes messages as Lambda does once a function has answered. */
  remove(queue: string, ids: readonly string[]): void;
  /** Goes on to when the next message of the queue is visible. False if there is none. */
  advance(queue: string): boolean;
  /** Lets time pass. */
  wait(seconds: number): void;
  /** Begins an invocation, whose steps are counted anew. */
  begin(fault: Fault | undefined): void;
  /** One step outwards, such as a request to a service. Rejects, without its effect or with it, if it is the last. */
  step<Result>(effect: () => Result): Promise<Result>;
  /** Ends the invocation at once. */
  crash(): void;
  /** Whether the invocation has crashed. */
  hasCrashed(): boolean;
}

export interface SqsModelOptions {
  readonly visibilitySeconds: number;
  /** By queue: where messages go that were received more often. */
  readonly redrive: Readonly<Record<string, { readonly to: string; readonly maxReceives: number }>>;
  /** How many messages a client's receive gives at most, and in which order: SQS gives fewer than it has, in any. */
  readonly receives?: { readonly most: number; readonly order: (ids: readonly string[]) => readonly string[] };
  /** Whether a call with this text ends the invocation. */
  readonly isFatal?: (text: string) => boolean;
}

export const MODEL_ENDPOINT = 'http://model/000000000000';

export function createSqsModel({
  visibilitySeconds,
  redrive,
  receives = { most: 10, order: (ids) => ids },
  isFatal = () => false,
}: SqsModelOptions): SqsModel {
  const queues = new Map<string, ModelMessage[]>();
  let now = Date.parse('2026-11-23T08:00:00Z');
  let serial = 0;
  let steps = 0;
  let calls = 0;
  let fault: Fault | undefined;
  let crashed = false;

  const of = (queue: string): ModelMessage[] => {
    const messages = queues.get(queue) ?? [];
    queues.set(queue, messages);
    return messages;
  };
  const add = (queue: string, body: string, attributes: Readonly<Record<string, string>>, delaySeconds: number) => {
    serial += 1;
    const visibleAt = now + delaySeconds * 1000;
    of(queue).push({ id: `m${serial}`, body, attributes, receives: 0, visibleAt });
    return `m${serial}`;
  };
  const remove = (queue: string, ids: readonly string[]): void => {
    queues.set(
      queue,
      of(queue).filter(({ id }) => !ids.includes(id)),
    );
  };
  const client = new SQSClient({
    region: 'us-east-1',
    credentials: { accessKeyId: 'model', secretAccessKey: 'model' },
    endpoint: 'http://model',
    useQueueUrlAsEndpoint: false,
    md5: false,
    maxAttempts: 1,
    requestHandler: { handle: async (request: unknown) => ({ response: await respond(recordOf(request)) }) },
  });
  return {
    client,
    calls: sdkQueueCalls(client),
    now: () => now,
    put: (queue, body, attributes = {}, inSeconds = 0) => void add(queue, body, attributes, inSeconds),
    messages: of,
    receive,
    remove,
    advance(queue) {
      const times = of(queue).map(({ visibleAt }) => visibleAt);
      if (times.length > 0) now = Math.max(now, Math.min(...times));
      return times.length > 0;
    },
    wait: (seconds) => void (now += seconds * 1000),
    begin(next) {
      fault = next;
      steps = 0;
      calls = 0;
      crashed = false;
    },
    step,
    crash: () => void (crashed = true),
    hasCrashed: () => crashed,
  };

  function receive(
    queue: string,
    most: number,
    order: (ids: readonly string[]) => readonly string[],
  ): readonly SQSRecord[] {
    const { to = '', maxReceives = Infinity } = redrive[queue] ?? {};
    const visible = of(queue).filter(({ visibleAt }) => visibleAt <= now);
    const spent = visible.filter(({ receives }) => receives >= maxReceives);
    for (const { body, attributes } of spent) add(to, body, attributes, 0);
    remove(
      queue,
      spent.map(({ id }) => id),
    );
    const left = new Map(visible.filter((message) => !spent.includes(message)).map((each) => [each.id, each]));
    return order([...left.keys()])
      .slice(0, most)
      .flatMap((id) => {
        const message = left.get(id);
        if (!message) return [];
        message.receives += 1;
        message.visibleAt = now + visibilitySeconds * 1000;
        return [{ ...sqsRecord(id, message), eventSourceARN: `arn:aws:sqs:us-east-1:000000000000:${queue}` }];
      });
  }

  async function step<Result>(effect: () => Result): Promise<Result> {
    mayCrash();
    const result = effect();
    mayCrash();
    return result;
  }

  function mayCrash(): void {
    if (fault?.kind === 'crash' && fault.step === steps) crashed = true;
    steps += 1;
    if (crashed) throw new Error('the invocation has crashed');
  }

  async function respond({ headers, body }: Readonly<Record<string, unknown>>) {
    const operation = textOf(recordOf(headers)['x-amz-target']).replace('AmazonSQS.', '');
    const text = body instanceof Uint8Array ? new TextDecoder().decode(body) : textOf(body);
    if (isFatal(text)) crashed = true;
    const reply = await step(() => answer(operation, recordOf(JSON.parse(text))));
    const statusCode = '__type' in reply ? 500 : 200;
    return { statusCode, headers: {}, body: Buffer.from(JSON.stringify(reply)) };
  }

  function answer(operation: string, input: Readonly<Record<string, unknown>>): object {
    const { QueueUrl, Entries } = input;
    const queue = textOf(QueueUrl).slice(MODEL_ENDPOINT.length + 1);
    const entries = listOf(Entries).map(recordOf);
    const isRefused = fault?.kind === 'refuse' && fault.step === calls;
    calls += 1;
    if (!Array.isArray(Entries)) return isRefused ? { __type: 'InternalError' } : answerOne(operation, queue, input);
    if (isRefused) return { Failed: entries.map(({ Id }) => ({ Id, Code: 'InternalError', SenderFault: false })) };
    return { Successful: entries.map((entry) => ({ Id: entry['Id'], MessageId: perform(operation, queue, entry) })) };
  }

  function answerOne(operation: string, queue: string, input: Readonly<Record<string, unknown>>): object {
    if (operation === 'SendMessage') return { MessageId: perform('SendMessageBatch', queue, input) };
    if (operation !== 'ReceiveMessage') throw new Error(`the model does not know ${operation}`);
    const most = Math.min(receives.most, Number(input['MaxNumberOfMessages']));
    const records = receive(queue, most, receives.order);
    return {
      Messages: records.map(({ messageId, receiptHandle, body, attributes, messageAttributes }) => ({
        MessageId: messageId,
        ReceiptHandle: receiptHandle,
        Body: body,
        Attributes: attributes,
        MessageAttributes: Object.fromEntries(
          Object.entries(messageAttributes).map(([name, { stringValue }]) => [
            name,
            { DataType: 'String', StringValue: stringValue },
          ]),
        ),
      })),
    };
  }

  /** The id of the message. */
  function perform(operation: string, queue: string, entry: Readonly<Record<string, unknown>>): string {
    const id = textOf(entry['ReceiptHandle']).replace('handle-', '');
    switch (operation) {
      case 'SendMessageBatch': {
        const values = Object.entries(recordOf(entry['MessageAttributes']));
        const attributes = textsOf(
          Object.fromEntries(values.map(([name, value]) => [name, recordOf(value)['StringValue']])),
        );
        return add(queue, textOf(entry['MessageBody']), attributes, Number(entry['DelaySeconds'] ?? 0));
      }
      case 'DeleteMessageBatch':
        remove(queue, [id]);
        return id;
      case 'ChangeMessageVisibilityBatch': {
        const message = of(queue).find((each) => each.id === id);
        if (message) message.visibleAt = now + Number(entry['VisibilityTimeout']) * 1000;
        return id;
      }
      default:
        throw new Error(`the model does not know ${operation}`);
    }
  }
}
