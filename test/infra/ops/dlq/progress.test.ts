import { expect, test } from 'vitest';
import { createProgress } from '../../../../infra/ops/dlq/progress.ts';
import { fakeClock } from '../run.ts';

test('says how far something is, how fast and how long it takes: once a second, and at the end', async () => {
  const shown: string[] = [];
  const clock = fakeClock();
  const { update } = createProgress({ clock, progress: (line) => void shown.push(line) }, 'moved');
  const wait = (ms: number): Promise<void> => clock.sleep(ms, new AbortController().signal);

  await wait(2000);
  update(10, 100);
  update(20, 100);
  await wait(1000);
  update(60, 100);
  update(100, 100);
  // SQS' numbers are approximate: there may be more than it said.
  update(120, 100);

  expect(shown).toEqual([
    'moved 10 of about 100 messages, 5.0/s, 18s left',
    'moved 60 of about 100 messages, 20/s, 2s left',
    'moved 100 of about 100 messages, 33/s',
    'moved 120 of about 120 messages, 40/s',
  ]);
});

test('counts letters beside the messages that they lie in, and takes its time from the messages', async () => {
  const shown: string[] = [];
  const clock = fakeClock();
  const { update } = createProgress({ clock, progress: (line) => void shown.push(line) }, 'replayed');

  await clock.sleep(2000, new AbortController().signal);
  update(1, 4, 200);

  expect(shown).toEqual(['replayed 200 letters, looked at 1 of about 4 messages, 100/s, 6s left']);
});

test('has a rate from its beginning, and no end in sight while nothing is done', async () => {
  const shown: string[] = [];
  const clock = fakeClock();
  const begin = () => createProgress({ clock, progress: (line) => void shown.push(line) }, 'moved');

  begin().update(10, 10);
  const { update } = begin();
  await clock.sleep(2000, new AbortController().signal);
  update(0, 100);
  begin().update(0, 0);
  const later = begin();
  await clock.sleep(1000, new AbortController().signal);
  later.update(10, 30);

  expect(shown).toEqual([
    'moved 10 of about 10 messages, 10000/s',
    'moved 0 of about 100 messages, 0.0/s',
    'moved 0 of about 0 messages, 0.0/s',
    'moved 10 of about 30 messages, 10/s, 2s left',
  ]);
});
