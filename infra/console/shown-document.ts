import type { Problem, SinkConfig } from '../../functions/core/contract/config.ts';
import { REDACTED } from '../../functions/core/contract/secret.ts';
import { isRecord } from '../../functions/core/contract/untrusted.ts';
import { withoutSecrets } from '../ops/destinations/conceal.ts';
import { fieldsIn, hides } from './secrets.ts';
import { withTexts } from './texts.ts';

/** How a destination's document is shown. */
export interface Showing {
  readonly config: SinkConfig | undefined;
  /** Strikes out secrets that stand where they do not belong. */
  readonly redact: (text: string) => string;
}

/**
 * A destination's document as far as it may be shown: `[secret]` in the place of what may be secret. What is no JSON, or of an
 * unknown sink, may have a secret anywhere, and is not shown where it could.
 */
export function shownText(text: string, { config, redact }: Showing): string {
  const fields = fieldsIn(text);
  if (config && fields) return JSON.stringify(shown(fields, { config, redact }), null, 2);
  const isHarmless =
    config && /^\s*\{/.test(text) && !Object.keys(config.secrets.shape).some((field) => text.includes(field));
  return isHarmless ? redact(text) : REDACTED;
}

/**
 * A document as somebody typed it over one that was shown: what still says `[secret]` is what is stored. Anywhere else it is a
 * mistake, because nobody knows what it stands for.
 */
export function restoredText(
  typed: string,
  stored: string | undefined,
  showing: Showing,
): { readonly text: string; readonly problems: readonly Problem[] } {
  const fields = fieldsIn(typed);
  if (!fields) return { text: typed, problems: [] };
  const known = fieldsIn(stored ?? '{}') ?? {};
  const problems: Problem[] = [];
  const restored = restore(fields, shown(known, showing), known, '', problems);
  const isSame = JSON.stringify(restored) === JSON.stringify(fields);
  return { text: isSame ? typed : JSON.stringify(restored, null, 2), problems };
}

function shown(document: unknown, { config, redact }: Showing): unknown {
  return withTexts(
    withoutSecrets(document, (field) => hides(config, field)),
    redact,
  );
}

function restore(typed: unknown, seen: unknown, stored: unknown, field: string, problems: Problem[]): unknown {
  if (typeof typed === 'string' && typed.includes(REDACTED)) {
    if (typed === seen) return stored;
    problems.push({
      field,
      message: `holds ${REDACTED}, and nothing is stored there that it could stand for: give the value, or leave the field out`,
    });
    return typed;
  }
  if (Array.isArray(typed))
    return typed.map((item: unknown, index) =>
      restore(item, at(seen, index), at(stored, index), `${field}[${index}]`, problems),
    );
  if (!isRecord(typed)) return typed;
  const entries = Object.entries(typed).map(([name, inner]) => {
    const path = field === '' ? name : `${field}.${name}`;
    return [name, restore(inner, of(seen, name), of(stored, name), path, problems)] as const;
  });
  return Object.fromEntries(entries);
}

function at(value: unknown, index: number): unknown {
  return Array.isArray(value) ? value[index] : undefined;
}

function of(value: unknown, name: string): unknown {
  return isRecord(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}
