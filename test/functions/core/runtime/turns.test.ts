import type { SQSRecord } from 'aws-lambda';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createDeadline, type Deadline } from '../../../../functions/core/runtime/deadline.ts';
import { takeTurns } from '../../../../functions/core/runtime/turns.ts';
import { sqsRecord } from '../../../support/sqs-record.ts';

let deadline: Deadline;
let steps: string[];

beforeEach(() => {
  steps = [];
  deadline = createDeadline(60_000);
});
afterEach(() => deadline.end());

/** Lets records named `<name><receives>` take turns, and notes what happens. `fails` come again. */
function take(names: readonly string[], fails: readonly string[] = [], onWork = () => {}): Promise<readonly string[]> {
  return takeTurns(
    names.map((name) => sqsRecord(name, { receives: name.replace(/\D/g, '') })),
    {
      queueUrl: 'own',
      baseSeconds: 30,
      deadline,
      async work(records: readonly SQSRecord[]) {
        const ids = records.map(({ messageId }) => messageId);
        steps.push(`work ${ids.join(' ')}`);
        onWork();
        return ids.filter((id) => fails.includes(id));
      },
      queues: {
        send: async () => [],
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
