import { findField, isOwner, ofOwner, ownerAt, unknownField } from './go-fields.ts';
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

/**
 * A function of Go templates: what it makes of its values, the piped one last; undefined where it does not take so many.
 * `zone` is that of the times there.
 */
type GoFunction = (given: readonly Value[], zone: string) => Value | undefined;

function one(make: (value: Value, zone: string) => Value): GoFunction {
  return ([value, ...others], zone) => (value && others.length === 0 ? make(value, zone) : undefined);
}

function two(make: (first: Value, second: Value, zone: string) => Value): GoFunction {
  return ([first, second, ...others], zone) =>
    first && second && others.length === 0 ? make(first, second, zone) : undefined;
}

function three(make: (first: Value, second: Value, third: Value) => Value): GoFunction {
  return ([first, second, third, ...others]) =>
    first && second && third && others.length === 0 ? make(first, second, third) : undefined;
}

function several(make: (first: Value, others: readonly Value[]) => Value): GoFunction {
  return ([first, ...others]) => first && make(first, others);
}

/** A filter of Liquid: the last value goes in, those before it stand behind its colon. */
function filter(name: string, ...given: readonly Value[]): (value: Value) => Value {
  const operands = given.map(operandOf).join(', ');
  return (value) => filtered(printed(value), operands === '' ? name : `${name}: ${operands}`);
}

/** Arithmetic, where the first value goes in. */
function arithmetic(name: string): GoFunction {
  return two((first, second) => filtered(first, `${name}: ${operandOf(second)}`, 'number'));
}

const same = one((value) => value);
const json = one(jsonOf);
const entry = two((map, key) => {
  if (isOwner(map)) return ownerAt(key);
  if (map.type !== 'data') throw new UntranslatableError('an entry of what is no map');
  return { code: `${operandOf(map)}[${operandOf(key)}]`, type: 'maybe' };
});

/** Functions of Go, of sprig (https://masterminds.github.io/sprig), and methods of the times in an event. */
const FUNCTIONS: Readonly<Record<string, GoFunction>> = {
  upper: one(filter('upcase')),
  lower: one(filter('downcase')),
  title: one(filter('title')),
  trim: one(filter('strip')),
  trimPrefix: two((prefix, value) => filter('trim_prefix', prefix)(value)),
  trimSuffix: two((suffix, value) => filter('trim_suffix', suffix)(value)),
  replace: three((old, by, value) => filter('replace', old, by)(value)),
  default: two((other, value) => filter('default', other)(value)),
  abbrev: two((length, value) => filter('truncate', length)(value)),
  nospace: one(filter('remove: " "')),
  html: one(filter('escape')),
  urlquery: one(filter('url_encode')),
  b64enc: one(filter('base64_encode')),
  b64dec: one(filter('base64_decode')),
  trunc: two((length, value) => {
    const count = literalNumberOf(length);
    return filter(count < 0 ? `tail: ${-count}` : `slice: 0, ${count}`)(value);
  }),
  substr: three((from, to, value) => part(value, from, to)),
  slice: three(part),
  len: one((value) => {
    if (value.type === 'data') throw new UntranslatableError('the length of what is no text');
    return filtered(value, 'size', 'number');
  }),
  coalesce: several((first, others) => others.reduce((value, other) => filter('default', other)(value), first)),
  index: entry,
  get: entry,
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
  squote: one(filter(`prepend: "'" | append: "'"`)),
  // What is rendered into JSON is escaped there.
  js: same,
  print: same,
  toString: same,
  int: same,
  int64: same,
  cat: several((first, others) => textOf([first, ...others.flatMap((value) => [' ', value])])),
  printf: several((format, values) => printf(literalTextOf(format), values)),
  date: two((layout, value, zone) => formatted(value, layout, zone)),
  dateInZone: three((layout, value, zone) => formatted(value, layout, literalTextOf(zone))),
  '.Kind': one(ofOwner('kind')),
  '.Name': one(ofOwner('name')),
  '.Format': two((layout, value, zone) => formatted(value, layout, zone)),
  '.Unix': one((value) => clock(value, '%s')),
  '.UnixMilli': one((value) => clock(value, '%s%L')),
  '.UnixNano': one((value) => clock(value, '%s%N')),
  // The zone of a time is said where it is formatted.
  '.UTC': one((value) => ({ ...timeOf(value), zone: 'UTC' })),
  '.Local': one(timeOf),
  '.Time': one(timeOf),
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
  const made = known(given, zone);
  if (made === undefined) throw new UntranslatableError(`${name} with ${given.length} values`);
  return made;
}

/** From one place to another, counted from 0. */
function part(value: Value, from: Value, to: Value): Value {
  const start = literalNumberOf(from);
  return filter(`slice: ${start}, ${Math.max(literalNumberOf(to) - start, 0)}`)(value);
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
