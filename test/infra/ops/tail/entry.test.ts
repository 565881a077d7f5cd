import { expect, test } from 'vitest';
import { sampleEvent, sampleEventIn } from '../../../../functions/core/contract/sample.ts';
import { createLog } from '../../../../functions/core/runtime/log.ts';
import { createMetrics } from '../../../../functions/core/runtime/metrics.ts';
import { sink } from '../../../../functions/sinks/log/sink.ts';
import { readEntry } from '../../../../infra/ops/tail/entry.ts';
import { entryText } from '../../../../infra/ops/tail/text.ts';

const AT = Date.parse('2026-11-23T08:00:00Z');
const read = (text: string) => readEntry({ at: AT, group: 'g', text });
const context = {
  owner: { kind: 'Deployment', name: 'api' },
  node: 'n',
  labels: { app: 'api' },
  annotations: { a: 'b' },
  namespaceLabels: { team: 'x' },
  namespaceAnnotations: {},
};

test.each([
  ['with context', sampleEventIn(context)],
  ['without', sampleEvent({ involvedObject: { kind: 'Node', name: 'n' }, type: 'Normal', count: 7 })],
  ['hardly anything', sampleEvent({ involvedObject: null, message: 'x\nyz', reason: 1 })],
])('an event %s is read as the sink wrote it', (_, event) => {
  const [parcel] = sink.render([event], { format: 'json' });

  const entry = read(parcel?.payload ?? '');

  if (entry?.kind !== 'event') throw new Error('it is no event');
  expect({ ...entry.event, raw: undefined, owner: undefined }).toEqual({ ...event, raw: undefined, owner: undefined });
  expect(entry.event.owner?.name).toEqual(event.owner?.name);
});

test('what a function counts and says is read as it wrote it', () => {
  const lines: string[] = [];
  const metrics = createMetrics(
    (line) => lines.push(line),
    () => new Date(AT),
  );
  metrics.add('Delivered', 3, { Sink: 'dingtalk' });
  for (const ms of [1200, 300]) metrics.add('DeliveryLatency', ms, { Sink: 'dingtalk' });
  metrics.add('Filtered', 2, { Sink: 'router' }, { cause: 'silenced', silence: 'rollout' });
  metrics.add('Heartbeats', 1, { Cluster: 'prod' });
  metrics.flush();
  const log = createLog((line) => lines.push(line), { sink: 'webhook' });
  log.warn('an event is to be retried', {
    event: 'prod/u/1',
    destination: 'webhook/team',
    code: 'http_503',
    detail: 'try\nlater',
    attempts: 3,
  });
  log.info('an edit is in force', { destination: 'webhook/team', version: '4' });
  log.error('events may have been missed', { cluster: 'prod', cause: 'expired', from: undefined, to: 'x' });

  const entries = lines.map(read);

  expect(entries.map((entry) => entry && entryText(entry))).toEqual([
    '2026-11-23T08:00:00.000Z dingtalk: 3 delivered, the slowest after 1.2s',
    '2026-11-23T08:00:00.000Z router: 2 filtered (silence rollout)',
    undefined,
    '2026-11-23T08:00:00.000Z ! webhook/team: an event is to be retried (http_503, try later, attempt 3, event prod/u/1)',
    '2026-11-23T08:00:00.000Z webhook/team: an edit is in force (version 4)',
    '2026-11-23T08:00:00.000Z ! webhook: events may have been missed (cluster prod, cause expired, to x)',
  ]);
});

test.each([
  'START RequestId: 8f5-1 Version: $LATEST',
  'REPORT RequestId: 8f5-1\tDuration: 1 ms',
  '{"time":"2026-11-23T08:00:00Z","type":"platform.report","record":{}}',
  '{"id":"x","cluster":"prod"}',
  '{"_aws":{},"Sink":"router","Received":3}',
  '[1]',
  '{"id":',
  '',
])('%s says nothing of events', (line) => {
  expect(read(line)).toBeUndefined();
});

test('a line for people is shown as it is, and what crashed a function is named', () => {
  const text = read('2026-11-23T07:59:30.000Z prod Warning BackOff Pod payments/api: Back-off\u001B[31m\n');
  const late = read('{"time":"t","type":"platform.report","record":{"requestId":"r","status":"timeout"}}');
  const crash = read('{"timestamp":"t","level":"ERROR","message":{"errorType":"E","errorMessage":"it broke"}}');

  expect(text && entryText(text)).toBe('2026-11-23T07:59:30.000Z prod Warning BackOff Pod payments/api: Back-off [31m');
  expect(late && entryText(late)).toMatch(/! an invocation ended with timeout \(requestId r\)$/);
  expect(crash && entryText(crash)).toMatch(/! it broke$/);
});
