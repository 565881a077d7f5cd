import type { SinkConfig } from '../../../functions/core/contract/config.ts';
import { parseSettings, problemText } from '../../../functions/core/destinations/destination.ts';
import { loadConfig } from '../../discover.ts';
import { openArchive, PLACE_OPTIONS } from '../archive/place.ts';
import { emptyAccount, readHours } from '../archive/read.ts';
import { createRehearsal, type Passes, type ReasonCount, type Sent } from '../archive/rehearsal.ts';
import { RANGE_OPTIONS, readRange } from '../archive/selection.ts';
import { readText as accountText, tellBroken } from '../archive/tell.ts';
import { defineCommand, OpsError, type Io } from '../command.ts';
import { countText } from '../count.ts';
import { durationMs } from '../duration.ts';
import { readDocument } from '../formats.ts';
import { oneLine } from '../one-line.ts';
import { openPlace, SOURCE_OPTIONS } from '../source.ts';
import { parseFields } from './write.ts';
import { parseId } from '../folder.ts';

const DEFAULT_SINCE = '7d';

export const command = defineCommand({
  usage: 'TYPE/NAME --file NEW.json [--since WHEN] [--archive PLACE]',
  about:
    'Says what an edit would have changed, over the events of an archive: messages before and after, the loudest hour, reasons that would no longer arrive. Nothing is sent or written. Messages of a chat are counted by its rule that what is alike comes together; silences are left out. Exit code 1: something could not be read, or it was interrupted.',
  examples: [
    'npm run -s ops -- destinations rehearse dingtalk/ops --file ops.json --since 7d',
    'npm run -s ops -- destinations rehearse dingtalk/ops --file ops.json --folder destinations --archive ./archive',
  ],
  positionals: ['TYPE/NAME'],
  options: {
    ...PLACE_OPTIONS,
    ...RANGE_OPTIONS,
    since: { value: 'WHEN', about: `Events last seen since then; default ${DEFAULT_SINCE}.` },
    folder: SOURCE_OPTIONS.folder,
    file: { value: 'FILE', about: 'The document as it would be, JSON or YAML; - for JSON on standard input.' },
  },
  async run(args, io) {
    const [id = ''] = args.positionals;
    const { type } = parseId(id);
    const file = args.required('file');
    const config = await loadConfig(type);
    const after = passesOf(config, await readDocument(file, io), file);
    const now = new Date(io.clock.now());
    const range = readRange(args, now);
    const since = args.text('since') === undefined ? now.getTime() - (durationMs(DEFAULT_SINCE) ?? 0) : range.since;
    const sources = await (await openPlace(args)).destinations();
    const current = sources.find((source) => source.id === id);
    if (current === undefined) io.err(`there is no destination ${id} yet: nothing arrived before`);
    const before = current ? passesOf(config, current.text, current.file) : () => false;
    const place = await openArchive(args);
    const rehearsal = createRehearsal(before, after, config.alike);
    const account = emptyAccount();
    const onPartition = () => io.progress(`looked at ${accountText(account)}`);
    for await (const hour of readHours(place, { ...range, since }, account, { signal: io.signal, onPartition }))
      for (const { event } of hour) rehearsal.add(event);
    const result = rehearsal.result();
    if (args.json) io.out(JSON.stringify({ destination: id, of: account.events, ...result }));
    else {
      io.out(sentLine('before', result.before));
      io.out(sentLine('after ', result.after));
      tellReasons('no longer arrives', result.lost, io);
      tellReasons('arrives now', result.gained, io);
    }
    const isBroken = tellBroken(account, io);
    const state = io.signal.aborted ? 'interrupted: ' : '';
    io.err(`${state}${countText(account.events, 'event')} in ${accountText(account)}; nothing was changed`);
    return io.signal.aborted || isBroken ? 1 : 0;
  },
});

/** Which events a document lets pass. @throws {OpsError} that names every mistake. */
function passesOf(config: SinkConfig, text: string, place: string): Passes {
  // Secret fields may stand in the file that is to be set.
  const fields = Object.entries(parseFields(text, place));
  const plain = fields.filter(([name]) => !Object.hasOwn(config.secrets.shape, name) || isPlain(config, name));
  const parsed = parseSettings(config, JSON.stringify(Object.fromEntries(plain)));
  if ('problems' in parsed) throw new OpsError(`${place}: ${problemText(parsed.problems)}`);
  const { enabled, verdict } = parsed.value;
  return (event) => enabled && verdict(event) === 'pass';
}

function isPlain({ plainSecrets = [] }: SinkConfig, name: string): boolean {
  return plainSecrets.includes(name);
}

function sentLine(label: string, { events, messages, loudest }: Sent): string {
  const hour = loudest ? `; the loudest hour: ${loudest.hour} with ${loudest.messages}` : '';
  return `${label}  ${countText(messages, 'message')} of ${countText(events, 'event')}${hour}`;
}

function tellReasons(label: string, reasons: readonly ReasonCount[], io: Io): void {
  for (const { reason, events } of reasons) io.out(oneLine(`${label}: ${reason} (${countText(events, 'event')})`, 200));
}
