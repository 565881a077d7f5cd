import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { IncomingHttpHeaders } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { kubeconfigAccess } from '../../relay/cluster/kubeconfig.ts';
import { createLogger } from '../../relay/log.ts';
import { queueSender } from '../../relay/queue/sqs.ts';
import { secretsOfEnvironment, secretsOfKey } from '../../functions/core/aws/secrets.ts';
import { createRedactor } from '../../functions/core/contract/redaction.ts';
import { type ScriptedApiServer, startApiServer } from '../support/api-server.ts';
import { runRelay, createTestQueue, until } from '../support/relay.ts';
import { startScriptedSqs, type ScriptedSqs } from '../support/scripted-sqs.ts';
import { encodings } from '../support/secret-forms.ts';

const KEY = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
  sessionToken: 'FwoGZXIvYXdzE/session+token==',
};
const TOKEN = 'eyJhbGciOiJSUzI1NiJ9.the/bearer+token.of-the_relay';

/** Fails if a text shows one of the secrets in a form in which a server may repeat it. */
function expectConcealed(shown: string, ...secrets: readonly string[]): void {
  for (const secret of secrets) {
    for (const name of ['as it is', 'percent-encoded', 'in JSON', 'in base64', 'in hex', 'in HTML']) {
      const form = encodings[name]?.(secret) ?? '';
      expect(shown, name).not.toContain(form);
      expect(shown, `${name}, in JSON`).not.toContain(JSON.stringify(form).slice(1, -1));
    }
  }
}

/** A server's way to repeat a header. */
const echoes = Object.entries({
  'as it came': (header: string) => header,
  'in base64': (header: string) => Buffer.from(header).toString('base64'),
  'percent-encoded': (header: string) => encodeURIComponent(header),
  'in HTML': (header: string) => `<b>${header.replaceAll('+', '&#43;').replaceAll('/', '&#x2F;')}</b>`,
});

/** A relay that shows the token to the API server, and logs as a real one does. */
async function runWithToken(api: ScriptedApiServer, config: Parameters<typeof runRelay>[2] = {}) {
  const redactor = createRedactor();
  const logs: string[] = [];
  const credentials = { server: new URL(api.url), headers: { authorization: `Bearer ${TOKEN}` }, tls: {} };
  const relay = await runRelay(api, createTestQueue(), config, {
    access: { description: api.url, credentials: async () => credentials },
    redactor,
    log: createLogger('debug', (line) => logs.push(line), redactor.redact),
  });
  return { relay, logs };
}

