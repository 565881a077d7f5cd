/** Numbers from 0 to 1. */
export type Random = () => number;

/** A small generator (mulberry32): equal seeds give equal sequences. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Text as in generated names, without vowels. */
export function randomName(random: Random, length: number): string {
  return letters(random, length, 'bcdfghjklmnpqrstvwxz2456789');
}

/** The hash of a pod template as in the names of ReplicaSets: a number whose digits are these letters. */
export function templateHash(random: Random): string {
  return letters(random, 9, '456789bcdf');
}

function letters(random: Random, length: number, alphabet: string): string {
  return Array.from({ length }, () => alphabet[Math.floor(random() * alphabet.length)]).join('');
}
