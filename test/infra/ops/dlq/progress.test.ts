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
    'moved 10 of about 100, 5.0/s, 18s left',
    'moved 60 of about 100, 20/s, 2s left',
    'moved 100 of about 100, 33/s',
    'moved 120 of about 120, 40/s',
  ]);
});
