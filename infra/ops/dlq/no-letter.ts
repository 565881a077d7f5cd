import { nearest } from '../../../functions/core/kit/nearest.ts';
import type { ExitCode, Io } from '../command.ts';
import type { Letter } from './letter.ts';
import type { Named, Selection } from './selection.ts';

/** A selection that remembers what it was asked about. */
export interface Watched {
  readonly includes: (letter: Letter) => boolean;
  /**
   * Says it where no letter was chosen, or a code or a destination was wanted in vain, and which there are.
   * @param isWhole all letters were looked at
   * @returns 1 where there are letters and none was chosen
   */
  tell(io: Pick<Io, 'err'>, owner: string, chosen: number, isWhole: boolean): ExitCode;
}

/** How it is said that nothing has what was named. */
const WORDS: Readonly<Record<Named, string>> = { code: 'has the code', destination: 'is for' };
const NAMED = ['code', 'destination'] as const;

export function watch(selection: Selection): Watched {
  const seen = { code: new Map<string, number>(), destination: new Map<string, number>() };
  return {
    includes(letter) {
      for (const name of NAMED) seen[name].set(letter[name], (seen[name].get(letter[name]) ?? 0) + 1);
      return selection.includes(letter);
    },
    tell(io, owner, chosen, isWhole) {
      const isEmpty = seen.code.size === 0;
      const vain = isWhole ? NAMED.filter((name) => missing(name).length > 0) : [];
      if (isEmpty) io.err(`${owner} has no dead letters`);
      else if (vain.length === 0 && chosen === 0)
        io.err(`no letter of ${owner} meets the conditions (${there('code')})`);
      else
        for (const name of vain)
          io.err(`no letter of ${owner} ${WORDS[name]} ${missing(name).join(' or ')} (${there(name)})`);
      return chosen === 0 && !isEmpty ? 1 : 0;
    },
  };

  function missing(name: Named): readonly string[] {
    return selection[name].filter((wanted) => !seen[name].has(wanted));
  }

  function there(name: Named): string {
    const near = nearest(missing(name)[0] ?? '', [...seen[name].keys()]);
    const all = [...seen[name]].map(([value, count]) => `${value} (${count})`).join(', ');
    return `${near === undefined ? '' : `did you mean ${near}? `}${name}s there are: ${all}`;
  }
}
