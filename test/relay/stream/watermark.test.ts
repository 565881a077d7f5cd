import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createWatermark, type Watermark } from '../../../relay/stream/watermark.ts';

/** What can be done to a watermark. `accept` picks one of the items that are not accepted yet. */
type Step =
  | { readonly do: 'add'; readonly versioned: boolean; readonly observed: boolean }
  | { readonly do: 'reach' }
  | { readonly do: 'observe' }
  | { readonly do: 'accept'; readonly which: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant('add' as const), versioned: fc.boolean(), observed: fc.boolean() }),
  fc.constant<Step>({ do: 'reach' }),
  fc.constant<Step>({ do: 'observe' }),
  fc.record({ do: fc.constant('accept' as const), which: fc.nat() }),
);

/** Something noted: it holds once the first `after` items are accepted. Versions and instants are the numbers of the steps. */
interface Noted {
  readonly after: number;
  readonly version?: number;
  readonly instant?: number;
}

test('a version or an instant holds once all that was added before it is accepted, and not earlier', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const watermark = createWatermark({ observedMs: 0 });
      const done: (() => void)[] = [];
      const accepted = new Set<number>();
      const noted: Noted[] = [];
      for (const [i, each] of steps.entries()) {
        const at = i + 1;
        if (each.do === 'add') {
          done.push(watermark.add(each.versioned ? String(at) : undefined, each.observed ? at : 0));
          noted.push({
            after: done.length,
            ...(each.versioned && { version: at }),
            ...(each.observed && { instant: at }),
          });
        } else if (each.do === 'reach') {
          watermark.reach(String(at), at);
          noted.push({ after: done.length, version: at, instant: at });
        } else if (each.do === 'observe') {
          watermark.observe(at);
          noted.push({ after: done.length, instant: at });
        } else {
          const open = done.map((_, item) => item).filter((item) => !accepted.has(item));
          const item = open[each.which % Math.max(open.length, 1)];
          if (item === undefined) continue;
          accepted.add(item);
          done[item]?.();
        }
        let prefix = 0;
        while (accepted.has(prefix)) prefix += 1;
        const holding = noted.filter(({ after }) => after <= prefix);
        const versions = holding.flatMap(({ version }) => version ?? []);
        expect(watermark.rv).toBe(versions.length === 0 ? undefined : String(versions.at(-1)));
        expect(watermark.observedMs).toBe(Math.max(0, ...holding.flatMap(({ instant }) => instant ?? [])));
        expect(watermark.size).toBe(done.length - prefix);
      }
    }),
  );
});

describe('below', () => {
  const sizes = (watermark: Watermark, ...limits: readonly number[]): string[] => {
    const resolved: string[] = [];
    for (const limit of limits) void watermark.below(limit).then(() => resolved.push(`at most ${limit}`));
    return resolved;
  };

  test('resolves at once if no more are pending', async () => {
    const watermark = createWatermark({ observedMs: 0 });
    watermark.add('1', 1);
    const resolved = sizes(watermark, 1, 0);
    await Promise.resolve();
    expect(resolved).toEqual(['at most 1']);
  });

  test('resolves when so few are pending, each in its time', async () => {
    const watermark = createWatermark({ observedMs: 0 });
    const done = [1, 2, 3].map((version) => watermark.add(String(version), version));
    const resolved = sizes(watermark, 2, 0);
    done[1]?.();
    await Promise.resolve();
    expect(resolved).toEqual([]);
    done[0]?.();
    await Promise.resolve();
    expect(resolved).toEqual(['at most 2']);
    done[2]?.();
    await Promise.resolve();
    expect(resolved).toEqual(['at most 2', 'at most 0']);
  });
});

test('it begins where its predecessor was, and an instant never goes back', () => {
  const watermark = createWatermark({ rv: '100', observedMs: 50 });
  watermark.observe(40);
  expect([watermark.rv, watermark.observedMs]).toEqual(['100', 50]);
  watermark.reach('90', 40);
  expect([watermark.rv, watermark.observedMs]).toEqual(['90', 50]);
  const done = watermark.add('91', 70);
  watermark.reach('92', 60);
  watermark.observe(65);
  done();
  expect([watermark.rv, watermark.observedMs]).toEqual(['92', 70]);
});

test('thousands of items are let go of as they are accepted', () => {
  const watermark = createWatermark({ observedMs: 0 });
  for (let i = 1; i <= 5000; i += 1) {
    const done = watermark.add(String(i), i);
    watermark.add(undefined, 0)();
    done();
  }
  expect([watermark.rv, watermark.size]).toEqual(['5000', 0]);
});
