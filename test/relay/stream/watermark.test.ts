import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createWatermark } from '../../../relay/stream/watermark.ts';

test('the watermark is the longest accepted prefix, in whatever order items are accepted', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.boolean(), fc.nat()), { maxLength: 30 }), (items) => {
      const mark = createWatermark({ observedMs: 0 });
      const done = items.map(([versioned], i) => mark.add(versioned ? String(i + 1) : undefined, i));
      const accepted = new Set<number>();
      const order = items.map(([, key], i) => ({ key, i })).toSorted((a, b) => a.key - b.key);
      for (const { i } of order) {
        done[i]?.();
        accepted.add(i);
        let prefix = 0;
        while (accepted.has(prefix)) prefix += 1;
        const versions = items.slice(0, prefix).flatMap(([versioned], at) => (versioned ? [String(at + 1)] : []));
        expect(mark.rv).toBe(versions.at(-1));
        expect(mark.size).toBe(items.length - prefix);
      }
    }),
  );
});
