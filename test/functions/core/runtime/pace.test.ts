import { describe, expect, it } from 'vitest';
import { createPace, sleepUntil } from '../../../../functions/core/runtime/pace.ts';

const robot = { key: 'one', perMinute: 20 };

describe('the pace', () => {
  it('lets an invocation last as long as its requests take at half the rate, because two run at once', () => {
    const pace = createPace();
    expect(pace.restMs(0)).toBe(0);
    pace.count(robot);
    expect(pace.restMs(0)).toBe(6000);
    pace.count(robot);
    expect(pace.restMs(0)).toBe(12_000);
  });

  it('takes off the time that has passed, in milliseconds', () => {
    const pace = createPace();
    pace.count(robot);
    expect([1, 5999, 6000, 60_000].map((elapsedMs) => pace.restMs(elapsedMs))).toEqual([5999, 1, 0, 0]);
  });

  it('is that of the robot with the most to do: robots have their rates apart', () => {
    const pace = createPace();
    for (const key of ['one', 'two', 'two', 'one', 'two']) pace.count({ key, perMinute: 20 });
    pace.count({ key: 'three', perMinute: 30 });
    expect(pace.restMs(0)).toBe(18_000);
  });
});

it('a rest ends when the signal aborts, or has', async () => {
  const deadline = new AbortController();
  const resting = sleepUntil(3_600_000, deadline.signal);
  deadline.abort();
  await expect(Promise.all([resting, sleepUntil(3_600_000, deadline.signal)])).resolves.toHaveLength(2);
});
