import { expect, test } from 'vitest';
import { compareVersions } from '../../../relay/cluster/resource-version.ts';

test('versions are compared as numbers of any length, and not at all if they are none', () => {
  expect(compareVersions('9', '10')).toBeLessThan(0);
  expect(compareVersions('90071992547409931', '90071992547409930')).toBeGreaterThan(0);
  expect(compareVersions('7', '7')).toBe(0);
  expect(compareVersions('007', '8')).toBeUndefined();
  expect(compareVersions('abc', '8')).toBeUndefined();
});
