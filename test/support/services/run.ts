import { execFile } from 'node:child_process';

import { tied } from './tied.ts';

/** The last part of a program's output that an error message quotes. */
const TAIL_CHARACTERS = 2_000;

export interface RunOptions {
  readonly cwd?: string;
  /** Added to this process' environment. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs a program to its end and returns its standard output; an error quotes the end of what the program wrote. */
export function run(program: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const [file, ...rest] = tied([program, ...args]);
  return new Promise((resolve, reject) => {
    execFile(
      file,
      rest,
      { cwd: options.cwd, env: { ...process.env, ...options.env }, maxBuffer: 256 * 1024 * 1024 },
      (error, stdout, stderr) => {
        if (error === null) resolve(stdout);
        else
          reject(
            new Error(`${program} ${args[0] ?? ''} failed: ${(stdout + stderr).slice(-TAIL_CHARACTERS)}`, {
              cause: error.code,
            }),
          );
      },
    );
  });
}
