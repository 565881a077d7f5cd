import { createRedactor } from '../../../functions/core/contract/redaction.ts';
import { REDACTED } from '../../../functions/core/contract/secret.ts';
import { isRecord } from '../../../functions/core/contract/untrusted.ts';

/** Strikes the values of a secrets document out of what AWS or a function says: both may repeat what they were given. */
export function concealer(secretText: string | undefined): (text: string) => string {
  const { use, redact } = createRedactor();
  use(textsIn(parsed(secretText)));
  return redact;
}

/** The texts in a JSON value, at whatever depth. */
export function textsIn(value: unknown): readonly string[] {
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

/** A document as far as it may be shown: a field that may be secret says only that it is there. */
export function withoutSecrets(document: unknown, isSecret: (field: string) => boolean): unknown {
  if (!isRecord(document)) return document;
  const entries = Object.entries(document).map(([field, value]) => [field, isSecret(field) ? REDACTED : value]);
  return Object.fromEntries(entries);
}
