/** Severities, least first. */
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** One call is one line. `fields` never hold credentials or event contents. */
export type Logger = (level: LogLevel, message: string, fields?: LogFields) => void;

/** A logger that writes one JSON document per line, at `threshold` and above, its texts as `redact` leaves them. */
export function createLogger(
  threshold: LogLevel,
  write: (line: string) => void,
  redact: (text: string) => string = (text) => text,
): Logger {
  const least = LOG_LEVELS.indexOf(threshold);
  return (level, message, fields = {}) => {
    if (LOG_LEVELS.indexOf(level) < least) return;
    const shown = Object.entries(fields).map(([name, value]) => [
      name,
      typeof value === 'string' ? redact(value) : value,
    ]);
    const line = { time: new Date().toISOString(), level, message: redact(message), ...Object.fromEntries(shown) };
    write(`${JSON.stringify(line)}\n`);
  };
}
