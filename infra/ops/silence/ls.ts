import type { Silence } from '../../../functions/core/destinations/silence.ts';
import { tableLines } from '../../terminal/table.ts';
import { defineCommand } from '../command.ts';
import { countText } from '../count.ts';
import { durationText } from '../duration.ts';
import { oneLine } from '../one-line.ts';
import { openPlace, readSilences, SOURCE_OPTIONS, type Place } from '../source.ts';
import { SILENCE_COLUMNS, silenceCells, silenceText, timeText } from './text.ts';

export const command = defineCommand({
  usage: '[--folder DIR]',
  about:
    'Lists silences: those in force with what they have held in the last 20 minutes, those that have ended, and those that hold nothing because of a mistake. Exit code 1: there is a mistake.',
  examples: ['npm run -s ops -- silence ls', 'npm run -s ops -- silence ls --folder destinations'],
  options: SOURCE_OPTIONS,
  async run(args, io) {
    const now = io.clock.now();
    const place = await openPlace(args);
    const [{ silences, errors }, held] = await Promise.all([readSilences(place, now), heldBy(place, now)]);
    const isTable = !args.json && io.screen.columns !== undefined;
    for (const silence of silences) {
      const { row, text } = shown(silence, held, now);
      if (!isTable) io.out(args.json ? JSON.stringify(row) : text);
    }
    if (isTable && silences.length > 0) {
      const rows = silences.map((silence) =>
        silenceCells(silence, now, now < silence.until && held ? (held.counts.get(silence.name) ?? 0) : undefined),
      );
      for (const line of tableLines(SILENCE_COLUMNS, rows, io.screen)) io.out(line);
    }
    for (const { silence = '', detail } of errors) {
      const row = { silence, state: 'invalid', detail };
      const text = io.screen.paint('act', `${silence}: holds nothing: ${oneLine(detail)}`);
      io.out(args.json ? JSON.stringify(row) : text);
    }
    if (silences.length + errors.length === 0) io.err('there are no silences: see silence add --help');
    return errors.length > 0 ? 1 : 0;
  },
});

/** What silences have held of late. */
interface Held {
  /** Events by the silence's name. */
  readonly counts: ReadonlyMap<string, number>;
  /** For how long back. */
  readonly ms: number;
}

function shown(silence: Silence, held: Held | undefined, now: number): { readonly row: object; readonly text: string } {
  const { name, until, why, by, match } = silence;
  const row = { silence: name, state: now < until ? 'in force' : 'ended', until: timeText(until), why, by, match };
  const text = silenceText(silence, now);
  if (held === undefined || now >= until) return { row, text };
  const count = held.counts.get(name) ?? 0;
  const said = `has held ${countText(count, 'event')} in ${durationText(held.ms / 1000)}`;
  return { row: { ...row, held: count }, text: `${text}; ${said}` };
}

/** Undefined for a folder, of which nobody keeps a log. */
async function heldBy({ deployed }: Place, now: number): Promise<Held | undefined> {
  if (deployed === undefined) return undefined;
  const [{ createLogs }, { FAILING_MS, readHeld }] = await Promise.all([
    import('../aws/clients.ts'),
    import('../status/signals.ts'),
  ]);
  return { counts: await readHeld(createLogs(), deployed, now), ms: FAILING_MS };
}
