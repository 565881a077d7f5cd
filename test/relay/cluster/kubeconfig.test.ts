import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { stringify } from 'yaml';
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

test('takes another context when told to, and a server without TLS', async () => {
  const access = await kubeconfigAccess({ file: await write({}, { token: 't' }), context: 'there' });
  expect((await access.credentials(false)).server.href).toBe('http://[::1]:8001/prefix');
  expect(access.description).toContain('(context there)');
});

test('leaves plugins to the library', async () => {
  const exec = {
    apiVersion: 'client.authentication.k8s.io/v1',
    command: process.execPath,
    args: ['-e', 'console.log(JSON.stringify({kind:"ExecCredential",status:{token:"from-plugin"}}))'],
    interactiveMode: 'Never',
  };
  const access = await kubeconfigAccess({ file: await write({}, { exec }) });
  expect((await access.credentials(false)).headers).toEqual({ authorization: 'Bearer from-plugin' });
});

test("a plain server with basic authentication is the library's too", async () => {
  const file = await write({ server: 'http://127.0.0.1:1' }, { username: 'a', password: 'b' });
  expect((await (await kubeconfigAccess({ file })).credentials(false)).headers).toMatchObject({
    authorization: `Basic ${Buffer.from('a:b').toString('base64')}`,
  });
});

test('fails with a sentence for a context that is not there, and for no file', async () => {
  const file = await write({}, {});
  await expect(kubeconfigAccess({ file, context: 'nowhere' })).rejects.toThrow('has no context "nowhere"');
  await expect(kubeconfigAccess({ file: join(folder, 'missing') })).rejects.toThrow(
    'there is no kubeconfig to read at',
  );
});