describe.each(echoes)('a server that repeats credentials %s', (_, echo) => {
  test('is an API server: neither the log nor /readyz shows them', async () => {
    const api = await startApiServer();
    api.intercept((_url, request, response) => {
      const message = `refused: ${echo(request.headers.authorization ?? '')}`;
      response.writeHead(500, message.replace(/[^\x20-\x7E]/g, '?'), { 'content-type': 'application/json' });
      response.end(JSON.stringify({ kind: 'Status', code: 500, reason: 'InternalError', message }));
      return true;
    });
    const { relay, logs } = await runWithToken(api, { cursor: { kind: 'lease', namespace: 'a', name: 'b' } });
    await until(() => logs.some((line) => line.includes('[secret]')), 'the refusal in the log');
    const ready = await (await fetch(`http://127.0.0.1:${relay.port}/readyz`)).text();
    await relay.stop();
    await api.close();

    expect(ready).toContain('[secret]');
    expectConcealed([...logs, ready].join('\n'), TOKEN);
  });

  test('is an API server in an open watch: neither the log nor /readyz shows them', async () => {
    const api = await startApiServer();
    const { relay, logs } = await runWithToken(api);
    await until(() => api.watchCount() === 1, 'the watch');
    const message = `no more of it: ${echo(`Bearer ${TOKEN}`)}`;
    api.writeRaw(`${JSON.stringify({ type: 'ERROR', object: { kind: 'Status', code: 500, message } })}\n`);
    await until(() => logs.some((line) => line.includes('no more of it')), 'the error in the log');
    await relay.stop();
    await api.close();

    expect(logs.join('\n')).toContain('[secret]');
    expectConcealed(logs.join('\n'), TOKEN);
  });

  test('is SQS: no result shows them, whether the call or an entry fails', async () => {
    const sqs: ScriptedSqs = await startScriptedSqs();
    const signatures: string[] = [];
    const send = queueSender(sqs.queueUrl, { AWS_REGION: 'eu-west-1' }, async () => KEY);
    const pieces = ({ headers }: { headers: IncomingHttpHeaders }): readonly string[] => {
      const signature = headers.authorization?.split('Signature=')[1] ?? '';
      signatures.push(signature);
      return [headers.authorization ?? '', signature, String(headers['x-amz-security-token']), KEY.accessKeyId];
    };
    const results = [];
    for (const index of [0, 1, 2, 3]) {
      for (const type of ['InvalidParameterValue', 'CredentialsProviderError', 'AccessDenied']) {
        sqs.script(({ request }) => ({ status: 400, type, message: echo(pieces(request)[index] ?? '') }));
        results.push(await send([entry]));
      }
      sqs.script(({ request }) => ({ status: 400, type: encodeURIComponent(echo(pieces(request)[index] ?? '')) }));
      results.push(await send([entry]));
      sqs.script(({ request, response }) => {
        const name = echo(pieces(request)[index] ?? '').replace(/[^\w.-]/g, '.');
        response.writeHead(400, { 'x-amzn-errortype': name }).end('{}');
        return 'taken';
      });
      results.push(await send([entry]));
      sqs.script(({ request }) => {
        const text = echo(pieces(request)[index] ?? '');
        const refused = { senderFault: true, code: 'InvalidParameterValue', message: text };
        return { failed: { 0: refused, 1: { senderFault: true, code: text } } };
      });
      results.push(await send([entry, entry]));
    }
    await sqs.close();

    expect(signatures).not.toContain('');
    expect(JSON.stringify(results).match(/\[secret\]/g)?.length).toBeGreaterThanOrEqual(8);
    expectConcealed(JSON.stringify(results), KEY.sessionToken, KEY.secretAccessKey, KEY.accessKeyId, ...signatures);
    for (const [, code] of JSON.stringify(results).matchAll(/"code":"([^"]*)"/g)) expect(code).toMatch(/^[\w.-]+$/);
  });
});

const entry = { body: 'a' };

test('the command line of a credential_process is not shown', async () => {
  const failure = Object.assign(new Error('Command failed: /bin/vault --token hunter22\nno'), {
    name: 'CredentialsProviderError',
  });
  const result = await queueSender('http://127.0.0.1:1/1/q', { AWS_REGION: 'x' }, () => Promise.reject(failure))([
    entry,
  ]);
  expect(result).toMatchObject({ reason: expect.stringMatching(/: its credential_process failed\)$/) });
});

describe('a proxy that refuses and repeats the login', () => {
  let proxy: Server;
  let port: number;
  beforeEach(async () => {
    proxy = createServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', (data) => socket.end(`HTTP/1.1 407 No ${data.toString().replaceAll('\r\n', '; ')}\r\n\r\n`));
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const address = proxy.address();
    port = typeof address === 'object' && address !== null ? address.port : 0;
  });
  afterEach(() => new Promise((resolve) => proxy.close(resolve)));

  test('gets neither into a result nor into the log', async () => {
    const env = { AWS_REGION: 'eu-west-1', HTTPS_PROXY: `http://me:s3cr%40t-pass@127.0.0.1:${port}` };
    const redactor = createRedactor();
    redactor.use(secretsOfEnvironment(env));
    const lines: string[] = [];
    const log = createLogger('debug', (line) => lines.push(line), redactor.redact);
    const send = queueSender('https://sqs.eu-west-1.amazonaws.com/1/q', env, async () => KEY);

    const result = await send([entry]);
    const login = Buffer.from('me:s3cr@t-pass').toString('base64');
    log('error', `through ${env.HTTPS_PROXY}`, { proxy: env.HTTPS_PROXY, login });

    expect(result).toMatchObject({ status: 'unavailable', code: 'ERR_PROXY_TUNNEL' });
    expect(lines.join('\n').match(/\[secret\]/g)).toHaveLength(3);
    expectConcealed(JSON.stringify(result) + lines.join('\n'), 's3cr@t-pass', 'me:s3cr@t-pass');
  });
});

