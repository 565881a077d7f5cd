import { parseSettings, problemText, type Settings } from '../../../functions/core/destinations/destination.ts';
import { createSqs } from '../aws/clients.ts';
import { consumerOf, readStack } from '../aws/stack.ts';
import { openStore, readOne } from '../aws/store.ts';
import { defineCommand, OpsError, type Arguments, type ExitCode, type Io } from '../command.ts';
import { countText, plural } from '../count.ts';
import { durationText } from '../duration.ts';
import { givenTexts } from '../event-test.ts';
import { readText as readFileText } from '../events.ts';
import { loadConfig } from '../../discover.ts';
import { openJournal } from './journal.ts';
import { openArchive, PLACE_OPTIONS, type ArchivePlace } from './place.ts';
import { emptyAccount, readHours, type Archived } from './read.ts';
import { EVENT_CHOICE, readChoice, type Choice } from './selection.ts';
import { createSender } from './send.ts';
import { readText, tellBroken } from './tell.ts';
import { parseId } from '../folder.ts';

const DEFAULT_RATE = 100;

const OPTIONS = {
  ...PLACE_OPTIONS,
  ...EVENT_CHOICE,
  destination: { value: 'TYPE/NAME', about: 'The one destination that gets them.' },
  rate: { value: 'N', number: 'any', about: `At most so many events a second; default ${DEFAULT_RATE}.` },
  'dry-run': { about: 'Say how many events would be sent and how long it would take, and send none.' },
  journal: {
    value: 'FILE',
    about: 'Where to note what was sent; default archive-replay-TYPE-NAME.jsonl in this folder. Removed at the end.',
  },
} as const;

type Args = Arguments<typeof OPTIONS>;

export const command = defineCommand({
  usage: '--destination TYPE/NAME --since WHEN [--until WHEN] [--filter FILE] [--rate N]',
  about:
    "Sends events of an archive to one destination, under their own identities, as if they had just come: the destination's filter and repeats count, and so do silences, by today's. Interrupt it at any time and repeat it: a journal says what was sent, and only the rest is. Where the process is killed, at most what was just being sent goes twice, which a store tells by the identities. Exit code 1: something is left.",
  examples: [
    'npm run -s ops -- archive replay --destination elasticsearch/new --since 2026-11-23T00:00:00Z --until 2026-11-24T00:00:00Z --dry-run',
    'npm run -s ops -- archive replay --destination elasticsearch/new --since 1d --rate 500',
  ],
  options: OPTIONS,
  async run(args, io) {
    const id = args.required('destination');
    const { type } = parseId(id);
    args.required('since');
    const now = new Date(io.clock.now());
    const choice = await readChoice(args, now);
    const deployed = await readStack(args);
    const { queueUrl } = consumerOf(deployed, type);
    const settings = await settingsOf(id, type, await readOne(openStore(deployed), id));
    const place = await openArchive(args);
    const perSecond = args.number('rate') ?? DEFAULT_RATE;
    const wanted: Choice = {
      ...choice,
      // What is archived from now on goes there by itself. The journal keeps both ends.
      range: { ...choice.range, until: Math.min(choice.range.until, now.getTime()) },
      includes: (event) => choice.includes(event) && settings.verdict(event) === 'pass',
    };
    if (args.flag('dry-run')) return dryRun(place, wanted, perSecond, args, io);
    const { runtime } = await loadConfig(type);
    return replay(place, wanted, { id, queueUrl, perSecond, envelopeEvents: runtime?.envelopeEvents }, args, io);
  },
});

async function settingsOf(
  id: string,
  type: string,
  { text, file }: { readonly text: string; readonly file: string },
): Promise<Settings<unknown>> {
  const settings = parseSettings(await loadConfig(type), text);
  if ('problems' in settings) throw new OpsError(`${file}: ${problemText(settings.problems)}`);
  if (!settings.value.enabled) throw new OpsError(`${id} is disabled (enabled: false): it would get nothing`);
  return settings.value;
}

