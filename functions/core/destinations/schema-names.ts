import * as z from 'zod/mini';

type Schema = z.core.$ZodType;

/** The fields of an object's schema. */
export type Shape = Readonly<Record<string, Schema>>;

/** The names that a schema knows where a field stands: beside `filter.match[0].reson`, those of a rule. */
export function namesBeside(field: string, shape: Shape): readonly string[] {
  const path = field.split(/[.[\]]+/).filter((part) => part !== '');
  let shapes: readonly Shape[] = [shape];
  let schemas: readonly Schema[] = [];
  for (const part of path.slice(0, -1)) {
    schemas = [...shapes.flatMap((each) => each[part] ?? []), ...schemas.flatMap(elementOf)].flatMap(bare);
    shapes = schemas.flatMap((schema) => (schema instanceof z.ZodMiniObject ? [schema._zod.def.shape] : []));
  }
  return [...new Set(shapes.flatMap(Object.keys))];
}

/** What may stand inside a list, or a record of any names. */
function elementOf(schema: Schema): readonly Schema[] {
  if (schema instanceof z.ZodMiniArray) return [schema._zod.def.element];
  return schema instanceof z.ZodMiniRecord ? [schema._zod.def.valueType] : [];
}

/** A schema without what only says that it may be absent, or one of several. */
function bare(schema: Schema): readonly Schema[] {
  if (schema instanceof z.ZodMiniOptional || schema instanceof z.ZodMiniDefault) return bare(schema._zod.def.innerType);
  if (schema instanceof z.ZodMiniLazy) return bare(schema._zod.def.getter());
  if (schema instanceof z.ZodMiniUnion) return schema._zod.def.options.flatMap(bare);
  return [schema];
}
