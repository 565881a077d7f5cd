import { fingerprint } from '../../../functions/core/kit/fingerprint.ts';
import { createQueues } from '../../../functions/core/runtime/queue.ts';
import { sdkQueueCalls } from '../aws/sdk-calls.ts';
import { systemClock, type Clock } from '../clock.ts';
import type { Letter } from './letter.ts';
import { groupOf } from './letter.ts';
import { createPace } from '../pace.ts';
import { scan, type Scan } from './scan.ts';

/** Letters that were replayed so often want a person, where nobody says otherwise. */
export const DEFAULT_MAX_REPLAYS = 3;

/** When SQS refuses so many copies, something is wrong that the next ones will meet too. */
const MAX_REFUSED = 100;

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
  readonly onProgress?: (replayed: number, messages: number) => void;
  /** What the copy says of itself. @default that it was replayed once more */
  readonly attributesOf?: (letter: Letter) => Readonly<Record<string, string>>;
  /** @default the system's */
  readonly clock?: Clock;
}

/** What a replay did. */
export interface ReplayResult {
  readonly replayed: number;
  /** Chosen, but replayed too often before. */
  readonly guarded: number;
  /** Replayed, and dead again before it was done. They stay: they would go round for as long as it runs. */
  readonly returned: number;
  /** Chosen, but SQS did not accept the copy. */
  readonly refused: number;
  readonly refusals: readonly string[];
}

/** How long a wait may be before the letters in hand must be held again. */
const HOLD_MS = 100_000;

/**
 * Sends the chosen letters back, and deletes each only after SQS has accepted its copy: what breaks off loses none, and at
 * worst sends twice what lay in one message, or in ten of one letter each. Letters that are not chosen stay.
 */
export async function replayLoop(source: Scan, options: ReplayOptions): Promise<ReplayResult> {
  const { targetUrl, includes = () => true, maxReplays = Infinity, limit = Infinity, onProgress } = options;
  const { perSecond = Infinity, clock = systemClock } = options;
  const { attributesOf = ({ replays }) => ({ replays: String(replays + 1) }) } = options;
  const refusals: string[] = [];
  const queues = createQueues(sdkQueueCalls(source.sqs), (detail) => refusals.push(detail));
  const pace = createPace(perSecond, clock, source.signal);
  let heldAt = clock.now();
  let replayed = 0;
  let guarded = 0;
  let refused = 0;
  let returned = 0;
  /** What was sent, with the number of its replays then. */
  const sentAs = new Map<string, number>();
  await scan(source, async (letters, step) => {
    const all = letters.filter(includes);
    const chosen = all.filter((letter) => !(letter.replays >= (sentAs.get(keyOf(letter)) ?? Infinity)));
    returned += all.length - chosen.length;
    const fit = chosen.filter(({ replays }) => replays < maxReplays);
    guarded += chosen.length - fit.length;
    const sent: Letter[] = [];
    const holdInTime = async (): Promise<void> => {
      if (clock.now() - heldAt < HOLD_MS) return;
      heldAt = clock.now();
      await step.hold();
    };
    for (const part of pace.parts(fit.slice(0, limit - replayed))) {
      if (!(await pace.turn(part.length, holdInTime))) break;
      const accepted = await queues.send(
        targetUrl,
        part.map((letter) => ({
          body: letter.body,
          groupId: groupOf(letter, source.owner),
          attributes: attributesOf(letter),
        })),
      );
      for (const letter of part) sentAs.set(keyOf(letter), letter.replays + 1);
      const done = part.filter((_, index) => accepted[index]);
      sent.push(...done);
      replayed += done.length;
      refused += part.length - done.length;
      onProgress?.(replayed, step.messages);
    }
    if (replayed >= limit || refused >= MAX_REFUSED) step.stop();
    return sent;
  });
  return { replayed, guarded, returned, refused, refusals };
}

/** Tells a letter from others, also when it is dead again. */
function keyOf({ destination, event, body }: Letter): string {
  return `${destination} ${event?.id ?? fingerprint(body)}`;
}
