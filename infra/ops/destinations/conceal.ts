import { createRedactor } from '../../../functions/core/contract/redaction.ts';

/** Strikes the values of a secrets document out of what AWS or a function says: both may repeat what they were given. */
export function concealer(secretText: string | undefined): (text: string) => string {
  const { use, redact } = createRedactor();
  use(textsIn(parsed(secretText)));
  return redact;
}

function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return value === '' ? [] : [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

/** What is no JSON is secret as a whole. */
function parsed(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '{}');
  } catch {
    return text;
  }
}
