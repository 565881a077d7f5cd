import { afterEach, beforeEach, expect, it } from 'vitest';
import { openMessage } from '../../../../functions/core/contract/envelope.ts';
import { sampleKubeEvent } from '../../../../functions/core/contract/sample.ts';
import { createDeadline, type Deadline } from '../../../../functions/core/runtime/deadline.ts';
import { takeTurns } from '../../../../functions/core/runtime/turns.ts';
import { sqsRecord } from '../../../support/sqs-record.ts';

let deadline: Deadline;
let steps: string[];
/** The seconds that each turn has. */
let shares: number[];
/** Bodies by record. */
let bodies: Map<string, string>;
/** Whether SQS takes what is sent. */
let sends: boolean;

beforeEach(() => {
  steps = [];
  shares = [];
  bodies = new Map();
  sends = true;
  deadline = createDeadline(60_000);
});
afterEach(() => deadline.end());

/** The body of an envelope of so many events. */
function envelope(count: number): string {
  const items = Array.from({ length: count }, () => ({ seenAt: '', change: 'added', event: sampleKubeEvent }));
  return JSON.stringify({ v: 2, kind: 'events', cluster: 'prod', destination: 'probe/a', items });
}

function countIn(body: string): number {
  const opened = openMessage(body);
  return opened.kind === 'events' ? opened.events.length : 0;
}

/** Lets records named `<name><receives>` take turns, and notes what happens. `fails` come again. */
function take(names: readonly string[], fails: readonly string[] = [], onWork = () => {}): Promise<readonly string[]> {
  return takeTurns(
    names.map((name) =>
      sqsRecord(name, { receives: /\d+$/.exec(name)?.[0] ?? '', body: bodies.get(name) ?? 'unreadable' }),
    ),
    {
      queueUrl: 'own',
      baseSeconds: 30,
      now: () => new Date('2026-11-23T08:00:00Z'),
      deadline,
      async work(records, { leftMs }) {
        shares.push(Math.round(leftMs() / 1000));
        const ids = records.map(({ messageId }) => messageId);
        steps.push(`work ${ids.join(' ')}`);
        onWork();
        return ids.filter((id) => fails.includes(id));
      },
      queues: {
        async send(queueUrl, messages) {
          steps.push(`send ${messages.map(({ body }) => countIn(body)).join(' ')} to ${queueUrl}`);
          return messages.map(() => sends);
        },
        async delay(_queueUrl, delays) {
          steps.push(
            `hide ${delays.map(({ receiptHandle, seconds }) => `${receiptHandle.slice(7)} ${seconds} s`).join(', ')}`,
          );
        },
        async remove(_queueUrl, handles) {
          steps.push(`delete ${handles.map((handle) => handle.slice(7)).join(' ')}`);
        },
      },
    },
  );
}

it('takes all at once that were received for the first time, and leaves their deletion to Lambda', async () => {
  expect(await take(['a1', 'b1', 'c1'], ['b1'])).toEqual(['b1']);
  expect(steps).toEqual(['work a1 b1 c1']);
});

it('takes suspects one by one when all before is settled and deleted, those received least often first', async () => {
  expect(await take(['a3', 'b1', 'c2', 'd1'], ['d1'])).toEqual(['d1']);
  expect(steps).toEqual(['work b1 d1', 'delete b1', 'hide c2 125 s, a3 65 s', 'work c2', 'delete c2', 'work a3']);
});

it('hides a suspect longer than those that wait: should it end the process, they come back without it', async () => {
  await take(['a2', 'b5']);
  expect(steps).toContain('hide a2 125 s, b5 65 s');
});

it('gives back the suspects for whom no time is left', async () => {
  let turn = 0;
  deadline.end();
  const ended = new AbortController();
  deadline = { ...deadline, work: ended.signal };
  const failed = await take(['a1', 'b2', 'c2', 'd3'], [], () => {
    turn += 1;
    if (turn === 2) ended.abort();
  });
  expect(failed).toEqual(['c2', 'd3']);
  expect(steps.filter((step) => step.startsWith('work'))).toEqual(['work a1', 'work b2']);
});

it.each([
  ['shares the time between suspects', ['a1', 'b2', 'c2', 'd2'], [60, 20, 30, 60]],
  [
    'leaves no suspect too little time',
    Array.from({ length: 9 }, (_, index) => `s${index}x2`),
    [10, 10, 10, 10, 12, 15, 20, 30, 60],
  ],
])('%s', async (_what, names, expected) => {
  await take(names);
  expect(shares).toEqual(expected);
});

it('takes no more than ten turns: more suspects share them, and each time they are fewer', async () => {
  await take(['a1', ...Array.from({ length: 25 }, (_, index) => `s${index}x2`)]);
  const sizes = steps.filter((step) => step.startsWith('work')).map((step) => step.split(' ').length - 1);
  expect(sizes).toEqual([1, 3, 3, 3, 3, 3, 3, 3, 3, 1]);
  expect(shares).toEqual([60, 10, 10, 10, 10, 12, 15, 20, 30, 60]);
  expect(steps.find((step) => step.startsWith('hide'))).toMatch(/^hide (s\w+ 125 s, ){3}(s\w+ 65 s(, |$)){22}/);
});

it('takes an envelope alone the second time, and apart the third', async () => {
  bodies.set('a2', envelope(200)).set('b3', envelope(200));
  expect(await take(['a2', 'b3'])).toEqual([]);
  expect(steps.filter((step) => !step.startsWith('hide'))).toEqual([
    'work a2',
    'delete a2',
    'send 20 20 20 20 20 20 20 20 20 20 to own',
  ]);
});

it.each([
  ['holds one event', envelope(1)],
  ['cannot be read', 'x'],
])('takes no message apart that %s', async (_what, body) => {
  bodies.set('a9', body);
  await take(['a9']);
  expect(steps).toEqual(['work a9']);
});

it('works on an envelope of which SQS did not take all parts', async () => {
  bodies.set('a3', envelope(3));
  sends = false;
  expect(await take(['a3'], ['a3'])).toEqual(['a3']);
  expect(steps).toEqual(['send 1 1 1 to own', 'work a3']);
});
