import { textOf } from '../../functions/core/contract/untrusted.ts';
import { logFields } from '../../infra/ops/log-fields.ts';

/** Makes a line that a person can read of a JSON log line; other text stays as it is, less what could steer a terminal. */
export function readableLine(line: string): string {
  const fields = logFields(line);
  if (!fields) return plain(line);
  const { time, level, message, sink, ...rest } = fields;
  const details = Object.entries(rest).map(([name, value]) => `${name} ${String(value)}`);
  const place = textOf(sink) || 'relay';
  const clock = (textOf(time) || new Date().toISOString()).slice(11, 19);
  const tail = details.length === 0 ? '' : ` (${details.join(', ')})`;
  return plain(`${clock} ${textOf(level).padEnd(5)} ${place}: ${textOf(message)}${tail}`);
}

function plain(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ').trim();
}
