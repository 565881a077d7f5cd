import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parseMessage } from '../../../../functions/core/contract/message.ts';
import { delivered, rejected, retry, type Outcome } from '../../../../functions/core/contract/outcome.ts';
import { REDRIVE_MARGIN } from '../../../../functions/core/runtime/attempts.ts';
import { createDestinationsFolder, type DestinationsFolder } from '../../../support/embedded.ts';
import { probeBodies, probeFunction } from '../../../support/probe-function.ts';
import { numberOf, probeSink, singly } from '../../../support/probe-sink.ts';
import { anyMishap, driven, driveModel, throttled, type Drive, type Mishap } from '../../../support/sqs-model-drive.ts';
import { createSqsModel, type SqsModel } from '../../../support/sqs-model.ts';

const MAX_ATTEMPTS = 8;
const LONG_MS = 3_600_000;

let folder: DestinationsFolder;
beforeAll(async () => {
  folder = await createDestinationsFolder();
  await folder.write('destinations/probe/a', {});
});
afterAll(() => folder.remove());

/** What the service says to an event: at its first attempt, its second, ...; the last for ever. `fatal` ends the process. */
type Script = readonly ('deliver' | 'busy' | 'long' | 'reject' | 'fatal')[];

interface Run extends Pick<Drive, 'mishaps' | 'batchSize' | 'seed'> {
  readonly scripts: readonly Script[];
  /** Events in a message; one is a single. */
  readonly perMessage: number;
  /** Whether the service gets all events in one request, or one for each. */
  readonly isTogether: boolean;
  /** How many kinds of events there are, each of which waits for its like; undefined where nothing waits. */
  readonly kinds: number | undefined;
}

/** What became of an event: when it reached the service, how often it was taken, and its letters. */
interface Fate {
  readonly triedAt: number[];
  delivered: number;
  readonly letters: { readonly code: string | undefined; readonly attempts: number }[];
}

/** Lets the real handler work on a model of SQS until nothing is left. */
async function run({ scripts, mishaps, batchSize, perMessage, isTogether, seed, kinds }: Run) {
  const fates = scripts.map((): Fate => ({ triedAt: [], delivered: 0, letters: [] }));
  const sqs = createSqsModel({
    visibilitySeconds: 360,
    redrive: { own: { to: 'dead', maxReceives: MAX_ATTEMPTS + REDRIVE_MARGIN } },
  });
  const handler = probeFunction(sqs, serviceOf(sqs, scripts, fates, { isTogether, kinds }), folder.path, MAX_ATTEMPTS);
  for (const body of probeBodies([...scripts.keys()], perMessage)) sqs.put('own', body);
  const lost = await driveModel(sqs, { queue: 'own', batchSize, mishaps, seed, invoke: handler });
  for (const letter of sqs.messages('dead')) {
    const { code, attempts } = letter.attributes;
    fates[numberIn(letter.body)]?.letters.push({ code, attempts: Number(attempts) });
  }
  return { fates, lost };
}

/** A sink whose service does as the scripts say. */
function serviceOf(
  sqs: SqsModel,
  scripts: readonly Script[],
  fates: readonly Fate[],
  { isTogether, kinds }: Pick<Run, 'isTogether' | 'kinds'>,
) {
  const answer = (number: number): Outcome => {
    const fate = fates[number];
    const script = scripts[number] ?? [];
    const said = script[Math.min(fate?.triedAt.length ?? 0, script.length - 1)];
    fate?.triedAt.push(sqs.now());
    switch (said) {
      case 'busy':
        return retry('busy', 'later');
      case 'long':
        return retry('busy', 'much later', { afterMs: LONG_MS });
      case 'reject':
        return rejected('event', 'too_odd', 'no');
      case 'fatal':
        sqs.crash();
        return delivered;
      default:
        if (fate) fate.delivered += 1;
        return delivered;
    }
  };
  return probeSink({
    send: (events) => sqs.step(() => events.map((event) => answer(numberOf(event)))),
    ...(!isTogether && { render: singly }),
    ...(kinds !== undefined && { alike: { seconds: 65, keyOf: (event) => String(numberOf(event) % kinds) } }),
  });
}

