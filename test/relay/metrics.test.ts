import { expect, test } from 'vitest';
import { createRegistry } from '../../relay/metrics.ts';

test('label values are bounded in number', () => {
  const registry = createRegistry('r');
  const counter = registry.counter('c_total', 'help');
  for (let i = 0; i < 200; i += 1) counter.add(1, { code: `c${i}` });
  const lines = registry
    .render()
    .split('\n')
    .filter((line) => line.startsWith('r_c_total{'));
  expect(lines).toHaveLength(51);
  expect(lines).toContain('r_c_total{code="other"} 150');
});
