import { archiveLine } from '../../../functions/sinks/s3/line.ts';
import { defineCommand } from '../command.ts';
import { countText } from '../count.ts';
import { eventLine } from '../event-line.ts';
import { openArchive, PLACE_OPTIONS } from './place.ts';
import { emptyAccount, readHours } from './read.ts';
import { EVENT_CHOICE, readChoice } from './selection.ts';
import { readText, tellBroken } from './tell.ts';

export const command = defineCommand({
  usage: '[--archive PLACE] [--namespace PATTERN] [--name PATTERN] [--since WHEN] ...',
  about:
    'Finds events in an archive, in the order of time, each once. Only the hours between --since and --until are read, of --cluster alone where it is given. --json prints whole lines of the archive. Exit code 1: something could not be read, or it was interrupted.',
  examples: [
    'npm run -s ops -- archive search --namespace payments --name "api-*" --since 3d',
    'npm run -s ops -- archive search --reason /OOM/ --since 2026-11-23T08:00:00Z --until 2026-11-23T10:00:00Z --json',
  ],
  options: {
    ...PLACE_OPTIONS,
    ...EVENT_CHOICE,
    limit: { value: 'N', number: 'whole', about: 'Stop after so many events.' },
  },
  async run(args, io) {
    const { range, includes } = await readChoice(args, new Date(io.clock.now()));
    const place = await openArchive(args);
    const limit = args.number('limit') ?? Infinity;
    const account = emptyAccount();
    let found = 0;
    const hours = readHours(place, range, account, {
      signal: io.signal,
      onPartition: ({ date, hour }) => {
        if (!args.json) io.progress(`${date} ${hour}:00, ${readText(account)}, found ${found}`);
      },
    });
    for await (const hour of hours) {
      for (const { event } of hour.filter((each) => includes(each.event)).slice(0, limit - found)) {
        io.out(args.json ? archiveLine(event) : eventLine(event));
        found += 1;
      }
      if (found >= limit || io.signal.aborted) break;
    }
    const isBroken = tellBroken(account, io);
    io.err(`${io.signal.aborted ? 'interrupted: ' : ''}${countText(found, 'event')} in ${readText(account)}`);
    return io.signal.aborted || isBroken ? 1 : 0;
  },
});
