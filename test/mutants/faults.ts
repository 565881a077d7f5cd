import { parseSync, Visitor } from 'oxc-parser';

/** One small fault: a piece of a file, and what stands in its place. */
export interface Fault {
  readonly kind: 'condition' | 'logic' | 'comparison' | 'arithmetic' | 'constant' | 'call' | 'pattern' | 'removed';
  /** Offsets in the text. */
  readonly start: number;
  readonly end: number;
  readonly replacement: string;
}

const OTHER: Readonly<Record<string, { readonly kind: Fault['kind']; readonly operator: string }>> = {
  '&&': { kind: 'logic', operator: '||' },
  '||': { kind: 'logic', operator: '&&' },
  '<': { kind: 'comparison', operator: '<=' },
  '<=': { kind: 'comparison', operator: '<' },
  '>': { kind: 'comparison', operator: '>=' },
  '>=': { kind: 'comparison', operator: '>' },
  '===': { kind: 'comparison', operator: '!==' },
  '!==': { kind: 'comparison', operator: '===' },
  '+': { kind: 'arithmetic', operator: '-' },
  '-': { kind: 'arithmetic', operator: '+' },
  '*': { kind: 'arithmetic', operator: '/' },
  '/': { kind: 'arithmetic', operator: '*' },
  '%': { kind: 'arithmetic', operator: '*' },
  '+=': { kind: 'arithmetic', operator: '-=' },
  '-=': { kind: 'arithmetic', operator: '+=' },
  '++': { kind: 'arithmetic', operator: '--' },
  '--': { kind: 'arithmetic', operator: '++' },
};

const OTHER_CALL: Readonly<Record<string, string>> = {
  some: 'every',
  every: 'some',
  min: 'max',
  max: 'min',
  floor: 'ceil',
  ceil: 'floor',
  startsWith: 'endsWith',
  endsWith: 'startsWith',
};

interface Span {
  readonly start: number;
  readonly end: number;
}

/** All faults of a TypeScript file, in the order of their place. Texts for people and types have none. */
export function faultsOf(text: string): readonly Fault[] {
  const faults: Fault[] = [];
  const types: Span[] = [];
  const add = (kind: Fault['kind'], { start, end }: Span, replacement: string): void => {
    faults.push({ kind, start, end, replacement });
  };
  const textOf = ({ start, end }: Span): string => text.slice(start, end);
  const negate = (test: Span): void => add('condition', test, `!(${textOf(test)})`);
  /** The operator stands alone between its operands, but for space and brackets. */
  const swap = (operator: string, left: Span, right: Span): void => {
    const other = OTHER[operator];
    const at = text.indexOf(operator, left.end);
    if (other && at >= 0 && at < right.start) add(other.kind, { start: at, end: at + operator.length }, other.operator);
  };

  new Visitor({
    IfStatement: ({ test }) => negate(test),
    ConditionalExpression: ({ test }) => negate(test),
    WhileStatement: ({ test }) => negate(test),
    LogicalExpression(node) {
      swap(node.operator, node.left, node.right);
      // What is used where there is nothing, always or never.
      if (node.operator === '??') {
        add('logic', node, textOf(node.left));
        add('logic', node, textOf(node.right));
      }
    },
    BinaryExpression(node) {
      swap(node.operator, node.left, node.right);
      if (/^[!=]==$/.test(node.operator) && node.right.type === 'Literal' && typeof node.right.value === 'string') {
        add('constant', node.right, "'other'");
      }
    },
    AssignmentExpression: (node) => swap(node.operator, node.left, node.right),
    UpdateExpression(node) {
      const other = OTHER[node.operator];
      const start = node.prefix ? node.start : node.argument.end;
      if (other) add(other.kind, { start, end: start + node.operator.length }, other.operator);
    },
    UnaryExpression(node) {
      if (node.operator === '!') add('condition', node, textOf(node.argument));
    },
    Literal(node) {
      if (typeof node.value === 'boolean') add('constant', node, String(!node.value));
      if (typeof node.value === 'number')
        add('constant', node, String(node.value < 10 ? node.value + 1 : node.value * 2));
      if ('regex' in node) {
        const { pattern, flags } = node.regex;
        if (pattern.startsWith('^')) add('pattern', node, `/${pattern.slice(1)}/${flags}`);
        if (/[^\\]\$$/.test(pattern)) add('pattern', node, `/${pattern.slice(0, -1)}/${flags}`);
        if (flags.includes('i')) add('pattern', node, `/${pattern}/${flags.replace('i', '')}`);
      }
    },
    MemberExpression({ property, computed }) {
      if (computed || property.type !== 'Identifier') return;
      const other = Object.hasOwn(OTHER_CALL, property.name) ? OTHER_CALL[property.name] : undefined;
      if (other !== undefined) add('call', property, other);
    },
    TSLiteralType: (node) => types.push(node),
    ExpressionStatement: (node) => add('removed', node, ';'),
    ThrowStatement: (node) => add('removed', node, ';'),
    ContinueStatement: (node) => add('removed', node, ';'),
    BreakStatement: (node) => add('removed', node, ';'),
    ReturnStatement(node) {
      if (!node.argument) add('removed', node, ';');
    },
  }).visit(parseSync('file.ts', text).program);
  return faults
    .filter(({ start, end }) => !types.some((type) => type.start <= start && end <= type.end))
    .toSorted((a, b) => a.start - b.start || a.end - b.end);
}

/** The file's text with the fault. */
export function withFault(text: string, { start, end, replacement }: Fault): string {
  return text.slice(0, start) + replacement + text.slice(end);
}
