import type { ClusterEvent } from '../../functions/core/contract/event.ts';
import { recoveryOf } from '../../functions/core/contract/recovery.ts';
import { RECORDS, recordValues } from '../../functions/core/destinations/filter.ts';
import { mayBeSilenced } from '../../functions/core/destinations/destination.ts';
import { holding, type Silence } from '../../functions/core/destinations/silence.ts';
import { defineCommand } from './command.ts';
import { eventWords } from './event-line.ts';
import { readEvents } from './events.ts';
import { whichHolds, whyUnmatched } from './why.ts';
import { loadRouted, type Routed } from './folder.ts';
import { lookedUpIn } from './looked-up.ts';
import { oneLine } from './one-line.ts';
import { EVENT_OPTIONS, openPlace, readSilences, SOURCE_OPTIONS } from './source.ts';
import { timeText } from './silence/text.ts';

export const command = defineCommand({
  usage: '[--folder DIR] --events FILE',
  about:
    'Shows which destinations get an event, and why the others do not: the rule and the field that decide, or the silence that holds it. Nothing is sent. With --folder it needs no AWS; without, it asks the deployed stack.',
  examples: [
    'npm run -s ops -- route --folder destinations --events events.json',
    'kubectl get events -A -o json | npm run -s ops -- route --folder destinations --events -',
  ],
  options: { ...SOURCE_OPTIONS, ...EVENT_OPTIONS },
  async run(args, io) {
    const file = args.required('events');
    const place = await openPlace(args);
    const routed = await loadRouted(await place.destinations());
    const now = io.clock.now();
    const { silences, errors } = await readSilences(place, now);
    for (const { silence, detail } of errors) io.err(`note: the silence ${silence} holds nothing: ${oneLine(detail)}`);
    const events = await readEvents(file, args.text('cluster') ?? 'local', io);
    const unlabelled = events.some(hasLabels) ? [] : routed.filter(({ filter }) => lookedUpIn('{}', filter).length > 0);
    if (unlabelled.length > 0) {
      const ids = unlabelled.map(({ id }) => id).join(', ');
      io.err(
        `note: the events say nothing of the labels that ${ids} asks for: let kubectl get events,namespaces,pods print them`,
      );
    }
    for (const event of events) {
      const silence = holding(silences, event, now);
      const ways = routed.map((destination) => ({ id: destination.id, ...wayTo(destination, event, silence) }));
      const passed = ways.filter(({ goes }) => goes);
      if (args.json) {
        io.out(JSON.stringify({ id: event.id, destinations: passed.map(({ id }) => id) }));
        continue;
      }
      io.out(oneLine(eventWords(event), 200));
      for (const { id, why } of passed) io.out(`  -> ${id}${why === undefined ? '' : ` (${why})`}`);
      for (const { id, goes, why } of ways) if (!goes) io.out(`     ${id}: ${why}`);
    }
    return 0;
  },
});

/** Whether anything of what a relay looks up is known of an event. */
function hasLabels(event: ClusterEvent): boolean {
  return RECORDS.some((record) => Object.keys(recordValues[record](event)).length > 0);
}

/** Whether an event goes to a destination, and the rule and field, or the silence, that decides; no `why` where nothing is asked of it. */
export function wayTo(
  destination: Routed,
  event: ClusterEvent,
  silence: Silence | undefined,
): { readonly goes: boolean; readonly why: string | undefined } {
  const against = reason(destination, event) ?? heldBy(silence, destination, event);
  if (against !== undefined) return { goes: false, why: against };
  return { goes: true, why: whichHolds(destination.filter.match ?? [], event) ?? whatEnds(destination, event) };
}

/** Why an event does not reach a destination: which rule and field decided; undefined if it does. */
export function reason({ settings, filter }: Routed, event: ClusterEvent): string | undefined {
  switch (settings.verdict(event)) {
    case 'unmatched':
      return `no match rule holds (${whyUnmatched(filter, event)})`;
    case 'dropped':
      return `a drop rule holds (${whichHolds(filter.drop ?? [], event)})`;
    case 'repeat':
      return `a repetition that its repeats setting leaves out (count ${event.count} after ${event.previousCount})`;
    case 'pass':
      return settings.enabled ? undefined : 'it is disabled (enabled: false)';
  }
}

/** To a pager goes what ends an incident, though no rule holds for it. */
function whatEnds({ config }: Routed, event: ClusterEvent): string | undefined {
  const recovery = config.pager && recoveryOf(event);
  return recovery ? `it ends ${recovery.ends}` : undefined;
}

function heldBy(silence: Silence | undefined, { settings }: Routed, event: ClusterEvent): string | undefined {
  if (!silence || !mayBeSilenced(settings, event)) return undefined;
  const { name, until, why } = silence;
  return `the silence ${name} holds it until ${timeText(until)} (${oneLine(why)})`;
}