async function dryRun(
  place: ArchivePlace,
  { range, includes }: Choice,
  perSecond: number,
  args: Args,
  io: Io,
): Promise<ExitCode> {
  const account = emptyAccount();
  let count = 0;
  const onPartition = () => io.progress(`looked at ${readText(account)}`);
  for await (const hour of readHours(place, range, account, { signal: io.signal, onPartition })) {
    count += hour.filter(({ event }) => includes(event)).length;
  }
  const seconds = count / perSecond;
  const isBroken = tellBroken(account, io);
  if (args.json) io.out(JSON.stringify({ events: count, of: account.events, seconds, interrupted: io.signal.aborted }));
  else io.out(`would send ${countText(count, 'event')} of ${account.events}, in about ${durationText(seconds)}`);
  io.err(`${io.signal.aborted ? 'interrupted: ' : ''}looked at ${readText(account)}; nothing was sent`);
  return io.signal.aborted || isBroken ? 1 : 0;
}

interface Target {
  readonly id: string;
  readonly queueUrl: string;
  readonly perSecond: number;
  readonly envelopeEvents: number | undefined;
}

async function replay(
  place: ArchivePlace,
  { range, includes }: Choice,
  { id, queueUrl, perSecond, envelopeEvents }: Target,
  args: Args,
  io: Io,
): Promise<ExitCode> {
  const file = args.text('journal') ?? `archive-replay-${id.replace('/', '-')}.jsonl`;
  const request = { destination: id, archive: place.name, options: await optionsOf(args) };
  const journal = await openJournal(file, request, { since: range.since, until: range.until });
  const { sent: before } = journal;
  if (before.size > 0)
    io.err(`goes on: ${countText(before.size, 'event')} ${plural(before.size, 'were', 'was')} sent before`);
  const sender = createSender({
    sqs: createSqs(),
    queueUrl,
    destination: id,
    perSecond,
    envelopeEvents,
    clock: io.clock,
    signal: io.signal,
  });
  const account = emptyAccount();
  const startedAt = io.clock.now();
  let shownAt = 0;
  const show = ({ event }: Archived): void => {
    if (io.clock.now() - shownAt < 1000) return;
    shownAt = io.clock.now();
    const { since, until } = journal;
    const part = (Date.parse(event.lastSeen) - since) / (until - since);
    const seconds = (shownAt - startedAt) / 1000;
    const left = part > 0.01 && seconds > 0 ? `, about ${durationText((seconds * (1 - part)) / part)} left` : '';
    io.progress(
      `sent ${countText(sender.sent, 'event')}, at ${event.lastSeen.slice(0, 16)} (${Math.floor(part * 100)} %)${left}`,
    );
  };
  const known = new Set(before);
  const times = { since: journal.since, until: journal.until, cluster: range.cluster };
  for await (const hour of readHours(place, times, account, { signal: io.signal, known })) {
    const chosen = hour.filter(({ event }) => includes(event));
    const goesOn = await sender.send(chosen, async (events) => {
      await journal.add(events.map(({ event }) => event.id));
      for (const last of events.slice(-1)) show(last);
    });
    if (!goesOn) break;
  }
  const { sent, refused, refusals } = sender;
  const isInterrupted = io.signal.aborted;
  const isBroken = tellBroken(account, io);
  const isComplete = !isInterrupted && refused === 0;
  if (isComplete) await journal.remove();
  if (args.json) io.out(JSON.stringify({ sent, before: before.size, refused, interrupted: isInterrupted }));
  io.err(
    `${isInterrupted ? 'interrupted: ' : ''}sent ${countText(sent, 'event')} to ${id}${before.size > 0 ? `, ${before.size + sent} with those before` : ''}`,
  );
  if (refused > 0) io.err(`SQS refused ${countText(refused, 'event')}: ${refusals[0] ?? ''}`);
  if (!isComplete) io.err(`${file} says what was sent: repeat the command for the rest`);
  return isComplete && !isBroken ? 0 : 1;
}

/** What tells one replay from another. The text of the filter is part of it: another one chooses other events. */
async function optionsOf(args: Args): Promise<Readonly<Record<string, string>>> {
  const given = givenTexts(args, ['cluster', 'namespace', 'kind', 'name', 'reason', 'since', 'until']);
  const filter = args.text('filter');
  return { ...given, ...(filter !== undefined && { filter: await readFileText(filter) }) };
}
