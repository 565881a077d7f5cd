import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { numberedEvent } from '../../support/chat.ts';
import { startTestConsole, type TestConsole } from '../../support/console/console.ts';
import { memorySource, seen } from '../../support/console/memory-source.ts';

const CALLS = [
  'GET /api/about',
  'GET /api/stream',
  'GET /api/event?id=a',
  'GET /api/object?cluster=a&kind=b&name=c',
  'GET /api/letters',
  'POST /api/letters/replay',
  'GET /api/destinations',
  'GET /api/destination?id=log/a',
  'GET /api/skeleton?type=log',
  'POST /api/destinations/check',
  'PUT /api/destination',
  'POST /api/destination/rollback',
  'POST /api/destination/test',
  'GET /api/silences',
  'POST /api/silences',
  'DELETE /api/silences?name=a',
  'GET /api/receiver',
  'PUT /api/receiver',
] as const;
const CHANGES = CALLS.filter((call) => !call.startsWith('GET') && !call.endsWith('/check'));

const source = memorySource({ 'destinations/log/a': {} });
let served: TestConsole;

beforeEach(async () => {
  served = await startTestConsole(source);
});
afterEach(() => served.stop());

function split(call: string): [method: string, path: string] {
  const [method = '', path = ''] = call.split(' ');
  return [method, path];
}

describe('who may call', () => {
  it.each(CALLS)('nobody without the token: %s', async (call) => {
    const [method, path] = split(call);
    const wrong = [
      {},
      { authorization: '' },
      { authorization: `Bearer ${served.token}x` },
      { authorization: `Bearer ${served.token.slice(0, -1)}` },
      { authorization: served.token },
      { cookie: `token=${served.token}` },
    ];
    for (const headers of wrong) {
      const reply = await served.call(method, path, { headers });
      expect([reply.status, reply.json]).toEqual([401, { error: expect.stringContaining('token') }]);
      expect(reply.text).not.toContain(served.token);
    }
    expect(
      (await served.call(method, `${path}${path.includes('?') ? '&' : '?'}token=${served.token}`, { headers: {} }))
        .status,
    ).toBe(401);
  });

  it('has another token each time, of 32 random bytes', async () => {
    const other = await startTestConsole(source);
    await other.stop();

    expect(Buffer.from(other.token, 'base64url').length).toBe(32);
    expect(other.token).not.toBe(served.token);
  });

  it.each(['evil.example', '127.0.0.1', '127.0.0.1:1', 'localhost', '[::1]:80', '127.0.0.1.evil.example'])(
    'nobody by the name %j, which may lead to this machine by DNS rebinding',
    async (host) => {
      for (const call of ['GET /', 'GET /main.js', ...CALLS]) {
        const [method, path] = split(call);
        const reply = await served.call(method, path, { headers: { authorization: `Bearer ${served.token}`, host } });
        expect(reply.status).toBe(421);
      }
    },
  );

  it.each(['', 'Host:\r\n', 'Host: a\r\nHost: 127.0.0.1:PORT\r\n'])('nobody with no name, or two: %j', async (host) => {
    const line = host.replace('PORT', String(served.port));
    expect(await served.wire(`GET / HTTP/1.1\r\n${line}Connection: close\r\n\r\n`)).toMatch(/^HTTP\/1\.1 4/);
  });

  it('is at home under both of its names', async () => {
    for (const name of ['127.0.0.1', 'localhost']) {
      const headers = { authorization: `Bearer ${served.token}`, host: `${name}:${served.port}` };
      expect((await served.call('GET', '/api/about', { headers })).status).toBe(200);
      const own = { ...headers, origin: `http://${name}:${served.port}`, 'sec-fetch-site': 'same-origin' };
      expect((await served.call('GET', '/api/about', { headers: own })).status).toBe(200);
    }
  });

  it.each([
    ['another port', { origin: 'http://127.0.0.1:1' }],
    ['another name of it', { origin: 'http://localhost:PORT' }],
    ['https', { origin: 'https://127.0.0.1:PORT' }],
    ['another site', { origin: 'https://evil.example' }],
    ['a file or a sandbox', { origin: 'null' }],
    ['another site, without Origin', { 'sec-fetch-site': 'cross-site' }],
    ['another port, without Origin', { 'sec-fetch-site': 'same-site' }],
  ])('no page of %s, also with the token', async (_, given) => {
    const headers = Object.fromEntries(
      Object.entries(given).map(([name, value]) => [name, value.replace('PORT', String(served.port))]),
    );
    for (const call of ['GET /', 'GET /main.js', ...CALLS]) {
      const [method, path] = split(call);
      const reply = await served.call(method, path, {
        headers: { authorization: `Bearer ${served.token}`, ...headers },
      });
      expect(reply.status).toBe(403);
      expect(reply.headers).not.toHaveProperty('access-control-allow-origin');
    }
  });

  it('refuses to be asked beforehand by a page of another origin', async () => {
    const headers = { origin: 'https://evil.example', 'access-control-request-method': 'PUT' };

    expect((await served.call('OPTIONS', '/api/destination', { headers })).status).toBe(403);
  });

  it('opens the page for who follows a link from elsewhere, and nothing else', async () => {
    const headers = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };

    expect((await served.call('GET', '/', { headers })).status).toBe(200);
    expect((await served.call('GET', '/', { headers: { ...headers, 'sec-fetch-dest': 'iframe' } })).status).toBe(403);
    expect((await served.call('GET', '/', { headers: { ...headers, 'sec-fetch-mode': 'no-cors' } })).status).toBe(403);
    expect((await served.call('GET', '/api/about', { headers })).status).toBe(403);
  });
});

