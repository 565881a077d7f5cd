import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { createApiClient } from '../../../relay/cluster/api-client.ts';
import { kubeconfigAccess } from '../../../relay/cluster/kubeconfig.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kubeconfig-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function write(cluster: object, user: object): Promise<string> {
  const file = join(folder, 'config');
  const config = {
    'current-context': 'here',
    contexts: [
      { name: 'here', context: { cluster: 'c', user: 'u' } },
      { name: 'there', context: { cluster: 'other', user: 'u' } },
    ],
    clusters: [
      { name: 'c', cluster: { server: 'https://10.0.0.1:6443', ...cluster } },
      { name: 'other', cluster: { server: 'http://[::1]:8001/prefix' } },
    ],
    users: [{ name: 'u', user }],
  };
  await writeFile(file, stringify(config));
  return file;
}

test('takes server, token and authority from the current context, and reads files anew each time', async () => {
  await writeFile(join(folder, 'token'), 'first\n');
  const file = await write(
    { 'certificate-authority-data': Buffer.from('CA').toString('base64') },
    { tokenFile: 'token' },
  );
  const access = await kubeconfigAccess({ file });
  expect(await access.credentials(false)).toMatchObject({
    server: new URL('https://10.0.0.1:6443'),
    headers: { authorization: 'Bearer first' },
    tls: { ca: Buffer.from('CA') },
  });
  await writeFile(join(folder, 'token'), 'second\n');
  expect((await access.credentials(false)).headers).toEqual({ authorization: 'Bearer second' });
});

test('takes authority, certificate and key from files beside it', async () => {
  for (const name of ['ca.pem', 'cert.pem', 'key.pem']) await writeFile(join(folder, name), `PEM of ${name}`);
  const user = { 'client-certificate': 'cert.pem', 'client-key': join(folder, 'key.pem') };
  const access = await kubeconfigAccess({ file: await write({ 'certificate-authority': 'ca.pem' }, user) });
  expect((await access.credentials(false)).tls).toEqual({
    ca: Buffer.from('PEM of ca.pem'),
    cert: Buffer.from('PEM of cert.pem'),
    key: Buffer.from('PEM of key.pem'),
  });
});

test('takes another context when told to, and a server without TLS', async () => {
  const access = await kubeconfigAccess({ file: await write({}, { token: 't' }), context: 'there' });
  expect((await access.credentials(false)).server.href).toBe('http://[::1]:8001/prefix');
  expect(access.description).toContain('(context there)');
});

test('fails with a sentence for a context that is not there, and for no file', async () => {
  const file = await write({}, {});
  await expect(kubeconfigAccess({ file, context: 'nowhere' })).rejects.toThrow('has no context "nowhere"');
  await expect(kubeconfigAccess({ file: join(folder, 'missing') })).rejects.toThrow(
    'there is no kubeconfig to read at',
  );
});

const bearer = (token: string): object => ({ authorization: `Bearer ${token}` });

async function headersOf(user: object): Promise<object> {
  return (await (await kubeconfigAccess({ file: await write({}, user) })).credentials(false)).headers;
}

