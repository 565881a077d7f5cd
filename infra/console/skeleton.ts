import type { SinkConfig } from '../../functions/core/contract/config.ts';
import { FILL_IN } from '../../functions/core/destinations/placeholders.ts';
import type { JsonSchema } from '../docs/schema.ts';
import type { Skeleton } from './contract.ts';
import { withTexts } from './texts.ts';

// Both are imported where they are used: making schemas is no small part of its library.

/** The schema of a destination's document. */
export async function schemaOf(config: SinkConfig): Promise<JsonSchema> {
  const { documentSchema } = await import('../docs/schema.ts');
  return documentSchema(config);
}

/** What a new destination begins with: the fields that it needs. It cannot be saved before there are values in them. */
export async function skeletonOf(config: SinkConfig): Promise<Skeleton> {
  const { skeletonOf: smallestOf } = await import('../ops/explain/skeleton.ts');
  const schema = await schemaOf(config);
  const { document, secrets } = smallestOf(config);
  const { filter, ...options } = document;
  const plain = Object.entries(secrets).filter(([name]) => config.plainSecrets?.includes(name));
  const needed = [...Object.entries(options), ...plain].map(([name, example]) => [
    name,
    schema.properties?.[name]?.enum ? example : withTexts(example, () => FILL_IN),
  ]);
  return { text: JSON.stringify({ filter, ...Object.fromEntries(needed) }, null, 2), schema };
}
