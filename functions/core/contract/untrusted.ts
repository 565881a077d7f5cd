/**
 * Reading what others sent: an API server, a queue, a vendor, a person, a `catch`. Nothing in it has the shape it should have, so
 * each of these takes anything and gives a value of its type.
 */

/** Whether a value is a JSON object. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value as a JSON object, empty where it is none. */
export function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return isRecord(value) ? value : {};
}

/** The value as a list, empty where it is none. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The value as a text, empty where it is none. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** The fields of a JSON object that hold texts. */
export function textsOf(value: unknown): Readonly<Record<string, string>> {
  const entries = Object.entries(recordOf(value));
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}

/** What something thrown says about itself; whatever was thrown that is no Error, as text. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : asText(thrown);
}

/** {@link messageOf} with the error's name before it. */
export function namedMessageOf(thrown: unknown): string {
  return thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : asText(thrown);
}

/** The `code` that Node's errors carry (`ENOENT`, `ECONNRESET`), empty where there is none. */
export function codeOf(thrown: unknown): string {
  return thrown instanceof Error && 'code' in thrown ? textOf(thrown.code) : '';
}

/** An object without a prototype, or one whose `toString` throws, has no text. */
function asText(value: unknown): string {
  try {
    return String(value);
  } catch {
    return `something unprintable (${typeof value})`;
  }
}
