import {
  parseSecrets,
  parseSettings as parseDestination,
  problemText,
} from '../../functions/core/destinations/destination.ts';
import { parseSilence } from '../../functions/core/destinations/silence.ts';
import { recordOf, textOf } from '../../functions/core/contract/untrusted.ts';
import { loadConfig, loadConfigs, sinkTypes } from '../../infra/discover.ts';
import { commands } from '../../infra/ops/commands.ts';
import { jsonOfYaml } from '../../infra/ops/yaml-document.ts';
import { ContextError, parseSettings, settingNames } from '../../infra/stack/settings.ts';
import { fences, type Guide } from './guides.ts';

const configs = await loadConfigs();

/** What is wrong with the destinations and secrets that a guide shows in blocks tagged `destination` and `secrets`. */
export async function destinationMistakes(guide: Guide): Promise<readonly string[]> {
  const blocks = fences(guide)
    .filter(({ tags }) => tags[0] === 'destination' || tags[0] === 'secrets')
    .map((block) => (block.lang === 'yaml' ? { ...block, text: textIn(jsonOfYaml(block.text)) } : block));
  const mistakes = await Promise.all(
    blocks.map(async ({ tags: [kind, id = ''], text, file }) => {
      const [type = ''] = id.split('/');
      const at = `${file}: ${kind} ${id}:`;
      if (!sinkTypes().includes(type)) return [`${at} there is no sink ${type}`];
      const config = await loadConfig(type);
      const document = kind === 'destination' ? text : blocks.find(isPartner(id))?.text;
      const settings = parseDestination(config, document ?? '{}');
      if (kind === 'destination') return 'problems' in settings ? [`${at} ${problemText(settings.problems)}`] : [];
      const secrets = parseSecrets(config, text, 'value' in settings ? settings.value.plain : {});
      return 'problems' in secrets ? [`${at} ${problemText(secrets.problems)}`] : [];
    }),
  );
  return mistakes.flat();
}

/** What is wrong with the silences that a guide shows in blocks tagged `silence`. */
export function silenceMistakes(guide: Guide): readonly string[] {
  return fences(guide)
    .filter(({ tags }) => tags[0] === 'silence')
    .flatMap(({ tags: [, name = ''], text, file }) => {
      // A guide may be read at any time.
      const now = Date.parse(textOf(recordOf(JSON.parse(text))['until']));
      const parsed = parseSilence(name, text, now);
      return 'problems' in parsed ? [`${file}: silence ${name}: ${problemText(parsed.problems)}`] : [];
    });
}

/** What is no YAML is no JSON either, and said as that. */
function textIn(parsed: ReturnType<typeof jsonOfYaml>): string {
  return 'value' in parsed ? parsed.value : JSON.stringify(parsed.problems);
}

function isPartner(id: string): (block: { readonly tags: readonly string[] }) => boolean {
  return ({ tags }) => tags[0] === 'destination' && tags[1] === id;
}

/** What is wrong with a command line of the operator's: a name, an option, or the number of arguments. */
export async function opsMistakes(words: readonly string[]): Promise<readonly string[]> {
  const line = words.join(' ');
  const name = [words.slice(0, 2).join(' '), words[0] ?? ''].find((each) => Object.hasOwn(commands, each));
  const entry = name === undefined ? undefined : commands[name];
  if (name === undefined || entry === undefined) {
    const isGroup = words[0] === '--help' || Object.keys(commands).some((each) => each.startsWith(`${words[0]} `));
    return isGroup && words.at(-1) === '--help' ? [] : [`${line}: there is no such command`];
  }
  const { command } = await entry.load();
  const [usage = '', ...help] = command.help(name).split('\n');
  const options = new Map(
    help.flatMap((row) => {
      const [, option, value] = /^ {2}--([\w-]+)(?: ([A-Z][^\s]*))? {2}/.exec(row) ?? [];
      return option === undefined ? [] : [[option, value !== undefined] as const];
    }),
  );
  const mistakes: string[] = [];
  const positionals: string[] = [];
  const rest = words.slice(name.split(' ').length);
  for (let index = 0; index < rest.length; index += 1) {
    const word = rest[index] ?? '';
    const [, option, inline] = /^--([\w-]+)(?:=(.*))?$/.exec(word) ?? [];
    if (option === undefined) {
      positionals.push(word);
      continue;
    }
    const takesValue = options.get(option);
    if (takesValue === undefined) mistakes.push(`${line}: there is no option --${option}`);
    if (takesValue !== true || inline !== undefined) continue;
    index += 1;
    if (rest[index] === undefined) mistakes.push(`${line}: --${option} has no value`);
  }
  const { least, most } = expected(usage, name);
  // What is mentioned in passing may leave the rest to the reader.
  const isWhole = !words.includes('...');
  if (isWhole && (positionals.length < least || positionals.length > most)) {
    mistakes.push(`${line}: has ${positionals.length} arguments, expected "${usage}"`);
  }
  return rest.includes('--help') ? [] : mistakes;
}

/** How many arguments a usage line allows: names in capitals that follow no option. */
function expected(usage: string, name: string): { readonly least: number; readonly most: number } {
  const [own = ''] = usage.slice(usage.indexOf(` ${name}`) + name.length + 1).split(/ [|>] /);
  const bare = own
    .replaceAll(/[[(][^[\]()]*--[^[\]()]*(?:\[[^\]]*\])?[^[\]()]*[\])]/g, ' ')
    .replaceAll(/--[\w-]+(?: [A-Z]\S*)?/g, ' ');
  const all = bare.split(/\s+/).filter((word) => /[A-Za-z]/.test(word));
  return { least: all.filter((word) => !word.startsWith('[')).length, most: all.length };
}

/** The settings that a `cdk` command gets, as `--context name=value` or `-c name=value`. */
export function contextOf(words: readonly string[]): readonly (readonly [name: string, value: string])[] {
  if (!words.includes('cdk')) return [];
  return words.flatMap((word, index) => {
    const given = /^(--context|-c)$/.test(words[index - 1] ?? '') ? word : /^--context=(.*)$/.exec(word)?.[1];
    const equals = given?.indexOf('=') ?? -1;
    return given === undefined ? [] : [[given.slice(0, equals), given.slice(equals + 1)] as const];
  });
}

/** What is wrong with settings as they are given on the command line. */
export function contextMistakes(context: readonly (readonly [string, string])[]): readonly string[] {
  const settings = context.filter(([name]) => name !== 'settings');
  const unknown = settings
    .map(([name]) => name)
    .filter((name) => {
      const [scope, type = '', field = ''] = name.split('.');
      if (scope === 'router') return !settingNames.router.includes(type);
      if (scope === 'sinks' && type !== '') return !sinkTypes().includes(type) || !settingNames.sink.includes(field);
      return !settingNames.general.includes(name);
    });
  try {
    parseSettings(Object.fromEntries(settings), configs);
    return unknown.map((name) => `${name} is no setting`);
  } catch (error) {
    if (!(error instanceof ContextError)) throw error;
    return [error.message];
  }
}
