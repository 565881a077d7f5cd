import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { expect } from 'vitest';
import type { KubeEvent } from '../../functions/core/contract/event.ts';
import {
  MESSAGE_VERSION,
  parseMessage,
  writeMessage,
  type EventMessage,
} from '../../functions/core/contract/message.ts';
import { recordOf, textOf } from '../../functions/core/contract/untrusted.ts';
import { scan } from '../../infra/ops/dlq/scan.ts';
import { ingest, ingestTogether, kubeEvent } from './embedded.ts';

/** One among the envelopes on the ingest queue, one among the single messages of a sink. */
export const POISONS = ['poison-1', 'poison-2'] as const;

export function uidOf({ metadata }: { readonly metadata?: unknown }): string {
  return textOf(recordOf(metadata)['uid']);
}

export function isPoison(uid: string): boolean {
  return uid.startsWith('poison');
}

function numberOf(uid: string): number {
  return Number(uid.slice('event-'.length));
}

/** One in a hundred is refused for good. */
export function isRefused(uid: string): boolean {
  return numberOf(uid) % 100 === 7;
}

/** One in twenty fails at first. */
export function isTransient(uid: string): boolean {
  return numberOf(uid) % 20 === 3;
}

/** One in ten is of a type that the destination's filter does not want. */
export function isFiltered(uid: string): boolean {
  return numberOf(uid) % 10 === 0;
}

/** Of a letter that SQS moved by itself. */
const MOVED = 'unexplained';

export const FILTER = { match: [{ type: 'Warning' }] } as const;

export interface LedgerQueues {
  readonly ingestUrl: string;
  /** The sink's. */
  readonly ownUrl: string;
  readonly destination: string;
}

/**
 * Puts so many events on the ingest queue, half of them in envelopes, half in messages of their own, the first poison in the
 * middle of the envelopes, and the second on the sink's own queue. Resolves to the uids of those that are no poison.
 */
export async function putLedger(
  client: SQSClient,
  { ingestUrl, ownUrl, destination }: LedgerQueues,
  count: number,
): Promise<readonly string[]> {
  const uids = Array.from({ length: count }, (_, number) => `event-${number}`);
  const together = uids.slice(0, count / 2).toSpliced(count / 4, 0, POISONS[0]);
  const stack = { queues: { client }, ingestQueueUrl: ingestUrl };
  await ingestTogether(stack, together.map(eventAt));
  await ingest(stack, uids.slice(count / 2).map(eventAt));
  const message: EventMessage = {
    v: MESSAGE_VERSION,
    kind: 'event',
    cluster: 'test',
    destination,
    seenAt: '',
    change: 'added',
    event: eventAt(POISONS[1]),
  };
  await client.send(new SendMessageCommand({ QueueUrl: ownUrl, MessageBody: writeMessage(message) }));
  return uids;
}

function eventAt(uid: string): KubeEvent {
  return kubeEvent(uid, { type: isFiltered(uid) ? 'Normal' : 'Warning' });
}

interface FoundLetter {
  readonly uid: string;
  readonly code: string;
}

/** The letters of a queue, each of which must be one event. */
export async function lettersIn(client: SQSClient, queueUrl: string): Promise<readonly FoundLetter[]> {
  const found: FoundLetter[] = [];
  const { signal } = new AbortController();
  await scan({ sqs: client, queueUrl, owner: 'sink', signal, waitSeconds: 0 }, async (letters) => {
    for (const { body, code } of letters) {
      const message = parseMessage(body);
      expect(message.kind).toBe('event');
      if (message.kind === 'event') found.push({ uid: uidOf(message.event), code });
    }
    return [];
  });
  return found;
}

/** Expects that each event has had its one end, and that the poisons alone are letters which nobody wrote. */
export function expectEnds(
  uids: readonly string[],
  delivered: ReadonlyMap<string, number>,
  letters: readonly FoundLetter[],
): void {
  const wanted = uids.filter((uid) => !isFiltered(uid));
  const uidsOf = (some: readonly FoundLetter[]) => [...new Set(some.map(({ uid }) => uid))].toSorted();
  expect(uidsOf(letters.filter(({ code }) => code === MOVED))).toEqual(POISONS);
  expect(uidsOf(letters.filter(({ code }) => code !== MOVED))).toEqual(wanted.filter(isRefused).toSorted());
  expect([...delivered.keys()].toSorted()).toEqual(wanted.filter((uid) => !isRefused(uid)).toSorted());
}