describe('a user', () => {
  test('of name and password has basic authentication', async () => {
    expect(await headersOf({ username: 'a', password: 'b' })).toEqual({
      authorization: `Basic ${Buffer.from('a:b').toString('base64')}`,
    });
  });

  test('that acts as another says so, with groups, uid and extra', async () => {
    const user = {
      token: 't',
      as: 'jane',
      'as-uid': '42',
      'as-groups': ['a', 'b'],
      'as-user-extra': { 'example.com/scope%': ['x', 'y'], plain: ['z'] },
    };
    expect(await headersOf(user)).toEqual({
      ...bearer('t'),
      'impersonate-user': 'jane',
      'impersonate-uid': '42',
      'impersonate-group': ['a', 'b'],
      'impersonate-extra-example.com%2Fscope%25': ['x', 'y'],
      'impersonate-extra-plain': ['z'],
    });
  });

  test.each([{ 'as-groups': ['a'] }, { 'as-uid': '1' }, { 'as-user-extra': { a: ['b'] } }])(
    'that acts as nobody in particular is an error: %j',
    async (fields) => {
      await expect(headersOf({ token: 't', ...fields })).rejects.toThrow('without as: whom to act as is missing');
    },
  );

  test('whose token and certificate are written anew is followed', async () => {
    const file = await write({}, { token: 'first' });
    const access = await kubeconfigAccess({ file });
    expect((await access.credentials(false)).headers).toEqual(bearer('first'));
    await write({}, { token: 'second' });
    expect((await access.credentials(false)).headers).toEqual(bearer('second'));
    const certificate = { 'client-certificate-data': 'Q0VSVA==', 'client-key-data': 'S0VZ' };
    await write({ 'certificate-authority-data': 'Q0E=' }, certificate);
    expect(await access.credentials(false)).toMatchObject({
      headers: {},
      tls: { ca: Buffer.from('CA'), cert: Buffer.from('CERT'), key: Buffer.from('KEY') },
    });
  });

  test('stays as it was while the file cannot be read, until that is refused', async () => {
    const file = await write({}, { token: 'first' });
    const access = await kubeconfigAccess({ file });
    await writeFile(file, 'half a file: [');
    expect((await access.credentials(false)).headers).toEqual(bearer('first'));
    await expect(access.credentials(true)).rejects.toThrow('is not YAML');
    await rm(file);
    await expect(access.credentials(true)).rejects.toThrow('there is no kubeconfig to read');
    await write({}, { token: 'second' });
    expect((await access.credentials(true)).headers).toEqual(bearer('second'));
  });
});

test('the context stays the one that was chosen at first, whatever becomes the current one', async () => {
  const file = await write({}, { token: 't' });
  const access = await kubeconfigAccess({ file });
  const other = (await kubeconfigAccess({ file, context: 'there' })).description;
  await writeFile(
    file,
    stringify({
      'current-context': 'there',
      contexts: [
        { name: 'here', context: { cluster: 'c' } },
        { name: 'there', context: { cluster: 'd' } },
      ],
      clusters: [
        { name: 'c', cluster: { server: 'https://10.0.0.9' } },
        { name: 'd', cluster: { server: 'https://10.0.0.8' } },
      ],
    }),
  );
  expect((await access.credentials(false)).server.host).toBe('10.0.0.9');
  expect(other).not.toBe(access.description);
});

test('names, tokens and passwords of digits are what is written', async () => {
  const file = join(folder, 'config');
  await writeFile(
    file,
    [
      'current-context: 007',
      'contexts: [{name: 007, context: {cluster: 1e3, user: 12345678901234567890}}]',
      'clusters: [{name: 1e3, cluster: {server: "https://10.0.0.1", insecure-skip-tls-verify: true}}]',
      'users: [{name: 12345678901234567890, user: {username: 0x10, password: 0123, token: null}}]',
    ].join('\n'),
  );
  const access = await kubeconfigAccess({ file });
  expect(access.description).toBe('https://10.0.0.1/ (context 007)');
  expect(await access.credentials(false)).toMatchObject({
    headers: { authorization: `Basic ${Buffer.from('0x10:0123').toString('base64')}` },
    tls: { rejectUnauthorized: false },
  });
});

