import { parseArgs } from 'node:util';
import { called } from '../called.ts';
import type { StackOutputs } from '../stack/parse-outputs.ts';
import type { Clock } from './clock.ts';
import { plainScreen, type Screen } from '../terminal/screen.ts';
import { paragraph, tableLines } from '../terminal/table.ts';
import { nearest } from '../../functions/core/kit/nearest.ts';

/** Everything a command may touch outside its own code, so that tests can give their own. */
export interface Io {
  /** One line of the result, to standard output. */
  readonly out: (line: string) => void;
  /** What standard output is: a terminal gets columns and colours, all else plain lines. */
  readonly screen: Screen;
  /** One line for the person: notes, progress, errors. */
  readonly err: (line: string) => void;
  /** Overwrites the current line of standard error where that is a terminal. */
  readonly progress: (line: string) => void;
  readonly stdin: () => Promise<string>;
  /** Asks on the terminal without showing what is typed. @throws {OpsError} where there is no terminal. */
  readonly askSecret: (question: string) => Promise<string>;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  /** Serves the console of a stack on this machine. */
  readonly openConsole: (
    stack: StackOutputs & { readonly stack: string },
    options: ConsoleOptions,
  ) => Promise<OpenConsole>;
  /** Aborts when the person interrupts: a command ends after the step it is in. */
  readonly signal: AbortSignal;
}

/** How a console is served: on which port of 127.0.0.1, 0 for any, and whether it may change anything. */
export interface ConsoleOptions {
  readonly port: number;
  readonly readOnly: boolean;
}

export interface OpenConsole {
  /** To be opened in a browser. */
  readonly address: string;
  stop(): Promise<void>;
}

/** 0: all well; 1: something is left or failed; 2: wrong usage. */
export type ExitCode = 0 | 1 | 2;

/** A failure that the person can do something about; its message says what. */
export class OpsError extends Error {
  override readonly name = 'OpsError';
  readonly exitCode: ExitCode;

