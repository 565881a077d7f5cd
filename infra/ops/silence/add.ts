import { isHeldBySilences, parseSettings } from '../../../functions/core/destinations/destination.ts';
import type { DocumentSource } from '../../../functions/core/destinations/documents.ts';
import { parseJson } from '../../../functions/core/destinations/json-object.ts';
import { parseSilence, type Silence } from '../../../functions/core/destinations/silence.ts';
import { loadConfig, sinkTypes } from '../../discover.ts';
import { defineCommand, OpsError, usageError, type Arguments, type Io } from '../command.ts';
import { durationMs } from '../duration.ts';
import { nameProblem } from '../folder-files.ts';
import { lookedUpIn } from '../looked-up.ts';
import { openPlace, readSilences, SOURCE_OPTIONS, type Place } from '../source.ts';
import { NEEDS_LABELS } from '../warnings.ts';
import { silenceText, timeText } from './text.ts';

/** The fields of a rule that have an option of their own. */
const FIELDS = {
  namespace: { value: 'PATTERN', repeatable: true, about: "Events of this namespace (the involved object's); prod-*." },
  reason: { value: 'PATTERN', repeatable: true, about: 'Events with this reason; patterns as in filters.' },
  owner: { value: 'PATTERN', repeatable: true, about: 'Events of what this controller owns, such as a Deployment.' },
  kind: { value: 'PATTERN', repeatable: true, about: 'Events about objects of this kind.' },
  name: { value: 'PATTERN', repeatable: true, about: 'Events about objects of this name.' },
  node: { value: 'PATTERN', repeatable: true, about: 'Events about this node and what is on it.' },
  cluster: { value: 'PATTERN', repeatable: true, about: 'Events of this cluster.' },
  severity: { value: 'SEVERITY', repeatable: true, about: 'Events of this severity: critical, warning or info.' },
  message: { value: 'PATTERN', repeatable: true, about: 'Events with this text; /readiness probe/i.' },
} as const;
const FIELD_NAMES = ['namespace', 'reason', 'owner', 'kind', 'name', 'node', 'cluster', 'severity', 'message'] as const;

const OPTIONS = {
  for: { value: 'DURATION', about: 'How long: 30m, 2h, 3d; 30 days at the most.' },
  until: { value: 'WHEN', about: 'In place of --for: a time such as 2026-11-27T18:00:00Z; without offset, of here.' },
  why: { value: 'TEXT', about: 'What is going on, for whoever wonders why it is quiet.' },
  ...FIELDS,
  match: {
    value: 'JSON',
    repeatable: true,
    about: 'A rule as in filters, in place of these: {"namespaceLabels":{"team":"payments"}}. Several: any of them.',
  },
  replace: { about: 'In place of a silence of this name that is in force.' },
  'dry-run': { about: 'Show what it would hold and where, and write nothing.' },
  ...SOURCE_OPTIONS,
} as const;

export const command = defineCommand({
  usage: 'NAME (--for DURATION | --until WHEN) --why TEXT (--namespace PATTERN ... | --match JSON)',
  about:
    'Holds events back from chats for a while: those for which all options that name a field hold; given several times, an option means any of its values. Stores go on to get everything. It ends by itself; what it held is not delivered later. Takes effect within a minute.',
  examples: [
    'npm run -s ops -- silence add rollout --for 2h --why "rollout of the shop" --namespace shop --reason BackOff',
    'npm run -s ops -- silence add node-7 --until 2026-11-27T18:00:00Z --why "disk is replaced" --node node-7',
    `npm run -s ops -- silence add payments --for 30m --why drill --match '{"namespaceLabels":{"team":"payments"}}'`,
  ],
  positionals: ['NAME'],
  options: OPTIONS,
  async run(args, io) {
    const [name = ''] = args.positionals;
    const problem = nameProblem(name);
    if (problem !== undefined) throw usageError(problem);
    const now = io.clock.now();
    const match = rulesOf(args);
    // A fraction of a second is not shown.
    const until = timeText(Math.ceil(endOf(args, now) / 1000) * 1000);
    const why = args.required('why');
    // Everything the person typed is checked before AWS is asked who that is.
    const given = { name, now, isOfOptions: args.list('match').length === 0 };
    check({ match, until, why, by: '?' }, given);

    const place = await openPlace(args);
    if (!args.flag('replace')) await refuseInForce(name, place, now);
    const document = { match, until, why, by: await authorOf(place, io) };
    const silence = check(document, given);
    const held = await heldDestinations(place.documents);
    if (!args.flag('dry-run')) await place.putSilence(name, JSON.stringify(document, null, 2));
    if (args.json) io.out(JSON.stringify({ silence: name, ...document, destinations: held }));
    io.err(silenceText(silence, now));
    for (const note of notes(silence, held)) io.err(note);
    if (args.flag('dry-run')) io.err('nothing was written (dry run)');
    return 0;
  },
});

