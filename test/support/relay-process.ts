import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { buildOptions } from '../../infra/build.ts';
import { relayBundles } from '../../infra/bundles.ts';
import { HEAP_FLAGS } from '../../relay/manifests/render.ts';
import { until } from './relay.ts';

/** The relay's bundles, built once into a temporary folder. */
export interface BuiltRelay {
  /** With the kubeconfig library. */
  readonly file: string;
  /** Without it. */
  readonly inCluster: string;
  remove(): Promise<void>;
}

export async function buildRelay(): Promise<BuiltRelay> {
  const folder = await mkdtemp(join(tmpdir(), 'relay-'));
  const files = await Promise.all(
    relayBundles.map(async (bundle) => {
      const file = join(folder, bundle.file);
      await build(buildOptions(bundle, file));
      return file;
    }),
  );
  const [file = '', inCluster = ''] = files;
  return { file, inCluster, remove: () => rm(folder, { recursive: true, force: true }) };
}

export interface RelayProcess {
  readonly pid: number;
  /** Log lines so far. */
  readonly logs: readonly string[];
  /** The port of its health server, once it has said so. */
  port(): Promise<number>;
  /** Resident memory in bytes, now and at its highest. */
  memory(): Promise<{ now: number; peak: number }>;
  /** Processor time used so far, in seconds. */
  cpuSeconds(): Promise<number>;
  kill(signal: NodeJS.Signals): void;
  /** The exit code, null if a signal ended it. */
  readonly exited: Promise<number | null>;
}

/** Starts the built relay as its own process, as the manifest does, with an environment of its own. Stop it with `kill`. */
export function spawnRelay(
  file: string,
  env: Readonly<Record<string, string>>,
  flags: readonly string[] = HEAP_FLAGS,
): RelayProcess {
  const child: ChildProcess = spawn(process.execPath, [...flags, file], {
    env: {
      PATH: process.env['PATH'],
      MALLOC_ARENA_MAX: '2',
      MALLOC_MMAP_THRESHOLD_: '32768',
      MALLOC_TRIM_THRESHOLD_: '65536',
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_EC2_METADATA_DISABLED: 'true',
      CLUSTER_NAME: 'test',
      PORT: '0',
      ...env,
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const logs: string[] = [];
  let rest = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    const lines = (rest + chunk.toString()).split('\n');
    rest = lines.pop() ?? '';
    logs.push(...lines);
  });
  const { pid } = child;
  if (pid === undefined) throw new Error('the relay did not start');
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const started = (): number | undefined => {
    const line = logs.find((each) => each.includes('"message":"started"'));
    return line === undefined ? undefined : JSON.parse(line).port;
  };
  return {
    pid,
    logs,
    exited,
    async port() {
      await until(() => started() !== undefined, `the relay to start: ${logs.join('\n')}`);
      return started() ?? 0;
    },
    memory: () => memoryOf(pid),
    cpuSeconds: () => cpuSecondsOf(pid),
    kill: (signal) => void child.kill(signal),
  };
}

/** Resident memory of a process in bytes, now and at its highest. */
export async function memoryOf(pid: number | undefined): Promise<{ now: number; peak: number }> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const bytes = (name: string): number => Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)?.[1] ?? 0) * 1024;
  return { now: bytes('VmRSS'), peak: bytes('VmHWM') };
}

/** Processor time that a process has had. Linux only. */
export async function cpuSecondsOf(pid: number | undefined): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** Writes a kubeconfig for a server without TLS and gives its path. */
export async function writeKubeconfig(folder: string, server: string, token?: string): Promise<string> {
  const path = join(folder, 'kubeconfig.json');
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'test', cluster: { server } }],
    users: [{ name: 'test', user: token === undefined ? {} : { token } }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
    'current-context': 'test',
  };
  await writeFile(path, JSON.stringify(config));
  return path;
}
