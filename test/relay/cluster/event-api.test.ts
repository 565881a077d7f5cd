import { createServer, IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { messageOf } from '../../../functions/core/contract/untrusted.ts';
import { type ApiClient, createApiClient } from '../../../relay/cluster/api-client.ts';
import { API_TIMING, type ApiTiming, createEventApi, type EventApi } from '../../../relay/cluster/event-api.ts';
import type { ListHead } from '../../../relay/cluster/list-reader.ts';
import { frameText } from '../../support/frames.ts';
import { accessTo } from '../../support/relay.ts';

const never = new AbortController().signal;
const LIST = '{"metadata":{"resourceVersion":"7","continue":"next"},"items":[{"a":1},{"b":2}]}';

let server: Server;
let client: ApiClient;
let asked: URL[];
let answer: (request: IncomingMessage, response: ServerResponse) => void;

beforeEach(async () => {
  asked = [];
  answer = (_, response) => void response.end(LIST);
  server = createServer((request, response) => {
    asked.push(new URL(request.url ?? '/', 'http://api'));
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  client = createApiClient(accessTo(`http://127.0.0.1:${port}`), 'test');
});

afterEach(async () => {
  client.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const apiOf = (namespace?: string, timing: Partial<ApiTiming> = {}): EventApi =>
  createEventApi(client, namespace, { ...API_TIMING, watchSeconds: () => 160, ...timing });

async function readAll(chunks: AsyncIterable<Iterable<Parameters<typeof frameText>[0]>>): Promise<readonly string[]> {
  const frames: string[] = [];
  for await (const chunk of chunks) frames.push(...[...chunk].map(frameText));
  return frames;
}
const queryOf = (url: URL | undefined): unknown => Object.fromEntries(url?.searchParams ?? []);

describe('a probe', () => {
  test('asks for a list of one, and gives its version', async () => {
    expect(await apiOf().probe(never)).toBe('7');
    expect([asked[0]?.pathname, queryOf(asked[0])]).toEqual(['/api/v1/events', { limit: '1' }]);
  });

  test('asks within its namespace', async () => {
    await apiOf('shop').probe(never);
    expect(asked[0]?.pathname).toBe('/api/v1/namespaces/shop/events');
  });

  test('fails if the answer is no list', async () => {
    answer = (_, response) => void response.end('{"kind":"Status"}');
    await expect(apiOf().probe(never)).rejects.toThrow(SyntaxError);
  });

  test('fails if the answer does not begin, or does not go on', async () => {
    answer = () => {};
    await expect(apiOf(undefined, { answerMs: 50 }).probe(never)).rejects.toThrow('no answer');
    answer = (_, response) => void response.write('{"metadata":');
    await expect(apiOf(undefined, { answerMs: 50 }).probe(never)).rejects.toThrow('nothing came');
  });
});

describe('a page', () => {
  test('gives its items, and then its head', async () => {
    const heads: ListHead[] = [];
    expect(await readAll(apiOf().page('', never, (head) => heads.push(head)))).toEqual(['{"a":1}', '{"b":2}']);
    expect(heads).toEqual([{ resourceVersion: '7', continue: 'next' }]);
    expect(queryOf(asked[0])).toEqual({ limit: '500' });
  });

  test('goes on with the token of the one before', async () => {
    await readAll(apiOf().page('to+ken', never, () => {}));
    expect(queryOf(asked[0])).toEqual({ limit: '500', continue: 'to+ken' });
  });
});

describe('a watch', () => {
  const frames = '{"type":"ADDED"}\n{"type":"BOOKMARK"}\n{"type":"AD';

  test('asks for what follows a version, with bookmarks, for its time', async () => {
    answer = (_, response) => void response.end(frames);
    let opened = 0;
    const read = await readAll(
      apiOf().watch(
        '42',
        never,
        () => (opened += 1),
        () => false,
      ),
    );
    expect(read).toEqual(['{"type":"ADDED"}', '{"type":"BOOKMARK"}']);
    expect(opened).toBe(1);
    expect(queryOf(asked[0])).toEqual({
      watch: 'true',
      allowWatchBookmarks: 'true',
      timeoutSeconds: '160',
      resourceVersion: '42',
    });
  });

  test('asks for all events first, without a version', async () => {
    answer = (_, response) => void response.end(frames);
    await readAll(
      apiOf().watch(
        undefined,
        never,
        () => {},
        () => true,
      ),
    );
    expect(queryOf(asked[0])).toEqual({
      watch: 'true',
      allowWatchBookmarks: 'true',
      timeoutSeconds: '160',
      sendInitialEvents: 'true',
      resourceVersionMatch: 'NotOlderThan',
    });
  });

  test('is not open before it is answered', async () => {
    answer = (_, response) => void response.writeHead(410).end('{}');
    let opened = 0;
    const read = readAll(
      apiOf().watch(
        '42',
        never,
        () => (opened += 1),
        () => false,
      ),
    );
    await expect(read).rejects.toThrow('410');
    expect(opened).toBe(0);
  });

  test.each([
    ['past its time and its grace', false, { watchSeconds: () => 0, graceMs: 50, answerMs: 60_000 }],
    ['while it lists, for as long as a list may be', true, { watchSeconds: () => 60, graceMs: 60_000, answerMs: 50 }],
  ])('ends if it is silent %s', async (_, isListing, timing) => {
    answer = (_request, response) => void response.write('{"type":"ADDED"}\n');
    const read = readAll(
      apiOf(undefined, timing).watch(
        '42',
        never,
        () => {},
        () => isListing,
      ),
    );
    await expect(read).rejects.toThrow('nothing came for 0 s');
  });
});

describe('as long as nothing else is said', () => {
  /** How many seconds pass before a silent answer is given up, and how long it may take to begin. */
  async function patience(read: (api: EventApi) => AsyncIterable<unknown>): Promise<readonly unknown[]> {
    vi.useFakeTimers();
    try {
      let timeoutMs = 0;
      const silent: ApiClient = {
        ...client,
        async open(request) {
          ({ timeoutMs } = request);
          return { body: new IncomingMessage(new Socket()) };
        },
      };
      const api = createEventApi(silent, undefined, { ...API_TIMING, watchSeconds: () => 160 });
      const reading = readAny(read(api)).catch(messageOf);
      await vi.advanceTimersByTimeAsync(60 * 60_000);
      return [timeoutMs, await reading];
    } finally {
      vi.useRealTimers();
    }
  }
  async function readAny(chunks: AsyncIterable<unknown>): Promise<void> {
    for await (const _ of chunks);
  }
  const nothing = (): void => {};

  test('a list may be silent for half a minute, a watch for half a minute past its time', async () => {
    expect(await patience((api) => api.page('', never, nothing))).toEqual([30_000, 'nothing came for 30 s']);
    const watch = (isListing: boolean) =>
      patience((api) => api.watch(isListing ? undefined : '1', never, nothing, () => isListing));
    expect(await watch(true)).toEqual([30_000, 'nothing came for 30 s']);
    expect(await watch(false)).toEqual([30_000, 'nothing came for 190 s']);
  });

  test('an object of two mebibytes is read, in a list or a watch, and none that is longer', async () => {
    const bound = 2 * 1024 * 1024;
    const objects = [bound, bound + 1].map((bytes) => `{"a":"${'x'.repeat(bytes - 8)}"}`);
    answer = ({ url = '' }, response) =>
      void response.end(
        url.includes('watch')
          ? objects.map((object) => `${object}\n`).join('')
          : `{"metadata":{"resourceVersion":"7"},"items":[${objects.join()}]}`,
      );
    const kinds = async (frames: Promise<readonly string[]>) => (await frames).map((text) => text.slice(0, 9));
    expect(await kinds(readAll(apiOf().page('', never, nothing)))).toEqual(['{"a":"xxx', 'too long:']);
    expect(await kinds(readAll(apiOf().watch('1', never, nothing, () => false)))).toEqual(['{"a":"xxx', 'too long:']);
  });
});

describe('WatchList', () => {
  test.each([
    ['{"major":"1","minor":"32"}', true],
    ['{"major":"1","minor":"37+"}', true],
    ['{"major":"1","minor":"31"}', false],
    ['{"major":"2","minor":"40"}', false],
    ['{"major":"1","minor":40}', false],
    ['{}', false],
    ['<html>', false],
  ])('is offered by %s: %s', async (version, expected) => {
    answer = (_, response) => void response.end(version);
    expect(await apiOf().offersWatchList(never)).toBe(expected);
    expect(asked[0]?.pathname).toBe('/version');
  });

  test('is not offered by a server that does not say its version', async () => {
    answer = (_, response) => void response.writeHead(403).end();
    expect(await apiOf().offersWatchList(never)).toBe(false);
  });
});

test('a watch is asked to last two and a half to three minutes, and not by all relays alike', () => {
  const seconds = Array.from({ length: 200 }, () => API_TIMING.watchSeconds());
  expect(Math.min(...seconds)).toBeGreaterThanOrEqual(150);
  expect(Math.max(...seconds)).toBeLessThan(180);
  expect(new Set(seconds).size).toBeGreaterThan(5);
});

test("the server's clock is that of its answers", async () => {
  answer = (_, response) => {
    response.setHeader('date', new Date(Date.now() + 120_000).toUTCString());
    response.end(LIST);
  };
  expect(Math.abs(client.serverNow() - Date.now())).toBeLessThan(1000);
  await apiOf().probe(never);
  expect(client.serverNow() - Date.now()).toBeGreaterThan(60_000);
});
