import type { Problem } from '../contract/config.ts';
import { isRecord } from '../contract/untrusted.ts';

/** Stands where an import found no usable value. */
export const FILL_IN = 'REPLACE_ME';

/** The same where only lower-case letters, digits and dashes are allowed. */
export const FILL_IN_LABEL = 'replace-me';

/**
 * What stands for a value that something else was to put in: `$(NAME)` of a Kubernetes manifest, `${NAME}` of a shell, `REPLACE_ME`.
 * In a document `${ event.message }` is a template, and `$(` may belong to a pattern, so there only names in capitals count.
 */
const PLACEHOLDERS = {
  document: /\$\([A-Z][A-Z0-9_]*\)|\$\{[A-Z][A-Z0-9_]*\}|REPLACE_ME|replace-me/g,
  secret: /\$\([A-Za-z_][A-Za-z0-9_]*\)|\$\{ *[A-Za-z_][A-Za-z0-9_. :-]*\}|REPLACE_ME|replace-me/g,
} as const;

/** A problem for each field that still holds a placeholder. The text around it is not shown, nor a name that may be a part of it. */
export function placeholderProblems(kind: keyof typeof PLACEHOLDERS, value: unknown, field = ''): readonly Problem[] {
  if (typeof value === 'string') {
    const found = new Set(Array.from(value.matchAll(PLACEHOLDERS[kind]), ([placeholder]) => shown(placeholder)));
    return [...found].map((placeholder) => ({
      field,
      message: `still holds ${placeholder}: put the real value in its place`,
    }));
  }
  if (Array.isArray(value))
    return value.flatMap((item, index) => placeholderProblems(kind, item, `${field}[${index}]`));
  if (!isRecord(value)) return [];
  return Object.entries(value).flatMap(([name, inner]) =>
    placeholderProblems(kind, inner, field === '' ? name : `${field}.${name}`),
  );
}

function shown(placeholder: string): string {
  const name = /^\$[({](.*)[)}]$/s.exec(placeholder)?.[1];
  return name === undefined || /^[A-Z][A-Z0-9_]*$/.test(name)
    ? placeholder
    : `${placeholder.slice(0, 2)}…${placeholder.at(-1)}`;
}
