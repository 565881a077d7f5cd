import { Socket } from 'node:net';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type ApiClient, type ClusterAccess, createApiClient } from '../../../relay/cluster/api-client.ts';
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
