import { nearest } from '../../functions/core/kit/nearest.ts';
import { countText } from './count.ts';
import { defineCommand, OpsError } from './command.ts';
import { readEvents } from './events.ts';
import { loadRouted } from './folder.ts';
import { readable } from './readable.ts';
import { reason } from './route.ts';
import { loadSink } from '../discover.ts';
import { EVENT_OPTIONS, readSources, SOURCE_OPTIONS } from './source.ts';

export const command = defineCommand({
  usage: '[--folder DIR] --destination TYPE/NAME --events FILE',
  about:
    'Shows what a destination would be sent for some events: one payload per message or request, laid out for reading; --json gives it exactly. Nothing is sent and no secret is read. Events that the filter keeps out are named on standard error.',
  examples: ['npm run -s ops -- preview --folder destinations --destination webhook/team --events events.json'],
  options: {
    ...SOURCE_OPTIONS,
    destination: { value: 'TYPE/NAME', about: 'The destination to render for.' },
    ...EVENT_OPTIONS,
  },
  async run(args, io) {
    const id = args.required('destination');
    const file = args.required('events');
    const sources = await readSources(args);
    const source = sources.find((known) => known.id === id);
    if (source === undefined)
      throw new OpsError(
        unknownDestination(
          id,
          sources.map((known) => known.id),
        ),
      );
    const [routed] = await loadRouted([source]);
    if (routed === undefined) return 1;
    const events = await readEvents(file, args.text('cluster') ?? 'local', io);
    const passed = events.filter((event) => {
      const kept = reason({ ...routed, settings: { ...routed.settings, enabled: true } }, event);
      if (kept !== undefined) io.err(`${event.id} is not delivered: ${kept}`);
      return kept === undefined;
    });
    if (!routed.settings.enabled) io.err(`${id} is disabled (enabled: false): nothing would be sent`);
    if (passed.length === 0) return 0;
    const sink = await loadSink(source.type);
    for (const { events: inside, payload } of sink.render(passed, routed.settings.options)) {
      const ids = inside.map((event) => event.id);
      if (args.json) {
        io.out(JSON.stringify({ destination: id, events: ids, payload }));
        continue;
      }
      io.out(`# ${ids.length === 1 ? ids.join('') : countText(ids.length, 'event')}`);
      io.out(readable(payload));
    }
    return 0;
  },
});

/** The message for a destination that does not exist, with a suggestion. */
export function unknownDestination(id: string, known: readonly string[]): string {
  const near = nearest(id, known);
  const list = known.length === 0 ? 'there are none' : `there are: ${known.join(', ')}`;
  return `there is no destination ${id} (${near === undefined ? list : `did you mean ${near}?`})`;
}
