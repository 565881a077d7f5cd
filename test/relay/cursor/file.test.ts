import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Cursors } from '../../../relay/cursor/cursor-store.ts';
import { fileCursorStore } from '../../../relay/cursor/file.ts';
import { createRegistry, createRelayMetrics } from '../../../relay/metrics.ts';
import { until } from '../../support/relay.ts';

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cursor-'));
  path = join(folder, 'cursor');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const cursor = (rv: string): Cursors => ({ '*': { rv, observedAt: '2026-01-01T00:00:00.000Z' } });

async function open(current: () => Cursors | undefined, at: string = path) {
  const logs: string[] = [];
  const metrics = createRelayMetrics(createRegistry('test'));
  const store = fileCursorStore(at, (_, message) => logs.push(message), metrics);
  const owner = { cursors: current, canSend: () => true };
  const tenure = await store.acquire(owner, new AbortController().signal);
  if (tenure === undefined) throw new Error('not acquired');
  return { tenure, logs, metrics };
}

test('what was saved is there for the next relay, and so is the installation', async () => {
  const first = await open(() => cursor('5'));
  expect(first.tenure).toMatchObject({ saved: {}, cursorLost: false, patienceMs: Infinity });
  await first.tenure.save();
  await first.tenure.release();
  const second = await open(() => cursor('6'));
  expect(second.tenure).toMatchObject({ saved: cursor('5'), cursorLost: false });
  expect(second.tenure.installation).toBe(first.tenure.installation);
  await second.tenure.release();
  expect(JSON.parse(await readFile(path, 'utf8')).streams).toEqual(cursor('6'));
});

test('it saves by itself, once a second', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  try {
    let saves = 0;
    const { tenure } = await open(() => cursor(String((saves += 1))));
    for (let second = 1; second <= 2; second += 1) {
      vi.advanceTimersByTime(999);
      await new Promise((resolve) => setImmediate(resolve));
      expect(saves).toBe(second - 1);
      vi.advanceTimersByTime(1);
      await until(async () => (await readFile(path, 'utf8').catch(() => '')).includes(`"rv":"${second}"`), 'the file');
    }
    await tenure.release();
  } finally {
    vi.useRealTimers();
  }
});

test('a new file takes the place of the old one whole, and only where something has changed', async () => {
  let now = cursor('5');
  const { tenure } = await open(() => now);
  const inodeAfterSave = async (): Promise<number> => {
    await tenure.save();
    return (await stat(path)).ino;
  };
  const first = await inodeAfterSave();
  expect(await inodeAfterSave()).toBe(first);
  now = cursor('6');
  expect(await inodeAfterSave()).not.toBe(first);
  await tenure.release();
});

test('saves that overlap are done one after the other', async () => {
  let rv = 0;
  const { tenure, metrics } = await open(() => cursor(String((rv += 1))));
  await Promise.all(Array.from({ length: 20 }, () => tenure.save()));
  expect(metrics.cursorFailures.total()).toBe(0);
  expect(await readFile(path, 'utf8')).toContain('"rv":"20"');
  await tenure.release();
});

test('a release leaves no timer behind', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  try {
    const { tenure } = await open(() => cursor('5'));
    expect(vi.getTimerCount()).toBe(1);
    await tenure.release();
    expect(vi.getTimerCount()).toBe(0);
  } finally {
    vi.useRealTimers();
  }
});

test('a file that cannot be read is a lost cursor, and stays as it is until there is a new one', async () => {
  await writeFile(path, 'garbage');
  let now: Cursors | undefined;
  const { tenure } = await open(() => now);
  expect(tenure).toMatchObject({ saved: {}, cursorLost: true });
  await tenure.save();
  expect(await readFile(path, 'utf8')).toBe('garbage');
  now = cursor('9');
  await tenure.release();
  expect(await readFile(path, 'utf8')).toContain('"rv":"9"');
});

test('a place that cannot be written is said and counted, and ends nothing', async () => {
  const { tenure, logs, metrics } = await open(() => cursor('5'), join(folder, 'missing', 'cursor'));
  await tenure.save();
  expect(logs[0]).toContain('the cursor cannot be saved: ENOENT');
  expect(metrics.cursorFailures.total()).toBe(1);
  await tenure.release();
});

test('a place that cannot be read is an error, not a first start', async () => {
  await expect(open(() => undefined, folder)).rejects.toThrow('EISDIR');
});
