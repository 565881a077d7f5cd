import type { Tone } from './blocks.ts';

/** What is at a place of a JSON value; undefined where nothing is. */
export function at(value: unknown, ...path: readonly (string | number)[]): unknown {
  let here = value;
  for (const step of path) {
    if (typeof here !== 'object' || here === null || !Object.hasOwn(here, step)) return undefined;
    here = Object.entries(here).find(([key]) => key === String(step))?.[1];
  }
  return here;
}

export function textAt(value: unknown, ...path: readonly (string | number)[]): string | undefined {
  const found = at(value, ...path);
  return typeof found === 'string' && found !== '' ? found : undefined;
}

export function listAt(value: unknown, ...path: readonly (string | number)[]): readonly unknown[] {
  const found = at(value, ...path);
  return Array.isArray(found) ? found : [];
}

/** The names that chats have for the colours of our severities. */
const TONES: Readonly<Record<string, Tone>> = {
  '#d93025': 'critical',
  '#f29900': 'warning',
  '#e8710a': 'warning',
  '#1a73e8': 'info',
  red: 'critical',
  orange: 'warning',
  blue: 'info',
  attention: 'critical',
  warning: 'warning',
  accent: 'info',
};

/** The tone of a colour, a name for one, or a number as Discord has it. */
export function toneOf(color: unknown): Tone | undefined {
  if (typeof color === 'number') return TONES[`#${color.toString(16).padStart(6, '0')}`];
  return typeof color === 'string' ? TONES[color.toLowerCase()] : undefined;
}

/** `{ tone }` where there is one. */
export function toned(color: unknown): { readonly tone?: Tone } {
  const tone = toneOf(color);
  return tone ? { tone } : {};
}
