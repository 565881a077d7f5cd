import type { SinkConfig } from '../../functions/core/contract/config.ts';
import { FILL_IN } from '../../functions/core/destinations/placeholders.ts';
import type { JsonSchema } from '../docs/schema.ts';
import type { Skeleton } from './contract.ts';
import { withTexts } from './shown-document.ts';

/** What people must know; without a filter, all that happens in every cluster would become a message. */
const FOR_PEOPLE = { match: [{ severity: ['critical', 'warning'] }] };

/** The schema of a destination's document. */
export async function schemaOf(config: SinkConfig): Promise<JsonSchema> {
  return (await schemas()).documentSchema(config);
}

/** What a new destination begins with: the fields that it needs. It cannot be saved before there are values in them. */
export async function skeletonOf(config: SinkConfig): Promise<Skeleton> {
  const schema = await schemaOf(config);
  const { required = [] } = (await schemas()).secretsSchema(config);
  const plain = required.filter((name) => config.plainSecrets?.includes(name));
  const needed = [...(schema.required ?? []), ...plain].map((name) => [name, beginningOf(schema.properties?.[name])]);
  const filter = config.chat && !config.pager ? { filter: FOR_PEOPLE } : {};
  return { text: JSON.stringify({ ...filter, ...Object.fromEntries(needed) }, null, 2), schema };
}

function beginningOf({ enum: choices, examples, default: fallback }: JsonSchema = {}): unknown {
  if (choices) return choices[0];
  return withTexts(examples?.[0] ?? fallback ?? FILL_IN, () => FILL_IN);
}

/** Only here: making schemas is no small part of its library. */
async function schemas() {
  return import('../docs/schema.ts');
}
