import { parseArgs } from 'node:util';
import { messageOf } from '../functions/core/contract/untrusted.ts';
import { called } from '../infra/called.ts';
import { columns, unknownOption } from '../infra/ops/command.ts';
import type { Screen } from '../infra/terminal/screen.ts';

const USAGE = `${called.start} [--kubeconfig FILE] [--context NAME] [--folder DIR] [--archive DIR] [--console-port N] [--no-console] [--read-only]`;
const text = { type: 'string' } as const;
const flag = { type: 'boolean' } as const;
const OPTIONS = {
  kubeconfig: text,
  context: text,
  folder: text,
  archive: text,
  'console-port': text,
  'no-console': flag,
  'read-only': flag,
  help: { type: 'boolean', short: 'h' },
} as const;
/** The text of `--help`. */
export const helpText = (screen: Screen): string =>
  [
    `Usage: ${USAGE}`,
    '',
    'Runs relay, router and sinks in this process until Ctrl-C, on events of a built-in sample cluster or of a real one.',
    '',
    ...columns(
      [
        ['--kubeconfig FILE', 'Watch the cluster of this kubeconfig.'],
        ['--context NAME', 'Watch the cluster of this context of the kubeconfig.'],
        [
          '--folder DIR',
          'Deliver to the destinations in DIR/destinations, with the secrets in DIR/secrets; edits take effect at once.',
        ],
        ['--archive DIR', 'Keep every event in DIR, which ops archive searches; not with --folder.'],
        [
          '--console-port N',
          'Serve the console, a page that shows all of this, on this port of 127.0.0.1; by default on any.',
        ],
        ['--no-console', 'Leave the console out.'],
        ['--read-only', 'Let the console show everything and change nothing.'],
        ['--help, -h', 'Show this text.'],
      ],
      screen,
    ),
  ].join('\n');

/** What the person asked for cannot be done; the message is all they need. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export interface ConsoleChoice {
  /** 0 for any that is free. */
  readonly port: number;
  readonly readOnly: boolean;
}

/** What the person asked for. */
export interface Choice {
  readonly kubeconfig: string | undefined;
  readonly context: string | undefined;
  readonly folder: string | undefined;
  readonly archive: string | undefined;
  /** Undefined: there is to be none. */
  readonly console: ConsoleChoice | undefined;
  readonly help: boolean;
}

/** @throws {UsageError} that says which option is wrong, and how. */
export function parseChoice(args: readonly string[]): Choice {
  const { tokens } = parseArgs({ args: [...args], options: OPTIONS, strict: false, tokens: true });
  for (const token of tokens) {
    if (token.kind !== 'option' || Object.hasOwn(OPTIONS, token.name)) continue;
    throw new UsageError(unknownOption(token.rawName, Object.keys(OPTIONS)));
  }
  const { kubeconfig, context, folder, archive, help = false, ...others } = parseValues(args);
  const port = portOf(others['console-port']);
  const console = others['no-console'] ? undefined : { port, readOnly: others['read-only'] ?? false };
  return { kubeconfig, context, folder, archive, console, help };
}

function parseValues(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS }).values;
  } catch (error) {
    const [problem = ''] = messageOf(error).split(/\. |\n/);
    throw new UsageError(`${problem}; usage: ${USAGE}`);
  }
}

/** Any port that is free, where none is given. */
function portOf(value = '0'): number {
  if (/^\d{1,5}$/.test(value) && Number(value) <= 65_535) return Number(value);
  throw new UsageError(`--console-port is ${value}, expected a port up to 65535`);
}
