import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, relative } from 'node:path';
import { createInterface } from 'node:readline';
import { gunzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import manifest from '../../package.json' with { type: 'json' };
import { sampleKubeEvent } from '../../functions/core/contract/sample.ts';
import { projectFolder } from '../../infra/discover.ts';
import { commands } from '../../infra/ops/commands.ts';
import { runCommand } from '../../localstack/emulator/command.ts';
import { bootstrap, deploy, destroy } from '../../localstack/emulator/deploy.ts';
import { localEnvironment, startLocalStack, type LocalStack } from '../../localstack/emulator/localstack.ts';

const NOT_COPIED = new Set(['node_modules', '.git', 'dist', 'cdk.out', 'coverage']);

/** A copy of the clone, where it is packed, and the folder that has nothing but the package. */
let clone: string;
let empty: string;
let env: NodeJS.ProcessEnv;
let child: ChildProcess | undefined;

beforeAll(async () => {
  [clone, empty] = await Promise.all([temporaryFolder(), temporaryFolder()]);
  await cp(projectFolder, clone, {
    recursive: true,
    filter: (source) => !NOT_COPIED.has(relative(projectFolder, source)),
  });
  await symlink(join(projectFolder, 'node_modules'), join(clone, 'node_modules'));
  // As in a folder of somebody's own: no npm around it, and the Node that runs this.
  const others = Object.entries(process.env).filter(([name]) => !/^(npm_|AWS_|NODE_OPTIONS$)/i.test(name));
  env = Object.fromEntries(others);
  env['PATH'] = [dirname(process.execPath), process.env['PATH']].join(delimiter);
  await runCommand('npm', ['pack', '--pack-destination', empty], { cwd: clone, env });
  const [tarball = 'no tarball'] = (await readdir(empty)).filter((name) => name.endsWith('.tgz'));
  await runCommand('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', `./${tarball}`], {
    cwd: empty,
    env,
  });
});

afterEach(async () => {
  if (child?.exitCode === null && child.kill('SIGKILL')) await once(child, 'exit');
  child = undefined;
});

afterAll(() => Promise.all([clone, empty].map((folder) => rm(folder, { recursive: true, force: true }))));

function temporaryFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'kube-courier-package-'));
}

/** Runs the package's command, as `npx` does, in the folder that has only the package. */
function kubeCourier(args: readonly string[], more: NodeJS.ProcessEnv = {}) {
  const command = join(empty, 'node_modules', '.bin', 'kube-courier');
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd: empty,
    env: { ...env, ...more },
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  return { code: status, out: stdout, err: stderr };
}

async function write(files: Readonly<Record<string, unknown>>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(empty, name)), { recursive: true });
    await writeFile(join(empty, name), typeof content === 'string' ? content : JSON.stringify(content));
  }
}

test("leaves the clone's package.json as it was, and needs nothing but the CDK's command line", async () => {
  const inClone = await readFile(join(clone, 'package.json'), 'utf8');
  const packed = JSON.parse(await readFile(join(empty, 'node_modules', 'kube-courier', 'package.json'), 'utf8'));

  expect(inClone).toBe(await readFile(join(projectFolder, 'package.json'), 'utf8'));
  expect(packed).toMatchObject({ name: manifest.name, version: manifest.version });
  expect(packed).not.toHaveProperty('private');
  expect(packed).not.toHaveProperty('scripts');
  expect((await readdir(join(empty, 'node_modules'))).filter((name) => !name.startsWith('.')).toSorted()).toEqual([
    'aws-cdk',
    'kube-courier',
  ]);
});

test('holds the licences of what is built in, and no path of the machine that built it', async () => {
  const folder = join(empty, 'node_modules', 'kube-courier', 'dist', 'npm');
  const licences = await readFile(join(folder, 'LICENSES.txt'), 'utf8');

  for (const name of ['aws-cdk-lib', 'kafkajs', 'fauxqs', '@aws-sdk/client-sqs', 'yaml'])
    expect(licences).toMatch(new RegExp(`^${name} \\d+\\.\\d+\\.\\d+: \\S+`, 'm'));
  for (const name of ['main.mjs', 'app.mjs', 'construct.cjs'])
    expect(await readFile(join(folder, name), 'utf8')).not.toContain(clone);
});

