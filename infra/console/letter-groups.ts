import type { Advice } from '../ops/dlq/advice.ts';
import type { Letter } from '../ops/dlq/letter.ts';
import { createTally } from '../ops/dlq/tally.ts';
import { oneLine } from '../ops/one-line.ts';
import type { LetterGroup, LetterSample, ReplayRequest } from './contract.ts';
import { eventLine } from './event-line.ts';

const MOST_SAMPLES = 5;

/** The letters of an owner by code and destination, the most of them first. */
export function letterGroups(owner: string, letters: readonly Letter[], advice: Advice): readonly LetterGroup[] {
  const tally = createTally();
  for (const letter of letters) tally.add(letter);
  const groups = Map.groupBy(letters, keyOf);
  return tally.rows().map(({ code, destination, count, oldest }) => {
    const text = advice(code);
    return {
      owner,
      code,
      destination,
      count,
      oldest: oldest.toISOString(),
      ...(text !== undefined && { advice: text }),
      samples: samplesOf(groups.get(keyOf({ code, destination })) ?? []),
    };
  });
}

/** Whether a letter is one of those that a request means. */
export function isMeant({ code, destination }: ReplayRequest): (letter: Letter) => boolean {
  return (letter) =>
    (code === undefined || letter.code === code) && (destination === undefined || letter.destination === destination);
}

function keyOf({ code, destination }: Pick<Letter, 'code' | 'destination'>): string {
  return JSON.stringify([code, destination]);
}

function samplesOf(letters: readonly Letter[]): readonly LetterSample[] {
  const newest = letters.toSorted((a, b) => b.failedAt.getTime() - a.failedAt.getTime()).slice(0, MOST_SAMPLES);
  return newest.map(({ failedAt, detail, attempts, replays, event }) => ({
    failedAt: failedAt.toISOString(),
    detail: oneLine(detail),
    attempts,
    replays,
    ...(event && { event: eventLine(event) }),
  }));
}
