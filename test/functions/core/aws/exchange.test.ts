import http from 'node:http';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { createAgent } from '../../../../relay/proxy.ts';
import { exchange } from '../../../../functions/core/aws/exchange.ts';
import { until } from '../../../support/relay.ts';

const servers: (Server | http.Server)[] = [];
const sockets = new Set<Socket>();

afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  await Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))));
});

async function listen(server: Server | http.Server): Promise<number> {
  servers.push(server);
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

const answering = (text: string): http.Server => http.createServer((_, response) => response.end(text));

async function ask(url: string, limitMs = 200, proxy?: string): ReturnType<typeof exchange> {
  const target = new URL(url);
  const agent = createAgent(target.protocol, proxy === undefined ? undefined : new URL(proxy));
  try {
    return await exchange({ url: target, agent, method: 'POST', headers: {}, body: 'question', limitMs });
  } finally {
    agent.destroy();
  }
}

test('gives the whole answer', async () => {
  const port = await listen(answering('größer'));
  expect(await ask(`http://127.0.0.1:${port}`)).toMatchObject({ status: 200, text: 'größer' });
});

test('an answer is read up to its bound, and not beyond', async () => {
  const bound = 256 * 1024;
  const port = await listen(
    http.createServer(({ url = '' }, response) => void response.end('x'.repeat(Number(url.slice(1))))),
  );
  expect((await ask(`http://127.0.0.1:${port}/${bound}`, 10_000)).text).toHaveLength(bound);
  await expect(ask(`http://127.0.0.1:${port}/${bound + 1}`, 10_000)).rejects.toMatchObject({ code: 'answer_too_long' });
});

test.each([
  ['before the head', (socket: Socket) => void socket.resume()],
  [
    'in the body',
    (socket: Socket) => void socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nx')),
  ],
  [
    'in a body that trickles',
    (socket: Socket) => {
      socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 900000\r\n\r\n'));
      const timer = setInterval(() => socket.write('x'), 20);
      socket.on('close', () => clearInterval(timer));
    },
  ],
])('a server that hangs %s costs the limit, and leaves no connection', async (_, hang) => {
  const port = await listen(createServer(hang));
  await expect(ask(`http://127.0.0.1:${port}`)).rejects.toMatchObject({ code: 'ETIMEDOUT' });
  await until(() => sockets.size === 0, 'the connection to end');
});

test('an answer that breaks off is an error', async () => {
  const port = await listen(
    createServer(
      (socket) => void socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nx')),
    ),
  );
  await expect(ask(`http://127.0.0.1:${port}`, 5000)).rejects.toMatchObject({ code: 'ECONNRESET' });
});

test('a plain server is asked through its proxy', async () => {
  const asked: string[] = [];
  const proxy = await listen(
    http.createServer(({ url = '' }, response) => {
      asked.push(url);
      response.end('by proxy');
    }),
  );
  expect((await ask('http://only.the.proxy.knows/path', 5000, `http://127.0.0.1:${proxy}`)).text).toBe('by proxy');
  expect(asked).toEqual(['http://only.the.proxy.knows/path']);
});

test('a proxy that refuses the tunnel is an error with a code, without its password', async () => {
  const server = http.createServer();
  server.on('connect', (_, socket) => void socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n'));
  const port = await listen(server);
  const failed = ask('https://only.the.proxy.knows', 5000, `http://user:secret@127.0.0.1:${port}`);
  await expect(failed).rejects.toMatchObject({ code: 'ERR_PROXY_TUNNEL' });
  await expect(failed).rejects.not.toThrow('secret');
});

test('a proxy that never opens the tunnel costs the limit, and leaves no connection', async () => {
  const port = await listen(createServer((socket) => void socket.resume()));
  await expect(ask('https://only.the.proxy.knows', 200, `http://127.0.0.1:${port}`)).rejects.toMatchObject({
    code: expect.stringMatching(/^(ETIMEDOUT|ERR_PROXY_TUNNEL)$/),
  });
  await until(() => sockets.size === 0, 'the connection to end');
});

test('a tunnel leads to a server that only the proxy knows, and its certificate is checked', async () => {
  const target = await listen(answering('plain text'));
  const asked: string[] = [];
  const server = http.createServer();
  server.on('connect', ({ url = '' }, socket) => {
    asked.push(url);
    const upstream = connect(target, '127.0.0.1', () => socket.write('HTTP/1.1 200 OK\r\n\r\n'));
    upstream.on('error', () => socket.destroy());
    socket.on('error', () => upstream.destroy());
    upstream.pipe(socket).pipe(upstream);
  });
  const port = await listen(server);
  await expect(ask('https://only.the.proxy.knows', 5000, `http://127.0.0.1:${port}`)).rejects.toThrow(/./);
  expect(asked).toEqual(['only.the.proxy.knows:443']);
});
