import * as z from 'zod/mini';
import { field } from '../../contract/config.ts';
import { REGION } from '../../contract/region.ts';

/** The host of a database of Amazon RDS, in any of AWS' partitions that are open to all. */
export const RDS_HOST = /\.rds\.amazonaws\.(com|com\.cn|eu)$/i;

// A schema each: a description belongs to one.
const optionalRegion = () =>
  z.optional(z.string().check(z.regex(new RegExp(`^${REGION.source}$`), 'expected a region such as eu-west-1')));

/** The option `region` of a sink that signs for AWS itself. */
export function regionField(description: string): ReturnType<typeof optionalRegion> {
  return field(optionalRegion(), description, 'eu-west-1');
}
