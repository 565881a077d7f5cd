import { setTimeout as sleep } from 'node:timers/promises';
import { createQueues } from '../../../functions/core/runtime/queue.ts';
import type { Letter } from './letter.ts';
import { groupOf } from './letter.ts';
import { scan, type Scan } from './scan.ts';

export interface ReplayOptions {
  /** The queue the letters go back to. */
  readonly targetUrl: string;
  /** Which letters. @default all */
  readonly includes?: (letter: Letter) => boolean;
  /**
   * Letters replayed so often already stay: what fails again and again wants a person, not another round.
   * @default none stays
   */
  readonly maxReplays?: number;
  /** @default all */
  readonly limit?: number | undefined;
  /** Letters a second. @default as fast as SQS takes them */
  readonly perSecond?: number | undefined;
  readonly onProgress?: (replayed: number) => void;
}

/** What a replay did. */
export interface ReplayResult {
  readonly replayed: number;
  /** Chosen, but replayed too often before. */
  readonly guarded: number;
  /** Chosen, but SQS did not accept the copy. */
  readonly refused: number;
  readonly refusals: readonly string[];
}

/**
 * Sends the chosen letters back, and deletes each only after SQS has accepted its copy: an interruption loses none, and at
 * worst sends one batch twice. Letters that are not chosen stay.
 */
export async function replayLoop(source: Scan, options: ReplayOptions): Promise<ReplayResult> {
  const { targetUrl, includes = () => true, maxReplays = Infinity, limit = Infinity, perSecond, onProgress } = options;
  const refusals: string[] = [];
  const queues = createQueues(source.sqs, (detail) => refusals.push(detail));
  const startedAt = Date.now();
  let replayed = 0;
  let guarded = 0;
  let refused = 0;
  await scan(source, async (letters, stop) => {
    const chosen = letters.filter(includes);
    const fit = chosen.filter(({ replays }) => replays < maxReplays);
    guarded += chosen.length - fit.length;
    const batch = fit.slice(0, limit - replayed);
    if (batch.length === 0) return [];
    if (!(await turn(startedAt, replayed, perSecond, source.signal))) return [];
    const accepted = await queues.send(
      targetUrl,
      batch.map((letter) => ({
        body: letter.body,
        groupId: groupOf(letter, source.owner),
        attributes: { replays: String(letter.replays + 1) },
      })),
    );
    const sent = batch.filter((_, index) => accepted[index]);
    replayed += sent.length;
    refused += batch.length - sent.length;
    onProgress?.(replayed);
    if (replayed >= limit || refused >= 100) stop();
    return sent;
  });
  return { replayed, guarded, refused, refusals };
}

/** Waits until the rate allows the next batch; false when interrupted. */
async function turn(
  startedAt: number,
  done: number,
  perSecond: number | undefined,
  signal: AbortSignal,
): Promise<boolean> {
  const waitMs = perSecond === undefined ? 0 : startedAt + (done / perSecond) * 1000 - Date.now();
  if (waitMs > 0) {
    try {
      await sleep(waitMs, undefined, { signal });
    } catch {
      return false;
    }
  }
  return !signal.aborted;
}
