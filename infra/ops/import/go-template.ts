import { translateCondition } from './go-condition.ts';
import { evaluate } from './go-functions.ts';
import { parseExpression, UntranslatableError } from './go-parse.ts';
import { inputOf, printed, type Value } from './go-value.ts';

/** An action that could not be translated, and where it stands. */
export interface TemplateLoss {
  /** Counted from 1. */
  readonly line: number;
  readonly message: string;
}

interface Literal {
  readonly kind: 'literal';
  readonly text: string;
}

interface Action {
  readonly kind: 'action';
  /** What stands between the braces. */
  readonly text: string;
  readonly line: number;
}

/** Where an action stands: outside of a text in JSON, where its value counts; as all that a text holds; or inside a text. */
type Context = 'value' | 'alone' | 'text';

/**
 * A Go template as one with `${ ... }`. What cannot be translated stands in the result as `[not imported: ...]`.
 * @param zone - the time zone of the process that filled it in.
 */
export function translateText(
  source: string,
  zone = 'UTC',
): { readonly text: string; readonly losses: readonly TemplateLoss[] } {
  const { translate, losses } = translator(zone);
  const pieces = split(source);
  const isAlone = pieces.every((piece) => piece.kind === 'action' || piece.text.trim() === '') && pieces.length === 3;
  const text = pieces.map((piece) =>
    piece.kind === 'literal' ? quoteDelimiters(piece.text) : translate(piece, isAlone ? 'alone' : 'text'),
  );
  return { text: text.join(''), losses };
}

/**
 * A JSON body written as a Go template, as the JSON value that our templates use.
 * `body` is undefined where it is no JSON, which is a loss too.
 * @param zone - the time zone of the process that filled it in.
 */
export function translateBody(
  source: string,
  zone = 'UTC',
): { readonly body: unknown; readonly losses: readonly TemplateLoss[] } {
  const { translate, losses } = translator(zone);
  const pieces = split(source);
  let inString = false;
  let json = '';
  for (const [index, piece] of pieces.entries()) {
    if (piece.kind === 'action') {
      const isAlone = json.endsWith('"') && literalAt(pieces, index + 1).startsWith('"');
      const inside = isAlone ? 'alone' : 'text';
      const text = JSON.stringify(translate(piece, inString ? inside : 'value'));
      json += inString ? text.slice(1, -1) : text;
      continue;
    }
    for (const { 0: part, index: at } of piece.text.matchAll(/\\[\s\S]|\$\{|\{%|[\s\S]/g)) {
      if (part === '"') inString = !inString;
      const isLast = at + part.length === piece.text.length;
      json += inString ? insideString(part, isLast) : part;
    }
  }
  const body = parseJson(json);
  if (body === undefined) {
    losses.push({ line: 1, message: 'the body is not JSON once its expressions are filled in' });
  } else if (hasTemplateKey(body)) {
    losses.push({ line: 1, message: 'an expression in a key of the body is not filled in here' });
  }
  return { body, losses };
}

const OWNER_HINT = 'an event has one owner here, the topmost controller: event.owner.kind, event.owner.name';

// At the end of a literal, $ or { could begin one together with the action that follows.
const DELIMITER = /\$\{|\{%|[${](?![\s\S])/g;

/** Literal text that our templates would read as the start of an expression. */
function quoteDelimiters(text: string): string {
  return text.replace(DELIMITER, quoteDelimiter);
}

function quoteDelimiter(text: string): string {
  return `\${ "${text}" }`;
}

function insideString(part: string, isLast: boolean): string {
  const isDelimiter = part === '${' || part === '{%' || (isLast && (part === '$' || part === '{'));
  if (isDelimiter) return JSON.stringify(quoteDelimiter(part)).slice(1, -1);
  // Templates often hold plain line breaks inside a text, where JSON wants them escaped.
  return part === '\n' ? '\\n' : part;
}

function split(source: string): readonly (Literal | Action)[] {
  const found: (Literal | Action)[] = [];
  let end = 0;
  // A dash inside the braces trims the white space beside them.
  for (const match of source.matchAll(/\s*\{\{- ([\s\S]*?)(?: -\}\}\s*|\}\})|\{\{([\s\S]*?)(?: -\}\}\s*|\}\})/g)) {
    const line = source.slice(0, match.index + match[0].indexOf('{{')).split('\n').length;
    found.push(
      { kind: 'literal', text: source.slice(end, match.index) },
      { kind: 'action', text: (match[1] ?? match[2] ?? '').trim(), line },
    );
    end = match.index + match[0].length;
  }
  return [...found, { kind: 'literal', text: source.slice(end) }];
}

function literalAt(pieces: readonly (Literal | Action)[], index: number): string {
  const piece = pieces[index];
  return piece?.kind === 'literal' ? piece.text : '';
}

/** Translates actions one after the other; what was lost gathers in `losses`. */
function translator(zone: string) {
  const losses: TemplateLoss[] = [];
  // For each open block, whether it could be translated: its `else` and `end` must go the same way.
  const blocks: boolean[] = [];

  function lose({ text, line }: Action, reason: string): string {
    losses.push({ line, message: `{{ ${text} }} is not translated: ${reason}` });
    return `[not imported: ${text.replace(/[{}$%]/g, '')}]`;
  }

  function conditionOf(source: string): string {
    return translateCondition(parseExpression(source), (expression) => evaluate(expression, zone));
  }

  function block(piece: Action, keyword: string, rest: string, context: Context): string {
    if (keyword === 'end') return blocks.pop() === true ? '{% endif %}' : '';
    if (keyword === 'else') {
      if (blocks.at(-1) !== true) return '';
      return rest === '' ? '{% else %}' : `{% elsif ${conditionOf(rest.replace(/^if\s+/, ''))} %}`;
    }
    blocks.push(false);
    if (keyword !== 'if') return lose(piece, rest.includes('OwnerReferences') ? `${keyword}: ${OWNER_HINT}` : keyword);
    if (context === 'value') return lose(piece, 'a condition outside of a text');
    const condition = conditionOf(rest);
    blocks[blocks.length - 1] = true;
    return `{% if ${condition} %}`;
  }

  function translate(piece: Action, context: Context): string {
    if (piece.text.startsWith('/*')) return '';
    try {
      const [, keyword, rest = ''] = /^(if|else|end|range|with|define|block)\b\s*([\s\S]*)$/.exec(piece.text) ?? [];
      if (keyword !== undefined) return block(piece, keyword, rest, context);
      return output(evaluate(parseExpression(piece.text), zone), context);
    } catch (error) {
      if (!(error instanceof UntranslatableError)) throw error;
      return lose(piece, error.message);
    }
  }

  return { translate, losses };
}

/** A value as `${ ... }`, or a text with several of them. */
function output(value: Value, context: Context): string {
  if (value.pieces !== undefined) {
    return value.pieces
      .map((piece) => (typeof piece === 'string' ? quoteDelimiters(piece) : output(piece, 'text')))
      .join('');
  }
  if (context === 'value') return expression(value.jsonOf ?? value);
  // A text that is nothing but one expression stands for its value: what need not be a text is made one.
  const isText = context === 'text' || (value.type !== 'number' && value.type !== 'maybe');
  return isText ? expression(printed(value)) : `\${ ${inputOf(value)} | append: "" }`;
}

function expression(value: Value): string {
  return `\${ ${inputOf(value)} }`;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function hasTemplateKey(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(([name, inner]) => name.includes('${') || hasTemplateKey(inner));
}
