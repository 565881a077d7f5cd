/** What the sinks for AWS' own services have as options: a resource by its ARN, and the address of its service. */
import * as z from 'zod/mini';
import { field, type AwsTarget } from '../../contract/config.ts';
import { REGION } from '../../contract/region.ts';
import { endpointUrl } from '../endpoint.ts';

/** An ARN of a service: partition, region and account, and what the service calls its resource. */
export function arnOf(service: string, resource: RegExp): RegExp {
  return new RegExp(`^arn:aws[a-z-]*:${service}:${REGION.source}:\\d{12}:${resource.source}$`);
}

/** The option that names the resource. */
export function targetField({ arn, expected }: AwsTarget, description: string, example: string): z.ZodMiniString {
  return field(z.string().check(z.regex(arn, `expected ${expected}`)), description, example);
}

// A schema each: a description belongs to one.
const optionalEndpoint = () => z.optional(endpointUrl());

/** The option `endpoint` of a sink for a service of AWS. */
export function awsEndpointField(): ReturnType<typeof optionalEndpoint> {
  return field(
    optionalEndpoint(),
    'The address of the service, where it is not the public one of its region: a VPC endpoint, or an emulator.',
    'https://vpce-0a1b2c3d.example.vpce.amazonaws.com',
  );
}

export interface ArnParts {
  readonly partition: string;
  readonly region: string;
  readonly account: string;
  /** As its service writes it, such as `stream/events`. */
  readonly resource: string;
}

export function arnParts(arn: string): ArnParts {
  const [, partition = '', , region = '', account = '', ...resource] = arn.split(':');
  return { partition, region, account, resource: resource.join(':') };
}
