import { findField, unknownField } from './go-fields.ts';
import { UntranslatableError, type Expression } from './go-parse.ts';
import { dateFormat } from './go-time.ts';
import {
  filtered,
  inputOf,
  jsonOf,
  literalNumber,
  literalNumberOf,
  literalText,
  literalTextOf,
  operandOf,
  printed,
  textOf,
  type Value,
} from './go-value.ts';

/** A function of Go templates: what it makes of its values, the piped one last. `zone` is that of the times there. */
interface GoFunction {
  /** How many values it takes, at least and at most. */
  readonly takes: readonly [number, number];
  make(given: readonly Value[], zone: string): Value;
}

const ONE = [1, 1] as const;
const TWO = [2, 2] as const;
const THREE = [3, 3] as const;

/** A filter of Liquid: the last value goes in, those before it stand behind its colon. */
function filter(name: string, takes: GoFunction['takes'] = ONE, type: Value['type'] = 'text'): GoFunction {
  return {
    takes,
    make(given) {
      const operands = given.slice(0, -1).map(operandOf);
      return filtered(printed(last(given)), operands.length === 0 ? name : `${name}: ${operands.join(', ')}`, type);
    },
  };
}

/** Arithmetic, where the first value goes in. */
function arithmetic(name: string): GoFunction {
  return {
    takes: TWO,
    make: ([first, second]) => filtered(some(first), `${name}: ${operandOf(some(second))}`, 'number'),
  };
}

function method(make: (value: Value, zone: string) => Value): GoFunction {
  return { takes: ONE, make: (given, zone) => make(last(given), zone) };
}

const same = method((value) => value);
const json = method(jsonOf);

/** Functions of Go, of sprig (https://masterminds.github.io/sprig), and methods of the times in an event. */
const FUNCTIONS: Readonly<Record<string, GoFunction>> = {
  upper: filter('upcase'),
  lower: filter('downcase'),
  title: filter('title'),
  trim: filter('strip'),
  trimPrefix: filter('trim_prefix', TWO),
  trimSuffix: filter('trim_suffix', TWO),
  replace: filter('replace', THREE),
  default: filter('default', TWO),
  abbrev: filter('truncate', TWO),
  nospace: method((value) => filtered(value, 'remove: " "')),
  html: filter('escape'),
  urlquery: filter('url_encode'),
  b64enc: filter('base64_encode'),
  b64dec: filter('base64_decode'),
  len: filter('size', ONE, 'number'),
  trunc: {
    takes: TWO,
    make([length, value]) {
      const count = literalNumberOf(some(length));
      return filtered(printed(some(value)), count < 0 ? `tail: ${-count}` : `slice: 0, ${count}`);
    },
  },
  substr: { takes: THREE, make: ([from, to, value]) => part(some(value), from, to) },
  slice: { takes: [2, 3], make: ([value, from, to]) => part(some(value), from, to) },
  coalesce: {
    takes: [1, 9],
    make: ([first, ...others]) =>
      others.reduce<Value>((value, other) => filtered(value, `default: ${operandOf(other)}`), some(first)),
  },
  index: { takes: TWO, make: ([map, key]) => entry(some(map), some(key)) },
  get: { takes: TWO, make: ([map, key]) => entry(some(map), some(key)) },
  add: arithmetic('plus'),
  sub: arithmetic('minus'),
  mul: arithmetic('times'),
  div: arithmetic('divided_by'),
  mod: arithmetic('modulo'),
  toJson: json,
  mustToJson: json,
  toRawJson: json,
  toPrettyJson: json,
  quote: json,
  squote: method((value) => filtered(printed(value), `prepend: "'" | append: "'"`)),
  // What is rendered into JSON is escaped there.
  js: same,
  print: same,
  toString: same,
  int: same,
  int64: same,
  cat: {
    takes: [1, 9],
    make: (given) => textOf(given.flatMap((value, index) => (index === 0 ? [value] : [' ', value]))),
  },
  printf: { takes: [1, 99], make: ([format, ...values]) => printf(literalTextOf(some(format)), values) },
  date: { takes: TWO, make: ([layout, value], zone) => formatted(some(value), some(layout), zone) },
  dateInZone: {
    takes: THREE,
    make: ([layout, value, zone]) => formatted(some(value), some(layout), literalTextOf(some(zone))),
  },
  '.Format': { takes: TWO, make: ([layout, value], zone) => formatted(some(value), some(layout), zone) },
  '.Unix': method((value) => clock(value, '%s')),
  '.UnixMilli': method((value) => clock(value, '%s%L')),
  '.UnixNano': method((value) => clock(value, '%s%N')),
  // The zone of a time is said where it is formatted.
  '.UTC': method((value) => ({ ...timeOf(value), zone: 'UTC' })),
  '.Local': method(timeOf),
  '.Time': method(timeOf),
  '.String': same,
};