describe('a console that only shows', () => {
  it.each(CHANGES)('refuses %s', async (call) => {
    const shown = await startTestConsole(memorySource(), { readOnly: true });
    try {
      const [method, path] = split(call);
      const body = method === 'DELETE' ? {} : { body: { owner: 'log', dryRun: false } };
      const reply = await shown.call(method, path, body);
      expect([reply.status, reply.json]).toEqual([403, { error: expect.stringContaining('--read-only') }]);
    } finally {
      await shown.stop();
    }
  });

  it('says so, tries documents out, and counts what would be replayed', async () => {
    const replay = async () => ({ replayed: 3, guarded: 0, refused: 0 });
    const shown = await startTestConsole(memorySource({}, { replay }), { readOnly: true });
    try {
      expect((await shown.call('GET', '/api/about')).json).toMatchObject({ readOnly: true, version: '1.2.3' });
      const check = { id: 'log/a', text: '{}' };
      expect((await shown.call('POST', '/api/destinations/check', { body: check })).status).toBe(200);
      const dryRun = { owner: 'log', dryRun: true };
      expect((await shown.call('POST', '/api/letters/replay', { body: dryRun })).json).toMatchObject({ replayed: 3 });
    } finally {
      await shown.stop();
    }
  });
});

describe('what is answered', () => {
  it('lets a browser load nothing from elsewhere, guess nothing, tell nobody, and keep no answer', async () => {
    const replies = await Promise.all([
      served.call('GET', '/', { headers: {} }),
      served.call('GET', '/main.js', { headers: {} }),
      served.call('GET', '/style.css', { headers: {} }),
      served.call('GET', '/api/about'),
      served.call('GET', '/api/nothing'),
      served.call('GET', '/api/about', { headers: {} }),
    ]);
    for (const { headers } of replies) {
      expect(headers['content-security-policy']).toBe(
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      );
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-resource-policy': 'same-origin',
      });
    }
    expect(replies.map(({ headers }) => headers['content-type'])).toEqual([
      'text/html; charset=utf-8',
      'text/javascript; charset=utf-8',
      'text/css; charset=utf-8',
      ...Array.from({ length: 3 }, () => 'application/json; charset=utf-8'),
    ]);
    expect(replies.slice(3).map(({ headers }) => headers['cache-control'])).toEqual([
      'no-store',
      'no-store',
      'no-store',
    ]);
    expect(replies[0]?.text).not.toMatch(/<script(?! type="module" src="\/main\.js">)| style=| on\w+=/);
  });

  it('leads to no file, however the path is written', async () => {
    const paths = [
      '/../package.json',
      '/..%2fpackage.json',
      '/%2e%2e/package.json',
      '//etc/passwd',
      '/page/main.tsx',
      '/main.js/../../package.json',
      '/style.css%00',
      '/api/../../package.json',
      'http://evil.example/package.json',
      '/__proto__',
      '/api/__proto__',
    ];
    for (const path of paths) {
      const answer = await served.wire(
        `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${served.port}\r\nAuthorization: Bearer ${served.token}\r\nConnection: close\r\n\r\n`,
      );
      expect(answer).toMatch(/^HTTP\/1\.1 40[04] /);
      expect(answer).not.toContain('"name"');
    }
  });

  it('is JSON, also where a message holds a script', async () => {
    const message = '</script><script>alert(1)</script>\u2028\n\ndata: {}\n\n';
    source.tell(seen(numberedEvent(1, { message })));
    const reply = await served.call('GET', `/api/event?id=${encodeURIComponent(numberedEvent(1).id)}`);

    expect(reply.headers['content-type']).toBe('application/json; charset=utf-8');
    expect(reply.json).toMatchObject({ document: { message } });
    const stream = await served.stream();
    expect((await stream.next())?.data.events[0].message).toContain('<script>alert(1)</script>');
    stream.close();
  });

  it('is a sentence where something goes wrong that nobody expected, and no more', async () => {
    const broken = await startTestConsole(
      memorySource(
        {},
        {
          letters: () => {
            throw new TypeError('x is not a function\n    at secret-place.ts:1:1');
          },
        },
      ),
    );
    const reply = await broken.call('GET', '/api/letters');
    await broken.stop();

    expect([reply.status, reply.json]).toEqual([
      500,
      { error: 'something went wrong: TypeError: x is not a function' },
    ]);
  });
});

