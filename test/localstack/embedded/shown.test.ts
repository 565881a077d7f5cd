import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { clusterEvent, type ClusterEvent, type KubeEvent } from '../../../functions/core/contract/event.ts';
import type { Screen } from '../../../infra/terminal/screen.ts';
import { shownEvent, shownNote } from '../../../localstack/embedded/shown.ts';
import { widthOf } from '../../../infra/terminal/width.ts';
import { kubeEvent } from '../../support/embedded.ts';

beforeEach(() => void vi.stubEnv('TZ', 'Asia/Shanghai'));
afterEach(() => void vi.unstubAllEnvs());

/** Paints in words, so that a test sees what is painted. */
function screen(columns: number): Screen {
  return { columns, paint: (_tone, text) => text };
}

const painted: Screen = { columns: 200, paint: (tone, text) => (tone ? `<${tone} ${text}>` : text) };

function event(fields: KubeEvent = {}): ClusterEvent {
  return clusterEvent({
    cluster: 'prod',
    seenAt: '2026-11-23T08:00:00Z',
    change: 'added',
    event: kubeEvent('5a0c6d1e-0000', { lastTimestamp: '2026-11-23T08:00:00Z', ...fields }),
  });
}

test('an event has the columns of all lines, and its time is that of the clock on the wall', () => {
  const node = { kind: 'Node', name: 'node-a' };
  const line = shownEvent(
    event({ type: 'Normal', reason: 'NodeReady', message: 'ready', count: 1, involvedObject: node }),
    screen(130),
  );

  expect(line).toBe('16:00:00 info     NodeReady            Node node-a                          ready');
});

test('a narrower terminal has no column for the object', () => {
  const node = { kind: 'Node', name: 'node-a' };
  const line = shownEvent(
    event({ type: 'Normal', reason: 'NodeReady', message: 'ready', count: 3, involvedObject: node }),
    screen(80),
  );

  expect(line).toBe('16:00:00 info     NodeReady            Node node-a: ready (x3)');
});

test('what matters is broken into lines, and the rest is cut', () => {
  const message = 'a word or two '.repeat(20);
  const routine = shownEvent(event({ type: 'Normal', reason: 'Pulling', message }), screen(80));
  const warning = shownEvent(event({ type: 'Warning', reason: 'Failed', message }), screen(80)).split('\n');

  expect(routine).toMatch(/^.{79}…$/);
  expect(warning).toHaveLength(3);
  expect(warning.at(-1)).toMatch(/^ {18}\S.*…$/);
  for (const line of warning) expect(widthOf(line)).toBeLessThanOrEqual(80);
});

test('colours say how serious it is', () => {
  const of = (fields: KubeEvent): string => shownEvent(event(fields), painted);

  expect(of({ type: 'Warning', reason: 'OOMKilling' })).toContain('<act critical OOMKilling');
  expect(of({ type: 'Warning', reason: 'Failed' })).toContain('<wait warning  Failed');
  expect(of({ type: 'Normal', reason: 'Pulled' })).toContain('<detail info     Pulled');
});

test('nothing in an event steers the terminal', () => {
  const hostile = '\u001B[2J\u202Eend\nline';
  const line = shownEvent(
    event({ reason: hostile, message: hostile, involvedObject: { kind: hostile, name: hostile } }),
    screen(300),
  );

  expect(line).not.toMatch(/[\p{Cc}\p{Cf}]/u);
});

test('a line of a log has the same columns, names the destination, and shortens what the event is known by', () => {
  const line = JSON.stringify({
    level: 'warn',
    time: '2026-11-23T08:10:59.123Z',
    message: 'an event was rejected',
    sink: 'webhook',
    event: 'sample/e1ee7bdf-fb52-4acb-8d2a-ce789e51c886/1025',
    destination: 'webhook/sample',
    code: 'http_422',
  });

  expect(shownNote(line, screen(130))).toBe(
    '16:10:59 warn     webhook/sample       an event was rejected (code http_422, event e1ee7bdf/1025)',
  );
});

test('a line of the command itself is broken at the width of the terminal', () => {
  expect(shownNote('sample: one two three four five', screen(16)).split('\n')).toEqual([
    'sample: one two',
    '  three four',
    '  five',
  ]);
  expect(shownNote('sample: one', painted)).toBe('<head sample:> one');
});
