import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readLetters, type Letter } from '../../../../infra/ops/dlq/letter.ts';
import { replayLoop } from '../../../../infra/ops/dlq/replay-loop.ts';
import { scan, scanChosen, type Scan } from '../../../../infra/ops/dlq/scan.ts';
import { randomOrder } from '../../../support/sqs-model-drive.ts';
import { createSqsModel, MODEL_ENDPOINT, type Fault, type SqsModel } from '../../../support/sqs-model.ts';
import { fakeClock } from '../run.ts';
import { envelopeOf, letterBody } from './letters.ts';

const HIDDEN_SECONDS = 360;
const MAX_REPLAYS = 2;

/** A message of a dead-letter queue: how many events are in it, and whether there is an item that nobody can read. */
interface Plan {
  readonly events: number;
  readonly hasBad: boolean;
  readonly code: string | undefined;
  readonly replays: number;
}

const plans: fc.Arbitrary<readonly Plan[]> = fc.array(
  fc.record({
    events: fc.integer({ min: 1, max: 7 }),
    hasBad: fc.boolean(),
    code: fc.constantFrom(undefined, 'unsupported_version'),
    replays: fc.integer({ min: 0, max: MAX_REPLAYS }),
  }),
  { minLength: 1, maxLength: 8 },
);

const faults: fc.Arbitrary<Fault> = fc.record({
  kind: fc.constantFrom('crash', 'refuse'),
  step: fc.integer({ min: 0, max: 40 }),
});

const surroundings = { seed: fc.nat(), most: fc.integer({ min: 1, max: 10 }) };

/** Every third letter is left out, else by the limit alone. */
const choices = { modulus: fc.constantFrom(1, 2, 3), limit: fc.constantFrom(Infinity, 1, 4, 9) };

/** The queue of letters as the plans say. */
function queueOf(
  messages: readonly Plan[],
  { seed, most }: { readonly seed: number; readonly most: number },
): SqsModel {
  const sqs = createSqsModel({
    visibilitySeconds: HIDDEN_SECONDS,
    redrive: {},
    receives: { most, order: randomOrder(seed) },
  });
  let number = 0;
  for (const { events, hasBad, code, replays } of messages) {
    const all: object[] = Array.from({ length: events }, () => letterBody(`e-${(number += 1)}`));
    if (hasBad) all.push({ event: 'none', id: `bad-${(number += 1)}` });
    sqs.put('letters', envelopeOf(all), {
      ...(code !== undefined && { code, detail: 'because', attempts: '1', failedAt: '2026-11-20T08:00:00.000Z' }),
      ...(replays > 0 && { replays: String(replays) }),
    });
  }
  return sqs;
}

function sourceOf({ client }: SqsModel, signal = new AbortController().signal): Scan {
  return { sqs: client, queueUrl: `${MODEL_ENDPOINT}/letters`, owner: 'log', signal, waitSeconds: 0 };
}

/** The letters on a queue: whose they are, and all that is said of each. */
function lettersOn(sqs: SqsModel, queue: string): readonly (readonly [id: string, said: string])[] {
  return sqs
    .messages(queue)
    .flatMap(({ body, attributes }) => {
      const values = Object.entries(attributes).map(
        ([name, StringValue]) => [name, { DataType: 'String', StringValue }] as const,
      );
      return readLetters({ Body: body, MessageAttributes: Object.fromEntries(values) }, 'log');
    })
    .map((letter) => {
      const { body, code, detail, destination, attempts, failedAt, replays } = letter;
      return [idOf(letter), JSON.stringify({ body, code, detail, destination, attempts, failedAt, replays })];
    });
}

function idOf({ body }: Pick<Letter, 'body'>): string {
  const { event, id } = JSON.parse(body);
  return event.metadata?.uid ?? id;
}

function numberOf(letter: Pick<Letter, 'body'>): number {
  return Number(idOf(letter).split('-')[1]);
}

const chosenBy =
  (modulus: number) =>
  (letter: Pick<Letter, 'body'>): boolean =>
    modulus === 1 || numberOf(letter) % modulus !== 0;

const ids = (letters: readonly (readonly [string, string])[]): readonly string[] =>
  letters.map(([id]) => id).toSorted();

