import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { WriteStream } from 'node:tty';
import { stripVTControlCharacters } from 'node:util';
import type { OutputStream } from '../../infra/terminal/screen.ts';
import { isOnPath } from './services/service.ts';

/** A stream that says that it is a terminal of a size. */
export function fakeTerminal({ columns = 80, rows = 24 } = {}) {
  // With CI in its environment, Node takes a terminal for one without colours.
  const getColorDepth = (env?: object): number => WriteStream.prototype.getColorDepth(env ?? withoutCi());
  const stream = Object.assign(new PassThrough(), { isTTY: true, columns, rows, getColorDepth });
  return { stream: stream satisfies OutputStream, written: () => String(stream.read() ?? '') };
}

function withoutCi(): NodeJS.ProcessEnv {
  const { CI: _, ...env } = process.env;
  return env;
}

/** A program on a real terminal. */
export interface OnTerminal {
  /** What it has shown so far, colours and all. */
  shown(): string;
  /** The same as lines without colours. */
  lines(): readonly string[];
  /** As a person types. */
  type(keys: string): void;
  /** The exit code. */
  readonly exited: Promise<number | null>;
  /** Ends it, if it has not ended. */
  kill(): Promise<void>;
}

export const CTRL_C = '\u0003';

/** Its child runs on a terminal of its own, and what it shows goes to standard output. */
const PTY = 'import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))';

/**
 * Whether there is what makes terminals. False, with a line on standard error, where there is not; with `CI=true` an error, so
 * that a green run hides no test that did not happen.
 */
export function requirePty(): boolean {
  if (isOnPath('python3')) return true;
  const advice = 'tests on a terminal need python3 on the PATH, for its module pty';
  if (process.env['CI'] === 'true') throw new Error(advice);
  process.stderr.write(`SKIPPED: ${advice}\n`);
  return false;
}

/** Starts a Node program on a terminal of a size. */
export function runOnTerminal(
  args: readonly string[],
  { columns = 100, rows = 40, env = {} }: { columns?: number; rows?: number; env?: NodeJS.ProcessEnv } = {},
): OnTerminal {
  const sized = ['sh', '-c', `stty cols ${columns} rows ${rows} && exec "$@"`, 'sh', process.execPath];
  // With CI in its environment, Node takes a terminal for one without colours.
  const { NO_COLOR: _, FORCE_COLOR: __, ...inherited } = withoutCi();
  const child = spawn('python3', ['-c', PTY, ...sized, ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...inherited, TERM: 'xterm-256color', ...env },
  });
  const errors = text(child.stderr);
  let shown = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (shown += chunk));
  const exited = once(child, 'close').then(async ([code]: (number | null)[]) => {
    const said = await errors;
    if (said !== '') throw new Error(said);
    return code ?? null;
  });
  return {
    shown: () => shown,
    lines: () => stripVTControlCharacters(shown).split(/\r?\n/),
    type: (keys) => void child.stdin.write(keys),
    exited,
    async kill() {
      if (child.exitCode === null && child.kill('SIGKILL')) await exited.catch(() => undefined);
    },
  };
}
