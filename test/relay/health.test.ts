import { afterEach, beforeEach, expect, test } from 'vitest';
import { type HealthServer, startHealthServer } from '../../relay/health.ts';

let server: HealthServer;
let alive: string | undefined;
let ready: { ready: boolean; text: string };

beforeEach(async () => {
  alive = undefined;
  ready = { ready: true, text: 'leading' };
  server = await startHealthServer('127.0.0.1', 0, {
    alive: () => alive,
    ready: () => ready,
    metrics: () => 'm 1\n',
  });
});
afterEach(() => server.close());

async function get(path: string): Promise<readonly [number, string, string | null]> {
  const response = await fetch(`http://127.0.0.1:${server.port}${path}`);
  return [response.status, await response.text(), response.headers.get('content-type')];
}

test('liveness fails with its reason only', async () => {
  expect(await get('/healthz')).toEqual([200, 'ok\n', 'text/plain; charset=utf-8']);
  alive = 'stuck';
  expect(await get('/healthz')).toEqual([503, 'stuck\n', 'text/plain; charset=utf-8']);
});

test('readiness says what it does, or what is wrong', async () => {
  expect(await get('/readyz')).toEqual([200, 'leading\n', 'text/plain; charset=utf-8']);
  ready = { ready: false, text: 'queue: not found' };
  expect(await get('/readyz?verbose')).toEqual([503, 'queue: not found\n', 'text/plain; charset=utf-8']);
});

test('metrics are what Prometheus reads, and anything else is not there', async () => {
  expect(await get('/metrics')).toEqual([200, 'm 1\n', 'text/plain; version=0.0.4; charset=utf-8']);
  expect((await get('/'))[0]).toBe(404);
});