test('a replay loses no letter, sends no event twice unless a call failed, and counts what it has sent', async () => {
  await fc.assert(
    fc.asyncProperty(
      plans,
      fc.option(faults, { nil: undefined }),
      fc.record({ ...surroundings, ...choices, interruptAt: fc.constantFrom(Infinity, 0, 3) }),
      async (messages, fault, { modulus, limit, interruptAt, ...how }) => {
        const sqs = queueOf(messages, how);
        const before = new Map(lettersOn(sqs, 'letters'));
        const includes = chosenBy(modulus);
        const wanted = [...before].filter(([, said]) => includes(JSON.parse(said)));
        const fit = wanted.filter(([, said]) => JSON.parse(said).replays < MAX_REPLAYS);

        const first = await replay(sqs, { includes, limit, interruptAt }, fault);
        const [kept, sent] = [lettersOn(sqs, 'letters'), lettersOn(sqs, 'target')];

        // None is lost, none was sent that was not to be, and those that stay read as they did.
        expect(new Set(ids([...kept, ...sent]))).toEqual(new Set(before.keys()));
        expect(ids(fit)).toEqual(expect.arrayContaining([...ids(sent)]));
        for (const [id, said] of kept) expect(said).toBe(before.get(id));
        if (first !== undefined) {
          expect(ids([...kept, ...sent])).toEqual([...before.keys()].toSorted());
          expect(first.replayed).toBe(sent.length);
          expect(first.guarded).toBeLessThanOrEqual(wanted.length - fit.length);
        }
        if (fault === undefined && interruptAt === Infinity) {
          expect(first?.replayed).toBe(Math.min(limit, fit.length));
          if (fit.length < limit) expect(first?.guarded).toBe(wanted.length - fit.length);
        }

        sqs.wait(HIDDEN_SECONDS);
        await replay(sqs, { includes, limit: Infinity, interruptAt: Infinity }, undefined);
        const all = ids(lettersOn(sqs, 'target'));

        // Repeated, it ends what the first one has left; only what was in hand when a call failed may be there twice.
        expect([...new Set(all)]).toEqual(ids(fit));
        expect(all.some((id, index) => all[index + 2] === id)).toBe(false);
        if (first !== undefined) expect(all).toEqual(ids(fit));
        expect(new Set(ids(lettersOn(sqs, 'letters')))).toEqual(
          new Set([...before.keys()].filter((id) => !all.includes(id))),
        );
      },
    ),
    { numRuns: 300 },
  );
});

interface Way {
  readonly includes: (letter: Letter) => boolean;
  readonly limit: number;
  /** Which wait for its turn the person interrupts. */
  readonly interruptAt: number;
}

/** Replays three letters a second, which takes envelopes apart. Undefined if a call failed that it cannot do without. */
async function replay(sqs: SqsModel, { includes, limit, interruptAt }: Way, fault: Fault | undefined) {
  const interrupt = new AbortController();
  const clock = fakeClock();
  const sleep: typeof clock.sleep = (ms, signal) => {
    if (clock.slept.length === interruptAt) interrupt.abort();
    return clock.sleep(ms, signal);
  };
  sqs.begin(fault);
  const result = await replayLoop(sourceOf(sqs, interrupt.signal), {
    targetUrl: `${MODEL_ENDPOINT}/target`,
    includes,
    limit,
    maxReplays: MAX_REPLAYS,
    perSecond: 3,
    clock: { ...clock, sleep },
  }).catch(() => undefined);
  return sqs.hasCrashed() ? undefined : result;
}

test('a drop deletes nothing but what was chosen, and counts it', async () => {
  await fc.assert(
    fc.asyncProperty(
      plans,
      fc.option(faults, { nil: undefined }),
      fc.record({ ...surroundings, ...choices }),
      async (messages, fault, { modulus, limit, ...how }) => {
        const sqs = queueOf(messages, how);
        const before = new Map(lettersOn(sqs, 'letters'));
        const includes = chosenBy(modulus);

        sqs.begin(fault);
        const count = await scanChosen(sourceOf(sqs), { includes, limit }, (chosen) => chosen).catch(() => undefined);
        const kept = lettersOn(sqs, 'letters');

        const gone = [...before].filter(([id]) => !kept.some(([other]) => other === id));
        expect(gone.every(([, said]) => includes(JSON.parse(said)))).toBe(true);
        for (const [id, said] of kept) expect(said).toBe(before.get(id));
        if (count !== undefined && !sqs.hasCrashed()) {
          expect(gone).toHaveLength(count);
          expect(new Set(ids(kept)).size).toBe(kept.length);
        }
      },
    ),
    { numRuns: 200 },
  );
});

test('to look changes nothing, whatever fails', async () => {
  await fc.assert(
    fc.asyncProperty(
      plans,
      fc.option(faults, { nil: undefined }),
      fc.record(surroundings),
      async (messages, fault, how) => {
        const sqs = queueOf(messages, how);
        const before = sqs.messages('letters').map(({ id, body }) => [id, body]);
        const seen: string[] = [];

        sqs.begin(fault);
        await scan(sourceOf(sqs), (letters) => {
          seen.push(...letters.map(idOf));
          return [];
        }).catch(() => undefined);

        expect(sqs.messages('letters').map(({ id, body }) => [id, body])).toEqual(before);
        expect(new Set(seen).size).toBe(seen.length);
        if (fault === undefined) expect(seen.toSorted()).toEqual(ids(lettersOn(sqs, 'letters')));
      },
    ),
    { numRuns: 100 },
  );
});