describe('a list of files', () => {
  async function file(name: string, config: object): Promise<string> {
    await mkdir(join(folder, name));
    await writeFile(join(folder, name, 'token'), `token of ${name}`);
    await writeFile(join(folder, name, 'config'), stringify(config));
    return join(folder, name, 'config');
  }

  test('is merged: what is said first holds, paths belong to their file, and a missing file says nothing', async () => {
    const a = await file('a', {
      contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
      clusters: [{ name: 'c', cluster: { server: 'https://first' } }],
      users: null,
    });
    const b = await file('b', {
      'current-context': 'x',
      contexts: [{ name: 'x', context: { cluster: 'd', user: 'v' } }],
      clusters: [{ name: 'c', cluster: { server: 'https://second' } }],
      users: [{ name: 'u', user: { tokenFile: 'token' } }],
    });
    const KUBECONFIG = [join(folder, 'missing'), a, '', b, a].join(delimiter);
    const access = await kubeconfigAccess({}, { KUBECONFIG });
    expect(await access.credentials(false)).toMatchObject({
      server: new URL('https://first'),
      headers: bearer('token of b'),
    });
  });

  test('with a name twice in one file is an error, as for kubectl', async () => {
    const user = { name: 'u', user: {} };
    const KUBECONFIG = await file('a', { users: [user, user] });
    await expect(kubeconfigAccess({}, { KUBECONFIG })).rejects.toThrow(
      `the kubeconfig ${KUBECONFIG} has two entries named "u" in users`,
    );
  });

  test('of which none is there is an error that names them', async () => {
    const KUBECONFIG = [join(folder, 'a'), join(folder, 'b')].join(delimiter);
    await expect(kubeconfigAccess({}, { KUBECONFIG })).rejects.toThrow(
      `there is no kubeconfig to read at ${join(folder, 'a')} or ${join(folder, 'b')}; set KUBECONFIG`,
    );
  });

  test.each(['a text', '- a list'])('with a file that is no kubeconfig is an error: %s', async (text) => {
    const KUBECONFIG = join(folder, 'config');
    await writeFile(KUBECONFIG, text);
    await expect(kubeconfigAccess({}, { KUBECONFIG })).rejects.toThrow('is not YAML of a kubeconfig');
  });
});

