import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startEmbeddedStack } from '../../../localstack/embedded/embedded.ts';
import { startArchiveServer, type ArchiveServer } from '../../../localstack/sample/archive-server.ts';
import { addArchive } from '../../../localstack/sample/sample-destinations.ts';
import { ops } from '../../infra/ops/run.ts';
import { createDestinationsFolder, ingest, kubeEvent, type DestinationsFolder } from '../../support/embedded.ts';

let folder: DestinationsFolder;
let server: ArchiveServer;
let archive: string;

beforeEach(async () => {
  folder = await createDestinationsFolder();
  archive = join(folder.path, 'archive');
  server = await startArchiveServer(archive);
});

afterEach(async () => {
  await server.stop();
  await folder.remove();
});

test('what the embedded stack archives in a folder, the command finds there', async () => {
  await addArchive(folder.path, server.endpoint);
  const stack = await startEmbeddedStack({ folder: folder.path, print: () => {}, log: () => {} });

  await ingest(stack, [kubeEvent('one', { message: 'first' }), kubeEvent('two', { message: 'second' })]);
  await stack.drain(20_000);
  const summary = await stack.stop();
  const run = await ops(['archive', 'search', '--archive', join(archive, 'events')]);

  expect(summary).toMatchObject({ seen: 2, delivered: 2 });
  expect(run.code).toBe(0);
  expect(run.out.map((line) => line.replace(/^.*: /, '')).toSorted()).toEqual(['first', 'second']);
});

test.each([
  ['PUT', '/b/a/c', { 'if-none-match': '*' }, 200],
  ['PUT', '/b/a/c', {}, 501],
  ['GET', '/b/a/c', {}, 501],
  ['PUT', '/b/%2e%2e%2fx', { 'if-none-match': '*' }, 400],
  ['PUT', '/b/', { 'if-none-match': '*' }, 400],
])('%s %s with %j is answered with %i', async (method, path, headers, status) => {
  const reply = await fetch(`${server.endpoint}${path}`, { method, headers, ...(method === 'PUT' && { body: 'x' }) });

  expect(reply.status).toBe(status);
});

test('a file that is there is not replaced', async () => {
  const put = () => fetch(`${server.endpoint}/b/a`, { method: 'PUT', headers: { 'if-none-match': '*' }, body: 'x' });

  expect([(await put()).status, (await put()).status]).toEqual([200, 412]);
});
