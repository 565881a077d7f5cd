import { sinkTypes } from '../../discover.ts';
import type { Command, CommandEntry } from '../command.ts';

/** What may stand for a value, as far as a shell can tell without asking AWS. */
export type ValueKind = 'file' | 'folder' | 'destination' | 'owner' | 'sink' | 'shell' | 'free';

/** A command, as shells complete it. */
export interface CommandWords {
  /** One word, or two: `destinations set`. */
  readonly name: string;
  readonly summary: string;
  readonly options: readonly OptionWords[];
  /** Of its first argument; undefined where it has none. */
  readonly positional: ValueKind | undefined;
}

export interface OptionWords {
  /** With its dashes. */
  readonly name: string;
  readonly about: string;
  /** Undefined for a switch. */
  readonly value: ValueKind | undefined;
}

/** Everything that is completed. */
export interface Words {
  readonly commands: readonly CommandWords[];
  readonly sinks: readonly string[];
}

/** The shells for which there is a script. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const;

const KINDS: Readonly<Record<string, ValueKind>> = {
  FILE: 'file',
  PLACE: 'folder',
  DIR: 'folder',
  'TYPE/NAME': 'destination',
  'type|router': 'owner',
  'SINK[.FIELD]': 'sink',
  SHELL: 'shell',
};

/** What a value is, by its name in help texts. */
function kindOf(name: string): ValueKind {
  return KINDS[name] ?? KINDS[name.replace(/^[[<](.*)[\]>]$/, '$1')] ?? 'free';
}

export async function readWords(entries: Readonly<Record<string, CommandEntry>>): Promise<Words> {
  const commands = Object.entries(entries).map(async ([name, { summary, load }]) => {
    const { command } = await load();
    return wordsOf(name, summary, command);
  });
  return { commands: await Promise.all(commands), sinks: sinkTypes() };
}

function wordsOf(name: string, summary: string, { options, positionals }: Command): CommandWords {
  const [first] = positionals;
  return {
    name,
    summary,
    options: Object.entries(options).map(([option, { about, value }]) => ({
      name: `--${option}`,
      about,
      value: value === undefined ? undefined : kindOf(value),
    })),
    positional: first === undefined ? undefined : kindOf(first),
  };
}

/** The first words of all commands, each once. */
export function firstWords({ commands }: Words): readonly string[] {
  return [...new Set(commands.map(({ name }) => name.split(' ')[0] ?? name))];
}

/** The second words of commands that have two, by their first. */
export function secondWords({ commands }: Words): ReadonlyMap<string, readonly CommandWords[]> {
  const pairs = commands.filter(({ name }) => name.includes(' '));
  return Map.groupBy(pairs, ({ name }) => name.slice(0, name.indexOf(' ')));
}

/** A command's second word. */
export function lastWord({ name }: CommandWords): string {
  return name.slice(name.indexOf(' ') + 1);
}

/** Names of options whose values are of a kind. */
export function optionsOf({ options }: CommandWords, kind: ValueKind): string {
  return options.flatMap(({ name, value }) => (value === kind ? [name] : [])).join(' ');
}
