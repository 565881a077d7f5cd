import * as z from 'zod/mini';

/**
 * JSON that every parser takes: lone surrogates, which JSON.stringify would write as escapes that stores refuse, become
 * U+FFFD in texts and names.
 */
export function toJson(value: unknown, indent?: number): string {
  const text = JSON.stringify(value, undefined, indent);
  // A replacer costs more than all the rest, and there is hardly ever anything to replace.
  return LONE_SURROGATE.test(text) ? JSON.stringify(value, wellFormed, indent) : text;
}

/** As JSON.stringify writes it, which leaves pairs as they are. */
const LONE_SURROGATE = /\\ud[89a-f]/;

function wellFormed(_key: string, value: unknown): unknown {
  if (typeof value === 'string') return value.toWellFormed();
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name.toWellFormed(), inner]));
}

/** Reads a service's reply; undefined if it is not JSON of the shape expected. */
export function parseReply<T>(schema: z.ZodMiniType<T>, body: string): T | undefined {
  try {
    const parsed = z.safeParse(schema, JSON.parse(body));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}
