import { parseArgs } from 'node:util';
import { nearest } from '../../functions/core/destinations/destination.ts';

/** Everything a command may touch outside its own code, so that tests can give their own. */
export interface Io {
  /** One line of the result, to standard output. */
  readonly out: (line: string) => void;
  /** One line for the person: notes, progress, errors. */
  readonly err: (line: string) => void;
  /** Overwrites the current line of standard error where that is a terminal. */
  readonly progress: (line: string) => void;
  readonly stdin: () => Promise<string>;
  /** Asks on the terminal without showing what is typed. @throws {OpsError} where there is no terminal. */
  readonly askSecret: (question: string) => Promise<string>;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborts when the person interrupts: a command ends after the step it is in. */
  readonly signal: AbortSignal;
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
  readonly about: string;
}

/** The parsed command line. */
export interface Arguments<Name extends string> {
  readonly json: boolean;
  readonly positionals: readonly string[];
  text(name: Name): string | undefined;
  /** @throws {OpsError} when the option is missing. */
  required(name: Name): string;
  /** All values of a repeatable option. */
  list(name: Name): readonly string[];
  flag(name: Name): boolean;
  /** @throws {OpsError} when the value is no number above zero. */
  number(name: Name): number | undefined;
}

export interface CommandSpec<Name extends string> {
  /** What follows the command's name, such as `FILE --out DIR`. */
  readonly usage: string;
  /** What it does, for someone who sees it the first time. */
  readonly about: string;
  readonly examples: readonly string[];
  /** Names of the positional arguments, all required; `[NAME]` may be left out. */
  readonly positionals?: readonly string[];
  readonly options: Readonly<Record<Name, OptionDoc>>;
  run(args: Arguments<Name>, io: Io): Promise<ExitCode>;
}

/** A command, its options closed over. */
export interface Command {
  help(name: string): string;
  run(argv: readonly string[], io: Io): Promise<ExitCode>;
}

const COMMON: Readonly<Record<'json' | 'help', OptionDoc>> = {
  json: { about: 'Print one JSON document per line on standard output.' },
  help: { about: 'Show this text.' },
};

/** Makes a command of its description: parsing, help and errors come from there. */
export function defineCommand<Name extends string>(spec: CommandSpec<Name>): Command {
  return {
    help: (name) => helpText(name, spec),
    async run(argv, io) {
      return spec.run(parse(spec, argv), io);
    },
  };
}

function parse<Name extends string>(spec: CommandSpec<Name>, argv: readonly string[]): Arguments<Name> {
  const known: Readonly<Record<string, OptionDoc>> = { ...spec.options, ...COMMON };
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
      if (value === undefined) throw usageError(`--${name} ${spec.options[name].value ?? ''} is missing`);
      return value;
    },
    number(name) {
      const value = values.get(name);
      if (value === undefined) return undefined;
      if (!/^\d+(\.\d+)?$/.test(value) || Number(value) <= 0) {
        throw usageError(`--${name} is ${value}, expected a number above 0`);
      }
      return Number(value);
    },
  };
}

function unknownOption(given: string, known: readonly string[]): string {
  const near = nearest(given.replace(/^-+/, ''), known);
  return `unknown option ${given} (${near === undefined ? `known: ${known.map((name) => `--${name}`).join(', ')}` : `did you mean --${near}?`})`;
}

function helpText(name: string, spec: CommandSpec<string>): string {
  const rows = Object.entries({ ...spec.options, ...COMMON }).map(
    ([option, { value, about }]) => [`--${option}${value === undefined ? '' : ` ${value}`}`, about] as const,
  );
  return [
    `Usage: npm run -s ops -- ${name} ${spec.usage}`,
    '',
    spec.about,
    '',
    ...columns(rows),
    '',
    spec.examples.length === 1 ? 'Example:' : 'Examples:',
    ...spec.examples.map((example) => `  ${example}`),
  ].join('\n');
}

/** Rows of two as aligned, indented lines. */
export function columns(rows: readonly (readonly [string, string])[]): readonly string[] {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
}
