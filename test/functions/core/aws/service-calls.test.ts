import { createServer, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { serviceCalls, type ServiceSettings } from '../../../../functions/core/aws/service-calls.ts';
import { testAccess } from '../../../support/aws/access.ts';
import { startHttpServer, type Answer, type Fault, type HttpServer } from '../../../support/http-server.ts';

const ATTEMPTS = 3;
let server: HttpServer;
const cleanups: (() => void | Promise<void>)[] = [];

beforeEach(async () => {
  // The pauses between attempts are a random part of seconds: none of it.
  vi.spyOn(Math, 'random').mockReturnValue(0);
  server = await startHttpServer(() => ({ body: '{"done":true}' }));
});
afterEach(async () => {
  vi.restoreAllMocks();
  await server.stop();
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

function open({ url = server.url, ...settings }: Partial<ServiceSettings> & { readonly url?: string } = {}) {
  return serviceCalls({
    name: 'sqs',
    place: async () => ({ url: new URL(url), region: 'us-east-1' }),
    credentials: testAccess.credentials,
    limits: { connectMs: 5000, answerMs: 5000 },
    attempts: ATTEMPTS,
    ...settings,
  });
}

/** A server of bytes, and how many connections it has had. */
async function startRaw(
  serve: (socket: Socket) => void,
): Promise<{ readonly url: string; readonly connections: () => number }> {
  const sockets = new Set<Socket>();
  let connections = 0;
  const raw = createServer((socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('error', () => {});
    serve(socket);
  });
  await new Promise<void>((resolve) => raw.listen(0, '127.0.0.1', resolve));
  cleanups.push(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => raw.close(resolve));
  });
  const address = raw.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return { url: `127.0.0.1:${port}`, connections: () => connections };
}

/** What a service says when it has been asked. */
const saying =
  (text: string, then: (socket: Socket) => void = () => {}) =>
  (socket: Socket) =>
    void socket.once('data', () => {
      socket.write(text);
      then(socket);
    });

describe('a call', () => {
  it('is a signed request of the JSON protocol', async () => {
    expect((await open()('SendMessageBatch', { QueueUrl: 'ü' })).output).toEqual({ done: true });
    const [{ method, path, headers, body } = { method: '', path: '', headers: {}, body: '' }] = server.requests;
    expect([method, path, body]).toEqual(['POST', '/', '{"QueueUrl":"ü"}']);
    expect(headers).toMatchObject({
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': 'AmazonSQS.SendMessageBatch',
      'content-length': '17',
      authorization: expect.stringContaining(
        '/us-east-1/sqs/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-target,',
      ),
    });
  });

  it('keeps its connection for the next one, and makes another if that has gone', async () => {
    let answers = 0;
    const { url, connections } = await startRaw((socket) => {
      socket.on('data', () => {
        answers += 1;
        socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}');
        // It falls asleep with a connection that the service has given up.
        if (answers === 2) socket.end();
      });
    });
    const call = open({ url: `http://${url}` });
    await call('A', {});
    await call('B', {});
    expect(connections()).toBe(1);
    await call('C', {});
    expect(connections()).toBe(2);
  });

  it.each<readonly [string, Answer | Fault]>([
    ['fails', { status: 500, body: '<html>oops</html>' }],
    ['is unavailable', { status: 503 }],
    ['throttles', { status: 400, body: '{"__type":"com.amazonaws.sqs#RequestThrottled","message":"slow"}' }],
    ['throttles as SSM does', { status: 400, body: '{"__type":"ThrottlingException"}' }],
    ['asks for patience', { status: 429 }],
    ['cuts the connection', 'break'],
  ])('is made again, and not for ever, when the service %s', async (_, answer) => {
    server.respond(() => answer);
    await expect(open()('A', {})).rejects.toBeInstanceOf(Error);
    expect(server.requests).toHaveLength(ATTEMPTS);
    server.respond(() => (server.requests.length < 2 * ATTEMPTS ? answer : { body: '{}' }));
    expect((await open()('A', {})).output).toEqual({});
  });

  it.each<readonly [string, Answer, string]>([
    [
      'forbids it',
      { status: 403, body: '{"__type":"AccessDeniedException","Message":"no"}' },
      'AccessDeniedException: no',
    ],
    ['says so in a header', { status: 400, headers: { 'x-amzn-errortype': 'Odd:http://internal' } }, 'Odd: HTTP 400'],
    [
      'knows no such key any more',
      { status: 400, body: '{"__type":"ExpiredTokenException","message":"expired"}' },
      'ExpiredTokenException: expired',
    ],
    ['is somewhere else', { status: 307, headers: { location: 'http://127.0.0.1:1/' } }, 'http_307: HTTP 307'],
    ['is a page', { status: 404, headers: { 'content-type': 'text/html' }, body: '<html>' }, 'http_404: HTTP 404'],
    ['has a name that is none', { status: 400, body: '{"__type":["x"],"message":{}}' }, 'http_400: HTTP 400'],
  ])('is made once when the service %s', async (_, answer, expected) => {
    server.respond(() => answer);
    await expect(open()('A', {}).catch(String)).resolves.toBe(expected);
    expect(server.requests).toHaveLength(1);
  });

  it.each([
    ['a page', { headers: { 'content-type': 'text/html' }, body: '<html>s3cr3t</html>' }],
    ['half of an answer', { body: '{"Parameters":[{"Value":"s3cr3t' }],
    ['nothing', {}],
  ])('that is answered with %s has failed, of which nothing is shown', async (_, answer) => {
    server.respond(() => answer);
    await expect(open()('A', {}).catch(String)).resolves.toBe('Error: SQS answered what is not JSON');
    expect(server.requests).toHaveLength(1);
  });

  it.each(['[]', 'null', '"text"', '1'])('that is answered with %s has no output', async (body) => {
    server.respond(() => ({ body }));
    expect((await open()('A', {})).output).toEqual({});
  });

  it.each([
    ['that breaks off', saying('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{', (socket) => socket.end()), ATTEMPTS],
    ['that ends before it begins', saying('', (socket) => socket.end()), ATTEMPTS],
    ['of bytes that are no HTTP', saying('\u0000\u0001 garbage\r\n\r\n'), 1],
    [
      'that changes the protocol',
      saying('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: odd\r\n\r\n'),
      undefined,
    ],
  ])('with an answer %s is an error', async (_, serve, attempts) => {
    const { url, connections } = await startRaw(serve);
    await expect(open({ url: `http://${url}`, limits: { connectMs: 500, answerMs: 500 } })('A', {})).rejects.toThrow(
      Error,
    );
    if (attempts !== undefined) expect(connections()).toBe(attempts);
  });

  it('with an answer that never ends is an error, whether it is fast or slow', async () => {
    const head = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n';
    const megabyte = `100000\r\n${'x'.repeat(2 ** 20)}\r\n`;
    const fast = await startRaw(
      saying(head, function flood(socket) {
        socket.write(megabyte, (error) => {
          if (!error) flood(socket);
        });
      }),
    );
    await expect(open({ url: `http://${fast.url}` })('A', {})).rejects.toMatchObject({ code: 'answer_too_long' });
    expect(fast.connections()).toBe(1);
    const slow = await startRaw(
      saying(head, (socket) => {
        const timer = setInterval(() => socket.write('1\r\nx\r\n'), 20);
        socket.on('close', () => clearInterval(timer));
      }),
    );
    const limits = { connectMs: 200, answerMs: 200 };
    await expect(open({ url: `http://${slow.url}`, limits })('A', {})).rejects.toMatchObject({ code: 'ETIMEDOUT' });
    expect(slow.connections()).toBe(ATTEMPTS);
  });

  it('gives up a connection that does not come about, without the time that an answer has', async () => {
    const { url, connections } = await startRaw(() => {});
    const call = open({ url: `https://${url}`, limits: { connectMs: 100, answerMs: 60_000 } });
    await expect(call('A', {})).rejects.toThrow('no connection within 0.1 s');
    expect(connections()).toBe(ATTEMPTS);
  });

  it('allows for the time of the service when this machine tells another', async () => {
    const there = Date.now() - 3_600_000;
    server.respond(({ headers }) => {
      const date = new Date(there).toUTCString();
      const signedAt = (headers['x-amz-date'] ?? '').replace(/(....)(..)(..T..)(..)/, '$1-$2-$3:$4:');
      if (Math.abs(Date.parse(signedAt) - there) > 300_000)
        return { status: 400, headers: { date }, body: '{"__type":"InvalidSignatureException"}' };
      return { headers: { date }, body: '{}' };
    });
    const call = open();
    await call('A', {});
    await call('B', {});
    expect(server.requests).toHaveLength(3);
  });

  it('repeats no key and no signature that the service has repeated', async () => {
    const key = {
      accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
      secretAccessKey: 'wJalrXUtnFEMI/K7MDENG',
      sessionToken: 'FwoGZXIvYXdzE//session',
    };
    server.respond(({ headers }) => ({
      status: 403,
      body: JSON.stringify({
        __type: 'SignatureDoesNotMatch',
        message: `not ${headers['authorization']} with ${headers['x-amz-security-token']} nor ${encodeURIComponent(key.sessionToken)}`,
      }),
    }));
    const said = await open({ credentials: async () => key })('A', {}).catch(String);
    expect(said).toMatch(/^SignatureDoesNotMatch: not \[secret\]/);
    expect(said).not.toMatch(/AKIA|FwoGZX|Signature=/);
  });
});