describe('a kubeconfig', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'relay-secrecy-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const config = (server: string, user: string, more = ''): string =>
    [
      'apiVersion: v1',
      'kind: Config',
      'current-context: c',
      'contexts: [{name: c, context: {cluster: c, user: u}}]',
      `clusters: [{name: c, cluster: {server: "${server}"${more}}}]`,
      'users:',
      '  - name: u',
      `    user: ${user}`,
      '',
    ].join('\n');

  async function write(text: string): Promise<string> {
    const file = join(folder, 'config');
    await writeFile(file, text);
    return file;
  }

  test.each([
    ['read by itself', '{token: abc}'],
    ['read by the library', '{username: me, password: s3cret-pass}'],
  ])('describes the server without the login in its URL, %s', async (_, user) => {
    const access = await kubeconfigAccess({
      file: await write(config('https://me:s3cret-pass@k8s.example.com/x', user)),
    });
    expect(access.description).toBe('https://k8s.example.com/x (context c)');
  });

  test('tells of a password and of the URL of a proxy, so that they are concealed', async () => {
    const file = await write(
      config(
        'https://k8s.example.com',
        '{username: me, password: s3cret-pass}',
        ', proxy-url: "http://me:pr0xy-pass@proxy:1"',
      ),
    );
    const { headers, secrets } = await (await kubeconfigAccess({ file })).credentials(false);
    expect(headers['authorization']).toBe(`Basic ${Buffer.from('me:s3cret-pass').toString('base64')}`);
    expect(secrets).toEqual(['http://me:pr0xy-pass@proxy:1/']);
  });

  test('that is not YAML is not quoted', async () => {
    const file = await write(config('https://k8s.example.com', '{token: s3cret-token: s3cret-token'));
    const failure = async (): Promise<string> =>
      String(await kubeconfigAccess({ file }).catch((error: unknown) => error));
    expect(await failure()).toMatch(/is not YAML \(line \d+, column \d+\)$/);

    const before = process.env['KUBECONFIG'];
    process.env['KUBECONFIG'] = `${file}:${file}`;
    const several = String(await kubeconfigAccess().catch((error: unknown) => error));
    if (before === undefined) delete process.env['KUBECONFIG'];
    else process.env['KUBECONFIG'] = before;
    expect(several).toMatch(/is not YAML \(line \d+, column \d+\)$/);
    expect(several).not.toContain('s3cret');
  });

  test('whose plugin prints a token instead of JSON is not quoted', async () => {
    const exec =
      '{exec: {apiVersion: client.authentication.k8s.io/v1, command: echo, args: [s3cret-token], interactiveMode: Never}}';
    const access = await kubeconfigAccess({ file: await write(config('https://k8s.example.com', exec)) });
    await expect(access.credentials(false)).rejects.toThrow(
      /^the kubeconfig's credential plugin "echo" gave neither a token nor a certificate$/,
    );
  });
});

test('what stands in for keys of AWS, as for LocalStack, is a word like others', () => {
  expect(secretsOfKey({ accessKeyId: 'test', secretAccessKey: 'test' })).toEqual([]);
  expect(secretsOfKey(KEY)).toEqual(Object.values(KEY));
  const env = {
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_SESSION_TOKEN: KEY.sessionToken,
    AWS_REGION: 'x',
    PATH: '/usr/bin:/x@y',
  };
  expect(secretsOfEnvironment(env)).toEqual([KEY.sessionToken]);
});
