import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Http, HttpTls } from '../../../../functions/core/contract/http.ts';
import { classify, createHttp, transportFailure } from '../../../../functions/core/kit/http.ts';
import { startHttpServer, type HttpServer } from '../../../support/http-server.ts';
import { makeCertificates } from '../../../support/services/certificates.ts';

const now = new Date('2026-11-23T08:00:00Z');
let server: HttpServer;
let http: Http;

beforeEach(async () => {
  server = await startHttpServer(() => ({}));
  http = createHttp(AbortSignal.timeout(10_000));
  return () => server.stop();
});

const failure = (url: string) =>
  http({ method: 'GET', url }).then(
    () => 'replied',
    (error: unknown) => error,
  );

describe('http', () => {
  it('sends what it is given and takes any status as a reply', async () => {
    server.respond(() => ({ status: 418, headers: { 'X-Vendor': 'yes' }, body: 'short and stout' }));
    const reply = await http({ method: 'PUT', url: `${server.url}/a?b=c`, headers: { 'X-Own': '1' }, body: 'text é' });
    expect(reply).toMatchObject({ status: 418, body: 'short and stout', headers: { 'x-vendor': 'yes' } });
    expect(server.requests[0]).toMatchObject({
      method: 'PUT',
      path: '/a?b=c',
      body: 'text é',
      headers: { 'x-own': '1' },
    });
  });

  it('does not follow redirects', async () => {
    server.respond(() => ({ status: 302, headers: { location: `${server.url}/elsewhere` } }));
    expect((await http({ method: 'POST', url: server.url, body: 'x' })).status).toBe(302);
    expect(server.requests).toHaveLength(1);
  });

  it('keeps connections', async () => {
    const ports = new Set<string>();
    server.respond(({ headers }) => ({ body: headers['connection'] ?? '' }));
    for (let each = 0; each < 3; each += 1) ports.add((await http({ method: 'GET', url: server.url })).body);
    expect([...ports]).toEqual(['keep-alive']);
  });

  it('refuses a reply above 1 MiB', async () => {
    server.respond(() => ({ body: 'x'.repeat(1024 * 1024 + 1) }));
    expect(await failure(server.url)).toMatchObject({ name: 'HttpError', code: 'bad_reply' });
  });

  it('names what went wrong, without the URL', async () => {
    server.respond(() => 'break');
    const secretUrl = `${server.url}/hook?token=s3cret`;
    const lost = await failure(secretUrl);
    expect(lost).toMatchObject({ code: 'connection_lost' });
    await server.stop();
    const refused = await failure(secretUrl);
    expect(refused).toMatchObject({ code: 'connection_refused' });
    expect(await failure('http://name.invalid/?token=s3cret')).toMatchObject({
      code: 'host_not_found',
      message: 'the host name.invalid cannot be found',
    });
    for (const error of [lost, refused]) {
      expect(`${String(error)} ${JSON.stringify(error)} ${error instanceof Error ? error.stack : ''}`).not.toContain(
        's3cret',
      );
    }
    server = await startHttpServer(() => ({}));
  });

  it('gives a request 15 s where nothing else is said', async () => {
    const limit = vi.spyOn(AbortSignal, 'timeout');
    await http({ method: 'GET', url: server.url });
    expect(limit.mock.calls).toEqual([[15_000]]);
    limit.mockRestore();
  });

  it.each(['hang', 'stall'] as const)('gives up on a server that is silent after its own limit: %s', async (fault) => {
    server.respond(() => fault);
    const impatient = createHttp(new AbortController().signal, 100);

    await expect(impatient({ method: 'GET', url: server.url })).rejects.toMatchObject({ code: 'timeout' });
    // Each request has the limit for itself.
    server.respond(() => ({ body: 'back' }));
    expect(await impatient({ method: 'GET', url: server.url })).toMatchObject({ body: 'back' });
  });

  it('trusts what it is told to, each request for itself', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'kube-courier-http-'));
    const files = await makeCertificates(folder);
    const [ca, cert, key] = await Promise.all(
      [files.caFile, files.certificateFile, files.keyFile].map((file) => readFile(file, 'utf8')),
    );
    await rm(folder, { recursive: true });
    const secure = createServer({ cert: cert ?? '', key: key ?? '' }, (_request, response) => response.end('trusted'));
    await once(secure.listen(0, '127.0.0.1'), 'listening');
    const address = secure.address();
    const url = `https://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/`;
    const get = (tls: HttpTls) =>
      http({ method: 'GET', url, tls }).then(
        ({ body }) => body,
        (error: unknown) => error,
      );

    expect(await get({ insecure: true })).toBe('trusted');
    expect(await get({})).toMatchObject({ code: 'tls_failed' });
    expect(await get({ ca })).toBe('trusted');
    expect(await get({ ca: cert, insecure: false })).toMatchObject({ code: 'tls_failed' });
    secure.closeAllConnections();
    secure.close();
  });

  it('gives up at the signal', async () => {
    server.respond(() => 'hang');
    const stop = new AbortController();
    const hanging = createHttp(stop.signal)({ method: 'GET', url: server.url }).catch((error: unknown) => error);
    await expect.poll(() => server.requests.length).toBe(1);
    stop.abort();
    expect(await hanging).toMatchObject({ code: 'timeout' });
  });
});

