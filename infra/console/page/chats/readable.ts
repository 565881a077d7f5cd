/** A payload for reading: JSON that stands in a text is laid out as JSON. */
export function readableJson(value: unknown): string {
  if (typeof value === 'string') return value;
  return JSON.stringify(value, (_key, each: unknown) => opened(each), 2) ?? '';
}

function opened(value: unknown): unknown {
  if (typeof value !== 'string' || !/^\s*[[{]/.test(value)) return value;
  try {
    const inner: unknown = JSON.parse(value);
    return inner;
  } catch {
    return value;
  }
}
