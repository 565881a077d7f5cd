import * as z from 'zod/mini';
import { field } from '../../contract/config.ts';
import { REGION } from '../../contract/region.ts';

// A schema each: a description belongs to one.
const optionalRegion = () =>
  z.optional(z.string().check(z.regex(new RegExp(`^${REGION.source}$`), 'expected a region such as eu-west-1')));

/** The option `region` of a sink that signs for AWS itself. */
export function regionField(description: string): ReturnType<typeof optionalRegion> {
  return field(optionalRegion(), description, 'eu-west-1');
}
