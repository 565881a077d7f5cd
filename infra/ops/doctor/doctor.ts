import { untilAborted } from '../../../functions/core/contract/limits.ts';
import { readStack, STACK_OPTIONS } from '../aws/stack.ts';
import type { Screen, Tone } from '../../terminal/screen.ts';
import { tableLines, type Column } from '../../terminal/table.ts';
import { defineCommand } from '../command.ts';
import { countText } from '../count.ts';
import { alarms, subscriptions } from './checks/alarms.ts';
import { eventSources, functionsRun } from './checks/functions.ts';
import { identity, permissions } from './checks/identity.ts';
import { documents, parameters } from './checks/parameters.ts';
import { queues } from './checks/queues.ts';
import { concurrency, parameterReads } from './checks/quotas.ts';
import { relayPermissions, relayTrust } from './checks/relay-identity.ts';
import { clocks, heartbeats, versions } from './checks/relays.ts';
import { roundTrip } from './checks/round-trip.ts';
import { createClients } from './clients.ts';
import { findingOf, type Finding, type State } from './finding.ts';
import { createWorld, type World } from './world.ts';
import { parseId } from '../folder.ts';

/** Looks at one thing; rejects where it cannot, which is a finding too. */
type Look = (world: World, signal: AbortSignal) => Promise<readonly Finding[]>;

/** The program: what is looked at, in the order in which it is said. */
const CHECKS: readonly (readonly [name: string, look: Look])[] = [
  ['identity', identity],
  ['permissions', permissions],
  ['versions', versions],
  ['functions', functionsRun],
  ['event sources', eventSources],
  ['queues', queues],
  ['concurrency', concurrency],
  ['parameter reads', parameterReads],
  ['parameters', parameters],
  ['destinations', documents],
  ['alarms', alarms],
  ['subscriptions', subscriptions],
  ['relay permissions', relayPermissions],
  ['relay identity', relayTrust],
  ['heartbeats', heartbeats],
  ['clocks', clocks],
  ['test event', roundTrip],
];

/** However many calls a check takes. The test event may wait for a minute, and is watched for a minute and a half. */
const CHECK_MS = 200_000;

const MARKS: Readonly<Record<State, string>> = { ok: '+', warn: '!', fail: 'x', skipped: '-' };

const TONES: Readonly<Record<State, Tone | undefined>> = {
  ok: undefined,
  warn: 'wait',
  fail: 'act',
  skipped: 'detail',
};

const COLUMNS: readonly Column[] = [
  { head: '', width: 1 },
  // Findings are shown as they come.
  { head: 'CHECK', width: Math.max(...CHECKS.map(([name]) => name.length)) },
  { head: 'FOUND', flexible: true },
];

export const command = defineCommand({
  usage: '[--destination TYPE/NAME]',
  about:
    'Looks at what only a real account shows: who you and the relays are and may do, quotas, whether functions, event sources and queues are as deployed, whether functions may read and decrypt their parameters, whether alarms reach somebody, heartbeats, versions and clocks. With --destination it also sends a test event through ingest queue and router to that destination and waits for it. Nothing else is changed. Marks: + well, ! worth knowing, x wrong, - not known. Exit code 1: something is wrong.',
  examples: ['npm run -s ops -- doctor', 'npm run -s ops -- doctor --destination dingtalk/on-call'],
  options: {
    ...STACK_OPTIONS,
    destination: { value: 'TYPE/NAME', about: 'Send a test event to this destination, by the way of all events.' },
  },
  async run(args, io) {
    const destination = args.text('destination');
    if (destination !== undefined) parseId(destination);
    const world = createWorld(await readStack(args), { clients: createClients(), io, destination });
    const signal = AbortSignal.any([io.signal, AbortSignal.timeout(CHECK_MS)]);
    const looks = CHECKS.map(([name, look]) => ({ name, found: findingsOf(look, world, signal) }));
    const states: State[] = [];
    if (!args.json && io.screen.columns !== undefined)
      for (const line of tableLines(COLUMNS, [], io.screen)) io.out(line);
    for (const { name, found } of looks) {
      for (const finding of await found) {
        states.push(finding.state);
        for (const line of args.json
          ? [JSON.stringify({ check: name, ...finding })]
          : linesOf(name, finding, io.screen))
          io.out(line);
      }
    }
    io.err(summary(states));
    return states.includes('fail') ? 1 : 0;
  },
});

/** What a look finds. Never rejects. */
async function findingsOf(look: Look, world: World, signal: AbortSignal): Promise<readonly Finding[]> {
  try {
    return await untilAborted(look(world, signal), signal);
  } catch (error) {
    return [findingOf(error)];
  }
}

function linesOf(name: string, { state, said, advice }: Finding, screen: Screen): readonly string[] {
  if (screen.columns !== undefined) {
    const mark = { text: MARKS[state], tone: TONES[state] };
    const notes = advice === undefined ? [] : [{ text: advice, tone: undefined }];
    return tableLines(COLUMNS, [{ cells: [mark, name, { text: said, tone: TONES[state] }], notes }], screen, {
      isHeaded: false,
    });
  }
  return [`${MARKS[state]} ${name}: ${said}`, ...(advice === undefined ? [] : [`    ${advice}`])];
}

function summary(states: readonly State[]): string {
  const count = (state: State): number => states.filter((each) => each === state).length;
  return `${count('ok')} well, ${count('warn')} worth knowing, ${countText(count('fail'), 'thing')} wrong, ${count('skipped')} not known`;
}
