import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { messageOf } from '../../../functions/core/contract/untrusted.ts';
import { proxiesOf } from '../../../relay/proxy.ts';
import { credentialSource } from '../../../relay/queue/credential-sources.ts';

let folder: string;
let server: http.Server;
let port: number;
let asked: { url: string; authorization: string | undefined; body: string }[];
let answer: { status: number; body: string };

const EXPIRATION = '2030-01-01T00:00:00Z';
const STS_ANSWER = `<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <AssumeRoleWithWebIdentityResult><Credentials>
    <AccessKeyId>STSKEY</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>
    <Expiration>${EXPIRATION}</Expiration>
  </Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>`;
const AGENT_ANSWER = JSON.stringify({
  AccessKeyId: 'PODKEY',
  SecretAccessKey: 's',
  Token: 't',
  AccountId: '1',
  Expiration: EXPIRATION,
});

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'credentials-'));
  await writeFile(join(folder, 'token'), 'the-token\n');
  asked = [];
  answer = { status: 200, body: STS_ANSWER };
  server = http.createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      asked.push({ url: request.url ?? '', authorization: request.headers.authorization, body });
      response.writeHead(answer.status).end(answer.body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  port = typeof address === 'object' && address !== null ? address.port : 0;
  // The SDK's chain reads the process' environment by itself: nothing of this machine's may be in it.
  for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) vi.stubEnv(name, undefined);
  vi.stubEnv('HOME', folder);
  vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
});
afterEach(async () => {
  vi.unstubAllEnvs();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await rm(folder, { recursive: true });
});

function sourceWith(env: Readonly<Record<string, string>>) {
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  return credentialSource(process.env, proxiesOf(process.env));
}

const webIdentity = (): Record<string, string> => ({
  AWS_REGION: 'eu-west-1',
  AWS_ROLE_ARN: 'arn:aws:iam::123456789012:role/relay',
  AWS_WEB_IDENTITY_TOKEN_FILE: join(folder, 'token'),
});

