import type { Clock } from '../../ops/clock.ts';
import type { Secrets } from '../secrets.ts';
import { within } from './deadline.ts';

const MAX_AGE_MS = 60_000;
const LIMIT_MS = 3000;

/** What is to be awaited before an answer, so that it is known what is secret. Never rejects: a store that cannot be read has told nobody. */
export function createLearning(
  secrets: Secrets,
  server: { readonly clock: Clock; readonly signal: AbortSignal },
): () => Promise<void> {
  let learnedAt = -Infinity;
  let learning: Promise<void> | undefined;
  return async () => {
    const now = server.clock.now();
    if (now - learnedAt >= MAX_AGE_MS) {
      learnedAt = now;
      learning = within(LIMIT_MS, (signal) => secrets.learn(signal), server).catch(() => undefined);
    }
    await learning;
  };
}
