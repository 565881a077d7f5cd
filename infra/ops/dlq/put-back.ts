import { SendMessageCommand, type Message, type SQSClient } from '@aws-sdk/client-sqs';
import { headOf, itemOf, openMessage, pack } from '../../../functions/core/contract/envelope.ts';
import type { EventMessage } from '../../../functions/core/contract/message.ts';
import { countText } from '../count.ts';
import { OpsError } from '../command.ts';
import { failureText } from '../failure.ts';
import { attributesAgain, type Letter } from './letter.ts';

/**
 * Puts those of a message's letters that stay into their queue again, so that the message can be deleted for the others. They
 * stay together, as one message where they fit: SQS takes all of them or none, and no alarm sees letters come. Resolves to the
 * ids of the new messages.
 *
 * @throws {OpsError} if SQS does not take them
 */
export async function putBack(
  sqs: SQSClient,
  queueUrl: string,
  message: Message,
  letters: readonly Letter[],
): Promise<readonly string[]> {
  const ids: string[] = [];
  try {
    for (const MessageBody of bodiesOf(letters)) {
      const { MessageId = '' } = await sqs.send(
        new SendMessageCommand({ QueueUrl: queueUrl, MessageBody, ...howOf(message, letters) }),
      );
      ids.push(MessageId);
    }
  } catch (error) {
    throw new OpsError(
      `SQS did not take back ${countText(letters.length, 'letter')}, which lie in one message with others that are done, and so all of them stay: ${failureText(error)}`,
    );
  }
  return ids;
}

/** What the letters of a message have in common. */
function howOf({ Attributes }: Message, [first]: readonly Letter[]) {
  const attributes = Object.entries(first === undefined ? {} : attributesAgain(first));
  return {
    MessageGroupId: Attributes?.MessageGroupId,
    MessageAttributes: Object.fromEntries(
      attributes.map(([name, StringValue]) => [name, { DataType: 'String', StringValue }]),
    ),
  };
}

/** The bodies of as few messages as hold the letters. What cannot be read travels alone. */
function bodiesOf(letters: readonly Letter[]): readonly string[] {
  const events = letters.flatMap(({ body, event }) => (event === undefined ? [] : eventsIn(body)));
  const unread = letters.flatMap(({ body, event }) => (event === undefined ? [body] : []));
  const [first] = events;
  const packed =
    first === undefined
      ? []
      : pack(
          headOf(first),
          events.map((event) => ({ item: itemOf(event) })),
        );
  return [...packed.map(({ body }) => body), ...unread];
}

function eventsIn(body: string): readonly EventMessage[] {
  const opened = openMessage(body);
  return opened.kind === 'events' ? opened.events : [];
}
