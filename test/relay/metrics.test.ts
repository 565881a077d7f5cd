import { expect, test } from 'vitest';
import { createRegistry, createRelayMetrics } from '../../relay/metrics.ts';

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

test('events are counted in two thousand series, and what goes beyond under other', () => {
  const registry = createRegistry('kube_courier');
  const { events } = createRelayMetrics(createRegistry('r'), registry);
  const labels = (n: number) => ({ type: 'Normal', reason: `r${n}`, kind: 'Pod', namespace: 'shop' });
  for (let n = 0; n < 2500; n += 1) events?.add(1, labels(n));
  events?.add(1, labels(0));
  const lines = registry.render().split('\n');
  expect(lines.filter((line) => line.startsWith('kube_courier_events_total{'))).toHaveLength(2001);
  expect(lines).toContain('kube_courier_events_total{type="Normal",reason="r0",kind="Pod",namespace="shop"} 2');
  expect(lines).toContain('kube_courier_events_total{type="other",reason="other",kind="other",namespace="other"} 500');
});

test('a label cannot break its line', () => {
  const registry = createRegistry('r');
  registry.gauge('g', 'help').set(1, { code: 'a"b\\c\nd' });
  expect(registry.render()).toContain('r_g{code="a_b_c_d"} 1\n');
});

test('a gauge that has nothing to say is left out', () => {
  const registry = createRegistry('r');
  let value: number | undefined;
  registry.gaugeOf('g', 'help', () => value);
  expect(registry.render()).not.toMatch(/^r_g /m);
  value = 3;
  expect(registry.render()).toMatch(/^r_g 3$/m);
});

test('a histogram counts what is at a bound below it', () => {
  const registry = createRegistry('r');
  const seconds = registry.histogram('h', 'help', [1, 5]);
  for (const value of [1, 2, 9]) seconds.observe(value);
  expect(registry.render()).toContain(
    ['r_h_bucket{le="1"} 1', 'r_h_bucket{le="5"} 2', 'r_h_bucket{le="+Inf"} 3', 'r_h_sum 12', 'r_h_count 3'].join('\n'),
  );
});

test('a counter tells its sum over all labels', () => {
  const counter = createRegistry('r').counter('c_total', 'help');
  counter.add(1, { code: 'a' });
  counter.add(2, { code: 'b' });
  counter.add(4);
  expect(counter.total()).toBe(7);
});

test('how long sends take is told from 2.5 ms to 10 s, and how long events wait from 1 ms to 5 minutes', () => {
  const registry = createRegistry('r');
  createRelayMetrics(registry);
  const bounds = (name: string) =>
    [...registry.render().matchAll(new RegExp(`^r_${name}_bucket{le="([\\d.]+)"}`, 'gm'))].map(([, bound]) =>
      Number(bound),
    );
  expect(bounds('send_duration_seconds')).toEqual([0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]);
  expect(bounds('event_accept_seconds')).toEqual([
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30, 300,
  ]);
});