describe('the proxy of the API server', () => {
  const hasAgent = async (cluster: object, env: Record<string, string>): Promise<boolean> => {
    const access = await kubeconfigAccess({}, { ...env, KUBECONFIG: await write(cluster, {}) });
    return (await access.credentials(false)).agent instanceof http.Agent;
  };
  const env = { HTTPS_PROXY: 'proxy:3128', HTTP_PROXY: 'proxy:3128' };

  test('is the one of the environment, less what is reached without', async () => {
    expect(await hasAgent({}, {})).toBe(false);
    expect(await hasAgent({}, env)).toBe(true);
    expect(await hasAgent({}, { ...env, NO_PROXY: '10.0.0.0/8' })).toBe(false);
    expect(await hasAgent({ server: 'https://127.0.0.1:6443' }, env)).toBe(false);
    expect(await hasAgent({ server: 'https://localhost:6443' }, env)).toBe(false);
    expect(await hasAgent({ server: 'http://[::1]:8001' }, env)).toBe(false);
  });

  test("is the kubeconfig's own first", async () => {
    const asked: string[] = [];
    const proxy = http.createServer(({ url = '' }, response) => {
      asked.push(url);
      response.end('{"by":"proxy"}');
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const address = proxy.address();
    const port = typeof address === 'object' ? address?.port : 0;
    const file = await write({ server: 'http://api.only', 'proxy-url': `http://127.0.0.1:${port}` }, {});
    const client = createApiClient(await kubeconfigAccess({ file }, { NO_PROXY: '*' }), 'test');
    const signal = new AbortController().signal;
    expect(await client.json({ path: '/version', timeoutMs: 5000, signal })).toEqual({ by: 'proxy' });
    expect(asked).toEqual(['http://api.only/version']);
    client.close();
    await new Promise((resolve) => proxy.close(resolve));
  });

  test('is named where it cannot be reached, without its login', async () => {
    const file = await write({ server: 'https://api.only' }, {});
    const client = createApiClient(await kubeconfigAccess({ file }, { HTTPS_PROXY: 'me:pass@127.0.0.1:1' }), 'test');
    const signal = new AbortController().signal;
    await expect(client.json({ path: '/version', timeoutMs: 5000, signal })).rejects.toThrow(
      /ECONNREFUSED.* \(through the proxy http:\/\/127\.0\.0\.1:1\)$/,
    );
    client.close();
  });

  test('that is none is an error', async () => {
    await expect(hasAgent({ 'proxy-url': 'proxy:3128' }, {})).rejects.toThrow(
      "the kubeconfig's proxy-url is no address",
    );
  });

  test('may be a SOCKS proxy, which the Kubernetes library knows', async () => {
    const access = await kubeconfigAccess({ file: await write({ 'proxy-url': 'socks5://me:pass@127.0.0.1:1' }, {}) });
    expect(await access.credentials(false)).toMatchObject({
      agent: expect.any(http.Agent),
      proxy: 'socks5://127.0.0.1:1',
      secrets: ['socks5://me:pass@127.0.0.1:1'],
    });
  });
});

test('an auth-provider is asked through the Kubernetes library', async () => {
  const payload = Buffer.from(JSON.stringify({ exp: Math.floor(Date.now() / 1000) + 3600 })).toString('base64url');
  const token = `e30.${payload}.sig`;
  expect(await headersOf({ 'auth-provider': { name: 'oidc', config: { 'id-token': token } } })).toMatchObject(
    bearer(token),
  );
});

describe('a credential plugin', () => {
  const exec = (script: string, more: object = {}): object => ({
    exec: { apiVersion: 'client.authentication.k8s.io/v1', command: process.execPath, args: ['-e', script], ...more },
  });
  const saying = (status: string): string => `console.log(JSON.stringify({ status: ${status} }))`;

  /** What a plugin that wants to know is told about this cluster. */
  async function told(cluster: object): Promise<unknown> {
    const user = exec(saying('{ token: process.env.KUBERNETES_EXEC_INFO }'), { provideClusterInfo: true });
    const access = await kubeconfigAccess({ file: await write(cluster, user) }, {});
    const { authorization } = (await access.credentials(false)).headers;
    return JSON.parse(String(authorization).replace('Bearer ', '')).spec.cluster;
  }

  test('is told about its cluster what there is to tell, and nothing else', async () => {
    expect(await told({})).toEqual({ server: 'https://10.0.0.1:6443' });
    const data = Buffer.from('CA').toString('base64');
    const said = {
      'tls-server-name': 'api',
      'insecure-skip-tls-verify': true,
      'certificate-authority-data': data,
      'proxy-url': 'http://127.0.0.1:1',
    };
    const extensions = [
      { name: 'other', extension: { a: 1 } },
      { name: 'client.authentication.k8s.io/exec', extension: { audience: 'b' } },
    ];
    expect(await told({ ...said, extensions })).toEqual({
      server: 'https://10.0.0.1:6443',
      ...said,
      config: { audience: 'b' },
    });
  });

  test('may give a certificate, and is not asked where the user has a token of its own', async () => {
    const script = saying("{ clientCertificateData: 'CERT', clientKeyData: 'KEY' }");
    const credentialsOf = async (user: object) =>
      (await kubeconfigAccess({ file: await write({ 'tls-server-name': 'api' }, user) }, {})).credentials(false);
    expect(await credentialsOf(exec(script))).toMatchObject({
      headers: {},
      tls: { cert: 'CERT', key: 'KEY', servername: 'api' },
    });
    const { headers, tls } = await credentialsOf({ ...exec(script), token: 'own' });
    expect([headers, tls]).toEqual([bearer('own'), { servername: 'api' }]);
  });

  test('is named while it is waited for, and ends with the access', async () => {
    const access = await kubeconfigAccess({ file: await write({}, exec('setInterval(() => {}, 1000)')) }, {});
    expect(access.waitsFor?.()).toBeUndefined();
    const failed = access.credentials(false).catch(String);
    await expect.poll(() => access.waitsFor?.()).toBe(`the kubeconfig's credential plugin "${process.execPath}"`);
    access.close?.();
    expect(await failed).toContain('failed with exit code none');
    expect(access.waitsFor?.()).toBeUndefined();
  });

  test('that is no longer the one of the kubeconfig is ended', async () => {
    const file = await write({}, exec('setInterval(() => {}, 1000)'));
    const access = await kubeconfigAccess({ file }, {});
    const failed = access.credentials(false).catch(String);
    await expect.poll(() => access.waitsFor?.()).toBeDefined();
    await write({}, { token: 'new' });
    expect((await access.credentials(false)).headers).toEqual(bearer('new'));
    expect(await failed).toContain('failed with exit code none');
  });
});
