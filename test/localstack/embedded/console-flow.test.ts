import fc from 'fast-check';
import { expect, it } from 'vitest';
import { balanced } from '../../../localstack/embedded/console-flow.ts';

const count = fc.nat({ max: 1000 });

it('gives an account that adds up where no more is counted twice than is in hand', () => {
  const parts = fc.record({ delivered: count, filtered: count, deadLettered: count, waiting: count, twice: count });
  fc.assert(
    fc.property(parts, count, ({ twice, ...places }, others) => {
      const { delivered, filtered, deadLettered, waiting } = places;
      const seen = delivered + filtered + deadLettered + waiting;
      const numbers = { events: seen, seen, retried: 0, replayed: 0 };
      // What is counted twice was waiting, and still does.
      const ledger = balanced({ ...numbers, ...places, waiting: waiting + twice }, twice + others);

      expect(ledger).toEqual({ ...numbers, delivered, filtered, letters: deadLettered, waiting, missing: 0 });
    }),
  );
});

it('never hides what is missing, nor what is there twice without being in hand', () => {
  const summary = fc.record({ seen: count, delivered: count, filtered: count, deadLettered: count, waiting: count });
  fc.assert(
    fc.property(summary, count, (numbers, held) => {
      const { seen, delivered, filtered, deadLettered, waiting } = numbers;
      const missing = seen - delivered - filtered - deadLettered - waiting;
      const ledger = balanced({ ...numbers, events: 0, retried: 0, replayed: 0 }, held);

      expect(ledger.missing).toBe(seen - ledger.delivered - ledger.filtered - ledger.letters - ledger.waiting);
      expect(ledger.missing).toBeGreaterThanOrEqual(missing);
      expect(ledger.missing).toBeLessThanOrEqual(Math.max(missing, 0));
      expect(ledger.waiting).toBeGreaterThanOrEqual(Math.max(0, waiting - held));
    }),
  );
});
