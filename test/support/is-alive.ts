import { codeOf } from '../../functions/core/contract/untrusted.ts';

/** Whether there is a process of this id, ours or somebody else's. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}
