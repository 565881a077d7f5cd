import { untilAborted } from '../contract/limits.ts';
import { namedMessageOf } from '../contract/untrusted.ts';
import { loadLanguages } from '../kit/languages.ts';
import { problemText } from './destination.ts';
import type { DocumentSource, ListedDocument } from './documents.ts';
import type { ConfigError } from './evaluate.ts';
import { parseSilence, type Silence } from './silence.ts';

/** The silences of a source, and those that hold nothing because of a mistake. */
export interface SilenceSet {
  readonly silences: readonly Silence[];
  readonly errors: readonly ConfigError[];
}

export const NO_SILENCES: SilenceSet = { silences: [], errors: [] };

/**
 * Reads the silences. Never rejects, and waits no longer than the signal lets it: an alert too many is better than one too few, so
 * that what cannot be read holds nothing. Where no silence can be read, those read before stand in, which end by themselves.
 */
export async function readSilences(
  source: DocumentSource,
  before: SilenceSet,
  now: number,
  signal: AbortSignal,
): Promise<SilenceSet> {
  try {
    const listed = await untilAborted(source.list('silences', undefined, signal), signal);
    for (const document of listed.values()) if ('text' in document) await loadLanguages(document.text);
    return silencesIn(listed, now);
  } catch (error) {
    const detail = `silences cannot be read: ${namedMessageOf(error)}`;
    const inForce = before.silences.length > 0 ? 'the set read before' : 'nothing';
    return { silences: before.silences, errors: [{ silence: '*', detail, inForce }] };
  }
}

/** Documents as silences, in the order of their names. */
export function silencesIn(listed: ReadonlyMap<string, ListedDocument>, now: number): SilenceSet {
  const silences: Silence[] = [];
  const errors: ConfigError[] = [];
  for (const [name, document] of [...listed].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const found = silenceIn(name, document, now);
    if (typeof found !== 'string') silences.push(found);
    else {
      const version = 'version' in document ? document.version : '';
      errors.push({ silence: name, document: `silences/${name}`, version, detail: found, inForce: 'nothing' });
    }
  }
  return { silences, errors };
}

/** A silence, or what is wrong with its document. */
function silenceIn(name: string, document: ListedDocument, now: number): Silence | string {
  if (!/^[A-Za-z0-9._-]+$/.test(name)) return 'is no name of a silence (allowed: letters, digits, . _ -)';
  if ('failure' in document) return `cannot be read: ${document.failure}`;
  if (!('text' in document)) return 'is a SecureString: a silence is a String';
  const parsed = parseSilence(name, document.text, now);
  return 'value' in parsed ? parsed.value : problemText(parsed.problems);
}
