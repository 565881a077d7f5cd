import manifest from '../../package.json' with { type: 'json' };
import { nearest } from '../../functions/core/kit/nearest.ts';
import { loadAllLanguages } from '../../functions/core/kit/languages.ts';
import { called } from '../called.ts';
import { paragraph } from '../terminal/table.ts';
import { columns, OpsError, usageError, type ExitCode, type Io } from './command.ts';
import { commands } from './commands.ts';
import { failureText } from './failure.ts';

/** Runs one command line. Never throws: every failure becomes a line on standard error and an exit code. */
export async function runOps(argv: readonly string[], io: Io): Promise<ExitCode> {
  try {
    return await dispatch(argv, io);
  } catch (error) {
    if (!(error instanceof OpsError)) {
      io.err(failureText(error));
      return 1;
    }
    for (const line of error.message.split('\n')) io.err(line);
    if (error.exitCode === 2) io.err('Add --help for what is allowed.');
    return error.exitCode;
  }
}

async function dispatch(argv: readonly string[], io: Io): Promise<ExitCode> {
  if (argv[0] === '--version' || argv[0] === '-v') {
    io.out(
      argv.includes('--json') ? JSON.stringify({ version: manifest.version }) : `kube-courier ${manifest.version}`,
    );
    return 0;
  }
  const words = argv.slice(0, 2).filter((word) => !word.startsWith('-'));
  const name = [words.join(' '), words[0] ?? ''].find((candidate) => Object.hasOwn(commands, candidate));
  if (name === undefined) return overview(argv, words, io);
  const entry = commands[name];
  if (entry === undefined) return 2;
  const { command } = await entry.load();
  const rest = argv.slice(name.split(' ').length);
  if (rest.includes('--help') || rest.includes('-h')) {
    io.out(command.help(name, io.screen));
    return 0;
  }
  await loadAllLanguages();
  return command.run(rest, io);
}

function overview(argv: readonly string[], words: readonly string[], io: Io): ExitCode {
  const [first = ''] = words;
  const group = Object.entries(commands).filter(([name]) => name.startsWith(`${first} `));
  const asked = argv.includes('--help') || argv.includes('-h') || first === 'help';
  if (words.length > 0 && !asked && group.length === 0) throw usageError(unknownCommand(first, words));
  if (words.length === 2 && !asked) throw usageError(unknownCommand(words.join(' '), words));
  const shown = group.length > 0 ? group : Object.entries(commands);
  const text = [
    `Usage: ${called.ops} ${group.length > 0 ? first : '<command>'} ...`,
    '',
    ...columns(
      shown.map(([name, { summary }]) => [name, summary]),
      io.screen,
    ),
    '',
    ...paragraph(
      '<command> --help explains a command. --json prints one JSON document per line on standard output. --version says which this is.',
      '',
      io.screen,
    ),
    ...paragraph('Exit code: 0 all well, 1 something is left or failed, 2 wrong usage.', '', io.screen),
  ];
  for (const line of text) (asked ? io.out : io.err)(line);
  return asked ? 0 : 2;
}

function unknownCommand(given: string, words: readonly string[]): string {
  const names = Object.keys(commands);
  const firsts = [...new Set(names.map((name) => name.split(' ')[0] ?? name))];
  const near = nearest(words.join(' '), names) ?? nearest(given, names) ?? nearest(given, firsts);
  return `there is no command ${given} (${near === undefined ? `there are: ${names.join(', ')}` : `did you mean ${near}?`})`;
}
