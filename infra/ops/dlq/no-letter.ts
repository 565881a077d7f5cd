import { nearest } from '../../../functions/core/destinations/destination.ts';
import type { ExitCode, Io } from '../command.ts';
import type { Letter } from './letter.ts';
import type { Selection } from './selection.ts';

/** A selection that remembers what it was asked about. */
export interface Watched {
  readonly includes: (letter: Letter) => boolean;
  /**
   * Says it where no letter was chosen, or a code was wanted in vain, and which codes there are.
   * @param isWhole all letters were looked at
   * @returns 1 where there are letters and none was chosen
   */
  tell(io: Pick<Io, 'err'>, owner: string, chosen: number, isWhole: boolean): ExitCode;
}

export function watch(selection: Selection): Watched {
  const seen = new Map<string, number>();
  return {
    includes(letter) {
      seen.set(letter.code, (seen.get(letter.code) ?? 0) + 1);
      return selection.includes(letter);
    },
    tell(io, owner, chosen, isWhole) {
      const missing = isWhole ? selection.codes.filter((code) => !seen.has(code)) : [];
      if (seen.size === 0) io.err(`${owner} has no dead letters`);
      else if (missing.length > 0)
        io.err(`no letter of ${owner} has the code ${missing.join(' or ')} (${there(missing)})`);
      else if (chosen === 0) io.err(`no letter of ${owner} meets the conditions (${there([])})`);
      return chosen === 0 && seen.size > 0 ? 1 : 0;
    },
  };

  function there([missing = '']: readonly string[]): string {
    const near = nearest(missing, [...seen.keys()]);
    const codes = [...seen].map(([code, count]) => `${code} (${count})`).join(', ');
    return `${near === undefined ? '' : `did you mean ${near}? `}codes there are: ${codes}`;
  }
}