  constructor(message: string, exitCode: ExitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** The command line itself is wrong. */
export function usageError(message: string): OpsError {
  return new OpsError(message, 2);
}

export interface OptionDoc {
  /** The name of the value in help texts; absent for a switch. */
  readonly value?: string;
  /** May be given more than once. */
  readonly repeatable?: true;
  /** The value is a number above zero, whole or not. */
  readonly number?: 'whole' | 'any';
  readonly about: string;
}

/** The options of a command by name. */
export type OptionDocs = Readonly<Record<string, OptionDoc>>;

type Kind<Doc extends OptionDoc> = Doc extends { readonly value: string }
  ? Doc extends { readonly repeatable: true }
    ? 'list'
    : Doc extends { readonly number: string }
      ? 'number'
      : 'text'
  : 'flag';

/** The names of those options that are of a kind. */
type Names<Options extends OptionDocs, Wanted extends 'flag' | 'list' | 'number' | 'text'> = {
  [Name in keyof Options & string]: Kind<Options[Name]> extends Wanted ? Name : never;
}[keyof Options & string];

/** The parsed command line of a command with these options: each getter takes the names of its own kind only. */
export type Arguments<Options extends OptionDocs> = Getters<
  Names<Options, 'text'>,
  Names<Options, 'list'>,
  Names<Options, 'flag'>,
  Names<Options, 'number'>
>;

interface Getters<Text extends string, List extends string, Flag extends string, Numeric extends string> {
  readonly json: boolean;
  readonly positionals: readonly string[];
  text(name: Text): string | undefined;
  /** @throws {OpsError} when the option is missing. */
  required(name: Text): string;
  /** All values of a repeatable option. */
  list(name: List): readonly string[];
  flag(name: Flag): boolean;
  number(name: Numeric): number | undefined;
}

export interface CommandSpec<Options extends OptionDocs> {
  /** What follows the command's name, such as `FILE --out DIR`. */
  readonly usage: string;
  /** What it does, for someone who sees it the first time. */
  readonly about: string;
  readonly examples: readonly string[];
  /** Names of the positional arguments, all required; `[NAME]` may be left out. */
  readonly positionals?: readonly string[];
  readonly options: Options;
  run(args: Arguments<Options>, io: Io): Promise<ExitCode>;
}

/** A command, its options closed over. */
export interface Command {
  /** All of its options, those that every command has too. */
  readonly options: OptionDocs;
  readonly positionals: readonly string[];
  /** Its help, within the width of the screen. */
  help(name: string, screen?: Screen): string;
  run(argv: readonly string[], io: Io): Promise<ExitCode>;
}

/** A command as the overview shows it; its module is loaded only when it runs. */
export interface CommandEntry {
  readonly summary: string;
  readonly load: () => Promise<{ readonly command: Command }>;
}

const COMMON: Readonly<Record<'json' | 'help', OptionDoc>> = {
  json: { about: 'Print one JSON document per line on standard output.' },
  help: { about: 'Show this text.' },
};

/** Makes a command of its description: parsing, help and errors come from there. */
export function defineCommand<const Options extends OptionDocs>(spec: CommandSpec<Options>): Command {
  return {
    options: { ...spec.options, ...COMMON },
    positionals: spec.positionals ?? [],
    help: (name, screen = plainScreen) => helpText(name, spec, screen),
    async run(argv, io) {
      return spec.run(parse(spec, argv), io);
    },
  };
}

/** @throws {OpsError} on what is unknown, given twice, missing, or not of its option's kind. */
function parse<Options extends OptionDocs>(spec: CommandSpec<Options>, argv: readonly string[]): Arguments<Options> {
  const known: OptionDocs = { ...spec.options, ...COMMON };
  const { tokens } = parseArgs({
    args: [...argv],
    options: Object.fromEntries(
      Object.entries(known).map(([name, { value }]) => [name, { type: value === undefined ? 'boolean' : 'string' }]),
    ),
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const values = new Map<string, string>();
  const lists = new Map<string, string[]>();
  const positionals: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') positionals.push(token.value);
    if (token.kind !== 'option') continue;
    const option = known[token.name];
    if (option === undefined) throw usageError(unknownOption(token.rawName, Object.keys(known)));
    if (values.has(token.name) && !option.repeatable) throw usageError(`--${token.name} is given twice`);
    const { value } = token;
    if (option.value === undefined) {
      if (value !== undefined) throw usageError(`--${token.name} takes no value`);
      values.set(token.name, '');
      continue;
    }
    if (value === undefined || (!token.inlineValue && value.startsWith('--'))) {
      throw usageError(`--${token.name} needs a value: --${token.name} ${option.value}`);
    }
    checkNumber(token.name, value, option);
    values.set(token.name, value);
    lists.set(token.name, [...(lists.get(token.name) ?? []), value]);
  }
  const wanted = spec.positionals ?? [];
  const missing = wanted[positionals.length];
  if (missing !== undefined && !missing.startsWith('[')) throw usageError(`${missing} is missing`);
  const extra = positionals[wanted.length];
  if (extra !== undefined) throw usageError(`unexpected argument ${extra}`);
  return {
    json: values.has('json'),
    positionals,
    text: (name) => values.get(name),
    list: (name) => lists.get(name) ?? [],
    flag: (name) => values.has(name),
    required(name) {
      const value = values.get(name);
      if (value === undefined) throw usageError(`--${name} ${known[name]?.value ?? ''} is missing`);
      return value;
    },
    number(name) {
      const value = values.get(name);
      return value === undefined ? undefined : Number(value);
    },
  };
}

function checkNumber(name: string, value: string, { number }: OptionDoc): void {
  if (number === undefined) return;
  const pattern = number === 'whole' ? /^\d+$/ : /^\d+(\.\d+)?$/;
  if (pattern.test(value) && Number(value) > 0) return;
  throw usageError(`--${name} is ${value}, expected a ${number === 'whole' ? 'whole number' : 'number'} above 0`);
}

/** What to say of an option that there is not: what may have been meant, or which there are. */
export function unknownOption(given: string, known: readonly string[]): string {
  const near = nearest(given.replace(/^-+/, ''), known);
  return `unknown option ${given} (${near === undefined ? `known: ${known.map((name) => `--${name}`).join(', ')}` : `did you mean --${near}?`})`;
}

/** Examples are written as they are typed in a clone, and shown as they are typed here. */
const IN_A_CLONE = 'npm run -s ops --';

function helpText(
  name: string,
  spec: Pick<CommandSpec<OptionDocs>, 'usage' | 'about' | 'options' | 'examples'>,
  screen: Screen,
): string {
  const rows = Object.entries({ ...spec.options, ...COMMON }).map(
    ([option, { value, about }]) => [`--${option}${value === undefined ? '' : ` ${value}`}`, about] as const,
  );
  return [
    `Usage: ${called.ops} ${name} ${spec.usage}`,
    '',
    ...paragraph(spec.about, '', screen),
    '',
    ...columns(rows, screen),
    '',
    spec.examples.length === 1 ? 'Example:' : 'Examples:',
    ...spec.examples.map((example) => `  ${example.replaceAll(IN_A_CLONE, called.ops)}`),
  ].join('\n');
}

/** Rows of two as aligned, indented lines. */
export function columns(rows: readonly (readonly [string, string])[], screen: Screen = plainScreen): readonly string[] {
  const both = [{ head: '' }, { head: '', flexible: true }] as const;
  return tableLines(
    both,
    rows.map((cells) => ({ cells })),
    screen,
    { indent: '  ' },
  );
}
