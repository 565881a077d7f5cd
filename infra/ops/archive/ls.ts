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
    const days = new Map<string, { cluster: string; date: string; hours: number; objects: number; bytes: number }>();
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
    for (const row of rows) {
      const { hours, objects, bytes } = row;
      io.out(
        args.json
          ? JSON.stringify(row)
          : `${row.cluster}  ${row.date}  ${countText(hours, 'hour')}  ${countText(objects, 'object')}  ${sizeText(bytes)}`,
      );
    }
    const total = rows.reduce((sum, { bytes }) => sum + bytes, 0);
    io.err(
      `${io.signal.aborted ? 'interrupted: ' : ''}${countText(rows.length, 'day')}, ${sizeText(total)} in ${place.name}`,
    );
    return io.signal.aborted ? 1 : 0;
  },
});
