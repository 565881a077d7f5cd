import type { Parsed } from '../contract/config.ts';
import { isRecord, messageOf } from '../contract/untrusted.ts';

/** SSM's limit for an advanced-tier parameter. */
export const MAX_DOCUMENT_BYTES = 8192;

/** Parses a document as far as every document is alike: a JSON object that a parameter can hold. */
export function parseJsonObject(text: string): Parsed<Readonly<Record<string, unknown>>> {
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_DOCUMENT_BYTES) return problem(`is ${bytes} bytes, a parameter holds at most ${MAX_DOCUMENT_BYTES}`);
  if (text.includes('{{'))
    return problem('contains {{, which SSM refuses in any value: templates are written ${ event.message }');
  const parsed = parseJson(text);
  if ('problems' in parsed) return parsed;
  const { value } = parsed;
  return isRecord(value) ? { value } : problem('is not a JSON object');
}

/** Parses JSON; a mistake is said by its place, and nothing of the text is repeated. */
export function parseJson(text: string): Parsed<unknown> {
  try {
    return { value: JSON.parse(text) };
  } catch (error) {
    return problem(`is not JSON: syntax error at ${place(text, errorPosition(text, error))}`);
  }
}

/**
 * Where JSON.parse met what it did not expect. V8 names the position in most of its messages only, and it quotes the text, which
 * may be a secret, so that nothing else of a message is used. Where it does not, the longest beginning of the text is looked for
 * that only wants more.
 */
function errorPosition(text: string, error: unknown): number {
  const position = namedPosition(error);
  if (position !== undefined) return position;
  let enough = 0;
  let tooMuch = text.length + 1;
  while (tooMuch - enough > 1) {
    const middle = (enough + tooMuch) >> 1;
    if (isBeginning(text.slice(0, middle))) enough = middle;
    else tooMuch = middle;
  }
  return enough;
}

function namedPosition(error: unknown): number | undefined {
  const position = /position (\d+)/.exec(messageOf(error))?.[1];
  return position === undefined ? undefined : Number(position);
}

/** Whether nothing is wrong with a text but that it ends too early. */
function isBeginning(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch (error) {
    return (namedPosition(error) ?? 0) >= text.length || /end of JSON input/.test(messageOf(error));
  }
}

function place(text: string, position: number): string {
  const before = text.slice(0, position).split('\n');
  return `line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`;
}

function problem(message: string): Parsed<never> {
  return { problems: [{ field: '', message }] };
}