function rulesOf(args: Arguments<typeof OPTIONS>): readonly unknown[] {
  const fields = FIELD_NAMES.flatMap((field) => {
    const values = args.list(field);
    return values.length === 0 ? [] : [[field, values.length === 1 ? values[0] : values] as const];
  });
  const rules = args.list('match').map(parseRule);
  if (fields.length > 0 && rules.length > 0) throw usageError('--match takes the place of the options of fields');
  if (fields.length === 0 && rules.length === 0)
    throw usageError(`say what it holds: --match, or ${FIELD_NAMES.map((field) => `--${field}`).join(', ')}`);
  return fields.length > 0 ? [Object.fromEntries(fields)] : rules;
}

function parseRule(text: string): unknown {
  const parsed = parseJson(text);
  if ('value' in parsed) return parsed.value;
  throw usageError(`--match ${parsed.problems.map(({ message }) => message).join('; ')}`);
}

function endOf(args: Arguments<typeof OPTIONS>, now: number): number {
  const [duration, time] = [args.text('for'), args.text('until')];
  if ((duration === undefined) === (time === undefined)) throw usageError('expected either --for or --until');
  const ms = duration === undefined ? undefined : durationMs(duration);
  const end = duration === undefined ? Date.parse(time ?? '') : now + (ms ?? NaN);
  if (duration !== undefined && !ms)
    throw usageError(`--for is ${duration}, expected a duration such as 30m, 2h or 3d`);
  if (Number.isNaN(end)) throw usageError(`--until is ${time}, expected a time such as 2026-11-27T18:00:00Z`);
  if (end <= now) throw usageError(`--until is ${time}, which is over`);
  return end;
}

interface Given {
  readonly name: string;
  readonly now: number;
  /** Whether its one rule is made of options, which mistakes are then told by. */
  readonly isOfOptions: boolean;
}

/** @throws {OpsError} that names every mistake. */
function check(document: object, { name, now, isOfOptions }: Given): Silence {
  const parsed = parseSilence(name, JSON.stringify(document), now);
  if ('value' in parsed) return parsed.value;
  const place = (field: string): string =>
    isOfOptions ? field.replace(/^match\[0\]\.(\w+)(\[\d+\])?/, '--$1') : field;
  throw usageError(parsed.problems.map(({ field, message }) => `${place(field)}: ${message}`).join('\n'));
}

async function refuseInForce(name: string, place: Place, now: number): Promise<void> {
  const { silences } = await readSilences(place, now);
  const known = silences.find((each) => each.name === name && now < each.until);
  if (known === undefined) return;
  throw new OpsError(`there is a silence ${silenceText(known, now)}\nchoose another name, or repeat with --replace`);
}

async function authorOf({ deployed }: Place, io: Io): Promise<string> {
  // Only here: a folder needs no AWS, and none of its clients.
  const { callerOf, userOf } = await import('./author.ts');
  return deployed === undefined ? userOf(io) : callerOf(io);
}

/** The destinations that silences hold. One with a mistake is told of elsewhere. */
async function heldDestinations(documents: DocumentSource): Promise<readonly string[]> {
  const held: string[] = [];
  for (const [id, document] of await documents.list('destinations')) {
    const [type = ''] = id.split('/');
    if (!sinkTypes().includes(type) || !('text' in document)) continue;
    const config = await loadConfig(type);
    const settings = isHeldBySilences(config) ? parseSettings(config, document.text) : { problems: [] };
    if ('value' in settings && settings.value.silences) held.push(id);
  }
  return held.toSorted();
}

function notes({ match }: Silence, held: readonly string[]): readonly string[] {
  const needed = lookedUpIn('{}', { match: [...match] }).map(({ field }) => field.replace('filter.', ''));
  return [
    held.length > 0 ? `destinations: ${held.join(', ')}` : 'note: no destination is held by silences: they hold chats',
    ...needed.map((field) => `note: ${field} ${NEEDS_LABELS}`),
  ];
}
