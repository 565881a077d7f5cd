import type { SinkConfig } from '../../../functions/core/contract/config.ts';
import { parseSecrets, parseSettings } from '../../../functions/core/destinations/destination.ts';
import { fieldsOf } from '../../docs/fields.ts';
import { optionsSchema, secretsSchema, type JsonSchema } from '../../docs/schema.ts';

type Fields = Readonly<Record<string, unknown>>;

/** The least that a destination of a type consists of, with the examples of its fields as their values. */
export interface Skeleton {
  readonly document: Fields;
  readonly secrets: Fields;
}

/** What people are told, unless the document says otherwise, is everything. */
const FOR_PEOPLE: Fields = { filter: { match: [{ severity: ['critical', 'warning'] }] } };

/** A minimal document, and minimal secrets, that are valid together. */
export function skeletonOf(config: SinkConfig): Skeleton {
  const options = examplesIn(optionsSchema(config));
  let document = { ...(config.chat && FOR_PEOPLE), ...options.required };
  // What is needed only in company, or in place of another, its mistake names.
  for (const name of missing(config, document)) {
    if (Object.hasOwn(options.all, name)) document = { ...document, [name]: options.all[name] };
  }
  const hidden = examplesIn(secretsSchema(config));
  const alternatives = Object.entries(hidden.all).map(([name, value]) => ({ ...hidden.required, [name]: value }));
  const secrets = [hidden.required, ...alternatives].find((each) => areValid(config, each)) ?? hidden.required;
  return { document, secrets };
}

function missing(config: SinkConfig, document: Fields): readonly string[] {
  const settings = parseSettings(config, JSON.stringify(document));
  return 'problems' in settings ? settings.problems.map(({ field }) => field) : [];
}

function areValid(config: SinkConfig, secrets: Fields): boolean {
  return 'value' in parseSecrets(config, JSON.stringify(secrets), {});
}

function examplesIn(schema: JsonSchema): { readonly required: Fields; readonly all: Fields } {
  const fields = fieldsOf(schema, String).filter(({ name, example }) => !name.includes('.') && example !== undefined);
  const of = (chosen: typeof fields): Fields => Object.fromEntries(chosen.map(({ name, example }) => [name, example]));
  return { required: of(fields.filter(({ isRequired }) => isRequired)), all: of(fields) };
}
