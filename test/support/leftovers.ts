import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** What processes that end by themselves, such as a compiler's helper, are given to do so. */
const GRACE_MS = 5_000;

/** What git finds changed in the current folder, a line each; nothing where there is no git or no repository. */
export function changesInCheckout(): ReadonlySet<string> {
  try {
    const args = ['status', '--porcelain', '--untracked-files=normal'];
    const status = execFileSync('git', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    return new Set(status.split('\n').filter(Boolean));
  } catch {
    return new Set();
  }
}

/** The command lines of processes that still have a variable in their environment after a while. Knows none but on Linux. */
export async function processesLeft(variable: string, value: string): Promise<readonly string[]> {
  const deadline = Date.now() + GRACE_MS;
  for (;;) {
    const left = processesWith(`${variable}=${value}`);
    if (left.length === 0 || Date.now() > deadline) return left;
    await sleep(200);
  }
}

function processesWith(setting: string): readonly string[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc').flatMap((pid) => {
    if (!/^\d+$/.test(pid) || !read(pid, 'environ').includes(setting)) return [];
    return [`${pid} ${read(pid, 'cmdline').join(' ').trim()}`];
  });
}

/** A list from the kernel's account of a process; empty for one that has ended, or is another user's. */
function read(pid: string, name: 'environ' | 'cmdline'): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8').split('\0');
  } catch {
    return [];
  }
}
