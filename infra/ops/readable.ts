import { stringify } from 'yaml';
import { isRecord } from '../../functions/core/contract/untrusted.ts';

/**
 * A payload for a person: YAML, in which texts have their own lines, JSON within texts is laid out, and bytes show what text is
 * in them. Nothing in it steers a terminal.
 */
export function readable(payload: unknown): string {
  const value = open(payload);
  const text = typeof value === 'string' ? value : stringify(value, { lineWidth: 0, aliasDuplicateObjects: false });
  return text.replace(/[^\P{C}\n\t]+/gu, ' ').trimEnd();
}

function open(value: unknown): unknown {
  if (typeof value === 'string') return openText(value);
  if (value instanceof Uint8Array) return `${value.length} bytes: ${textIn(value)}`;
  if (Array.isArray(value)) return value.map(open);
  if (!isRecord(value) || value instanceof Date) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, open(inner)]));
}

/** JSON in a text is opened, unless it is a mere number or word. */
function openText(text: string): unknown {
  if (!/^\s*[[{]/.test(text)) return text;
  try {
    return open(JSON.parse(text));
  } catch {
    return text;
  }
}

function textIn(bytes: Uint8Array): string {
  return Buffer.from(bytes)
    .toString()
    .replace(/[\p{C}\uFFFD]+/gu, ' ')
    .trim();
}
