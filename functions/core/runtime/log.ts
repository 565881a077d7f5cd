/** Where lines go. Functions write to the process' streams; the embedded stack and tests bring their own. */
export interface Output {
  /** Metrics and the `log` sink's lines. */
  readonly stdout: (line: string) => void;
  /** Logs. */
  readonly stderr: (line: string) => void;
}

// Not console: Lambda would put a prefix before each line, and CloudWatch then reads neither JSON nor metrics in it.
export const processOutput: Output = {
  stdout: (line) => void process.stdout.write(`${line}\n`),
  stderr: (line) => void process.stderr.write(`${line}\n`),
};

/** What varies of a log line. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>> & ReservedFields;

/** The names of what every line has: a field of that name would take its place. */
interface ReservedFields {
  readonly level?: never;
  readonly time?: never;
  readonly message?: never;
}

/** Structured logs. warn: an operator may act; error: an operator must. The message is static, what varies is in fields. */
export interface Log {
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

export function createLog(write: (line: string) => void, base: LogFields): Log {
  const at = (level: string) => (message: string, fields?: LogFields) =>
    write(JSON.stringify({ level, time: new Date().toISOString(), message, ...base, ...fields }));
  return { info: at('info'), warn: at('warn'), error: at('error') };
}
