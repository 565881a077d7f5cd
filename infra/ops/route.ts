import type { ClusterEvent } from '../../functions/core/contract/event.ts';
import type { Verdict } from '../../functions/core/destinations/filter.ts';
import { defineCommand } from './command.ts';
import { readEvents } from './events.ts';
import { loadRouted, type Routed } from './folder.ts';
import { oneLine } from './one-line.ts';
import { EVENT_OPTIONS, readSources, SOURCE_OPTIONS } from './source.ts';

const REASONS: Readonly<Record<Exclude<Verdict, 'pass'>, string>> = {
  unmatched: 'no match rule holds',
  dropped: 'a drop rule holds',
  repeat: 'a repetition that its repeats setting leaves out',
};

export const command = defineCommand({
  usage: '[--folder DIR] --events FILE',
  about:
    'Shows which destinations get an event, and why the others do not. Nothing is sent. With --folder it needs no AWS; without, it asks the deployed stack.',
  examples: [
    'npm run -s ops -- route --folder destinations --events events.json',
    'kubectl get events -A -o json | npm run -s ops -- route --folder destinations --events -',
  ],
  options: { ...SOURCE_OPTIONS, ...EVENT_OPTIONS },
  async run(args, io) {
    const file = args.required('events');
    const routed = await loadRouted(await readSources(args));
    const events = await readEvents(file, args.text('cluster') ?? 'local', io);
    for (const event of events) {
      const answers = routed.map((destination) => ({ id: destination.id, reason: reason(destination, event) }));
      const passed = answers.filter((answer) => answer.reason === undefined).map(({ id }) => id);
      if (args.json) {
        io.out(JSON.stringify({ id: event.id, destinations: passed }));
        continue;
      }
      io.out(eventLine(event));
      for (const id of passed) io.out(`  -> ${id}`);
      for (const answer of answers) if (answer.reason !== undefined) io.out(`     ${answer.id}: ${answer.reason}`);
    }
    return 0;
  },
});

/** Why an event does not reach a destination; undefined if it does. */
export function reason({ settings }: Routed, event: ClusterEvent): string | undefined {
  const verdict = settings.verdict(event);
  if (verdict !== 'pass') return REASONS[verdict];
  return settings.enabled ? undefined : 'it is disabled (enabled: false)';
}

function eventLine({ type, reason: cause, object, message, count }: ClusterEvent): string {
  const place = [object.namespace, object.name].filter(Boolean).join('/');
  return oneLine(`${type} ${cause} ${object.kind} ${place} (x${count}): ${message}`, 200);
}
