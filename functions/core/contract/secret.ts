import { inspect } from 'node:util';

const REDACTED = '[secret]';

/** A value that cannot be printed by accident: only `reveal()` gives it out, and that name is easy to search for. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return REDACTED;
  }

  toJSON(): string {
    return REDACTED;
  }

  [inspect.custom](): string {
    return REDACTED;
  }
}

/** All secret values inside a parsed secrets document, longest first, so that a part never unmasks the whole. */
export function secretValues(document: unknown): readonly string[] {
  const values: string[] = [];
  const visit = (value: unknown): void => {
    if (value instanceof Secret) values.push(value.reveal());
    else if (typeof value === 'object' && value !== null) Object.values(value).forEach(visit);
  };
  visit(document);
  return values.filter((value) => value !== '').toSorted((a, b) => b.length - a.length);
}

/**
 * Replaces every secret value in a text, also where it stands URL-encoded or JSON-escaped: vendors echo what they were
 * sent in the errors they answer.
 */
export function redact(text: string, secrets: readonly string[]): string {
  let result = text;
  for (const secret of secrets) {
    const forms = new Set([secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)]);
    for (const form of forms) result = result.replaceAll(form, REDACTED);
  }
  return result;
}
