import { isOnPath } from './service.ts';

/** A program and its arguments. */
export type Command = readonly [string, ...string[]];

/** The same command, made to end as soon as this process is gone, however that happened, where the kernel offers that. */
export function tied(command: Command): Command {
  if (process.platform !== 'linux' || !isOnPath('setpriv')) return command;
  return ['setpriv', '--pdeathsig', 'KILL', ...command];
}
