import type { Screen } from '../../terminal/screen.ts';
import { tableLines, type Column } from '../../terminal/table.ts';
import { defineCommand } from '../command.ts';
import { countText } from '../count.ts';
import { partitionsIn } from './partitions.ts';
import { openArchive, PLACE_OPTIONS } from './place.ts';
import { RANGE_OPTIONS, readRange } from './selection.ts';
import { sizeText } from './tell.ts';

export const command = defineCommand({
  usage: '[--archive PLACE] [--cluster NAME] [--since WHEN]',
  about:
    'Shows what is in an archive, by cluster and day: how many objects, of how many hours, and how large. No object is read.',
  examples: ['npm run -s ops -- archive ls --since 7d', 'npm run -s ops -- archive ls --archive ./archive'],
  options: { ...PLACE_OPTIONS, ...RANGE_OPTIONS },
  async run(args, io) {
    const place = await openArchive(args);
    const range = readRange(args, new Date(io.clock.now()));
    const days = new Map<string, Day>();
    for await (const partition of partitionsIn(place, range)) {
      if (io.signal.aborted) break;
      const key = `${partition.cluster} ${partition.date}`;
      const day = days.get(key) ?? {
        cluster: partition.cluster,
        date: partition.date,
        hours: 0,
        objects: 0,
        bytes: 0,
      };
      days.set(key, {
        ...day,
        hours: day.hours + 1,
        objects: day.objects + partition.objects.length,
        bytes: day.bytes + partition.objects.reduce((sum, { bytes }) => sum + bytes, 0),
      });
    }
    const rows = [...days.values()].toSorted(
      (a, b) => a.cluster.localeCompare(b.cluster) || (a.date < b.date ? -1 : 1),
    );
    if (args.json) for (const row of rows) io.out(JSON.stringify(row));
    else for (const line of linesOf(rows, io.screen)) io.out(line);
    const total = rows.reduce((sum, { bytes }) => sum + bytes, 0);
    io.err(
      `${io.signal.aborted ? 'interrupted: ' : ''}${countText(rows.length, 'day')}, ${sizeText(total)} in ${place.name}`,
    );
    return io.signal.aborted ? 1 : 0;
  },
});

interface Day {
  readonly cluster: string;
  readonly date: string;
  readonly hours: number;
  readonly objects: number;
  readonly bytes: number;
}

const COLUMNS: readonly Column[] = [
  { head: 'CLUSTER', flexible: true },
  { head: 'DAY' },
  { head: 'HOURS', align: 'right' },
  { head: 'OBJECTS', align: 'right' },
  { head: 'SIZE', align: 'right' },
];

function linesOf(days: readonly Day[], screen: Screen): readonly string[] {
  if (days.length === 0) return [];
  if (screen.columns === undefined)
    return days.map(
      ({ cluster, date, hours, objects, bytes }) =>
        `${cluster}  ${date}  ${countText(hours, 'hour')}  ${countText(objects, 'object')}  ${sizeText(bytes)}`,
    );
  const rows = days.map(({ cluster, date, hours, objects, bytes }) => ({
    cells: [cluster, date, String(hours), String(objects), sizeText(bytes)],
  }));
  return tableLines(COLUMNS, rows, screen);
}
