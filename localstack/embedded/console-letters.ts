import type { LetterGroup, ReplayAnswer, ReplayRequest } from '../../infra/console/contract.ts';
import { isMeant, letterGroups } from '../../infra/console/letter-groups.ts';
import { OpsError } from '../../infra/ops/command.ts';
import { adviceFor } from '../../infra/ops/dlq/advice.ts';
import { readLetters, type Letter } from '../../infra/ops/dlq/letter.ts';
import { DEFAULT_MAX_REPLAYS } from '../../infra/ops/dlq/replay-loop.ts';
import type { Consumer, EmbeddedStack } from './embedded.ts';

/** All dead letters by owner, code and destination. A look hides none of them. */
export async function embeddedLetters(stack: EmbeddedStack): Promise<readonly LetterGroup[]> {
  const groups: LetterGroup[] = [];
  for (const consumer of stack.consumers) {
    const letters = lettersOf(stack, consumer);
    if (letters.length > 0) groups.push(...letterGroups(consumer.owner, letters, await adviceFor(consumer.owner)));
  }
  return groups;
}

/** Sends letters back, or says how many it would. @throws {OpsError} where nobody has such an owner's letters. */
export async function replayEmbedded(
  stack: EmbeddedStack,
  request: ReplayRequest,
  signal: AbortSignal,
): Promise<ReplayAnswer> {
  const consumer = stack.consumers.find(({ owner }) => owner === request.owner);
  if (!consumer) throw new OpsError(`there are no letters of ${request.owner}: it is no sink type`);
  const startedAt = Date.now();
  const meant = isMeant(request);
  // What fails again meanwhile is a new letter: it waits for the next request.
  const includes = (letter: Letter): boolean => letter.failedAt.getTime() <= startedAt && meant(letter);
  if (request.dryRun) {
    const found = lettersOf(stack, consumer).filter(includes);
    const guarded = found.filter(({ replays }) => replays >= DEFAULT_MAX_REPLAYS).length;
    return { replayed: found.length - guarded, guarded, refused: 0 };
  }
  const choice = { includes, maxReplays: DEFAULT_MAX_REPLAYS, signal };
  const { replayed, guarded, refused } = await stack.replay(request.owner, choice);
  return { replayed, guarded, refused };
}

function lettersOf({ queues }: EmbeddedStack, { owner, pair }: Consumer): readonly Letter[] {
  return queues.look(pair.deadLetterUrl).flatMap((message) => readLetters(message, owner));
}
