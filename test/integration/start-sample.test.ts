import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { afterEach, expect, test } from 'vitest';
import { createDestinationsFolder, type DestinationsFolder } from '../support/embedded.ts';
import { summaryIn } from '../support/started.ts';

const START = join(import.meta.dirname, '../../localstack/start.ts');
const TIMEOUT_MS = 60_000;

// What a person has set for all programs would be shown in what is piped, too.
const { FORCE_COLOR: _, ...withoutColours } = process.env;

let child: ChildProcess | undefined;
let folder: DestinationsFolder | undefined;

afterEach(async () => {
  if (child?.exitCode === null && child.kill('SIGKILL')) await once(child, 'exit');
  child = undefined;
  await folder?.remove();
  folder = undefined;
});

function start(...args: readonly string[]) {
  const started = spawn(process.execPath, [START, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: withoutColours,
  });
  child = started;
  const exited = once(started, 'exit');
  return {
    ...started,
    stdout: started.stdout,
    stderr: text(started.stderr),
    exited,
    kill: () => started.kill('SIGINT'),
  };
}

function startTold(...args: readonly string[]) {
  const started = spawn(process.execPath, [START, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
  child = started;
  return { child: started, exited: once(started, 'exit'), kill: () => started.kill('SIGINT') };
}

/** The first line with these words; what follows is read and dropped. */
async function lineWith(stream: NodeJS.ReadableStream, words: string): Promise<string> {
  const reader = createInterface({ input: stream });
  for await (const line of reader) {
    if (!line.includes(words)) continue;
    stream.resume();
    return line;
  }
  throw new Error(`there is no line with ${words}`);
}

async function lines(stream: NodeJS.ReadableStream, count: number): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const line of createInterface({ input: stream })) {
    found.push(line);
    if (found.length === count) break;
  }
  stream.resume();
  return found;
}

test(
  'shows the events of a sample cluster, says so first, and accounts for all of them when interrupted',
  async () => {
    const { stdout, stderr, exited, kill } = start();

    const shown = await lines(stdout, 5);
    kill();

    expect(await exited).toEqual([0, null]);
    for (const line of shown) expect(line).toMatch(/^\d{4}-\S+Z sample (Normal|Warning) /);
    const told = await stderr;
    expect(told.split('\n')[0]).toContain('SAMPLE');
    const { seen = 0, delivered = 0, filtered = 0, waiting = 0, 'dead-lettered': dead = 0 } = summaryIn(told);
    expect(delivered).toBeGreaterThanOrEqual(5);
    expect(delivered + filtered + dead + waiting).toBe(seen);
    expect(told).toContain('it adds up');
    expect(told.trim().split('\n').at(-1)).toContain('next: npm start -- --context NAME');
  },
  TIMEOUT_MS,
);

test(
  'says where the console is, which shows the sample and switches its receiver',
  async () => {
    const { child: running, exited, kill } = startTold();

    const line = await lineWith(running.stderr, 'kube-courier: console: ');
    const [, origin = '', token = ''] = /(http:\/\/127\.0\.0\.1:\d+)\/#token=([\w-]+)$/.exec(line) ?? [];
    const call = async (path: string, init: RequestInit = {}) => {
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
      return (await fetch(origin + path, { ...init, headers })).json();
    };
    expect((await fetch(origin)).status).toBe(200);
    expect(await call('/api/about')).toMatchObject({ title: 'built-in sample cluster', cannot: {} });
    expect(await call('/api/receiver', { method: 'PUT', body: '{"behaviour":"throttle"}' })).toMatchObject({
      behaviour: 'throttle',
      destination: 'webhook/sample',
    });
    kill();

    expect(await exited).toEqual([0, null]);
  },
  TIMEOUT_MS,
);

test(
  'has no console where there is to be none',
  async () => {
    const { stdout, stderr, exited, kill } = start('--no-console');

    await lines(stdout, 2);
    kill();

    expect(await exited).toEqual([0, null]);
    expect(await stderr).not.toContain('console:');
  },
  TIMEOUT_MS,
);

test(
  'delivers to the destinations of a folder',
  async () => {
    folder = await createDestinationsFolder();
    await folder.write('destinations/log/warnings', { format: 'text', filter: { match: [{ type: 'Warning' }] } });
    const { stdout, exited, kill } = start('--folder', folder.path);

    const shown = await lines(stdout, 5);
    kill();

    for (const line of shown) expect(line).toContain(' Warning ');
    expect(await exited).toEqual([0, null]);
  },
  TIMEOUT_MS,
);

test.each(['--help', '-h'])(
  'shows what can be asked of it on %s, on standard output',
  async (option) => {
    const { stdout, stderr, exited } = start(option);

    const shown = await text(stdout);

    expect(await exited).toEqual([0, null]);
    expect(shown).toMatch(/^Usage: npm start -- /);
    for (const name of ['--kubeconfig', '--context', '--folder', '--console-port', '--no-console', '--help'])
      expect(shown).toContain(name);
    expect(await stderr).toBe('');
  },
  TIMEOUT_MS,
);

test.each([
  [
    'an unknown option',
    ['--nonsense'],
    'unknown option --nonsense (known: --kubeconfig, --context, --folder, --archive, --console-port, --no-console, --read-only, --help)',
  ],
  ['a misspelt option', ['--kubecofnig=x'], 'unknown option --kubecofnig (did you mean --kubeconfig?)'],
  ['an option without its value', ['--folder'], '--folder'],
  ['a port that is none', ['--console-port', '65536'], '--console-port is 65536, expected a port up to 65535'],
  ['a folder without destinations', ['--folder', import.meta.dirname], 'destinations'],
  ['a kubeconfig that is not there', ['--kubeconfig', '/nowhere/config'], 'there is no such file'],
])(
  'answers %s with one line and exit code 2',
  async (_, args, expected) => {
    const { stderr, exited } = start(...args);

    expect(await exited).toEqual([2, null]);
    const told = await stderr;
    expect(told.trim().split('\n')).toHaveLength(1);
    expect(told).toContain(expected);
  },
  TIMEOUT_MS,
);
