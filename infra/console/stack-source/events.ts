import { createLogs } from '../../ops/aws/clients.ts';
import type { Deployed } from '../../ops/aws/stack.ts';
import { systemClock } from '../../ops/clock.ts';
import { textOf } from '../../../functions/core/contract/untrusted.ts';
import { readEntry, type Entry } from '../../ops/tail/entry.ts';
import { follow } from '../../ops/tail/follow.ts';
import { groupsOf } from '../../ops/tail/groups.ts';
import type { ConsoleSource, Observation } from '../source.ts';

/** So far back it begins: who opens a page wants to see something. */
const PAST_MS = 10 * 60_000;

/**
 * Follows events as a `log` destination writes them, and what functions say of those that failed. Rejects where the logs cannot be
 * read; called again, it goes on from there.
 */
export function createFollower(deployed: Deployed): ConsoleSource['follow'] {
  let from = Date.now() - PAST_MS;
  return async (tell, signal) => {
    const options = { from, until: Infinity, clock: systemClock, signal, tell: () => undefined };
    for await (const batch of follow(createLogs(), groupsOf(deployed), options)) {
      const entries = batch.map(readEntry).filter((entry) => entry !== undefined);
      tell(entries.flatMap(observationsOf));
      from = batch.at(-1)?.at ?? from;
    }
  };
}

function observationsOf(entry: Entry): readonly Observation[] {
  if (entry.kind === 'event') return [{ kind: 'event', event: entry.event }];
  if (entry.kind !== 'said' || entry.event === undefined) return [];
  const { at, message, place, event, fields } = entry;
  const status = message.includes('retried') ? 'retrying' : 'letter';
  const attempt = {
    at: new Date(at).toISOString(),
    status,
    code: textOf(fields['code']),
    detail: textOf(fields['detail']),
  } as const;
  return [{ kind: 'delivery', eventId: event, destination: place, attempt }];
}
