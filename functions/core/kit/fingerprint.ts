import { createHash } from 'node:crypto';

/** The first hex digits of a text's SHA-256: tells texts apart without showing them, secrets too. 16 are enough for a key of pace. */
export function fingerprint(text: string, digits = 16): string {
  return createHash('sha256').update(text).digest('hex').slice(0, digits);
}
