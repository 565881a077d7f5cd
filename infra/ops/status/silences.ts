import type { SilenceSet } from '../../../functions/core/destinations/silences.ts';
import { countText } from '../count.ts';
import { oneLine } from '../one-line.ts';
import { silenceCells, silenceText, timeText } from '../silence/text.ts';
import type { Row, Typed } from './row.ts';
import type { Signals } from './signals.ts';

/** Silences in force, with what they have held of late, and those that hold nothing because of a mistake. */
export function silenceRows(
  { silences, errors }: SilenceSet,
  { held, silenceErrors }: Signals,
  now: number,
  type: Typed,
): readonly Row[] {
  const inForce = silences.filter(({ until }) => now < until);
  return [
    ...inForce.map((silence): Row => {
      const { name, until, why, by } = silence;
      const count = held.get(name) ?? 0;
      return {
        needsYou: false,
        text: `silence ${silenceText(silence, now)}; has held ${countText(count, 'event')}`,
        data: { kind: 'silence', silence: name, until: timeText(until), why, by, held: count },
        shown: { table: 'silences', ...silenceCells(silence, now, count) },
      };
    }),
    ...errors.map(({ silence = '', detail }): Row => {
      return {
        needsYou: true,
        text: `silence ${silence} holds nothing: ${oneLine(detail)}: add it anew, or`,
        command: type(`silence rm ${silence}`),
        data: { kind: 'silenceError', silence, detail },
      };
    }),
    ...(silenceErrors.includes('*') ? [unreadable] : []),
  ];
}

const unreadable: Row = {
  needsYou: true,
  text: 'functions cannot read silences, which therefore hold nothing, or as they were read before: see ops doctor',
  data: { kind: 'silenceError', silence: '*' },
};