describe('classify', () => {
  const status = (code: number, headers: Record<string, string> = {}) =>
    classify({ status: code, headers, body: 'why' }, now);

  it.each([200, 201, 202, 204, 299])('%i is delivered', (code) =>
    expect(status(code)).toEqual({ status: 'delivered' }),
  );
  it.each([408, 425, 429, 500, 502, 503, 504, 507, 529, 599])('%i is retried', (code) => {
    expect(status(code)).toEqual({ status: 'retry', code: `http_${code}`, detail: `HTTP ${code}: why` });
  });
  it.each([300, 301, 308, 401, 403, 404, 405, 407, 410, 501])('%i rejects the destination', (code) => {
    expect(status(code)).toMatchObject({ status: 'rejected', scope: 'destination', code: `http_${code}` });
  });
  it.each([400, 409, 413, 415, 422])('%i splits the parcel', (code) => {
    expect(status(code)).toEqual({ status: 'split', code: `http_${code}`, detail: `HTTP ${code}: why` });
  });

  it.each([0, 101, 199, 600, 999])('%i is no status of a final reply, and retried', (code) => {
    expect(status(code)).toEqual({ status: 'retry', code: 'bad_reply', detail: `HTTP ${code}: why` });
  });
  it('has nothing to add where the service says nothing', () => {
    expect(classify({ status: 500, headers: {}, body: ' \n' }, now)).toMatchObject({ detail: 'HTTP 500' });
  });

  it('puts what the service says last and whole on one line: it is cut where its secrets have been struck out', () => {
    const body = ` <p>\n\t${'long '.repeat(100)}</p>\r\n`;
    const line = `<p> ${'long '.repeat(100)}</p>`;
    expect(classify({ status: 500, headers: {}, body }, now)).toMatchObject({ detail: `HTTP 500: ${line}` });
    expect(classify({ status: 302, headers: {}, body }, now)).toMatchObject({
      detail: `HTTP 302 (redirects are not followed: use the final URL): ${line}`,
    });
  });

  it('honours Retry-After', () => {
    expect(status(429, { 'retry-after': '120' })).toMatchObject({ afterMs: 120_000 });
  });
});

it.each([
  ['ETIMEDOUT', '', 'timeout', 'no complete reply in time'],
  ['ECONNREFUSED', '', 'connection_refused', 'the connection was refused'],
  ['ENOTFOUND', 'getaddrinfo ENOTFOUND a-b.example.com', 'host_not_found', 'the host a-b.example.com cannot be found'],
  ['EAI_AGAIN', 'getaddrinfo EAI_AGAIN a.example', 'host_not_found', 'the host a.example cannot be found'],
  ['ENOTFOUND', '', 'host_not_found', 'the host in the address cannot be found'],
  ['ECONNRESET', '', 'connection_lost', 'the connection broke before the reply was complete'],
  ['EPIPE', '', 'connection_lost', 'the connection broke before the reply was complete'],
  ['ECONNABORTED', '', 'connection_lost', 'the connection broke before the reply was complete'],
  ['ERR_INVALID_URL', '', 'invalid_url', 'the URL is not valid'],
  ['ERR_BAD_RESPONSE', '', 'bad_reply', 'the reply was larger than 1 MiB or broke off'],
  ['CERT_HAS_EXPIRED', '', 'tls_failed', 'the TLS certificate was not accepted (CERT_HAS_EXPIRED)'],
  ['EHOSTUNREACH', '', 'connection_failed', 'no reply (EHOSTUNREACH)'],
  ['', '', 'connection_failed', 'no reply (unknown cause)'],
])('the error %j (%j) means %s', (code, message, expected, detail) => {
  expect(transportFailure(code, message)).toEqual([expected, detail]);
});
