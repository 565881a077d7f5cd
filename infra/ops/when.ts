import { usageError } from './command.ts';
import { durationMs } from './duration.ts';

/** The time in the value of an option: a duration before now, or a time. @throws {OpsError} that names the option. */
export function readTime(text: string | undefined, option: string, now: Date): Date | undefined {
  if (text === undefined) return undefined;
  const ms = durationMs(text);
  if (ms !== undefined) return new Date(now.getTime() - ms);
  const time = new Date(text);
  if (Number.isNaN(time.getTime()))
    throw usageError(`--${option} is ${text}, expected a duration such as 2h or a time such as 2026-11-23T08:00:00Z`);
  return time;
}
