import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { SendMessageBatchCommand, SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { pack } from '../../functions/core/contract/envelope.ts';
import type { KubeEvent } from '../../functions/core/contract/event.ts';
import { sampleKubeEvent } from '../../functions/core/contract/sample.ts';
import { eventMessage } from '../../relay/queue/message.ts';

export interface DestinationsFolder {
  readonly path: string;
  /** Writes a document, such as `destinations/log/console`. */
  readonly write: (document: string, value: unknown) => Promise<void>;
  readonly remove: () => Promise<void>;
}

export async function createDestinationsFolder(): Promise<DestinationsFolder> {
  const path = await mkdtemp(join(tmpdir(), 'kube-courier-test-'));
  return {
    path,
    async write(document, value) {
      const file = join(path, `${document}.json`);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, typeof value === 'string' ? value : JSON.stringify(value));
    },
    remove: () => rm(path, { recursive: true, force: true }),
  };
}

/** The sample event as another one, told apart by its uid. */
export function kubeEvent(uid: string, fields: KubeEvent = {}): KubeEvent {
  return { ...sampleKubeEvent, ...fields, metadata: { ...sampleKubeEvent.metadata, uid, name: uid } };
}

/** An ingest queue, as an embedded stack has it. */
export interface Ingest {
  readonly queues: { readonly client: SQSClient };
  readonly ingestQueueUrl: string;
}

/** Puts events on the ingest queue, together as far as they fit. */
export async function ingestTogether(stack: Ingest, events: readonly KubeEvent[]): Promise<void> {
  const items = events.map((event) => ({ item: JSON.stringify({ seenAt: '', change: 'added', event }) }));
  for (const { body } of pack({ cluster: 'test' }, items))
    await stack.queues.client.send(new SendMessageCommand({ QueueUrl: stack.ingestQueueUrl, MessageBody: body }));
}

/** Puts events on the ingest queue, as the relay does. */
export async function ingest(stack: Ingest, events: readonly KubeEvent[]): Promise<void> {
  const entries = events.map((event, index) => {
    const { body } = eventMessage('test', 'added', event, undefined);
    return { Id: String(index), MessageBody: body };
  });
  for (let from = 0; from < entries.length; from += 10) {
    const Entries = entries.slice(from, from + 10);
    await stack.queues.client.send(new SendMessageBatchCommand({ QueueUrl: stack.ingestQueueUrl, Entries }));
  }
}
