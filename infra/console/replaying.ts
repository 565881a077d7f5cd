import type { Letter } from '../ops/dlq/letter.ts';
import type { ReplayResult } from '../ops/dlq/replay-loop.ts';
import type { ReplayAnswer, ReplayRequest } from './contract.ts';

/** Which letters of its owner a request is about. */
export function chosenBy({ code, destination }: ReplayRequest): (letter: Letter) => boolean {
  return (letter) =>
    (code === undefined || letter.code === code) && (destination === undefined || letter.destination === destination);
}

/** What a replay did, as the page is told. */
export function answerOf({ replayed, guarded, returned, refused }: ReplayResult): ReplayAnswer {
  return { replayed, guarded: guarded + returned, refused };
}
