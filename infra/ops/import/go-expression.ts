/**
 * One action of a Go template (https://pkg.go.dev/text/template), such as `.Message | trunc 100`, as a Liquid expression.
 * Only what has the same meaning in both is translated; everything else throws, so that it is reported and not guessed.
 */

/** Why an action cannot be translated. */
export class UntranslatableError extends Error {
  override readonly name = 'UntranslatableError';
}

/** Where an action stands: alone in JSON, where its value counts, or inside a text. */
export type Context = 'value' | 'text';

// Fields of the event as kube-eventer and kubernetes-event-exporter offer it, and where ours are.
const FIELDS: Readonly<Record<string, string>> = {
  Type: 'event.type',
  Reason: 'event.reason',
  Message: 'event.message',
  Action: 'event.action',
  Count: 'event.count',
  Name: 'event.name',
  Namespace: 'event.eventNamespace',
  UID: 'event.uid',
  ResourceVersion: 'event.resourceVersion',
  FirstTimestamp: 'event.firstSeen',
  LastTimestamp: 'event.lastSeen',
  EventTime: 'event.lastSeen',
  CreationTimestamp: 'event.raw.metadata.creationTimestamp',
  GetTimestampISO8601: 'event.firstSeen',
  Labels: 'event.raw.metadata.labels',
  Annotations: 'event.raw.metadata.annotations',
  GenerateName: 'event.raw.metadata.generateName',
  ClusterName: 'event.cluster',
  ReportingController: 'event.raw.reportingComponent',
  ReportingInstance: 'event.raw.reportingInstance',
  'Source.Component': 'event.source.component',
  'Source.Host': 'event.source.host',
  'Series.Count': 'event.raw.series.count',
  'Series.LastObservedTime': 'event.raw.series.lastObservedTime',
  'InvolvedObject.Kind': 'event.object.kind',
  'InvolvedObject.Name': 'event.object.name',
  'InvolvedObject.Namespace': 'event.object.namespace',
  'InvolvedObject.UID': 'event.object.uid',
  'InvolvedObject.APIVersion': 'event.object.apiVersion',
  'InvolvedObject.FieldPath': 'event.object.fieldPath',
  'InvolvedObject.ResourceVersion': 'event.raw.involvedObject.resourceVersion',
  'InvolvedObject.Labels': 'event.object.labels',
  'InvolvedObject.Annotations': 'event.object.annotations',
  'Related.Kind': 'event.raw.related.kind',
  'Related.Name': 'event.raw.related.name',
  'Related.Namespace': 'event.raw.related.namespace',
};

const MAPS: ReadonlySet<string> = new Set([
  'Labels',
  'Annotations',
  'InvolvedObject.Labels',
  'InvolvedObject.Annotations',
]);

// Functions that take the value as their last argument, as Liquid filters; undefined where the value stays as it is.
const FILTERS: Readonly<Record<string, string | undefined>> = {
  upper: 'upcase',
  lower: 'downcase',
  trim: 'strip',
  html: 'escape',
  urlquery: 'url_encode',
  trunc: 'slice: 0,',
  replace: 'replace:',
  default: 'default:',
  // What is rendered into JSON is escaped there.
  js: undefined,
  print: undefined,
  toString: undefined,
};

/** `${ ... }` expressions, or a text with several of them for printf. @throws {UntranslatableError} */
export function translateExpression(source: string, context: Context): string {
  const commands = split(tokens(source), '|');
  const [first = [], ...rest] = commands;
  if (first[0] === 'printf') {
    if (rest.length > 0) throw new UntranslatableError('printf followed by a function');
    return printf(first.slice(1));
  }
  let value = operandOf(first, undefined, context);
  for (const command of rest) value = operandOf(command, value, context);
  return `\${ ${value} }`;
}

const COMPARISONS: Readonly<Record<string, string>> = { eq: '==', ne: '!=', gt: '>', ge: '>=', lt: '<', le: '<=' };

