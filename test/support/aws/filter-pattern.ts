import { recordOf } from '../../../functions/core/contract/untrusted.ts';

/**
 * The part of CloudWatch Logs' pattern language for JSON lines that this project uses: `{ ($.a = *) || ($.b > 0) }`, with
 * `&&` before `||` (AmazonCloudWatch/latest/logs, "Filter pattern syntax for metric filters"). A number is compared with a
 * number only.
 * @throws {Error} on what it does not know, as CloudWatch would.
 */
export function matchesPattern(pattern: string): (line: string) => boolean {
  const [, inner] = /^\{\s*(.*?)\s*\}$/s.exec(pattern) ?? [];
  if (inner === undefined) throw new Error(`not a pattern for JSON lines: ${pattern}`);
  const alternatives = inner.split('||').map((alternative) => alternative.split('&&').map(term));
  return (line) => {
    const fields = parse(line);
    return alternatives.some((terms) => terms.every((holds) => holds(fields)));
  };
}

function term(text: string): (fields: Readonly<Record<string, unknown>>) => boolean {
  const [, name = '', operator = '', operand = ''] =
    /^\s*\(?\s*\$\.(\w+)\s*(=|!=|>=|<=|>|<)\s*("[^"]*"|\*|-?[\d.]+)\s*\)?\s*$/.exec(text) ?? [];
  if (name === '') throw new Error(`not a term of a pattern: ${text}`);
  return (fields) => {
    const value = fields[name];
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

function parse(line: string): Readonly<Record<string, unknown>> {
  try {
    return recordOf(JSON.parse(line));
  } catch {
    return {};
  }
}
