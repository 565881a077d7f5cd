import { UntranslatableError, type Expression } from './go-parse.ts';
import { operandOf, type Value } from './go-value.ts';

const COMPARISONS: Readonly<Record<string, readonly [operator: string, opposite: string]>> = {
  eq: ['==', '!='],
  ne: ['!=', '=='],
  gt: ['>', '<='],
  ge: ['>=', '<'],
  lt: ['<', '>='],
  le: ['<=', '>'],
};

/** A condition, and whether `and` or `or` joins its parts: Liquid has no brackets, so that the two cannot be mixed. */
interface Condition {
  readonly code: string;
  readonly joint?: 'and' | 'or';
}

/** The condition of `if` as Liquid writes it. @throws {UntranslatableError} */
export function translateCondition(expression: Expression, evaluate: (expression: Expression) => Value): string {
  return condition(expression, true, evaluate).code;
}

/** @param wanted - false for the opposite. */
function condition(expression: Expression, wanted: boolean, evaluate: (expression: Expression) => Value): Condition {
  if (expression.kind === 'flag') return { code: String(expression.flag === wanted) };
  if (expression.kind === 'call') {
    const { name, given } = expression;
    const [first, second] = given;
    if (name === 'not' && first !== undefined) return condition(first, !wanted, evaluate);
    if ((name === 'and' || name === 'or') && first !== undefined) {
      const joint = (name === 'and') === wanted ? 'and' : 'or';
      return joined(
        given.map((inner) => condition(inner, wanted, evaluate)),
        joint,
      );
    }
    const comparison = COMPARISONS[name];
    if (comparison !== undefined && first !== undefined) {
      const [left, ...others] = given.map((inner) => operandOf(evaluate(inner)));
      const operator = comparison[wanted ? 0 : 1];
      // `eq` takes several: equal to any of them.
      return joined(
        others.map((right) => ({ code: `${left} ${operator} ${right}` })),
        wanted ? 'or' : 'and',
      );
    }
    if (name === 'contains' && first !== undefined && second !== undefined) {
      const [part, whole] = [evaluate(first), evaluate(second)].map(operandOf);
      return { code: `${wanted ? '' : 'not '}${whole} contains ${part}` };
    }
    if (name === 'hasKey' && first !== undefined && second !== undefined) {
      const [map, key] = [evaluate(first), evaluate(second)].map(operandOf);
      return { code: `${map}[${key}] ${wanted ? '!=' : '=='} nil` };
    }
    if (name === 'empty' && first !== undefined) return condition(first, !wanted, evaluate);
  }
  // In Go an empty text is false, in Liquid it is true.
  const value = evaluate(expression);
  const nothing = value.type === 'number' ? '0' : 'blank';
  return { code: `${operandOf(value)} ${wanted ? '!=' : '=='} ${nothing}` };
}

function joined(parts: readonly Condition[], joint: 'and' | 'or'): Condition {
  const [only, ...others] = parts;
  if (only === undefined) throw new UntranslatableError('a comparison with nothing');
  if (others.length === 0) return only;
  if (parts.some((part) => part.joint !== undefined && part.joint !== joint)) {
    throw new UntranslatableError('and together with or');
  }
  return { code: parts.map(({ code }) => code).join(` ${joint} `), joint };
}
