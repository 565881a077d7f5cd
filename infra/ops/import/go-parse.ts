/** Why an action of a Go template cannot be translated. */
export class UntranslatableError extends Error {
  override readonly name = 'UntranslatableError';
}

/** What stands between the braces of a Go template (https://pkg.go.dev/text/template); a pipe is written as the call that it is. */
export type Expression =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'number'; readonly number: number }
  | { readonly kind: 'flag'; readonly flag: boolean }
  | Field
  /** A function, or a method (its name begins with a dot), whose object is the last that it is given. */
  | { readonly kind: 'call'; readonly name: string; readonly given: readonly Expression[] };

/** A field of the event; without names the event itself. */
interface Field {
  readonly kind: 'field';
  readonly path: readonly string[];
}

interface Token {
  readonly text: string;
  /** Whether it stands right after the one before. */
  readonly isJoined: boolean;
}

/** @throws {UntranslatableError} for what is no expression, and for variables. */
export function parseExpression(source: string): Expression {
  const tokens = tokensOf(source.trim());
  let next = 0;

  function pipeline(): Expression {
    let value = command([]);
    while (tokens[next]?.text === '|') {
      next += 1;
      value = command([value]);
    }
    return value;
  }

  function command(piped: readonly Expression[]): Expression {
    const head = operand();
    const given: Expression[] = [];
    while (next < tokens.length && !'|)'.includes(tokens[next]?.text ?? '')) given.push(operand());
    return apply(head, [...given, ...piped]);
  }

  function operand(): Expression {
    const { text } = tokens[next] ?? { text: '' };
    next += 1;
    if (text !== '(') return leaf(text);
    const inner = pipeline();
    if (tokens[next]?.text !== ')') throw new UntranslatableError('a bracket that is not closed');
    next += 1;
    const selector = tokens[next];
    if (selector?.isJoined !== true || !FIELD.test(selector.text)) return inner;
    next += 1;
    return select(inner, namesOf(selector.text));
  }

  const parsed = pipeline();
  if (next < tokens.length) throw new UntranslatableError('a bracket that is not opened');
  return parsed;
}

const TOKEN = /\s*("(?:[^"\\]|\\.)*"|`[^`]*`|[|()]|[^\s|()"`]+)/gy;

function tokensOf(source: string): readonly Token[] {
  const found = [...source.matchAll(TOKEN)];
  const read = found.map(([whole]) => whole).join('');
  if (read !== source) throw new UntranslatableError(source.slice(read.length).trim());
  return found.map(([whole, text = '']) => ({ text, isJoined: whole === text }));
}

// `$` is the event, wherever it stands.
const FIELD = /^(?:\$?(?:\.\w+)+|\.|\$)$/;

function namesOf(field: string): readonly string[] {
  return field.split('.').filter((name) => name !== '' && name !== '$');
}

function leaf(token: string): Expression {
  if (/^["`]/.test(token)) return { kind: 'text', text: goText(token) };
  if (/^[+-]?\d+(\.\d+)?$/.test(token)) return { kind: 'number', number: Number(token) };
  if (token === 'true' || token === 'false') return { kind: 'flag', flag: token === 'true' };
  if (FIELD.test(token)) return { kind: 'field', path: namesOf(token) };
  if (/^[A-Za-z]\w*$/.test(token)) return { kind: 'call', name: token, given: [] };
  if (token.startsWith('$') || token.endsWith('=')) throw new UntranslatableError('a variable');
  throw new UntranslatableError(token === '' ? 'it ends too early' : token);
}

/** A text in double quotes, where it has no escapes that JSON lacks, or in backquotes. */
function goText(token: string): string {
  if (token.startsWith('`')) return token.slice(1, -1);
  try {
    return String(JSON.parse(token));
  } catch {
    throw new UntranslatableError(`the text ${token}`);
  }
}

function apply(head: Expression, given: readonly Expression[]): Expression {
  if (given.length === 0) return head;
  if (head.kind === 'call' && head.given.length === 0) return { ...head, given };
  // `.LastTimestamp.Format "15:04"`: the last name is that of a method.
  const name = head.kind === 'field' ? head.path.at(-1) : undefined;
  if (head.kind !== 'field' || name === undefined) throw new UntranslatableError('a value that is no function');
  return { kind: 'call', name: `.${name}`, given: [...given, { kind: 'field', path: head.path.slice(0, -1) }] };
}

function select(of: Expression, names: readonly string[]): Expression {
  if (of.kind === 'field') return { kind: 'field', path: [...of.path, ...names] };
  return names.reduce<Expression>((inner, name) => ({ kind: 'call', name: `.${name}`, given: [inner] }), of);
}
