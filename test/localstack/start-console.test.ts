import { createServer } from 'node:http';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { parseChoice } from '../../localstack/choice.ts';
import { createConsoleTap, type ConsoleTap } from '../../localstack/embedded/console-tap.ts';
import { startEmbeddedStack, type EmbeddedStack } from '../../localstack/embedded/embedded.ts';
import { startEmbeddedConsole, type StartedConsole } from '../../localstack/start-console.ts';
import { createDestinationsFolder, ingest, kubeEvent, type DestinationsFolder } from '../support/embedded.ts';

let folder: DestinationsFolder;
let tap: ConsoleTap;
let stack: EmbeddedStack;
let started: StartedConsole | undefined;
let told: string[];

beforeEach(async () => {
  told = [];
  folder = await createDestinationsFolder();
  await folder.write('destinations/log/console', { format: 'text' });
  tap = createConsoleTap();
  stack = await startEmbeddedStack({ folder: folder.path, print: () => {}, log: () => {}, tap });
});

afterEach(async () => {
  await started?.stop();
  await stack.stop();
  await folder.remove();
});

function start(...args: readonly string[]): void {
  const options = { title: 'a test', folder: folder.path, stack, tap, tell: (line: string) => told.push(line) };
  started = startEmbeddedConsole({ ...options, choice: parseChoice(args) });
}

/** Where the console is, and how it is called. */
async function address(): Promise<(path: string) => Promise<unknown>> {
  await vi.waitFor(() => expect(told).toHaveLength(1), { timeout: 60_000 });
  const [, origin = '', token = ''] =
    /^kube-courier: console: (http:\/\/127\.0\.0\.1:\d+)\/#token=([\w-]+)$/.exec(told[0] ?? '') ?? [];
  return async (path) => {
    const reply = await fetch(origin + path, { headers: { authorization: `Bearer ${token}` } });
    return reply.json();
  };
}

it('tells its address, and shows what came before it was there', async () => {
  await ingest(stack, [kubeEvent('early', { reason: 'Early' })]);
  await stack.drain(10_000);
  start('--archive', "it's mine");

  const get = await address();
  expect(await get('/api/about')).toMatchObject({
    kind: 'embedded',
    title: 'a test',
    readOnly: false,
    cannot: { receiver: { why: expect.stringContaining('Only the sample'), command: 'npm start' } },
  });
  await vi.waitFor(async () =>
    expect(await get('/api/object?cluster=test&kind=Pod&namespace=payments&name=api-7d9f')).toEqual({
      events: [expect.objectContaining({ reason: 'Early', marks: { delivered: 1 } })],
      earlier: `npm run -s ops -- archive search --archive 'it'\\''s mine/events' --cluster test --namespace payments --name api-7d9f`,
    }),
  );
});

it('changes nothing where it is to be read only', async () => {
  start('--read-only', '--folder', 'somewhere');

  const get = await address();
  expect(await get('/api/about')).toMatchObject({
    readOnly: true,
    cannot: { receiver: { why: expect.stringContaining('Your own destinations') } },
  });
});

describe('a console that cannot start', () => {
  it('is told of in a line, and the stack goes on', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const at = other.address();
    const port = typeof at === 'object' ? at?.port : 0;
    start('--console-port', String(port));

    await vi.waitFor(() => expect(told).toHaveLength(1), { timeout: 60_000 });
    other.close();
    expect(told[0]).toContain(`there is no console, all else goes on`);
    expect(told[0]).toContain(String(port));
    await ingest(stack, [kubeEvent('one')]);
    await stack.drain(10_000);
    expect(stack.summary()).toMatchObject({ seen: 1, delivered: 1 });
  });

  it('is not told of when it is stopped before it has started', async () => {
    start();

    await started?.stop();
    await started?.stop();
    expect(told).toEqual([]);
  });
});
