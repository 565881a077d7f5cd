import type { Random } from '../../infra/seeded-random.ts';

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
