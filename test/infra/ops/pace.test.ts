import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createPace } from '../../../infra/ops/pace.ts';
import { fakeClock } from './run.ts';

const signal = new AbortController().signal;

test('in no second goes more than the rate and one run, however long nothing went before', async () => {
  const steps = fc.record({ idleMs: fc.constantFrom(0, 0, 1, 300, 3_600_000), items: fc.integer({ min: 0, max: 50 }) });
  const rates = fc.constantFrom(0.5, 1, 7, 30, 100);

  await fc.assert(
    fc.asyncProperty(rates, fc.array(steps, { maxLength: 12 }), async (perSecond, all) => {
      const clock = fakeClock();
      const pace = createPace(perSecond, clock, signal);
      const went: { readonly at: number; readonly count: number }[] = [];
      for (const { idleMs, items } of all) {
        await clock.sleep(idleMs, signal);
        for (const run of pace.parts(Array.from({ length: items }))) {
          await pace.turn(run.length);
          went.push({ at: clock.now(), count: run.length });
        }
      }

      const largest = Math.max(0, ...went.map(({ count }) => count));
      for (const { at } of went) {
        const within = went.filter((each) => each.at >= at && each.at < at + 1000);
        expect(within.reduce((sum, { count }) => sum + count, 0)).toBeLessThanOrEqual(perSecond + largest);
      }
    }),
  );
});

test('who is interrupted waits no longer, and has no turn', async () => {
  const interrupt = new AbortController();
  const pace = createPace(1, { ...fakeClock(), sleep: async () => interrupt.abort() }, interrupt.signal);

  expect([await pace.turn(1), await pace.turn(1)]).toEqual([true, false]);
});
