/** A region of AWS, such as `eu-west-1`, `us-gov-west-1` or `eusc-de-east-1`. */
export const REGION = /[a-z]{2,4}(?:-[a-z]+)+-\d/;

/** AWS' domain for a region that begins so; else it is `amazonaws.com`. */
const DOMAINS: Readonly<Record<string, string>> = {
  'cn-': 'amazonaws.com.cn',
  'eusc-': 'amazonaws.eu',
  'us-iso-': 'c2s.ic.gov',
  'us-isob-': 'sc2s.sgov.gov',
  'eu-isoe-': 'cloud.adc-e.uk',
  'us-isof-': 'csp.hci.ic.gov',
};

/** The domain of AWS' services in a region. */
export function awsDomain(region: string): string {
  return Object.entries(DOMAINS).find(([start]) => region.startsWith(start))?.[1] ?? 'amazonaws.com';
}
