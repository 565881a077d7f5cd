import manifest from '../../package.json' with { type: 'json' };
import { nearest } from '../../functions/core/kit/nearest.ts';
import { messageOf } from '../../functions/core/contract/untrusted.ts';
import { columns } from '../ops/command.ts';
import { cdkCommands, runCdk } from './cdk.ts';

interface Command {
  readonly summary: string;
  /** Sets the process' exit code itself where that is not 0. */
  readonly run: (args: readonly string[]) => Promise<unknown>;
}

const commands: Readonly<Record<string, Command>> = {
  start: {
    summary: 'runs all of it in one process, on a sample cluster or a real one',
    run: () => import('../../localstack/start.ts'),
  },
  ops: {
    summary: "the operator's commands: destinations, dead letters, status ...",
    run: () => import('../ops.ts'),
  },
  ...Object.fromEntries(
    Object.entries(cdkCommands).map(([name, summary]) => [
      name,
      {
        summary,
        run: async (args: readonly string[]) => {
          process.exitCode = await runCdk([name, ...args]);
        },
      },
    ]),
  ),
};

const HELP = [
  'Usage: npx kube-courier COMMAND ...',
  '',
  'Carries Kubernetes events to chats, stores and queues without losing one.',
  '',
  ...columns(Object.entries(commands).map(([name, { summary }]) => [name, summary])),
  '',
  'start --help and ops --help explain theirs. What follows the others is passed on to the AWS CDK, such as --context sinks=log.',
  '--version shows the version.',
];

/** Runs one command line. A failure becomes a line on standard error and an exit code: 1, or 2 for wrong usage. */
export async function runCommand([name = '', ...args]: readonly string[]): Promise<void> {
  if (['--version', '-v'].includes(name)) return say(process.stdout, manifest.version);
  if (['--help', '-h', 'help'].includes(name)) return say(process.stdout, ...HELP);
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command === undefined) {
    process.exitCode = 2;
    return say(process.stderr, ...(name === '' ? HELP : unknown(name)));
  }
  // They read their own command line.
  process.argv.splice(2, 1);
  try {
    await command.run(args);
  } catch (error) {
    process.exitCode = 1;
    say(process.stderr, messageOf(error));
  }
}

function unknown(name: string): readonly string[] {
  const names = Object.keys(commands);
  const near = nearest(name, names);
  const hint = near === undefined ? `there are: ${names.join(', ')}` : `did you mean ${near}?`;
  return [`there is no command ${name} (${hint})`, 'Add --help for what is allowed.'];
}

function say(stream: NodeJS.WriteStream, ...lines: readonly string[]): void {
  stream.write(`${lines.join('\n')}\n`);
}