/** The number of the one event that a letter holds. */
function numberIn(letter: string): number {
  const message = parseMessage(letter);
  expect(message.kind).toBe('event');
  return Number(/"resourceVersion":"(\d+)"/.exec(letter)?.[1]);
}

const script: fc.Arbitrary<Script> = fc.array(
  fc.constantFrom<Script[number]>('deliver', 'deliver', 'busy', 'busy', 'long', 'reject'),
  { minLength: 1, maxLength: 5 },
);
function runs(scripts: fc.Arbitrary<readonly Script[]>, mishap: fc.Arbitrary<Mishap>, most: number): fc.Arbitrary<Run> {
  return fc.record({
    scripts,
    ...driven(mishap, most),
    perMessage: fc.integer({ min: 1, max: 12 }),
    isTogether: fc.boolean(),
    kinds: fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined }),
  });
}

const scriptsOf = fc.array(script, { minLength: 1, maxLength: 20 });

/** How an event ends whose every attempt was answered, and with how many of them. */
function expected(each: Script): { readonly isDelivered: boolean; readonly attempts: number } {
  const at = each.findIndex((said) => said === 'deliver' || said === 'reject');
  if (at === -1) return { isDelivered: false, attempts: MAX_ATTEMPTS };
  return { isDelivered: each[at] === 'deliver', attempts: at + 1 };
}

it('while nothing crashes every event ends once, after as many attempts as it has, none of them before its time', async () => {
  await fc.assert(
    fc.asyncProperty(runs(scriptsOf, throttled, 5), async (given) => {
      const { fates } = await run(given);
      for (const [number, { triedAt, delivered: count, letters }] of fates.entries()) {
        const each = given.scripts[number] ?? [];
        const { isDelivered, attempts } = expected(each);
        expect([count, letters.length]).toEqual(isDelivered ? [1, 0] : [0, 1]);
        // A throttled receive has cost nothing.
        expect(triedAt).toHaveLength(attempts);
        for (const [index, at] of triedAt.slice(1).entries())
          if (each[Math.min(index, each.length - 1)] === 'long')
            expect(at - (triedAt[index] ?? 0)).toBeGreaterThanOrEqual(LONG_MS);
      }
    }),
    { numRuns: 40 },
  );
});

it('whatever crashes and is refused, no event is without an end, and attempts exceed their number by no more than that', async () => {
  await fc.assert(
    fc.asyncProperty(runs(scriptsOf, anyMishap, 5), async (given) => {
      const { fates, lost } = await run(given);
      const hasFault = given.mishaps.some(([, { kind }]) => kind !== 'throttle');
      for (const { delivered: count, letters } of fates) {
        expect(count + letters.length).toBeGreaterThanOrEqual(1);
        if (!hasFault) expect(count + letters.length).toBe(1);
        for (const { code, attempts } of letters) {
          expect(code).toBeDefined();
          expect(attempts).toBeLessThanOrEqual(MAX_ATTEMPTS + lost);
        }
      }
    }),
    { numRuns: 40 },
  );
});

it('an event that always ends the process dies alone, at the end of its receives', async () => {
  const inTheEnd: fc.Arbitrary<Script> = fc
    .array(fc.constantFrom<Script[number]>('busy', 'long'), { maxLength: 3 })
    .map((each) => [...each, 'deliver']);
  const withPoison = fc
    .tuple(fc.array(inTheEnd, { maxLength: 24 }), fc.nat(24))
    .map(([others, place]): readonly Script[] => others.toSpliced(place, 0, ['fatal']));
  await fc.assert(
    fc.asyncProperty(runs(withPoison, anyMishap, 2), async (given) => {
      const { fates } = await run(given);
      for (const [number, { delivered: count, letters }] of fates.entries()) {
        if (given.scripts[number]?.[0] === 'fatal') {
          expect([count, new Set(letters.map(({ code }) => code))]).toEqual([0, new Set([undefined])]);
        } else {
          expect(count).toBeGreaterThanOrEqual(1);
          expect(letters).toEqual([]);
        }
      }
    }),
    { numRuns: 40 },
  );
});
