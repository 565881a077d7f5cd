import { loadRegularExpressions } from './pattern.ts';
import { loadTemplates } from './template.ts';

/*
 * Documents may hold texts of two languages, RE2's and Liquid's. Their engines are 230 KB, and most documents use neither: they are
 * loaded before the first document is parsed that may. Parsing, comparing and rendering are synchronous.
 */

/** The beginning of a JSON string that begins with a slash, however it is written. */
const MAY_HOLD_REGULAR_EXPRESSION = /"(?:\/|\\\/|\\u002f)/i;
/** What opens an expression or a tag, or an escaped character, which may be a part of that. */
const MAY_HOLD_TEMPLATE = /\$\{|\{%|\\u00/;

/** Loads what the JSON text of a document may need, so that it can be parsed and used. */
export async function loadLanguages(document: string): Promise<void> {
  await Promise.all([
    MAY_HOLD_REGULAR_EXPRESSION.test(document) && loadRegularExpressions(),
    MAY_HOLD_TEMPLATE.test(document) && loadTemplates(),
  ]);
}

/** Loads all, for who parses documents in many places and need not start fast. */
export async function loadAllLanguages(): Promise<void> {
  await Promise.all([loadRegularExpressions(), loadTemplates()]);
}
