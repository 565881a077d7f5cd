import { untilAborted } from '../../../functions/core/contract/limits.ts';
import type { Screen } from '../../terminal/screen.ts';
import { paragraph } from '../../terminal/table.ts';
import { OpsError, usageError, type Io } from '../command.ts';
import { durationText } from '../duration.ts';
import { failureText } from '../failure.ts';
import type { Row } from './row.ts';
import { statusLines, verdictLine } from './view.ts';

/** Soon enough for whoever waits. CloudWatch bills a cent for 1,000 metrics that are read: about 3 cents an hour for each sink. */
const EVERY_MS = 5000;
/** A look that takes longer is given up. */
const LOOK_MS = 60_000;

/**
 * Shows a stack's state anew every few seconds, until interrupted. What AWS refuses or does not answer is shown above what was
 * so before, and asked for again. Resolves to what was seen last.
 * @throws {OpsError} where there is no terminal to redraw, and where the first look says that nothing can be seen.
 */
export async function watchStatus(read: () => Promise<readonly Row[]>, io: Io): Promise<readonly Row[] | undefined> {
  const { clock, screen, signal } = io;
  const { redraw } = screen;
  // Plain lines one screen after the other would have neither a beginning nor an end for a program.
  if (!redraw)
    throw usageError('--watch redraws a terminal, which standard output is not: leave it out, and repeat the command');
  let seen: { readonly rows: readonly Row[]; readonly at: number } | undefined;
  io.progress('looking ...');
  while (!signal.aborted) {
    const limit = AbortSignal.timeout(LOOK_MS);
    let trouble: string | undefined;
    try {
      const rows = await untilAborted(read(), AbortSignal.any([signal, limit]));
      seen = { rows, at: clock.now() };
    } catch (error) {
      if (signal.aborted) break;
      // A stack that is not there will not come; one that was there may be in the middle of a deployment.
      if (!seen && error instanceof OpsError) throw error;
      trouble = limit.aborted ? `no answer within ${durationText(LOOK_MS / 1000)}` : troubleText(error);
    }
    const age = seen && durationText((clock.now() - seen.at) / 1000);
    redraw([
      screen.paint('detail', `${timeText(clock.now())}, anew every ${EVERY_MS / 1000} s until Ctrl-C`),
      ...(trouble === undefined ? [] : troubleLines(trouble, age, screen)),
      // Before all that a low window may have no room for.
      ...(seen ? [verdictLine(seen.rows, screen), '', ...statusLines(seen.rows, screen)] : []),
    ]);
    await clock.sleep(EVERY_MS, signal);
  }
  // The terminal has written ^C.
  io.out('');
  return seen?.rows;
}

function troubleText(error: unknown): string {
  return error instanceof OpsError ? error.message : failureText(error);
}

function troubleLines(trouble: string, age: string | undefined, screen: Screen): readonly string[] {
  const rest = age === undefined ? 'nothing was seen yet' : `below is what was so ${age} ago`;
  return paragraph(`! ${trouble}; ${rest}`, '  ', screen).map((line) => screen.paint('act', line));
}

/** The time of day on this machine. */
function timeText(now: number): string {
  return new Date(now).toTimeString().slice(0, 8);
}
