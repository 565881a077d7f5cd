import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, rmSync } from 'node:fs';
import { mkdtemp, readFile, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import type { Lifecycle } from './service.ts';
import { tied, type Command } from './tied.ts';

const START_MS = 180_000;
const KILL_MS = 5_000;
const POLL_MS = 50;
const LOG_LINES = 30;

export interface Launch {
  readonly name: string;
  /** From `serviceFolder`: holds the data and the log, and is removed by `stop`. */
  readonly folder: string;
  readonly command: Command;
  /** Added to this process' environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Asked again and again until it says true; a throw counts as "not yet". */
  readonly isReady: () => Promise<boolean>;
  /** How long the service may take to end by itself before it is killed. @default 10000 */
  readonly graceMs?: number;
}

/** A new temporary folder for the data and the log of one running service. */
export async function serviceFolder(name: string): Promise<string> {
  return realpath(await mkdtemp(join(tmpdir(), `kube-courier-${name}-`)));
}

/** Starts the service and resolves when it is ready; otherwise rejects with the end of its log, nothing left running. */
export async function launch(options: Launch): Promise<Lifecycle> {
  let child: ChildProcess | undefined = await startOrRemove(options);
  const stop = async (): Promise<void> => {
    if (child !== undefined) await end(child, options.graceMs ?? 10_000);
    child = undefined;
  };
  return {
    restart: async () => {
      await stop();
      child = await startOrRemove(options);
    },
    stop: async () => {
      await stop();
      await rm(options.folder, { recursive: true, force: true });
    },
  };
}

async function startOrRemove(options: Launch): Promise<ChildProcess> {
  const log = join(options.folder, 'log.txt');
  const child = start(options, log);
  const failure = await ready(child, options);
  if (failure === undefined) return child;

  await end(child, 0);
  const tail = (await readFile(log, 'utf8')).trimEnd().split('\n').slice(-LOG_LINES).join('\n');
  await rm(options.folder, { recursive: true, force: true });
  throw new Error(`${options.name} did not come up: ${failure}. The end of its log:\n${tail}`);
}

function start(options: Launch, log: string): ChildProcess {
  const [program, ...args] = tied(options.command);
  const output = openSync(log, 'a');
  try {
    // a process group of its own, so that what the service starts ends with it
    const child = spawn(program, args, {
      cwd: options.folder,
      env: { ...process.env, ...options.env },
      stdio: ['ignore', output, output],
      detached: true,
    });
    killWithThisProcess(child, options.folder);
    return child;
  } finally {
    closeSync(output);
  }
}

/** Why the service is not ready, or undefined when it is. */
async function ready(child: ChildProcess, options: Launch): Promise<string | undefined> {
  let ended: string | undefined;
  child.once('error', (error) => (ended = error.message));
  child.once('exit', (code, signal) => (ended = `it ended with ${signal ?? `code ${code}`}`));
  const deadline = Date.now() + START_MS;
  while (Date.now() < deadline) {
    if (ended !== undefined) return ended;
    if (await options.isReady().catch(() => false)) return undefined;
    await sleep(POLL_MS);
  }
  return `it was not ready after ${START_MS / 1000} s`;
}

async function end(child: ChildProcess, graceMs: number): Promise<void> {
  if (child.pid === undefined) return;
  const group = -child.pid;
  signal(group, 'SIGTERM');
  const deadline = Date.now() + graceMs;
  while (signal(group, 0) && Date.now() < deadline) await sleep(POLL_MS);
  // bounded: a member that lost its parent stays a zombie where nothing reaps it
  const killDeadline = Date.now() + KILL_MS;
  while (signal(group, 'SIGKILL') && Date.now() < killDeadline) await sleep(POLL_MS);
}

/** Whether there was a process to signal. */
function signal(target: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(target, name);
  } catch {
    return false;
  }
}

const running = new Map<number, string>();

function killWithThisProcess(child: ChildProcess, folder: string): void {
  const { pid } = child;
  if (pid === undefined) return;
  if (running.size === 0) process.on('exit', killAll);
  running.set(pid, folder);
  child.once('exit', () => {
    running.delete(pid);
    if (running.size === 0) process.off('exit', killAll);
  });
}

function killAll(): void {
  for (const [pid, folder] of running) {
    signal(-pid, 'SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }
}
