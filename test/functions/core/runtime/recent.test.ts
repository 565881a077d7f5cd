import { expect, it } from 'vitest';
import { createRecent } from '../../../../functions/core/runtime/recent.ts';
import { sampleEvent } from '../../../../functions/core/contract/sample.ts';

const start = Date.parse('2026-11-23T08:00:00Z');
const here = { id: 'probe/a', version: '1' };
const alike = { seconds: 60, keyOf: ({ reason }: { readonly reason: string }) => reason };
const event = sampleEvent();

function remembering() {
  const clock = { seconds: 0 };
  const recent = createRecent(alike, () => new Date(start + clock.seconds * 1000));
  const held = (fields: Partial<typeof event> = {}, place = here) => {
    const until = recent.heldUntil(place, { ...event, ...fields });
    return until === undefined ? undefined : (until - start) / 1000;
  };
  return { clock, recent, held };
}

it('holds what is alike until the minute after the first has ended', () => {
  const { clock, recent, held } = remembering();
  expect(held()).toBeUndefined();
  recent.sent(here, [event]);
  clock.seconds = 59;

  expect(held()).toBe(60);
  expect(held({ reason: 'Failed' })).toBeUndefined();
  expect(held({}, { id: 'probe/b', version: '1' })).toBeUndefined();
  expect(held({}, { id: 'probe/a', version: '2' })).toBeUndefined();

  clock.seconds = 60;
  expect(held()).toBeUndefined();
  recent.sent(here, [event, event]);
  expect(held()).toBe(120);
});

it('never holds what is more serious than what was sent, and then what is as serious', () => {
  const { clock, recent, held } = remembering();
  recent.sent(here, [{ ...event, severity: 'warning' }]);
  clock.seconds = 30;

  expect([held({ severity: 'info' }), held({ severity: 'critical' })]).toEqual([60, undefined]);
  recent.sent(here, [
    { ...event, severity: 'critical' },
    { ...event, severity: 'info' },
  ]);
  expect(held({ severity: 'critical' })).toBe(60);
});

it('holds nothing where the sink does not say what is alike', () => {
  const recent = createRecent(undefined, () => new Date(start));
  recent.sent(here, [event]);

  expect(recent.heldUntil(here, event)).toBeUndefined();
});

it('remembers 10,000 groups at a time, the latest', () => {
  const { recent, held } = remembering();
  recent.sent(
    here,
    Array.from({ length: 10_001 }, (_, index) => ({ ...event, reason: `R${index}` })),
  );

  expect([held({ reason: 'R0' }), held({ reason: 'R1' }), held({ reason: 'R10000' })]).toEqual([undefined, 60, 60]);
});
