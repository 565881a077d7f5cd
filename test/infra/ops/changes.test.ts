import { expect, test } from 'vitest';
import { commands } from '../../../infra/ops/commands.ts';
import { readGuide } from '../../support/guides.ts';

/** What changes nothing, but for a message that somebody asked to be sent (`destinations test`, `doctor`), or what they do on a page. */
const READING =
  /^(route|preview|explain|status|console|tail|doctor|validate|completion|relay manifest|destinations (ls|get|diff|validate|test|rehearse|history)|silence ls|dlq (ls|peek|export)|archive (ls|search))$/;
/** What writes into a folder, and changes no file that is there but its own. */
const WRITING_NEW_FILES = /^(import |relay chart$)/;
/** What deletes or moves something: it asks for --yes. */
const CONFIRMED = ['destinations rm', 'dlq replay', 'dlq drop', 'adopt'];

const changing = Object.keys(commands).filter((name) => !READING.test(name) && !WRITING_NEW_FILES.test(name));

test.each(changing)('%s says what it would do: without --yes, or with --dry-run', async (name) => {
  const { options } = (await commands[name]?.load())?.command ?? { options: {} };

  expect(Object.keys(options)).toContain(CONFIRMED.includes(name) ? 'yes' : 'dry-run');
});

test('the guide says which of the two, of each', () => {
  const text = readGuide('infra/OPERATING.md')
    .tokens.map(({ raw }) => raw)
    .join('');
  const [, confirmed = ''] = /What deletes or moves something [^\n]*: ([^\n]*)/.exec(text) ?? [];
  const [, atOnce = ''] = /Everything else that changes something [^\n]*: ([^\n]*)/.exec(text) ?? [];

  for (const name of changing) {
    const line = CONFIRMED.includes(name) ? confirmed : atOnce;
    // `destinations set`, and for those after it in the list `edit`.
    const isNamed = line.includes(`\`${name}\``) || line.includes(`\`${name.split(' ').at(-1)}\``);
    expect({ name, isNamed }).toEqual({ name, isNamed: true });
  }
});
