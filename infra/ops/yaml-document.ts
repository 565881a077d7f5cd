import { isMap, parseDocument, stringify, visit, type Document, type Scalar, type YAMLError } from 'yaml';
import type { Parsed } from '../../functions/core/contract/config.ts';

/** Of comments and indentation nothing is left in JSON; what is much longer than a parameter is no destination. */
const MAX_CHARACTERS = 65_536;

/** What they stand for counts, so that few lines do not become a gigabyte. */
const MAX_ALIASES = 50;

/** Without a schema of YAML 1.1, a file's own `%YAML 1.1` included, dates and words stay texts. */
const OPTIONS = { schema: 'core', resolveKnownTags: false, stringKeys: true, logLevel: 'error' } as const;

/** A text for readers of YAML 1.2, and true or false for those of 1.1. */
const TRUTH_VALUE_OF_OLD = /^(yes|no|on|off)$/i;

/**
 * The JSON of a YAML document that is a mapping. What YAML's readers disagree about is a mistake, and so is what JSON cannot hold.
 * A mistake is said by its place, and nothing of the text is repeated, which may be a secret.
 */
export function jsonOfYaml(text: string): Parsed<string> {
  if (text.length > MAX_CHARACTERS) return problem(`is ${text.length} characters, at most ${MAX_CHARACTERS} are read`);
  const document = parse(text);
  if (document === undefined) return problem('is not YAML: it is nested too deeply');
  const mistake = document.errors[0] ?? document.warnings[0];
  if (mistake !== undefined) return problem(`is not YAML: ${mistakeOf(mistake)}`);
  if (!isMap(document.contents)) return problem('is not a YAML mapping (expected fields such as enabled: true)');
  const odd = firstOddValue(document);
  if (odd !== undefined) return problem(`${odd.message} at ${placeIn(text, odd.offset)}`);
  try {
    return { value: JSON.stringify(document.toJS({ maxAliasCount: MAX_ALIASES })) };
  } catch (error) {
    // The parser ends what grows by its aliases, and JSON what stands within itself.
    const what = error instanceof ReferenceError ? `are more than ${MAX_ALIASES}` : 'stand within what they name';
    return problem(`is not usable: its aliases (*name) ${what}`);
  }
}

/** YAML of a JSON document, which readers of every version take for the same. */
export function yamlOf(document: unknown): string {
  return stringify(document, { compat: 'yaml-1.1', lineWidth: 0, aliasDuplicateObjects: false });
}

function parse(text: string): Document.Parsed | undefined {
  try {
    return parseDocument(text, OPTIONS);
  } catch {
    return undefined;
  }
}

/** What the parser says of its own limits and functions, for people. */
const IN_WORDS: Readonly<Record<string, string>> = {
  MULTIPLE_DOCS: 'there is more than one document',
  RESOURCE_EXHAUSTION: 'it is nested too deeply',
};

/** What is wrong and where, without the text that the parser quotes after a colon: it may be a secret's. */
export function mistakeOf({ code, message, linePos }: YAMLError): string {
  const [said = ''] = message.split('\n');
  const plain =
    IN_WORDS[code] ??
    said
      .replace(/ at line \d+.*$/, '')
      .replace(/:.*$/, '')
      .replace(/^(Invalid escape sequence).*/, '$1');
  return linePos === undefined ? plain : `${plain} at line ${linePos[0].line}, column ${linePos[0].col}`;
}

interface OddValue {
  readonly message: string;
  readonly offset: number;
}

/** The first value that readers of YAML take differently, or that JSON has no word for. */
function firstOddValue(document: Document.Parsed): OddValue | undefined {
  let found: OddValue | undefined;
  const take = (message: string | undefined, { range }: Pick<Scalar, 'range'>): symbol | undefined => {
    if (message === undefined) return undefined;
    found = { message, offset: range?.[0] ?? 0 };
    return visit.BREAK;
  };
  visit(document, {
    Scalar: (key, node) => (key === 'key' ? undefined : take(oddIn(node), node)),
    Alias: (_, node) => take(node.resolve(document) ? undefined : NO_ANCHOR, node),
  });
  return found;
}

const NO_ANCHOR = 'has a value that begins with * and names an anchor that is not there: quote the value,';

function oddIn({ type, value, source = '' }: Scalar): string | undefined {
  if (type === 'PLAIN' && TRUTH_VALUE_OF_OLD.test(source))
    return `has ${source}, which is a text to some and a truth value to others: write true or false, or quote it,`;
  return typeof value === 'number' && !Number.isFinite(value) ? 'has a number that JSON has no word for,' : undefined;
}

function placeIn(text: string, offset: number): string {
  const before = text.slice(0, offset).split('\n');
  return `line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`;
}

function problem(message: string): Parsed<never> {
  return { problems: [{ field: '', message }] };
}
