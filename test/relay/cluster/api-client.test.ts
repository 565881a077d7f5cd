import { getEventListeners } from 'node:events';
import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type ApiClient, chunksOf, type ClusterAccess, createApiClient } from '../../../relay/cluster/api-client.ts';
import { type HttpServer, startHttpServer } from '../../support/http-server.ts';

const request = { path: '/version', timeoutMs: 5_000, signal: new AbortController().signal };

let server: HttpServer;
let client: ApiClient;
let refused: boolean[];

beforeEach(async () => {
  refused = [];
  server = await startHttpServer(({ headers }) =>
    headers['authorization'] === 'Bearer new' ? { status: 200, body: '{"ok":true}' } : { status: 401, body: '{}' },
  );
});
afterEach(async () => {
  client.close();
  await server.stop();
});

/** What gives `tokens` one after the other, the last one from then on. */
function access(...tokens: readonly string[]): ClusterAccess {
  return {
    description: server.url,
    async credentials(wasRefused) {
      const token = tokens[Math.min(refused.length, tokens.length - 1)] ?? '';
      refused.push(wasRefused);
      return { server: new URL(server.url), headers: { authorization: `Bearer ${token}` }, tls: {} };
    },
  };
}

test('asks for new credentials once where the server refused the last ones', async () => {
  client = createApiClient(access('old', 'new'), 'test');
  expect(await client.json(request)).toEqual({ ok: true });
  expect(refused).toEqual([false, true]);
});

test('gives up where the new ones are refused too', async () => {
  client = createApiClient(access('old'), 'test');
  await expect(client.json(request)).rejects.toMatchObject({ status: 401 });
  expect(refused).toEqual([false, true]);
});

test('says how long it has waited for an answer', async () => {
  server.respond(() => 'hang');
  client = createApiClient(access('new'), 'test');
  await expect(client.json({ ...request, timeoutMs: 50 })).rejects.toThrow(
    'no answer from the API server within 0.05 s',
  );
});

test.each([
  [undefined, 'no credentials for the API server within 0.05 s'],
  ['the command aws-iam', 'no credentials for the API server within 0.05 s: the command aws-iam does not answer'],
])('says how long it has waited for credentials, and for what where that is known: %s', async (waits, message) => {
  client = createApiClient(
    { description: server.url, credentials: () => new Promise(() => {}), waitsFor: () => waits },
    'test',
  );
  await expect(client.json({ ...request, timeoutMs: 50 })).rejects.toThrow(new Error(message));
});

test('has a connection probed after half a minute of silence, in use and between uses', async () => {
  const probed = vi.spyOn(Socket.prototype, 'setKeepAlive');
  try {
    client = createApiClient(access('new'), 'test');
    await client.json(request);
    await expect.poll(() => probed.mock.calls.length).toBeGreaterThanOrEqual(2);
    expect(new Set(probed.mock.calls.map((call) => call.join()))).toEqual(new Set(['true,30000']));
  } finally {
    probed.mockRestore();
  }
});

test('reads an answer of a mebibyte, and none that is longer', async () => {
  client = createApiClient(access('new'), 'test');
  const answerOf = (bytes: number): Promise<unknown> => {
    server.respond(() => ({ body: `"${'x'.repeat(bytes - 2)}"` }));
    return client.json(request);
  };
  expect(await answerOf(1024 * 1024)).toHaveLength(1024 * 1024 - 2);
  await expect(answerOf(1024 * 1024 + 1)).rejects.toThrow('the answer is too long');
});

test('while what came is being worked on, nothing has to come, and in the end no timer is left', async () => {
  vi.useFakeTimers();
  try {
    const body = new IncomingMessage(new Socket());
    const chunks = chunksOf(body, () => 1000);
    body.push('a');
    expect(String((await chunks.next()).value)).toBe('a');
    await vi.advanceTimersByTimeAsync(60_000);
    body.push('b');
    expect(String((await chunks.next()).value)).toBe('b');
    body.push(null);
    expect((await chunks.next()).done).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  } finally {
    vi.useRealTimers();
  }
});

test('leaves nothing behind at the signal of a request that is over', async () => {
  const { signal } = new AbortController();
  client = createApiClient(access('old', 'new'), 'test');
  await client.json({ ...request, signal });
  await expect.poll(() => getEventListeners(signal, 'abort')).toEqual([]);
});