describe('what is asked', () => {
  it('must be JSON, and not much of it', async () => {
    const authorization = `Bearer ${served.token}`;
    const path = '/api/destinations/check';
    const ask = (headers: Record<string, string>, body: string) =>
      served.call('POST', path, { headers: { authorization, ...headers }, body });

    expect((await ask({ 'content-type': 'text/plain' }, '{}')).status).toBe(415);
    expect((await ask({ 'content-type': 'application/x-www-form-urlencoded' }, 'a=b')).status).toBe(415);
    expect((await ask({ 'content-type': 'application/jsonx' }, '{}')).status).toBe(415);
    expect((await ask({}, '{')).json).toEqual({ error: 'expected a body of JSON' });
    expect((await ask({}, '[]')).status).toBe(400);
    expect((await ask({}, '{"id":"log/a","text":"{}","more":1}')).json).toEqual({ error: 'more is not a known field' });
    expect((await ask({}, `"${'a'.repeat(300_000)}"`)).status).toBe(413);
    expect((await ask({ 'transfer-encoding': 'chunked' }, `"${'a'.repeat(300_000)}"`)).status).toBe(413);
  });

  it('is refused with what is there, where there is nothing', async () => {
    expect((await served.call('GET', '/api/nothing')).status).toBe(404);
    expect((await served.call('DELETE', '/api/about')).json).toEqual({ error: '/api/about answers GET' });
    expect((await served.call('POST', '/', { body: {} })).status).toBe(404);
    expect((await served.call('GET', '/api/event')).json).toEqual({ error: 'id is missing in the address' });
  });

  it('ends when it does not arrive', async () => {
    const impatient = await startTestConsole(source, { request: { headersMs: 50, wholeMs: 100 } });
    const head = `POST /api/destinations/check HTTP/1.1\r\nHost: 127.0.0.1:${impatient.port}\r\nAuthorization: Bearer ${impatient.token}\r\n`;
    const answers = await Promise.all([
      impatient.wire('GET / HTTP/1.1\r\nHost: '),
      impatient.wire(`${head}Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{"id"`),
    ]);
    await impatient.stop();

    for (const answer of answers) expect(answer).toMatch(/^(HTTP\/1\.1 4|$)/);
  });
});
