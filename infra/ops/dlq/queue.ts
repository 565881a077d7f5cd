import { createSqs } from '../aws/clients.ts';
import { consumerOf, readStack, type STACK_OPTIONS } from '../aws/stack.ts';
import type { Arguments, Io } from '../command.ts';
import type { Scan } from './scan.ts';

/** A queue of letters, and the queue they came from. */
export interface LetterQueue extends Scan {
  readonly targetUrl: string;
}

/** Finds the letters of a sink type, or of the router, whose letters go back to the ingest queue. */
export async function letterQueue(args: Arguments<typeof STACK_OPTIONS>, owner: string, io: Io): Promise<LetterQueue> {
  const consumer = consumerOf(await readStack(args), owner);
  return {
    sqs: createSqs(),
    queueUrl: consumer.deadLetterQueueUrl,
    targetUrl: consumer.queueUrl,
    owner,
    signal: io.signal,
  };
}