/** A condition of `if` as Liquid writes it. @throws {UntranslatableError} */
export function translateCondition(source: string): string {
  const [name = '', ...operands] = tokens(source);
  const comparison = COMPARISONS[name];
  if (comparison !== undefined && operands.length === 2) {
    return operands.map(operand).join(` ${comparison} `);
  }
  // In Go an empty text is false, in Liquid it is true.
  if (name === 'not' && operands.length === 1) return `${operands.map(operand).join('')} == blank`;
  if (operands.length === 0) return `${operand(name)} != blank`;
  throw new UntranslatableError(`the condition ${source}`);
}

function operandOf(command: readonly string[], piped: string | undefined, context: Context): string {
  const [name = '', ...given] = command;
  if (given.length === 0 && piped === undefined && !Object.hasOwn(FILTERS, name) && !isJson(name)) return operand(name);
  if (name === 'index' && given.length === 2 && piped === undefined) {
    const [map = '', key = ''] = given.map(operand);
    return `${map}[${key}]`;
  }
  const values = [...given.map(operand), ...(piped === undefined ? [] : [piped])];
  const value = values.pop();
  if (value === undefined) throw new UntranslatableError(`the function ${name}`);
  if (isJson(name)) return context === 'value' ? value : `${value} | json`;
  if (!Object.hasOwn(FILTERS, name)) throw new UntranslatableError(`the function ${name}`);
  const filter = FILTERS[name];
  if (filter === undefined) return value;
  return `${value} | ${[filter, values.join(', ')].filter((part) => part !== '').join(' ')}`;
}

function isJson(name: string): boolean {
  return name === 'toJson' || name === 'toPrettyJson' || name === 'quote';
}

function operand(token: string): string {
  if (token.startsWith('"')) return liquidText(goText(token));
  if (token.startsWith('`')) return liquidText(token.slice(1, -1));
  if (/^-?\d+(\.\d+)?$/.test(token)) return token;
  if (token === '.') return 'event.raw';
  const path = token.replace(/^\$?\./, '').replace(/^(ObjectMeta|Event)\./, '');
  const field = token.startsWith('.') ? FIELDS[path] : undefined;
  if (field !== undefined) return field;
  const [, map = '', key = ''] = /^(.*)\.(\w+)$/.exec(path) ?? [];
  if (MAPS.has(map)) return `${FIELDS[map]}.${key}`;
  throw new UntranslatableError(token.startsWith('.') ? `the field ${token}` : token);
}

/** A Go text in double quotes, where it has no escapes that JSON lacks. */
function goText(token: string): string {
  try {
    return String(JSON.parse(token));
  } catch {
    throw new UntranslatableError(`the text ${token}`);
  }
}

function liquidText(value: string): string {
  const mark = value.includes('"') ? "'" : '"';
  if (value.includes(mark) || /[{}\\]/.test(value)) throw new UntranslatableError(`the text ${value}`);
  return `${mark}${value}${mark}`;
}

function printf(command: readonly string[]): string {
  const [format = '', ...values] = command;
  if (!format.startsWith('"')) throw new UntranslatableError('printf without a format');
  const text = goText(format);
  let used = 0;
  const result = text.replace(/%(.)/g, (verb: string, letter: string) => {
    if (letter === '%') return '%';
    const value = values[used];
    used += 1;
    if (!'svd'.includes(letter) || value === undefined) throw new UntranslatableError(`printf with ${verb}`);
    return `\${ ${operand(value)} }`;
  });
  if (used !== values.length) throw new UntranslatableError('printf with too many values');
  return result;
}

const TOKEN = /\s*("(?:[^"\\]|\\.)*"|`[^`]*`|\||[^\s|()"`]+|\(|\))/gy;

function tokens(source: string): readonly string[] {
  const found: string[] = [];
  let end = 0;
  for (const match of source.trim().matchAll(TOKEN)) {
    found.push(match[1] ?? '');
    end = match.index + match[0].length;
  }
  if (end !== source.trim().length) throw new UntranslatableError(source);
  const bracket = found.find((token) => '()'.includes(token) || token.startsWith('$') || token === ':=');
  if (bracket !== undefined) throw new UntranslatableError(bracket.startsWith('$') ? 'a variable' : 'brackets');
  return found;
}

function split(list: readonly string[], separator: string): readonly (readonly string[])[] {
  const parts: string[][] = [[]];
  for (const token of list) {
    if (token === separator) parts.push([]);
    else parts.at(-1)?.push(token);
  }
  return parts;
}
