import { opsCommand } from '../../stack/ops-command.ts';
import { EVENT_CHOICE, readIncludes } from '../archive/selection.ts';
import { createLogs } from '../aws/clients.ts';
import { readStack, STACK_OPTIONS, type Deployed } from '../aws/stack.ts';
import { openStore } from '../aws/store.ts';
import { countText } from '../count.ts';
import { defineCommand, OpsError, usageError, type Io } from '../command.ts';
import { durationMs } from '../duration.ts';
import { givenTexts } from '../event-test.ts';
import { readTime } from '../when.ts';
import { createChoice } from './choice.ts';
import { readEntry } from './entry.ts';
import { follow } from './follow.ts';
import { groupsOf, logSink } from './groups.ts';
import { entryJson, entryText } from './text.ts';

const DEFAULT_SINCE = '1m';
const CHOOSING = ['cluster', 'namespace', 'kind', 'name', 'reason'] as const;

const { until: _, ...CHOICE } = EVENT_CHOICE;

export const command = defineCommand({
  usage: '[--namespace PATTERN] [--reason PATTERN] [--filter FILE] [--since WHEN] ...',
  about:
    'Shows what happens in a deployed stack, until Ctrl-C: each event that a log destination writes, how many events each sink has delivered and filtered, and each event that fails, with its reason. Functions count deliveries, and name the event only where one fails. With options that choose events, the failures of those are shown, and no counts. Lines that may need you have a ! after their time. It reads CloudWatch Logs every two seconds, and waits out throttling and an outage of the network of up to 15 minutes.',
  examples: [
    'npm run -s ops -- tail',
    'npm run -s ops -- tail --namespace "prod-*" --since 10m',
    'npm run -s ops -- tail --reason /OOM/ --json',
  ],
  options: {
    ...STACK_OPTIONS,
    ...CHOICE,
    since: { value: 'WHEN', about: `Begin there: 10m, or 2026-11-23T08:00:00Z; default ${DEFAULT_SINCE}.` },
    for: { value: 'DURATION', about: 'End after so long, such as 5m; without, at Ctrl-C.' },
  },
  async run(args, io) {
    const now = io.clock.now();
    const from = readTime(args.text('since') ?? DEFAULT_SINCE, 'since', new Date(now));
    const forMs = lengthMs(args.text('for'));
    const isChosen = Object.keys(givenTexts(args, [...CHOOSING, 'filter'])).length > 0;
    const choice = createChoice(isChosen ? await readIncludes(args, CHOOSING) : undefined);
    const deployed = await readStack(args);
    await tellWhatIsSeen(deployed, isChosen, io);
    // It begins now: finding the stack takes its time.
    const until = io.clock.now() + forMs;
    const times = { from: from?.getTime() ?? now, until, clock: io.clock };
    // It tries again by itself, and says so.
    const lines = follow(createLogs({ maxAttempts: 1 }), groupsOf(deployed), {
      ...times,
      signal: io.signal,
      tell: io.err,
    });
    let shown = 0;
    for await (const batch of lines) {
      for (const line of batch) {
        const entry = readEntry(line);
        for (const each of entry ? choice.take(entry) : []) {
          io.out(args.json ? entryJson(each) : entryText(each));
          shown += 1;
        }
      }
    }
    if (choice.texts > 0)
      io.err(
        `${countText(choice.texts, 'line')} of a log destination with "format": "text" left out: only JSON has fields to choose by`,
      );
    io.err(`ended: ${countText(shown, 'line')}`);
    return 0;
  },
});

function lengthMs(text: string | undefined): number {
  if (text === undefined) return Infinity;
  const ms = durationMs(text);
  if (ms === undefined) throw usageError(`--for is ${text}, expected a duration such as 5m`);
  return ms;
}

/** Says what is not to be seen, and what to do about it. @throws {OpsError} where nothing of what was asked for is. */
async function tellWhatIsSeen(deployed: Deployed, isChosen: boolean, io: Io): Promise<void> {
  const set = `echo '{}' | ${opsCommand({ stackName: deployed.stack }, 'destinations set log/all --file -')}`;
  const unseen = 'so that events are not shown, only deliveries and failures';
  if (logSink(deployed) === undefined) {
    const what = `the stack has no sink log, ${unseen}: add log to sinks in kube-courier.json, deploy, then: ${set}`;
    if (isChosen) throw new OpsError(`there are no events to choose: ${what}`);
    io.err(`note: ${what}`);
  } else if ((await openStore(deployed).source.list('destinations', 'log')).size === 0)
    io.err(`note: there is no destination log/..., ${unseen}: ${set}`);
}
