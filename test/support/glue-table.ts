import type { Template } from 'aws-cdk-lib/assertions';
import * as z from 'zod/mini';
import { plainText } from '../infra/synthesise.ts';

const column = z.object({ Name: z.string(), Type: z.string() });

const tableInput = z.looseObject({
  Name: z.string(),
  Parameters: z.record(z.string(), z.string()),
  PartitionKeys: z.array(column),
  StorageDescriptor: z.looseObject({
    Location: z.string(),
    Columns: z.array(column),
    SerdeInfo: z.object({ SerializationLibrary: z.string(), Parameters: z.record(z.string(), z.string()) }),
  }),
});

export interface GlueTable {
  readonly database: string;
  /** As CloudFormation gives it to Glue. */
  readonly input: z.infer<typeof tableInput>;
}

/** The archive's table of a template, over a bucket. */
export function glueTable(template: Template, bucket: string): GlueTable {
  const [{ Properties = {} } = {}] = Object.values(template.findResources('AWS::Glue::Table'));
  const [logicalId = ''] = Object.keys(template.findResources('AWS::S3::Bucket'));
  const resolved = JSON.stringify(Properties['TableInput'], (_, value) =>
    Object(value)['Fn::Join'] === undefined ? value : plainText(value).replace(logicalId, bucket),
  );
  return { database: String(Properties['DatabaseName']), input: tableInput.parse(JSON.parse(resolved)) };
}

/** A value of a document as the SerDe reads it for a Hive type: names in any case, and a struct's fields in their order. */
export function asHiveType(value: unknown, type: string): unknown {
  if (value === undefined || value === null) return null;
  const [, kind = type, inner = ''] = /^(\w+)<(.*)>$/.exec(type) ?? [];
  switch (kind) {
    case 'string':
      return typeof value === 'string' ? value : mismatch(value, type);
    case 'int':
      return Number.isInteger(value) && Math.abs(Number(value)) < 2 ** 31 ? value : mismatch(value, type);
    case 'map': {
      const [, valueType = ''] = parts(inner);
      return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, asHiveType(each, valueType)]));
    }
    case 'struct': {
      const found = new Map(Object.entries(value).map(([name, each]) => [name.toLowerCase(), each]));
      return parts(inner).map((field) => {
        const [name = ''] = field.split(':', 1);
        return asHiveType(found.get(name), field.slice(name.length + 1));
      });
    }
    default:
      return mismatch(value, type);
  }
}

function mismatch(value: unknown, type: string): never {
  throw new Error(`${JSON.stringify(value)} is no ${type}`);
}

/** What commas part that are in no brackets. */
function parts(text: string): readonly string[] {
  return text.match(/[^,<]+(?:<(?:[^<>]|<[^<>]*>)*>)?/g) ?? [];
}
