import type { JsonSchema } from './schema.ts';

/** A field of a document, for people. */
export interface Field {
  /** Dotted where it is inside another. */
  readonly name: string;
  /** In words, such as `list of text`. */
  readonly type: string;
  readonly isRequired: boolean;
  readonly default?: unknown;
  readonly example?: unknown;
  readonly description: string;
}

/**
 * The fields of a schema, those of objects inside it too, in their order.
 * @param quote how a value is written within a type
 */
export function fieldsOf(schema: JsonSchema, quote: (value: unknown) => string, parent = ''): readonly Field[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, inner]) => {
    const example = inner.examples?.[0];
    const field: Field = {
      name: parent + name,
      type: typeText(inner, quote),
      isRequired: schema.required?.includes(name) === true,
      ...(inner.default !== undefined && { default: inner.default }),
      ...(example !== undefined && { example }),
      description: inner.description ?? '',
    };
    const alternatives = inner.anyOf ?? [inner];
    return [field, ...alternatives.flatMap((each) => fieldsOf(each, quote, `${parent}${name}.`))];
  });
}

/** A type in words. */
function typeText(schema: JsonSchema, quote: (value: unknown) => string): string {
  if (schema.$ref !== undefined) return 'any JSON';
  if (schema.enum) return schema.enum.map(quote).join(', ');
  if (schema.const !== undefined) return quote(schema.const);
  if (schema.anyOf) return [...new Set(schema.anyOf.map((each) => typeText(each, quote)))].join(' or ');
  switch (schema.type) {
    case 'string':
      return 'text';
    case 'boolean':
      return `${quote(true)}, ${quote(false)}`;
    case 'integer':
    case 'number':
      return [schema.type === 'integer' ? 'whole number' : 'number', range(schema)].filter(Boolean).join(', ');
    case 'array':
      return `list of ${schema.items ? typeText(schema.items, quote) : 'anything'}`;
    case 'object':
      return typeof schema.additionalProperties === 'object'
        ? `map to ${typeText(schema.additionalProperties, quote)}`
        : 'object';
    default:
      return 'any JSON';
  }
}

function range({ minimum, maximum }: JsonSchema): string {
  if (minimum !== undefined && maximum !== undefined) return `${minimum} to ${maximum}`;
  if (minimum !== undefined) return `at least ${minimum}`;
  return maximum === undefined ? '' : `at most ${maximum}`;
}
