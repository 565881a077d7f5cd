import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { delivered, rejected, retry } from '../../../../functions/core/contract/outcome.ts';
import type { Ended } from '../../../../functions/core/runtime/account.ts';
import { createLog } from '../../../../functions/core/runtime/log.ts';
import { createMetrics, type MetricName } from '../../../../functions/core/runtime/metrics.ts';
import type { Observe, Observed } from '../../../../functions/core/runtime/observe.ts';
import { openRecord, type Item } from '../../../../functions/core/runtime/record.ts';
import { createSettlement } from '../../../../functions/core/runtime/settlement.ts';
import { createMetricTotals, type MetricTotals } from '../../../../localstack/embedded/metric-totals.ts';
import { createDestinationsFolder, type DestinationsFolder } from '../../../support/embedded.ts';
import { probeBodies, probeFunction } from '../../../support/probe-function.ts';
import { numberOf, probeSink, singly } from '../../../support/probe-sink.ts';
import { driveModel } from '../../../support/sqs-model-drive.ts';
import { createSqsModel } from '../../../support/sqs-model.ts';
import { sqsRecord } from '../../../support/sqs-record.ts';

const now = new Date('2026-11-23T08:00:00Z');

let folder: DestinationsFolder;
beforeAll(async () => {
  folder = await createDestinationsFolder();
  await folder.write('destinations/probe/a', {});
});
afterAll(() => folder.remove());

/** The counter of a status; what is held had no attempt, and is not counted. */
const COUNTERS: Readonly<Record<Exclude<Observed['status'], 'held'>, MetricName>> = {
  delivered: 'Delivered',
  filtered: 'Filtered',
  retrying: 'Retried',
  letter: 'Rejected',
};

const end = fc.constantFrom<Ended['end']>(
  delivered,
  { ...delivered, warning: 'not to carol' },
  { status: 'filtered', cause: 'disabled' },
  { status: 'filtered', cause: 'silenced', silence: 'rollout' },
  retry('busy', 'later'),
  rejected('event', 'too_odd', 'no'),
  { status: 'postponed', until: now.getTime() + 60_000, isHeld: true },
);

/** An event told apart by its version, or what cannot be read. */
function item(number: number, { isRead, receives }: { readonly isRead: boolean; readonly receives: number }): Item {
  const [body = ''] = isRead ? probeBodies([number], 1) : ['not a message'];
  const [opened] = openRecord(sqsRecord(String(number), { body, receives }), 'probe');
  if (!opened) throw new Error('there is no item');
  return opened;
}

function counted(totals: MetricTotals): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries(COUNTERS).map(([status, name]) => [status, totals.sum(name)]));
}

function told(observed: readonly Observed[]): Readonly<Record<string, number>> {
  const count = (status: string) => observed.filter((each) => each.status === status).length;
  return Object.fromEntries(Object.keys(COUNTERS).map((status) => [status, count(status)]));
}

it('tells once what becomes of each event, which is what was counted, whatever the queues refuse', async () => {
  const given = fc.record({ end, isRead: fc.boolean(), receives: fc.integer({ min: 1, max: 5 }) });
  await fc.assert(
    fc.asyncProperty(fc.array(given, { maxLength: 12 }), fc.array(fc.boolean()), async (all, accepts) => {
      const observed: Observed[] = [];
      const totals = createMetricTotals();
      const metrics = createMetrics(
        (line) => totals.accept(line),
        () => now,
        'sink',
      );
      const answers = accepts.values();
      const settle = createSettlement({
        type: 'probe',
        queueUrl: 'own',
        letterQueueUrl: 'letters',
        maxEvents: undefined,
        maxReceives: 4,
        baseSeconds: 30,
        now: () => now,
        random: () => 0.5,
        metrics,
        queues: {
          send: async (_, messages) => messages.map(() => answers.next().value ?? true),
          delay: async () => {},
          remove: async () => {},
        },
        log: createLog(() => {}, {}),
        observe: (each) => observed.push(each),
      });
      // What cannot be read is always rejected.
      const ends = all.map((each, number): Ended => {
        const isWithoutEvent = !each.isRead && each.end.status !== 'rejected';
        return {
          item: item(number, each),
          end: isWithoutEvent ? rejected('event', 'invalid_message', 'no') : each.end,
        };
      });

      await settle(ends, new AbortController().signal);
      metrics.flush();

      expect(told(observed)).toEqual(counted(totals));
      expect(observed.map(({ event }) => event ?? '').toSorted()).toEqual(
        ends.map(({ item: { content } }) => ('id' in content ? content.id : '')).toSorted(),
      );
    }),
  );
});

/** Lets the real handler work until nothing is left, on events that the service takes, refuses, or takes at the second attempt. */
async function deliverAll(observe?: Observe) {
  const sqs = createSqsModel({ visibilitySeconds: 360, redrive: {} });
  const attempts = new Map<number, number>();
  const lines: string[] = [];
  const sink = probeSink({
    render: singly,
    send: async ([event]) => {
      const number = event ? numberOf(event) : 0;
      attempts.set(number, (attempts.get(number) ?? 0) + 1);
      if (number % 3 === 1) return rejected('event', 'too_odd', 'no');
      return number % 3 === 2 && attempts.get(number) === 1 ? retry('busy', 'later') : delivered;
    },
  });
  const output = { stdout: (line: string) => lines.push(line), stderr: (line: string) => lines.push(line) };
  const invoke = probeFunction(sqs, sink, folder.path, 3, { output, ...(observe && { observe }) });
  for (const body of probeBodies([0, 1, 2, 3], 4)) sqs.put('own', body);
  const lost = await driveModel(sqs, { queue: 'own', batchSize: 10, mishaps: [], seed: 1, invoke });
  const letters = sqs.messages('dead').map(({ body, attributes }) => ({ body, attributes }));
  return { lost, letters, lines: lines.map((line) => ({ ...JSON.parse(line), time: '', _aws: '' })) };
}

it('tells the event, its destination, and the reason', async () => {
  const observed: Observed[] = [];
  await deliverAll((each) => observed.push(each));

  const ofEvent = (number: number) => ({
    destination: 'probe/a',
    event: expect.stringMatching(new RegExp(`^prod/.*/${number}$`)),
  });
  expect(observed).toHaveLength(5);
  expect(observed).toEqual(
    expect.arrayContaining([
      { ...ofEvent(0), status: 'delivered' },
      { ...ofEvent(1), status: 'letter', code: 'too_odd', detail: 'no' },
      { ...ofEvent(2), status: 'retrying', code: 'busy', detail: 'later' },
      { ...ofEvent(2), status: 'delivered' },
      { ...ofEvent(3), status: 'delivered' },
    ]),
  );
});

it('changes nothing where whoever looks on throws', async () => {
  let calls = 0;
  const observed = await deliverAll(() => {
    calls += 1;
    throw new Error('the observer is broken');
  });

  expect(calls).toBe(5);
  expect(observed).toEqual(await deliverAll());
});
