/** What messages of SNS and SQS have besides their bodies. */
import type { ClusterEvent } from '../../contract/event.ts';
import { filterTexts, hashed, objectKey } from '../event-document.ts';

/** SQS, SNS and EventBridge take 256 KiB, attributes included, wherever nobody has raised it. */
export const MAX_MESSAGE_BYTES = 240 * 1024;

/** {@link filterTexts} as the attributes of a message of SNS or SQS. */
export function messageAttributes(
  event: ClusterEvent,
): Record<string, { readonly DataType: 'String'; readonly StringValue: string }> {
  return Object.fromEntries(
    Object.entries(filterTexts(event)).map(([name, StringValue]) => [
      name,
      { DataType: 'String' as const, StringValue },
    ]),
  );
}

/** What FIFO topics and queues need: what happens to one object stays in order, and a repeat within five minutes is dropped. */
export function fifoFields(event: ClusterEvent): {
  readonly MessageGroupId: string;
  readonly MessageDeduplicationId: string;
} {
  return { MessageGroupId: objectKey(event), MessageDeduplicationId: hashed(event.id) };
}

/** Bytes of a message of SNS or SQS: body and attributes. */
export function messageBytes(body: string, attributes: ReturnType<typeof messageAttributes>): number {
  const texts = Object.entries(attributes).flatMap(([name, { DataType, StringValue }]) => [
    name,
    DataType,
    StringValue,
  ]);
  return texts.reduce((sum, text) => sum + Buffer.byteLength(text), Buffer.byteLength(body));
}
