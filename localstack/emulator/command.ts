import { execFile } from 'node:child_process';

export interface CommandOptions {
  readonly cwd?: string;
  /** The whole environment of the command. @default the one of this process */
  readonly env?: NodeJS.ProcessEnv;
}

const OUTPUT_LINES_IN_ERROR = 30;

/** Runs a command to its end and gives its standard output. @throws if it cannot start or fails, with the end of its output. */
export function runCommand(command: string, args: readonly string[], options: CommandOptions = {}): Promise<string> {
  return new Promise<string>((resolve, reject) => {
    execFile(command, args, { ...options, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      if (!error) return resolve(stdout);
      const output = `${stdout}\n${stderr}`.trim().split('\n').slice(-OUTPUT_LINES_IN_ERROR).join('\n');
      reject(new Error(`${command} ${args[0] ?? ''} failed (${error.code ?? error.signal ?? 'unknown'}):\n${output}`));
    });
  });
}

/** Whether a command can be run and succeeds. */
export function commandWorks(command: string, args: readonly string[]): Promise<boolean> {
  return runCommand(command, args).then(
    () => true,
    () => false,
  );
}