describe('a web identity (IRSA)', () => {
  test('is changed for credentials at STS', async () => {
    const source = sourceWith({ ...webIdentity(), AWS_ENDPOINT_URL_STS: `http://127.0.0.1:${port}` });
    expect(source.name()).toBe('AWS STS');
    expect(await source.ask()).toMatchObject({
      accessKeyId: 'STSKEY',
      sessionToken: 't',
      expiration: new Date(EXPIRATION),
    });
    expect(new URLSearchParams(asked[0]?.body).get('WebIdentityToken')?.trim()).toBe('the-token');
    expect(source.name()).toBe(`AWS STS at 127.0.0.1:${port}`);
  });

  test('is read anew each time', async () => {
    const source = sourceWith({ ...webIdentity(), AWS_ENDPOINT_URL_STS: `http://127.0.0.1:${port}` });
    await source.ask();
    await writeFile(join(folder, 'token'), 'another');
    await source.ask();
    expect(asked.map(({ body }) => new URLSearchParams(body).get('WebIdentityToken')?.trim())).toEqual([
      'the-token',
      'another',
    ]);
  });

  test('goes through the proxy, which is named', async () => {
    const source = sourceWith({
      ...webIdentity(),
      AWS_ENDPOINT_URL_STS: 'http://sts.only.the.proxy.knows',
      HTTP_PROXY: `127.0.0.1:${port}`,
    });
    expect(await source.ask()).toMatchObject({ accessKeyId: 'STSKEY' });
    expect(asked[0]?.url).toBe('http://sts.only.the.proxy.knows/');
    expect(source.name()).toBe(`AWS STS at sts.only.the.proxy.knows through the proxy http://127.0.0.1:${port}`);
  });

  test.each([
    ['true', 'false', 'sts-fips.us-east-1.amazonaws.com'],
    ['false', 'true', 'sts.us-east-1.api.aws'],
  ])('with FIPS %s and dual stack %s asks %s', async (fips, dualStack, host) => {
    const hosts: string[] = [];
    const proxy = http.createServer().on('connect', ({ url = '' }, socket) => {
      hosts.push(url);
      socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const address = proxy.address();
    const source = sourceWith({
      ...webIdentity(),
      AWS_REGION: 'us-east-1',
      AWS_USE_FIPS_ENDPOINT: fips,
      AWS_USE_DUALSTACK_ENDPOINT: dualStack,
      HTTPS_PROXY: `127.0.0.1:${typeof address === 'object' ? address?.port : 0}`,
    });
    await expect(source.ask()).rejects.toMatchObject({ code: 'ERR_PROXY_TUNNEL' });
    await new Promise((resolve) => proxy.close(resolve));
    expect(new Set(hosts)).toEqual(new Set([`${host}:443`]));
  });
});

describe("a container's credentials (EKS Pod Identity, ECS)", () => {
  const container = (): Record<string, string> => ({
    AWS_CONTAINER_CREDENTIALS_FULL_URI: `http://127.0.0.1:${port}/v1/credentials`,
    AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: join(folder, 'token'),
  });
  beforeEach(() => {
    answer = { status: 200, body: AGENT_ANSWER };
  });

  test('are what the agent gives for the token in the file', async () => {
    const source = sourceWith(container());
    expect(await source.ask()).toEqual({
      accessKeyId: 'PODKEY',
      secretAccessKey: 's',
      sessionToken: 't',
      expiration: new Date(EXPIRATION),
    });
    expect(asked).toEqual([{ url: '/v1/credentials', authorization: 'the-token', body: '' }]);
    expect(source.name()).toBe(`the credentials endpoint at 127.0.0.1:${port}`);
  });

  test('are asked for without a proxy: the agent is on this machine', async () => {
    const source = sourceWith({ ...container(), HTTP_PROXY: 'http://nobody.invalid:1' });
    expect(await source.ask()).toMatchObject({ accessKeyId: 'PODKEY' });
  });

  test('take the token from the environment where there is no file', async () => {
    const { AWS_CONTAINER_CREDENTIALS_FULL_URI = '' } = container();
    await sourceWith({ AWS_CONTAINER_CREDENTIALS_FULL_URI, AWS_CONTAINER_AUTHORIZATION_TOKEN: 'given' }).ask();
    expect(asked[0]?.authorization).toBe('given');
  });

  test.each([
    [400, '{"Code":"Denied","Message":"no association"}', 'HTTP 400 Denied no association'],
    [500, 'secret', 'HTTP 500'],
    [200, '<html>secret</html>', 'its answer has no AccessKeyId, SecretAccessKey and Expiration'],
    [200, '{"AccessKeyId":"secret"}', 'its answer has no AccessKeyId, SecretAccessKey and Expiration'],
    [
      200,
      '{"AccessKeyId":"a","SecretAccessKey":"secret","Expiration":"soon"}',
      'its answer has no AccessKeyId, SecretAccessKey and Expiration',
    ],
  ])('that are none are an error without secrets: %i %s', async (status, body, message) => {
    answer = { status, body };
    await expect(sourceWith(container()).ask()).rejects.toThrow(new Error(message));
  });

  test('are not asked for without TLS anywhere else', async () => {
    const source = sourceWith({ ...container(), AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://example.com/' });
    await expect(source.ask()).rejects.toThrow('example.com is not asked without TLS');
  });

  test('come after keys, a profile and a web identity', async () => {
    const keys = { AWS_ACCESS_KEY_ID: 'ENVKEY', AWS_SECRET_ACCESS_KEY: 's' };
    expect(await sourceWith({ ...container(), ...keys }).ask()).toMatchObject({ accessKeyId: 'ENVKEY' });
    expect(asked).toEqual([]);
  });

  test.each([
    [{ AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: '/get' }, 'the credentials endpoint at 169.254.170.2'],
    [
      { AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://169.254.170.23/v1/credentials' },
      'the EKS Pod Identity agent at 169.254.170.23',
    ],
    [
      { AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://[fd00:ec2::23]/v1/credentials' },
      'the EKS Pod Identity agent at [fd00:ec2::23]',
    ],
  ])('from %j are those of %s', (env, name) => {
    expect(sourceWith(env).name()).toBe(name);
  });
});

test('are waited for five seconds', async () => {
  const asking = new Promise<void>((resolve) => {
    server.removeAllListeners('request');
    server.on('request', () => resolve());
  });
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  try {
    let failure = '';
    const env = { AWS_CONTAINER_CREDENTIALS_FULL_URI: `http://127.0.0.1:${port}/` };
    const asked = sourceWith(env)
      .ask()
      .catch((error: unknown) => (failure = messageOf(error)));
    await asking;
    vi.advanceTimersByTime(4999);
    await new Promise((resolve) => setImmediate(resolve));
    expect(failure).toBe('');
    vi.advanceTimersByTime(1);
    await asked;
    expect(failure).toBe('no answer within 5 s');
  } finally {
    vi.useRealTimers();
  }
});

test('leave no connection behind, given or not', async () => {
  // The server does not end them.
  server.keepAliveTimeout = 600_000;
  let open = 0;
  server.on('connection', (socket) => {
    open += 1;
    socket.on('close', () => (open -= 1));
  });
  const source = sourceWith({ ...webIdentity(), AWS_ENDPOINT_URL_STS: `http://127.0.0.1:${port}` });
  await source.ask();
  answer = { status: 403, body: '' };
  await source.ask().catch(() => {});
  expect(asked).toHaveLength(2);
  await expect.poll(() => open).toBe(0);
});

test('where there are none, the whole chain says so', async () => {
  const source = sourceWith({});
  await expect(source.ask()).rejects.toThrow('Could not load credentials from any providers');
  expect(source.name()).toBe("the SDK's credential chain");
});
