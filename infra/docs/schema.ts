import * as z from 'zod/mini';
import { docs, type SinkConfig } from '../../functions/core/contract/config.ts';
import { commonFieldsOf } from '../../functions/core/destinations/destination.ts';
import { silenceSchema } from '../../functions/core/destinations/silence.ts';

/** What the documentation reads of a JSON Schema (draft 2020-12). */
export interface JsonSchema {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly JsonSchema[];
  readonly items?: JsonSchema;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: JsonSchema | boolean;
  readonly required?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, JsonSchema>>;
}

/** The schema of a sink's options and of its secrets, without the fields that every destination has. */
export function optionsSchema(config: SinkConfig): JsonSchema {
  return toJsonSchema(config.options);
}

export function secretsSchema(config: SinkConfig): JsonSchema {
  return toJsonSchema(config.secrets);
}

/** The schema of a destination's document, for editors; `$defs.secrets` is that of its secrets. */
export function documentSchema(config: SinkConfig): JsonSchema {
  const { options, secrets, plainSecrets = [] } = config;
  const plain = Object.entries(secrets.shape).filter(([name]) => plainSecrets.includes(name));
  const document = toJsonSchema(
    z.strictObject({
      ...commonFieldsOf(config),
      ...options.shape,
      ...Object.fromEntries(plain.map(([name, schema]) => [name, z.optional(schema)])),
    }),
  );
  const { $schema: _, ...secretsOnly } = { $schema: undefined, ...toJsonSchema(secrets) };
  const repeats = { ...document.properties?.['repeats'], default: config.chat ? 'milestones' : 'all' };
  return {
    ...document,
    properties: { ...document.properties, repeats },
    $defs: { ...document.$defs, secrets: { description: 'The SecureString with the secrets.', ...secretsOnly } },
  };
}

/** The schema of a silence's document, for editors. */
export function silenceDocumentSchema(): JsonSchema {
  return toJsonSchema(silenceSchema);
}

function toJsonSchema(schema: z.core.$ZodType): JsonSchema {
  const made = z.toJSONSchema(schema, {
    metadata: docs,
    io: 'input',
    override({ jsonSchema }) {
      // What the registry calls an example is a list in JSON Schema.
      if ('example' in jsonSchema) {
        jsonSchema.examples = [jsonSchema['example']];
        delete jsonSchema['example'];
      }
      // Said for every whole number, it only takes room.
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
    },
  });
  const plain: JsonSchema = JSON.parse(JSON.stringify(made));
  return plain;
}