describe('the command', () => {
  test('says its version and what it can do, and what a misspelt command may have meant', () => {
    expect(kubeCourier(['--version'])).toEqual({ code: 0, out: `${manifest.version}\n`, err: '' });
    const help = kubeCourier(['--help']);
    for (const name of ['start', 'ops', 'synth', 'deploy']) expect(help.out).toMatch(new RegExp(`^  ${name} `, 'm'));
    expect(kubeCourier(['deplyo'])).toMatchObject({ code: 2, err: expect.stringContaining('did you mean deploy?') });
    expect(kubeCourier([])).toMatchObject({ code: 2, out: '', err: help.out });
  });

  test('starts everything in one process, and sums up when it is interrupted', async () => {
    const started = spawn(join(empty, 'node_modules', '.bin', 'kube-courier'), ['start'], {
      cwd: empty,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child = started;
    const exited = once(started, 'exit');
    const said: string[] = [];
    const address = new Promise<string>((resolve) => {
      createInterface({ input: started.stderr }).on('line', (line) => {
        said.push(line);
        const [, found] = /^kube-courier: console: (\S+)$/.exec(line) ?? [];
        if (found !== undefined) resolve(found);
      });
    });
    const shown: string[] = [];
    for await (const line of createInterface({ input: started.stdout })) if (shown.push(line) === 5) break;
    started.stdout.resume();
    const page = await fetch(new URL('/main.js', await address));
    started.kill('SIGINT');

    expect({ status: page.status, size: (await page.text()).length > 10_000 }).toEqual({ status: 200, size: true });
    expect(await exited).toEqual([0, null]);
    for (const line of shown) expect(line).toMatch(/^\d{4}-\S+Z sample (Normal|Warning) /);
    expect(said.at(-2)).toMatch(/it adds up\); retried \d+, replayed \d+$/);
    expect(said.at(-1)).toMatch(/next: npx kube-courier start /);
  });

  test('checks and routes destinations without a cloud', async () => {
    await write({
      'mine/destinations/log/all.json': {},
      'mine/destinations/kafka/warnings.json': {
        brokers: ['kafka.example.com:9092'],
        topic: 'events',
        filter: { match: [{ type: 'Normal' }] },
      },
      'event.json': sampleKubeEvent,
    });

    expect(kubeCourier(['ops', 'validate', '--folder', 'mine'])).toMatchObject({ code: 0 });
    expect(kubeCourier(['ops', 'route', '--folder', 'mine', '--events', 'event.json', '--json'])).toMatchObject({
      code: 0,
      out: expect.stringContaining('"destinations":["log/all"]'),
    });
    await write({ 'mine/destinations/kafka/warnings.json': { broker: ['kafka.example.com:9092'] } });
    expect(kubeCourier(['ops', 'validate', '--folder', 'mine'])).toMatchObject({
      code: 1,
      out: expect.stringContaining('did you mean brokers?'),
    });
  });

  test("writes the relay's chart, with the relay in it", async () => {
    const { code, err } = kubeCourier(['ops', 'relay', 'chart', 'chart']);

    expect({ code, err }).toMatchObject({ code: 0, err: expect.stringContaining(manifest.version) });
    const relay = gunzipSync(await readFile(join(empty, 'chart', 'files', 'relay.mjs.gz')));
    const built = join(empty, 'node_modules', 'kube-courier', 'dist', 'npm', 'relay-incluster.mjs');
    expect(relay.equals(await readFile(built))).toBe(true);
    expect(await readFile(join(empty, 'chart', 'templates', 'relay.yaml'), 'utf8')).toContain('kind: Deployment');
  });

  test("is what its own texts tell to type, and never a clone's", () => {
    for (const name of ['', ...Object.keys(commands)]) {
      const { out } = kubeCourier(['ops', ...name.split(' ').filter(Boolean), '--help']);
      expect(out).toMatch(/^Usage: npx kube-courier ops /);
      expect(out).not.toMatch(/npm run|npx cdk|npm start/);
    }
    expect(kubeCourier(['start', '--help']).out).toMatch(/^Usage: npx kube-courier start /);
  });

  test("synthesises what a clone does, function for function, by the folder's settings", async () => {
    const settings = { sinks: ['log', 'mysql'], clusters: ['prod'] };
    await write({ 'kube-courier.json': settings });

    const run = kubeCourier(['synth', '--quiet']);

    expect(run).toMatchObject({ code: 0 });
    const output = join(clone, 'cdk.out');
    const { context } = JSON.parse(await readFile(join(clone, 'cdk.json'), 'utf8'));
    await runCommand(process.execPath, ['infra/app.ts'], {
      cwd: clone,
      env: { ...env, CDK_OUTDIR: output, CDK_CONTEXT_JSON: JSON.stringify({ ...context, ...settings }) },
    });
    const [found = '', expected = ''] = await Promise.all(
      [join(empty, 'cdk.out'), output].map((folder) => readFile(join(folder, 'kube-courier.template.json'), 'utf8')),
    );
    expect(comparable(found)).toEqual(comparable(expected));
    expect(found).not.toMatch(/npm run|npx cdk/);
  });

  test('says what is wrong with settings, without a stack trace', async () => {
    await write({ 'kube-courier.json': { sinks: ['logg'] } });

    const { code, err } = kubeCourier(['synth', '--quiet']);

    expect(code).toBe(1);
    expect(err).toContain('sinks names "logg": there is no such sink type (did you mean log?');
    expect(err).not.toContain('    at ');
  });
});

test("says what is missing where the CDK's command line is not installed", async () => {
  const [installed, away] = [join(empty, 'node_modules', 'aws-cdk'), join(empty, 'aws-cdk-away')];
  await rename(installed, away);
  try {
    expect(kubeCourier(['synth'])).toEqual({
      code: 1,
      out: '',
      err: "the CDK's command line is missing: npm install aws-cdk\n",
    });
  } finally {
    await rename(away, installed);
  }
});

/** A template with commands as they are typed in a clone, and without metadata, which is for the CDK's command line. */
function comparable(template: string): unknown {
  const text = template.replaceAll('npx kube-courier ops', 'npm run -s ops --');
  return JSON.parse(text, (key, value: unknown) => (key === 'Metadata' ? undefined : value));
}

describe('the construct, in an app of somebody else', () => {
  const STACK = 'shop-events';
  let localStack: LocalStack | undefined;
  const deployment = () => ({ app: `${process.execPath} ${join(empty, 'app.mjs')}` });

  beforeAll(async () => {
    // What every such app has. The project's own, because it is large.
    for (const name of ['aws-cdk-lib', 'constructs'])
      await symlink(join(projectFolder, 'node_modules', name), join(empty, 'node_modules', name));
    const body = `
      const app = new App();
      const stack = new Stack(app, '${STACK}');
      new KubeCourier(stack, 'KubeCourier', { sinks: ['log', 'webhook'], clusters: ['prod'] });
      app.synth();`;
    await write({
      'app.mjs': `import { App, Stack } from 'aws-cdk-lib';\nimport { KubeCourier } from 'kube-courier';\n${body}`,
      'app.cjs': `const { App, Stack } = require('aws-cdk-lib');\nconst { KubeCourier } = require('kube-courier');\n${body}`,
      'types/app.ts': `
        import { Stack } from 'aws-cdk-lib';
        import { KubeCourier, type KubeCourierProps } from 'kube-courier';
        const props: KubeCourierProps = { sinks: ['log'], 'sinks.log.memoryMb': 512, clusters: [{ name: 'a', identity: 'access-key' }] };
        export const url: string = new KubeCourier(new Stack(), 'KubeCourier', props).ingestQueue.queueUrl;
        // @ts-expect-error: there is no such setting
        new KubeCourier(new Stack(), 'KubeCourier', { sink: ['log'] });`,
    });
  });

  afterAll(async () => {
    if (localStack?.origin === 'found') await destroy(localStack, deployment());
    await localStack?.stop();
  });

  test.each(['app.mjs', 'app.cjs'])('is synthesised by %s', async (file) => {
    const output = join(empty, `out-of-${file}`);
    await runCommand(process.execPath, [file], { cwd: empty, env: { ...env, CDK_OUTDIR: output } });

    const template = JSON.parse(await readFile(join(output, `${STACK}.template.json`), 'utf8'));
    expect(template.Outputs.Next4).toEqual({ Value: `npx kube-courier ops status --stack ${STACK}` });
  });

  test.each([
    ['nodenext', 'nodenext'],
    ['esnext', 'bundler'],
  ])('has types for a compiler with module %s', async (module, moduleResolution) => {
    await write({
      'types/tsconfig.json': {
        compilerOptions: { module, moduleResolution, target: 'es2024', strict: true, noEmit: true, skipLibCheck: true },
        files: ['app.ts'],
      },
    });

    const compiler = join(projectFolder, 'node_modules', '.bin', 'tsc');
    expect(await runCommand(compiler, ['--project', 'types'], { cwd: empty, env })).toBe('');
  });

  test('is deployed, and operated from the package', async () => {
    localStack = await startLocalStack();
    await bootstrap(localStack, deployment());
    const { [STACK]: outputs = {} } = await deploy(localStack, deployment());
    const { PATH } = env;
    const ops = (...args: readonly string[]) =>
      kubeCourier(['ops', ...args, '--stack', STACK], { ...(localStack && localEnvironment(localStack)), PATH });
    await write({ 'log.json': {} });

    expect(ops('destinations', 'set', 'log/all', '--file', 'log.json')).toMatchObject({ code: 0 });
    expect(ops('destinations', 'ls')).toMatchObject({ code: 0, out: expect.stringContaining('log/all') });
    expect(ops('destinations', 'test', 'log/all')).toMatchObject({ code: 0 });
    expect(ops('status', '--json').out).toMatch(/"kind":"queue","owner":"log"/);
    const { out } = ops('relay', 'manifest', '--cluster', 'prod');
    const objects = parseAllDocuments(out).map((document) => document.toJS());
    expect(objects.find(({ data }) => data?.QUEUE_URL)?.data.QUEUE_URL).toBe(outputs['IngestQueueUrl']);
    expect(Object.keys(objects.find(({ binaryData }) => binaryData)?.binaryData)).toEqual(['relay.mjs.gz']);
    expect(parse(out.split('---')[0] ?? '')).toMatchObject({ kind: 'Namespace' });
    expect(ops('destinations', 'rm', 'log/all', '--yes')).toMatchObject({ code: 0 });
  });

  test("stands beside a stack that the package's own command deploys, and removes", async () => {
    if (localStack === undefined) throw new Error('LocalStack was not started');
    const cloud = { ...localEnvironment(localStack), PATH: env['PATH'] };
    await write({ 'kube-courier.json': { stackName: 'packed', sinks: ['log'] } });

    expect(kubeCourier(['deploy', '--require-approval', 'never', '--ci'], cloud)).toMatchObject({
      code: 0,
      out: expect.stringContaining('npx kube-courier ops status --stack packed'),
    });
    expect(kubeCourier(['ops', 'status', '--stack', 'packed', '--json'], cloud).out).toContain('"owner":"log"');
    expect(kubeCourier(['destroy', '--force'], cloud)).toMatchObject({ code: 0 });
    expect(kubeCourier(['ops', 'status', '--stack', 'packed'], cloud)).toMatchObject({
      code: 1,
      err: expect.stringContaining('there is no stack packed'),
    });
  });
});
