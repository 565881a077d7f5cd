import { expect, it } from 'vitest';
import { sampleEvent } from '../../../../functions/core/contract/sample.ts';
import { comparableVersion } from '../../../../functions/core/kit/version.ts';

it.each([
  ['7', 7n],
  ['9223372036854775807', 2n ** 63n - 1n],
])('the version %s of an event is the number that it is', (resourceVersion, expected) => {
  expect(comparableVersion({ ...sampleEvent(), resourceVersion })).toBe(expected);
});

it.each(['9223372036854775808', '12345678901234567890', 'v7', '7a', '-7', ''])(
  'the version %j cannot be ordered, so the time takes its place',
  (resourceVersion) => {
    const lastSeen = '2026-11-23T08:00:00.123Z';
    expect(comparableVersion({ ...sampleEvent(), resourceVersion, lastSeen })).toBe(BigInt(Date.parse(lastSeen)));
  },
);
