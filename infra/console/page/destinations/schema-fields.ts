/** A field of a document, as help beside the editor shows it. */
export interface SchemaField {
  /** `filter.match[].reason`. */
  readonly path: string;
  /** In a few words: `string`, `one of en, zh`, `list of strings`. */
  readonly type: string;
  readonly description: string;
  readonly isRequired: boolean;
  /** As JSON. */
  readonly preset?: string;
  /** As JSON. */
  readonly example?: string;
}

const MAX_DEPTH = 4;

/** The fields of a JSON Schema, each before those inside of it. A schema that refers to itself is followed once. */
export function schemaFields(schema: unknown): readonly SchemaField[] {
  return fieldsOf(schema, schema, '', []);
}

type Refs = readonly string[];

function fieldsOf(node: unknown, root: unknown, before: string, refs: Refs): readonly SchemaField[] {
  if (refs.length > MAX_DEPTH) return [];
  const required = listIn(node, 'required');
  return Object.entries(objectIn(node, 'properties')).flatMap(([name, property]) => {
    if (name === '$schema') return [];
    const path = before === '' ? name : `${before}.${name}`;
    const preset = valueIn(property, 'default');
    const [example] = listIn(property, 'examples');
    const field = {
      path,
      type: typeOf(property),
      description: textIn(property, 'description'),
      isRequired: required.includes(name),
      ...(preset !== undefined && { preset: JSON.stringify(preset) }),
      ...(example !== undefined && { example: JSON.stringify(example) }),
    };
    return [field, ...below(property, root, path, refs)];
  });
}

function below(property: unknown, root: unknown, path: string, refs: Refs): readonly SchemaField[] {
  const items = valueIn(property, 'items');
  const inner = items === undefined ? property : items;
  const ref = valueIn(inner, '$ref');
  const innerPath = items === undefined ? path : `${path}[]`;
  if (typeof ref !== 'string') return fieldsOf(inner, root, innerPath, refs);
  return refs.includes(ref) ? [] : fieldsOf(resolve(ref, root), root, innerPath, [...refs, ref]);
}

function resolve(ref: string, root: unknown): unknown {
  return ref
    .replace(/^#\/?/, '')
    .split('/')
    .reduce<unknown>((node, step) => (step === '' ? node : valueIn(node, step)), root);
}

function typeOf(node: unknown): string {
  const choices = listIn(node, 'enum');
  if (choices.length > 0) return choices.map((choice) => JSON.stringify(choice)).join(' | ');
  const any = [...listIn(node, 'anyOf'), ...listIn(node, 'oneOf')];
  if (any.length > 0) return [...new Set(any.map((each) => typeOf(each)))].join(' | ');
  const ref = valueIn(node, '$ref');
  if (typeof ref === 'string') return 'object';
  const fixed = valueIn(node, 'const');
  if (fixed !== undefined) return JSON.stringify(fixed);
  const type = textIn(node, 'type') || 'any';
  return type === 'array' ? `${typeOf(valueIn(node, 'items'))}[]` : type;
}

function valueIn(node: unknown, key: string): unknown {
  return Object.entries(typeof node === 'object' && node !== null ? node : {}).find(([name]) => name === key)?.[1];
}

function textIn(node: unknown, key: string): string {
  const value = valueIn(node, key);
  return typeof value === 'string' ? value : '';
}

function listIn(node: unknown, key: string): readonly unknown[] {
  const value = valueIn(node, key);
  return Array.isArray(value) ? value : [];
}

function objectIn(node: unknown, key: string): object {
  const value = valueIn(node, key);
  return typeof value === 'object' && value !== null ? value : {};
}
