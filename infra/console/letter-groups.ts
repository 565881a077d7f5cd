import { adviceFor } from '../ops/dlq/advice.ts';
import type { Letter } from '../ops/dlq/letter.ts';
import type { LetterGroup, LetterSample } from './contract.ts';
import { eventLine } from './event-line.ts';

/** So many letters of a group are shown. */
const MAX_SAMPLES = 5;

/** Gathers letters by code and destination, for the console. */
export interface LetterGroups {
  add(letter: Letter): void;
  /** The largest group first. */
  read(): Promise<readonly LetterGroup[]>;
}

/** @param owner `router`, or the sink type whose letters they are */
export function createLetterGroups(owner: string): LetterGroups {
  const groups = new Map<string, Letter[]>();
  const counts = new Map<string, { count: number; oldest: Date }>();
  return {
    add(letter) {
      const key = JSON.stringify([letter.code, letter.destination]);
      const { count, oldest } = counts.get(key) ?? { count: 0, oldest: letter.failedAt };
      counts.set(key, { count: count + 1, oldest: letter.failedAt < oldest ? letter.failedAt : oldest });
      groups.set(key, newest([...(groups.get(key) ?? []), letter]));
    },
    async read() {
      const advice = await adviceFor(owner);
      const found = [...groups].flatMap(([key, letters]): readonly LetterGroup[] => {
        const counted = counts.get(key);
        const [first] = letters;
        if (!counted || !first) return [];
        const { code, destination } = first;
        const text = advice(code);
        return [
          {
            owner,
            code,
            destination,
            count: counted.count,
            oldest: counted.oldest.toISOString(),
            ...(text !== undefined && { advice: text }),
            samples: letters.map(sample),
          },
        ];
      });
      return found.toSorted((a, b) => b.count - a.count);
    },
  };
}

function newest(letters: readonly Letter[]): Letter[] {
  return letters.toSorted((a, b) => b.failedAt.getTime() - a.failedAt.getTime()).slice(0, MAX_SAMPLES);
}

function sample({ failedAt, detail, attempts, replays, event }: Letter): LetterSample {
  return { failedAt: failedAt.toISOString(), detail, attempts, replays, ...(event && { event: eventLine(event) }) };
}
