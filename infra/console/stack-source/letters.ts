import { consumersOf } from '../../stack/parse-outputs.ts';
import { createSqs } from '../../ops/aws/clients.ts';
import { consumerOf, type Deployed } from '../../ops/aws/stack.ts';
import { DEFAULT_MAX_REPLAYS, replayLoop } from '../../ops/dlq/replay-loop.ts';
import { scan, scanChosen, type Scan } from '../../ops/dlq/scan.ts';
import type { LetterGroup, ReplayAnswer, ReplayRequest } from '../contract.ts';
import { createLetterGroups } from '../letter-groups.ts';
import { answerOf, chosenBy } from '../replaying.ts';

/** A page shows what is wrong, not every letter: so many of a queue are looked at. */
const MAX_LETTERS = 1000;

/** The letters of all queues of a stack. Those looked at are hidden from others until the look ends, seconds later. */
export async function readLetterGroups(deployed: Deployed, signal: AbortSignal): Promise<readonly LetterGroup[]> {
  const sqs = createSqs();
  const found = await Promise.all(
    consumersOf(deployed).map(async ({ owner, deadLetterQueueUrl: queueUrl }) => {
      const groups = createLetterGroups(owner);
      let seen = 0;
      await scan({ sqs, queueUrl, owner, signal }, (letters, { stop }) => {
        for (const letter of letters) groups.add(letter);
        seen += letters.length;
        if (seen >= MAX_LETTERS) stop();
        return [];
      });
      return groups.read();
    }),
  );
  return found.flat();
}

/** Sends letters back, or says how many it would send back. Those that were replayed too often before stay. */
export async function replayLetters(
  deployed: Deployed,
  request: ReplayRequest,
  signal: AbortSignal,
): Promise<ReplayAnswer> {
  const { owner, dryRun } = request;
  const { deadLetterQueueUrl: queueUrl, queueUrl: targetUrl } = consumerOf(deployed, owner);
  const source: Scan = { sqs: createSqs(), queueUrl, owner, signal };
  const includes = chosenBy(request);
  if (!dryRun) {
    const options = { targetUrl, includes, maxReplays: DEFAULT_MAX_REPLAYS };
    return answerOf(await replayLoop(source, options));
  }
  let guarded = 0;
  const chosen = await scanChosen(source, { includes }, (letters) => {
    guarded += letters.filter(({ replays }) => replays >= DEFAULT_MAX_REPLAYS).length;
    return [];
  });
  return { replayed: chosen - guarded, guarded, refused: 0 };
}
