import { existsSync } from 'node:fs';
import { mkdir, readlink, rename, rm, symlink } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive } from '../is-alive.ts';

const WAIT_MS = 30 * 60_000;

/** A real backend that the integration tests can use: how it is found, and how it is installed when it is not. */
export interface Service {
  /** Lower case; also names the cache folder and the environment variable. */
  readonly name: string;
  readonly version: string;
  /** Programs that must be on the PATH to install it. */
  readonly buildTools: readonly string[];
  /** Programs that must be on the PATH to run it once it is installed. */
  readonly runTools: readonly string[];
  /** Files that must be there, of packages that are not to be had everywhere. @default none */
  readonly files?: readonly string[];
  /** Fills an empty folder with all that it takes to run the service. */
  readonly install: (folder: string) => Promise<void>;
}

/** Where an installed service lives: `${XDG_CACHE_HOME ?? ~/.cache}/kube-courier/<service>-<version>`. */
export function installedFolder(service: Service): string {
  return join(
    process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'),
    'kube-courier',
    `${service.name}-${service.version}`,
  );
}

/**
 * Installs a service unless it is installed, and returns its folder.
 * Any number of processes may ask at once: one installs, the others wait for it. The work is done in a sibling folder
 * that is renamed when it is complete, so an install that was killed leaves nothing that looks finished.
 */
export async function installOnce(service: Service): Promise<string> {
  const folder = installedFolder(service);
  if (existsSync(folder)) return folder;
  await mkdir(join(folder, '..'), { recursive: true });

  const lock = `${folder}.lock`;
  const deadline = Date.now() + WAIT_MS;
  while (!(await acquire(lock, folder))) {
    if (existsSync(folder)) return folder;
    if (Date.now() > deadline)
      throw new Error(`${service.name} is still being installed; if it is not, remove ${lock}`);
    await sleep(200);
  }

  const unfinished = unfinishedFolder(folder, process.pid);
  try {
    if (existsSync(folder)) return folder;
    await mkdir(unfinished);
    await service.install(unfinished);
    await rename(unfinished, folder).catch((error: unknown) => {
      if (!existsSync(folder)) throw error;
    });
    return folder;
  } finally {
    await rm(unfinished, { recursive: true, force: true });
    await rm(lock, { force: true });
  }
}

/**
 * The lock is a symbolic link to the holder's process id: made in one step, it is never seen without its content.
 * A dead holder's lock is removed, with what that holder left unfinished. Should two processes do so at the same moment
 * and both install, the second one's rename fails on the first one's result, which then serves both.
 */
async function acquire(lock: string, folder: string): Promise<boolean> {
  try {
    await symlink(String(process.pid), lock);
    return true;
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
  }
  const holder = await readlink(lock).catch(() => undefined);
  if (holder !== undefined && !isAlive(Number(holder))) {
    // what it was running may still be writing there
    await rm(unfinishedFolder(folder, Number(holder)), { recursive: true, force: true, maxRetries: 10 });
    await rm(lock, { force: true });
  }
  return false;
}

function unfinishedFolder(folder: string, pid: number): string {
  return `${folder}.unfinished-${pid}`;
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
