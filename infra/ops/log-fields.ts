import { isRecord } from '../../functions/core/contract/untrusted.ts';

/** The fields of a line of a log that is a JSON object; undefined where it is none. */
export function logFields(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
