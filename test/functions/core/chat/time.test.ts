import { describe, expect, it } from 'vitest';
import { isTimeZone, localTime } from '../../../../functions/core/chat/time.ts';

describe('times', () => {
  it.each([
    ['UTC', '2026-11-23', '07:59:30', 'UTC'],
    ['Asia/Shanghai', '2026-11-23', '15:59:30', 'UTC+8'],
    ['Asia/Kolkata', '2026-11-23', '13:29:30', 'UTC+5:30'],
    ['America/Los_Angeles', '2026-11-22', '23:59:30', 'UTC-8'],
  ])('read in %s', (timeZone, date, time, zone) => {
    expect(localTime('2026-11-23T07:59:30Z', timeZone)).toEqual({ date, time, zone });
  });

  it('shows midnight as 00', () => {
    expect(localTime('2026-11-23T00:00:05Z', 'UTC').time).toBe('00:00:05');
  });

  it('knows a time zone from a guess', () => {
    expect(['Asia/Shanghai', 'UTC', 'Europe/Berlin'].every(isTimeZone)).toBe(true);
    expect(['Shanghai', '', 'Asia/Peking'].some(isTimeZone)).toBe(false);
  });
});
