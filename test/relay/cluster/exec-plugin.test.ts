import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createExecPlugin, type ExecPlugin } from '../../../relay/cluster/exec-plugin.ts';
import { isAlive } from '../../support/is-alive.ts';
import { until } from '../../support/relay.ts';

let folder: string;
const plugins: ExecPlugin[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'exec-plugin-'));
});
afterEach(async () => {
  for (const plugin of plugins.splice(0)) plugin.close();
  await rm(folder, { recursive: true });
});

/** A plugin that runs a script of Node's, with helpers to say a credential and to count its runs in a file. */
function pluginOf(script: string, exec: object = {}, limitMs?: number): ExecPlugin {
  const prelude = `
    const fs = require('fs');
    const runs = ${JSON.stringify(join(folder, 'runs'))};
    fs.appendFileSync(runs, process.pid + '\\n');
    const count = fs.readFileSync(runs, 'utf8').trim().split('\\n').length;
    const say = (status) => console.log(JSON.stringify({ kind: 'ExecCredential', status }));`;
  const fields = {
    exec: {
      apiVersion: 'client.authentication.k8s.io/v1',
      command: process.execPath,
      args: ['-e', `${prelude};${script}`],
      interactiveMode: 'IfAvailable',
      ...exec,
    },
  };
  const plugin = createExecPlugin({ fields, folder }, async () => ({ server: 'https://here' }), limitMs);
  plugins.push(plugin);
  return plugin;
}

const runs = async (): Promise<readonly number[]> =>
  (await readFile(join(folder, 'runs'), 'utf8').catch(() => '')).split('\n').filter(Boolean).map(Number);

test('gives a token until it is refused, and asks once for all who wait', async () => {
  const plugin = pluginOf("say({ token: 'token ' + count })");
  const [a, b] = await Promise.all([plugin.credential(false), plugin.credential(false)]);
  expect([a.token, b.token]).toEqual(['token 1', 'token 1']);
  expect((await plugin.credential(false)).token).toBe('token 1');
  expect((await plugin.credential(true)).token).toBe('token 2');
  expect(await runs()).toHaveLength(2);
});

test('asks anew for what has expired, and gives certificates too', async () => {
  const plugin = pluginOf(
    "say({ clientCertificateData: 'CERT', clientKeyData: 'KEY', expirationTimestamp: '2020-01-01T00:00:00Z' })",
  );
  expect(await plugin.credential(false)).toEqual({ token: '', clientCertificate: 'CERT', clientKey: 'KEY' });
  await plugin.credential(false);
  expect(await runs()).toHaveLength(2);
});

test('is asked anew at the instant at which what it gave expires', async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.parse('2026-01-01T00:00:00Z') });
  try {
    const plugin = pluginOf("say({ token: String(count), expirationTimestamp: '2026-01-01T00:01:00Z' })");
    const tokenAt = async (time: string): Promise<string> => {
      vi.setSystemTime(Date.parse(time));
      return (await plugin.credential(false)).token;
    };
    expect(await tokenAt('2026-01-01T00:00:00Z')).toBe('1');
    expect(await tokenAt('2026-01-01T00:00:59.999Z')).toBe('1');
    expect(await tokenAt('2026-01-01T00:01:00Z')).toBe('2');
  } finally {
    vi.useRealTimers();
  }
});

test('is told its environment, and about the cluster where it asks', async () => {
  const plugin = pluginOf('say({ token: process.env.KUBERNETES_EXEC_INFO + process.env.EXTRA })', {
    provideClusterInfo: true,
    env: [{ name: 'EXTRA', value: '7' }],
  });
  expect((await plugin.credential(false)).token).toBe(
    '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential",' +
      '"spec":{"interactive":false,"cluster":{"server":"https://here"}}}7',
  );
});

test('is looked for beside its kubeconfig if it has a path', async () => {
  await writeFile(join(folder, 'plugin.sh'), '#!/bin/sh\necho \'{"status":{"token":"beside"}}\'\n', { mode: 0o755 });
  const plugin = pluginOf('', { command: './plugin.sh', args: null });
  expect((await plugin.credential(false)).token).toBe('beside');
});

test('that never ends is ended at its limit, with all it has started, and run anew', async () => {
  const child = "require('child_process').spawn('sleep', ['600'], { stdio: 'inherit' })";
  const plugin = pluginOf(
    `if (count > 1) say({ token: 'late' });
     else { fs.appendFileSync(runs + '.child', String(${child}.pid)); setInterval(() => {}, 1000); }`,
    {},
    1500,
  );
  await expect(plugin.credential(false)).rejects.toThrow(/did not end within 1.5 s, and was ended$/);
  const pids = [...(await runs()), Number(await readFile(join(folder, 'runs.child'), 'utf8'))];
  await until(() => pids.every((pid) => !isAlive(pid)), 'the processes to end');
  expect((await plugin.credential(false)).token).toBe('late');
});

test('has a minute: a person may have to answer in a browser', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  try {
    const plugin = pluginOf('setInterval(() => {}, 1000)');
    const failed = plugin.credential(false).catch(String);
    vi.advanceTimersByTime(59_999);
    expect(plugin.isRunning).toBe(true);
    vi.advanceTimersByTime(1);
    expect(await failed).toContain('did not end within 60 s, and was ended');
  } finally {
    vi.useRealTimers();
  }
});

test('may say a mebibyte, and no more', async () => {
  const saying = (bytes: number): ExecPlugin =>
    pluginOf(`const text = (token) => JSON.stringify({ status: { token } });
      process.stdout.write(text('x'.repeat(${bytes} - text('').length)))`);
  const { token } = await saying(1024 * 1024).credential(false);
  expect(token.length).toBeGreaterThan(1024 * 1023);
  await expect(saying(1024 * 1024 + 1).credential(false)).rejects.toThrow('says too much');
});

test('that is running ends with its access', async () => {
  const plugin = pluginOf('setInterval(() => {}, 1000)');
  const failed = plugin.credential(false).catch(String);
  await until(async () => (await runs()).length === 1, 'the plugin');
  expect(plugin.isRunning).toBe(true);
  plugin.close();
  expect(await failed).toContain('failed with exit code none');
  expect(plugin.isRunning).toBe(false);
});

test.each([
  ["console.error('log in first'); process.exit(7)", {}, 'failed with exit code 7: log in first'],
  ["console.log('garbage')", {}, 'gave neither a token nor a certificate'],
  ['say({})', {}, 'gave neither a token nor a certificate'],
  ["console.log('x'.repeat(2e6))", {}, 'says too much'],
  ['', { command: 'no-such-plugin', installHint: 'brew install it' }, 'is not installed: brew install it'],
  ['', { interactiveMode: 'Always' }, 'wants a terminal (interactiveMode: Always), and the relay has none'],
])('that fails is named: %s %j', async (script, exec, reason) => {
  await expect(pluginOf(script, exec).credential(false)).rejects.toThrow(reason);
});
