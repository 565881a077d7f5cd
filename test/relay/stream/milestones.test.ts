import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { clusterEvent } from '../../../functions/core/contract/event.ts';
import { compileFilter, type Repeats } from '../../../functions/core/destinations/filter.ts';
import type { RelayHandle } from '../../../relay/relay.ts';
import { type ScriptedApiServer, startApiServer } from '../../support/api-server.ts';
import { createTestQueue, runRelay, type TestQueue, until } from '../../support/relay.ts';

let server: ScriptedApiServer;
let queue: TestQueue;
let folder: string;
let relay: RelayHandle;

beforeEach(async () => {
  server = await startApiServer();
  queue = createTestQueue();
  folder = await mkdtemp(join(tmpdir(), 'relay-test-'));
});

afterEach(async () => {
  await relay.stop();
  await server.close();
  await rm(folder, { recursive: true });
});

async function start(): Promise<void> {
  relay = await runRelay(server, queue, { cursor: { kind: 'file', path: join(folder, 'cursor') } });
  await until(() => server.watchCount() === 1, 'the watch');
}

async function put(name: string, count: number): Promise<void> {
  const { uid, version } = server.put({ name, count });
  await until(() => queue.ids().includes(`${uid}/${version}`), `count ${count}`);
}

/** The counts at which a chat says something. */
function said(name: string, repeats: Repeats = 'milestones', minCount?: number): readonly number[] {
  const verdict = compileFilter(minCount === undefined ? {} : { match: [{ minCount }] }, repeats);
  const events = queue.events().map(clusterEvent);
  return events.filter((event) => event.name === name && verdict(event) === 'pass').map(({ count }) => count);
}

test('a milestone that passes while the relay is restarted is said, once', async () => {
  await start();
  for (const count of [1, 8]) await put('a', count);
  await relay.stop();
  await start();
  for (const count of [12, 13, 100, 101]) await put('a', count);
  expect(said('a')).toEqual([1, 12, 100]);
  expect(said('a', 'first')).toEqual([1]);
  expect(said('a', 'milestones', 5)).toEqual([8, 12, 100]);
});

test('what cannot have passed a milestone is not said after a restart', async () => {
  await start();
  for (const count of [1, 2]) await put('a', count);
  await relay.stop();
  await start();
  for (const count of [3, 9, 11]) await put('a', count);
  expect(said('a')).toEqual([1, 11]);
});

test('without a restart, a count that jumps from one over a milestone is said', async () => {
  await start();
  for (const count of [1, 12, 13]) await put('a', count);
  expect(said('a')).toEqual([1, 12]);
  expect(queue.events().map(({ previousCount }) => previousCount)).toEqual([0, 1, 12]);
});

test('a version without a new occurrence is not said again', async () => {
  await start();
  for (const count of [1, 1, 10, 10]) await put('a', count);
  expect(said('a')).toEqual([1, 10]);
});
