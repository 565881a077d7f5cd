import { describe, expect, it } from 'vitest';
import { createPace } from '../../../../functions/core/runtime/pace.ts';

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

  it('rests no longer than until the deadline', async () => {
    const pace = createPace();
    pace.count({ key: 'slow', perMinute: 0.001 });
    const deadline = new AbortController();
    const resting = pace.rest(0, deadline.signal);
    deadline.abort();
    await expect(Promise.all([resting, pace.rest(0, deadline.signal)])).resolves.toHaveLength(2);
  });

  it('rests for the time that is left', async () => {
    const pace = createPace();
    pace.count({ key: 'quick', perMinute: 120_000 });
    expect(await pace.rest(0, new AbortController().signal)).toBeUndefined();
  });
});
