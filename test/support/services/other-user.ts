import type { Command } from './tied.ts';

const isRoot = process.getuid?.() === 0;

/** What {@link asOtherThanRoot} needs on the PATH. */
export const OTHER_USER_TOOLS = isRoot ? ['unshare'] : [];

/** For servers that refuse to run as uid 0: as root they get a user namespace in which they appear to be someone else. */
export function asOtherThanRoot(command: Command): Command {
  if (!isRoot) return command;
  return ['unshare', '--user', '--map-user=1000', '--map-group=1000', ...command];
}
