import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ops } from '../run.ts';

// What Helm makes of it is in test/integration/chart.test.ts.

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chart-'));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

test('is written into a new folder, and over an earlier one', async () => {
  const chart = join(folder, 'a', 'relay');
  expect(await ops(['relay', 'chart', chart])).toMatchObject({ code: 0 });
  await writeFile(join(chart, 'values.yaml'), 'edited');
  expect(await ops(['relay', 'chart', chart])).toMatchObject({ code: 0 });
  expect(await readFile(join(chart, 'values.yaml'), 'utf8')).toContain('queueUrl: ""');
});

test.each([
  ['a folder with something else in it', 'mine.txt', ''],
  ['another chart', 'Chart.yaml', 'apiVersion: v2\nname: another\nversion: 1.0.0\n'],
  ['a folder of folders', 'mine/file', ''],
])('is not written into %s', async (_, name, text) => {
  const file = join(folder, name);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
  expect(await ops(['relay', 'chart', folder])).toMatchObject({
    code: 1,
    err: [`${folder} is not empty, and no chart of the relay: nothing was written`],
  });
});

test('is not written where a file is', async () => {
  const file = join(folder, 'file');
  await writeFile(file, '');
  expect(await ops(['relay', 'chart', file])).toMatchObject({
    code: 1,
    err: [`${file} is no folder: nothing was written`],
  });
});