/** What an expression is in Liquid. @param zone - of the times there. @throws {UntranslatableError} */
export function evaluate(expression: Expression, zone: string): Value {
  switch (expression.kind) {
    case 'text':
      return literalText(expression.text);
    case 'number':
      return literalNumber(expression.number);
    case 'flag':
      return { code: String(expression.flag), type: 'text' };
    case 'field':
      return fieldOf(expression.path, zone);
    case 'call':
      return callFunction(
        expression.name,
        expression.given.map((inner) => evaluate(inner, zone)),
        zone,
      );
  }
}

/** A field, or a method that takes nothing: `.LastTimestamp.Unix`. */
function fieldOf(path: readonly string[], zone: string): Value {
  const found = findField(path);
  if (found !== undefined) return found;
  const name = `.${path.at(-1) ?? ''}`;
  if (!Object.hasOwn(FUNCTIONS, name)) return unknownField(path);
  return callFunction(name, [fieldOf(path.slice(0, -1), zone)], zone);
}

/** @throws {UntranslatableError} for a function that has no counterpart, and for values that it does not take. */
function callFunction(name: string, given: readonly Value[], zone: string): Value {
  const known = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
  if (known === undefined) throw new UntranslatableError(`the function ${name}`);
  const [least, most] = known.takes;
  if (given.length < least || given.length > most) {
    throw new UntranslatableError(`${name} with ${given.length} values`);
  }
  return known.make(given, zone);
}

function some(value: Value | undefined): Value {
  if (value === undefined) throw new UntranslatableError('a value that is missing');
  return value;
}

function last(given: readonly Value[]): Value {
  return some(given.at(-1));
}

/** From one place to another, counted from 0; without the second to the end. */
function part(value: Value, from: Value | undefined, to: Value | undefined): Value {
  const start = literalNumberOf(some(from));
  const end = to === undefined ? 1_000_000 : literalNumberOf(to);
  return filtered(printed(value), `slice: ${start}, ${Math.max(end - start, 0)}`);
}

function entry(map: Value, key: Value): Value {
  if (map.type !== 'data') throw new UntranslatableError('an entry of what is no map');
  return { code: `${operandOf(map)}[${operandOf(key)}]`, type: 'maybe' };
}

function timeOf(value: Value): Value {
  if (value.type !== 'time' && value.type !== 'maybe') throw new UntranslatableError('a time of what is no time');
  return value;
}

function formatted(value: Value, layout: Value, zone: string): Value {
  const where = value.zone ?? zone;
  const format = literalText(dateFormat(literalTextOf(layout), where));
  return filtered(timeOf(value), `date: ${inputOf(format)}, ${inputOf(literalText(where))}`);
}

function clock(value: Value, format: string): Value {
  return filtered(timeOf(value), `date: "${format}"`);
}

function printf(format: string, values: readonly Value[]): Value {
  const pieces: (string | Value)[] = [];
  let used = 0;
  let end = 0;
  for (const { 0: verb, index } of format.matchAll(/%./g)) {
    const value = verb === '%%' ? '%' : verbatim(verb, values[used]);
    if (verb !== '%%') used += 1;
    pieces.push(format.slice(end, index), value);
    end = index + verb.length;
  }
  if (used !== values.length) throw new UntranslatableError('printf with too many values');
  return textOf([...pieces, format.slice(end)].filter((piece) => piece !== ''));
}

/** https://pkg.go.dev/fmt: what a verb without flags makes of a value. */
function verbatim(verb: string, value: Value | undefined): Value {
  if (value === undefined || !['%s', '%v', '%d', '%q'].includes(verb)) {
    throw new UntranslatableError(`printf with ${verb}`);
  }
  return verb === '%q' ? jsonOf(value) : value;
}
