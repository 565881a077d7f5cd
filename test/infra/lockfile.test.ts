import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { completeLockfile, missingEntries } from '../../infra/lockfile.ts';

const tool = {
  version: '1.2.0',
  dev: true,
  optionalDependencies: { '@tool/binding-linux-x64-musl': '1.2.0', '@tool/darwin-arm64': '1.2.0', fsevents: '2.3.3' },
};

test('an optional binary of another platform gets an entry that is installed there alone', () => {
  const missing = missingEntries({ packages: { 'node_modules/tool': tool } });

  expect(missing).toEqual({
    'node_modules/@tool/binding-linux-x64-musl': {
      version: '1.2.0',
      cpu: ['x64'],
      dev: true,
      libc: ['musl'],
      optional: true,
      os: ['linux'],
    },
    'node_modules/@tool/darwin-arm64': { version: '1.2.0', cpu: ['arm64'], dev: true, optional: true, os: ['darwin'] },
  });
});

test('a binary that is there, beside its tool or above it, is left as it is', () => {
  const nested = {
    'node_modules/a/node_modules/tool': tool,
    'node_modules/a/node_modules/@tool/binding-linux-x64-musl': {},
    'node_modules/@tool/darwin-arm64': {},
  };

  expect(missingEntries({ packages: nested })).toEqual({});
});

test('the lockfile of this project names the binaries of every platform (if not: node infra/lockfile.ts)', () => {
  const text = readFileSync('package-lock.json', 'utf8');

  expect(Object.keys(missingEntries(JSON.parse(text)))).toEqual([]);
  expect(completeLockfile(text)).toBe(text);
});
