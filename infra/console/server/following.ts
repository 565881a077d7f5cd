import { untilAborted } from '../../../functions/core/contract/limits.ts';
import type { Clock } from '../../ops/clock.ts';
import type { ConsoleSource } from '../source.ts';

const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 30_000;

/** Keeps a source followed: should it end, or fail against its word, it is followed anew after a while. Resolves once the signal aborts. */
export async function keepFollowing(
  source: Pick<ConsoleSource, 'follow'>,
  tell: Parameters<ConsoleSource['follow']>[0],
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<void> {
  let pauseMs = FIRST_PAUSE_MS;
  while (!signal.aborted) {
    const startedAt = clock.now();
    try {
      await untilAborted(source.follow(tell, signal), signal);
    } catch {
      // What fails the source says by its flow.
    }
    if (clock.now() - startedAt > LONGEST_PAUSE_MS) pauseMs = FIRST_PAUSE_MS;
    await clock.sleep(pauseMs, signal);
    pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
  }
}
