import type { LetterGroup, ReplayAnswer, ReplayRequest } from '../../infra/console/contract.ts';
import { createLetterGroups } from '../../infra/console/letter-groups.ts';
import { answerOf, chosenBy } from '../../infra/console/replaying.ts';
import { OpsError } from '../../infra/ops/command.ts';
import { readLetters, type Letter } from '../../infra/ops/dlq/letter.ts';
import { DEFAULT_MAX_REPLAYS } from '../../infra/ops/dlq/replay-loop.ts';
import type { Consumer, EmbeddedStack } from './embedded.ts';

/** All dead letters by owner, code and destination. A look hides none of them. */
export async function embeddedLetters(stack: EmbeddedStack): Promise<readonly LetterGroup[]> {
  const found = await Promise.all(
    stack.consumers.map((consumer) => {
      const groups = createLetterGroups(consumer.owner);
      for (const letter of lettersOf(stack, consumer)) groups.add(letter);
      return groups.read();
    }),
  );
  return found.flat();
}

/** Sends letters back, or says how many it would. @throws {OpsError} where nobody has such an owner's letters. */
export async function replayEmbedded(
  stack: EmbeddedStack,
  request: ReplayRequest,
  signal: AbortSignal,
): Promise<ReplayAnswer> {
  const { owner, dryRun } = request;
  const consumer = stack.consumers.find((each) => each.owner === owner);
  if (!consumer) throw new OpsError(`there are no letters of ${owner}: it is no sink type`);
  const includes = chosenBy(request);
  if (!dryRun) {
    const choice = { includes, maxReplays: DEFAULT_MAX_REPLAYS, signal };
    return answerOf(await stack.replay(owner, choice));
  }
  let replayed = 0;
  let guarded = 0;
  for (const letter of lettersOf(stack, consumer)) {
    if (!includes(letter)) continue;
    if (letter.replays >= DEFAULT_MAX_REPLAYS) guarded += 1;
    else replayed += 1;
  }
  return { replayed, guarded, refused: 0 };
}

/** One after the other: a message is read when it is its turn, and then let go. */
function* lettersOf({ queues }: EmbeddedStack, { owner, pair }: Consumer): Generator<Letter, void> {
  for (const message of queues.look(pair.deadLetterUrl)) yield* readLetters(message, owner);
}
