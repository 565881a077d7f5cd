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
export function queueEndpoint(queueUrl: string, env: Readonly<Record<string, string | undefined>>): QueueEndpoint {
  const own = new URL(new URL(queueUrl).origin);
  const region = env['AWS_REGION'] || env['AWS_DEFAULT_REGION'] || regionOf(own);
  const named = env['AWS_ENDPOINT_URL_SQS'] || env['AWS_ENDPOINT_URL'];
  if (named) return { url: new URL(named), region };
  const [, dashFips, queueRegion, domain = ''] = /^sqs(-fips)?\.([a-z0-9-]+)\.(.+)$/.exec(own.hostname) ?? [];
  const dualStackDomain = DUAL_STACK_DOMAINS[domain];
  if (queueRegion === undefined || dualStackDomain === undefined) return { url: own, region };
  const isFips = dashFips !== undefined || isOn(env['AWS_USE_FIPS_ENDPOINT']);
  const isDualStack = isOn(env['AWS_USE_DUALSTACK_ENDPOINT']);
  // In GovCloud the plain endpoint is the one with FIPS.
  const service = isFips && (isDualStack || !queueRegion.startsWith('us-gov-')) ? 'sqs-fips' : 'sqs';
  return { url: new URL(`https://${service}.${queueRegion}.${isDualStack ? dualStackDomain : domain}`), region };
}

/** The region in the host of a queue's URL (`sqs.<region>.amazonaws.com`), where it has one. */
function regionOf({ hostname }: URL): string | undefined {
  return /\b(?:sqs|queue)(?:-fips)?\.([a-z]{2}(?:-[a-z]+)+-\d)\./.exec(hostname)?.[1];
}

function isOn(value: string | undefined): boolean {
  return value?.trim().toLowerCase() === 'true';
}
