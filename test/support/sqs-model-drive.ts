import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import fc from 'fast-check';
import type { Fault, SqsModel } from './sqs-model.ts';

/** What becomes of an invocation: a fault in it, or there is none, because Lambda has too many already. */
export type Mishap = Fault | { readonly kind: 'throttle' };

export interface Drive {
  readonly queue: string;
  readonly batchSize: number;
  readonly mishaps: readonly (readonly [invocation: number, Mishap])[];
  /** Of the order in which SQS gives messages, which may be any. */
  readonly seed: number;
  readonly invoke: (
    event: SQSEvent,
    context: { readonly getRemainingTimeInMillis: () => number },
  ) => Promise<SQSBatchResponse>;
}

/** More than that, and it would never end. */
const MOST_INVOCATIONS = 1000;

/**
 * Does what Lambda does, until the queue is empty. Resolves to how many invocations ended without having settled all of their
 * messages, each of which then counts one receive more.
 */
export async function driveModel(sqs: SqsModel, { queue, batchSize, mishaps, seed, invoke }: Drive): Promise<number> {
  const planned = new Map(mishaps);
  const order = randomOrder(seed);
  let lost = 0;
  for (let invocation = 0; sqs.advance(queue);) {
    const batch = sqs.receive(queue, batchSize, order);
    if (batch.length === 0) continue;
    const mishap = planned.get(invocation);
    invocation += 1;
    if (invocation > MOST_INVOCATIONS) throw new Error(`the queue is not empty after ${MOST_INVOCATIONS} invocations`);
    if (mishap?.kind === 'throttle') {
      lost += 1;
      continue;
    }
    sqs.begin(mishap);
    const isSettled = await settle(sqs, queue, batch, invoke);
    if (!isSettled) lost += 1;
  }
  return lost;
}

/** One environment, which gathers what comes within so many seconds from the first message on, until the queue is empty. */
export async function driveGathering(
  sqs: SqsModel,
  { queue, windowSeconds, invoke }: Pick<Drive, 'queue' | 'invoke'> & { readonly windowSeconds: number },
): Promise<void> {
  while (sqs.advance(queue)) {
    sqs.wait(windowSeconds);
    const batch = sqs.receive(queue, 100, (ids) => ids);
    sqs.begin(undefined);
    await settle(sqs, queue, batch, invoke);
  }
}

/** A chat's two environments, each of which is busy for as long as it rests, until the queue is empty. */
export async function driveResting(
  sqs: SqsModel,
  {
    queue,
    batchSize,
    invoke,
  }: {
    readonly queue: string;
    readonly batchSize: number;
    readonly invoke: (sleep: (ms: number) => Promise<void>) => Drive['invoke'];
  },
): Promise<void> {
  const environments = Array.from({ length: 2 }, () => {
    const environment = { freeAt: sqs.now(), invoke: invoke(async (ms) => void (environment.freeAt = sqs.now() + ms)) };
    return environment;
  });
  while (sqs.advance(queue)) {
    const [next] = environments.toSorted((a, b) => a.freeAt - b.freeAt);
    if (!next) return;
    sqs.wait(Math.max(0, next.freeAt - sqs.now()) / 1000);
    const batch = sqs.receive(queue, batchSize, (ids) => ids);
    sqs.begin(undefined);
    await settle(sqs, queue, batch, next.invoke);
  }
}

/** Invokes with a batch, and removes what it does not name as failed. Resolves to whether that was all. */
async function settle(
  sqs: SqsModel,
  queue: string,
  batch: readonly SQSEvent['Records'][number][],
  invoke: Drive['invoke'],
): Promise<boolean> {
  const { batchItemFailures } = await invoke({ Records: [...batch] }, { getRemainingTimeInMillis: () => 60_000 });
  if (sqs.hasCrashed()) return false;
  const failed = batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
  sqs.remove(
    queue,
    batch.map(({ messageId }) => messageId).filter((id) => !failed.includes(id)),
  );
  return failed.length === 0;
}

export const throttled: fc.Arbitrary<Mishap> = fc.constant({ kind: 'throttle' });

export const anyMishap: fc.Arbitrary<Mishap> = fc.oneof(
  throttled,
  fc.record({ kind: fc.constantFrom('crash', 'refuse'), step: fc.integer({ min: 0, max: 12 }) }),
);

/** How a run is driven, with so many mishaps at most. */
export function driven(mishap: fc.Arbitrary<Mishap>, most: number) {
  return {
    mishaps: fc.array(fc.tuple(fc.integer({ min: 0, max: 8 }), mishap), { maxLength: most }),
    batchSize: fc.integer({ min: 1, max: 40 }),
    seed: fc.nat(),
  };
}

/** The order in which SQS gives messages, which may be any. */
export function randomOrder(seed: number): (ids: readonly string[]) => readonly string[] {
  let state = seed;
  return (ids) =>
    ids
      .map((id) => {
        state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
        return [state, id] as const;
      })
      .toSorted(([a], [b]) => a - b)
      .map(([, id]) => id);
}
