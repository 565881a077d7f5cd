import { recordOf } from '../../../functions/core/contract/untrusted.ts';

type Fields = Readonly<Record<string, unknown>>;
type Test = (fields: Fields) => boolean;

/**
 * The part of CloudWatch Logs' pattern language that this project uses: for JSON lines `{ ($.a = *) || ($.b > 0) }`, with `&&`
 * before `||`, and for any line a quoted term (AmazonCloudWatch/latest/logs, "Filter pattern syntax for metric filters"). A
 * number is compared with a number only.
 * @throws {Error} on what it does not know, as CloudWatch would.
 */
export function matchesPattern(pattern: string): (line: string) => boolean {
  const [, wanted] = /^"([^"]*)"$/.exec(pattern) ?? [];
  if (wanted !== undefined) return (line) => line.includes(wanted);
  const [, inner] = /^\{(.*)\}$/s.exec(pattern) ?? [];
  if (inner === undefined) throw new Error(`not a pattern: ${pattern}`);
  const tokens = inner.match(/\|\||&&|[()]|\$\.\w+\s*(?:!=|>=|<=|=|>|<)\s*(?:"[^"]*"|\*|-?[\d.]+)|\S/g) ?? [];
  const test = alternatives(tokens);
  if (tokens.length > 0) throw new Error(`unexpected ${tokens[0]} in ${pattern}`);
  return (line) => test(parse(line));
}

function alternatives(tokens: string[]): Test {
  const tests = [terms(tokens)];
  while (tokens[0] === '||') {
    tokens.shift();
    tests.push(terms(tokens));
  }
  return (fields) => tests.some((test) => test(fields));
}

function terms(tokens: string[]): Test {
  const tests = [term(tokens)];
  while (tokens[0] === '&&') {
    tokens.shift();
    tests.push(term(tokens));
  }
  return (fields) => tests.every((test) => test(fields));
}

function term(tokens: string[]): Test {
  const token = tokens.shift() ?? '';
  if (token === '(') {
    const inner = alternatives(tokens);
    if (tokens.shift() !== ')') throw new Error('a parenthesis is not closed');
    return inner;
  }
  const [, name = '', operator = '', operand = ''] = /^\$\.(\w+)\s*(\W?=|[><])\s*(.*)$/.exec(token) ?? [];
  if (name === '') throw new Error(`not a term of a pattern: ${token}`);
  return ({ [name]: value }) => {
    if (operand === '*') return operator === '=' && value !== undefined;
    if (operand.startsWith('"')) return (value === JSON.parse(operand)) === (operator === '=');
    return typeof value === 'number' && compare(value, operator, Number(operand));
  };
}

function compare(value: number, operator: string, operand: number): boolean {
  switch (operator) {
    case '=':
      return value === operand;
    case '!=':
      return value !== operand;
    case '>':
      return value > operand;
    case '>=':
      return value >= operand;
    case '<':
      return value < operand;
    default:
      return value <= operand;
  }
}

function parse(line: string): Fields {
  try {
    return recordOf(JSON.parse(line));
  } catch {
    return {};
  }
}