describe('a call ends with its signal', () => {
  const forever = new Promise<never>(() => {});

  it.each<readonly [string, Partial<ServiceSettings>, Answer | Fault]>([
    ['while nobody answers', {}, 'hang'],
    ['within an answer', {}, 'stall'],
    ['while no keys come', { credentials: () => forever }, {}],
    ['while no place is found', { place: () => forever }, {}],
    ['between two attempts', { attempts: 20 }, { status: 429 }],
  ])('%s', async (_, settings, answer) => {
    vi.mocked(Math.random).mockReturnValue(1);
    server.respond(() => answer);
    const reason = new Error('the time is over');
    const controller = new AbortController();
    const ended = open({ limits: { connectMs: 60_000, answerMs: 60_000 }, ...settings })('A', {}, controller.signal);
    setTimeout(() => controller.abort(reason), 30);
    await expect(ended).rejects.toBe(reason);
  });

  it('before it begins, if that has aborted', async () => {
    await expect(open()('A', {}, AbortSignal.abort(new Error('over')))).rejects.toThrow('over');
    expect(server.requests).toEqual([]);
  });
});

it('looks for its keys and its place again after it has not found them', async () => {
  let looks = 0;
  const place = async () => {
    looks += 1;
    if (looks === 1) throw new Error('no region');
    return { url: new URL(server.url), region: 'us-east-1' };
  };
  const call = open({ place });
  await expect(call('A', {})).rejects.toThrow('no region');
  await call('B', {});
  await call('C', {});
  expect(looks).toBe(2);
});
