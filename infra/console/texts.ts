import { isRecord } from '../../functions/core/contract/untrusted.ts';

/** A JSON value with each of its texts changed, but for those in fields of these names. */
export function withTexts(
  value: unknown,
  change: (text: string) => string,
  untouched: ReadonlySet<string> = new Set(),
): unknown {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((item) => withTexts(item, change, untouched));
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name,
      untouched.has(name) ? inner : withTexts(inner, change, untouched),
    ]),
  );
}
