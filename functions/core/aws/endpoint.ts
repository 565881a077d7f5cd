import { awsDomain, REGION } from '../contract/region.ts';
import type { ServiceName } from './json-service.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Where a queue is asked. */
export interface QueueEndpoint {
  readonly url: URL;
  /** Undefined if nothing tells it. */
  readonly region: string | undefined;
}

/** Domains of AWS, and those of their endpoints that speak IPv6 as well. */
const DUAL_STACK_DOMAINS: Readonly<Record<string, string>> = {
  'amazonaws.com': 'api.aws',
  'amazonaws.com.cn': 'api.amazonwebservices.com.cn',
  'amazonaws.eu': 'api.amazonwebservices.eu',
  'c2s.ic.gov': 'api.aws.ic.gov',
  'sc2s.sgov.gov': 'api.aws.scloud',
  'cloud.adc-e.uk': 'api.cloud-aws.adc-e.uk',
  'csp.hci.ic.gov': 'api.aws.hci.ic.gov',
};

/**
 * Where SQS is reached for a queue: at the endpoint that the environment names, else at the host of the queue's URL, or,
 * if that is AWS' own, at its FIPS or dual-stack sibling where those are asked for, as the SDK resolves them.
 * @param env `AWS_ENDPOINT_URL_SQS`, `AWS_ENDPOINT_URL`, `AWS_REGION`, `AWS_USE_FIPS_ENDPOINT`, `AWS_USE_DUALSTACK_ENDPOINT`.
 */
export function queueEndpoint(queueUrl: string, env: Environment): QueueEndpoint {
  const own = new URL(new URL(queueUrl).origin);
  const region = env['AWS_REGION'] || env['AWS_DEFAULT_REGION'] || regionOf(own);
  const named = namedEndpoint('sqs', env);
  if (named) return { url: named, region };
  const [, dashFips, queueRegion, domain = ''] = /^sqs(-fips)?\.([a-z0-9-]+)\.(.+)$/.exec(own.hostname) ?? [];
  if (queueRegion === undefined || !(domain in DUAL_STACK_DOMAINS)) return { url: own, region };
  return { url: awsEndpoint('sqs', queueRegion, domain, env, dashFips !== undefined), region };
}

/** Where a service is reached in a region, as the SDK resolves it. @param env as of {@link queueEndpoint}, with the service's name. */
export function serviceEndpoint(service: ServiceName, region: string, env: Environment): URL {
  return namedEndpoint(service, env) ?? awsEndpoint(service, region, awsDomain(region), env);
}

function namedEndpoint(service: ServiceName, env: Environment): URL | undefined {
  const named = env[`AWS_ENDPOINT_URL_${service.toUpperCase()}`] || env['AWS_ENDPOINT_URL'];
  return named ? new URL(named) : undefined;
}

function awsEndpoint(service: ServiceName, region: string, domain: string, env: Environment, mustBeFips = false): URL {
  const isFips = mustBeFips || isOn(env['AWS_USE_FIPS_ENDPOINT']);
  const isDualStack = isOn(env['AWS_USE_DUALSTACK_ENDPOINT']);
  // In GovCloud the plain endpoint is the one with FIPS.
  const host = isFips && (isDualStack || !region.startsWith('us-gov-')) ? `${service}-fips` : service;
  return new URL(`https://${host}.${region}.${isDualStack ? DUAL_STACK_DOMAINS[domain] : domain}`);
}

const QUEUE_HOST = new RegExp(`\\b(?:sqs|queue)(?:-fips)?\\.(${REGION.source})\\.`);

/** The region in the host of a queue's URL (`sqs.<region>.amazonaws.com`), where it has one. */
function regionOf({ hostname }: URL): string | undefined {
  return QUEUE_HOST.exec(hostname)?.[1];
}

function isOn(value: string | undefined): boolean {
  return value?.trim().toLowerCase() === 'true';
}
