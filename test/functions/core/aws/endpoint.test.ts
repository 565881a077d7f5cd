import { SQSClient } from '@aws-sdk/client-sqs';
import { SSMClient } from '@aws-sdk/client-ssm';
import { describe, expect, test } from 'vitest';
import { queueEndpoint, serviceEndpoint } from '../../../../functions/core/aws/endpoint.ts';

const AWS = 'https://sqs.eu-west-1.amazonaws.com/1/q';

/** One region of each of AWS' partitions, and the domain of their queues' URLs. */
const PARTITIONS = [
  ['eu-west-1', 'amazonaws.com'],
  ['us-gov-west-1', 'amazonaws.com'],
  ['cn-north-1', 'amazonaws.com.cn'],
  ['eusc-de-east-1', 'amazonaws.eu'],
  ['us-iso-east-1', 'c2s.ic.gov'],
  ['us-isob-east-1', 'sc2s.sgov.gov'],
  ['eu-isoe-west-1', 'cloud.adc-e.uk'],
  ['us-isof-south-1', 'csp.hci.ic.gov'],
] as const;

describe.each(PARTITIONS)('in %s', (Region, domain) => {
  test.each([
    [false, false],
    [true, false],
    [false, true],
    [true, true],
  ])('FIPS %s and dual stack %s lead where the SDK goes', (UseFIPS, UseDualStack) => {
    const env = { AWS_USE_FIPS_ENDPOINT: String(UseFIPS), AWS_USE_DUALSTACK_ENDPOINT: String(UseDualStack) };
    const params = { Region, UseFIPS, UseDualStack };
    const sqs = new SQSClient({ region: Region }).config.endpointProvider(params);
    expect(queueEndpoint(`https://sqs.${Region}.${domain}/1/q`, env).url.href).toBe(sqs.url.href);
    const ssm = new SSMClient({ region: Region }).config.endpointProvider(params);
    expect(serviceEndpoint('ssm', Region, env).href).toBe(ssm.url.href);
  });
});

test.each([
  ['an endpoint for SQS', { AWS_ENDPOINT_URL_SQS: 'http://127.0.0.1:4566', AWS_ENDPOINT_URL: 'http://127.0.0.1:1' }],
  ['an endpoint for all services', { AWS_ENDPOINT_URL: 'http://127.0.0.1:4566', AWS_USE_FIPS_ENDPOINT: 'true' }],
])('%s goes first', (_, env) => {
  expect(queueEndpoint(AWS, env).url.href).toBe('http://127.0.0.1:4566/');
  const own = { ...env, AWS_ENDPOINT_URL_SSM: 'http://127.0.0.1:4567' };
  expect(serviceEndpoint('ssm', 'eu-west-1', own).href).toBe('http://127.0.0.1:4567/');
});

test.each([
  'https://vpce-1-a.sqs.eu-west-1.vpce.amazonaws.com/1/q',
  'https://sqs.example.com/1/q',
  'http://127.0.0.1:4566/000000000000/q',
])("a queue that is not at AWS' own host is asked where it is: %s", (queueUrl) => {
  const env = { AWS_USE_FIPS_ENDPOINT: 'true', AWS_USE_DUALSTACK_ENDPOINT: 'true' };
  expect(queueEndpoint(queueUrl, env).url.origin).toBe(new URL(queueUrl).origin);
});

test('a queue whose URL has FIPS in it stays there', () => {
  expect(queueEndpoint('https://sqs-fips.eu-west-1.amazonaws.com/1/q', {}).url.host).toBe(
    'sqs-fips.eu-west-1.amazonaws.com',
  );
});

describe('the region', () => {
  test.each([
    [AWS, 'eu-west-1'],
    ['https://sqs.cn-north-1.amazonaws.com.cn/1/q', 'cn-north-1'],
    ['https://sqs-fips.us-gov-west-1.amazonaws.com/1/q', 'us-gov-west-1'],
    ['https://sqs.eusc-de-east-1.amazonaws.eu/1/q', 'eusc-de-east-1'],
    ['https://eu-west-1.queue.amazonaws.com/1/q', undefined],
    ['http://127.0.0.1:4566/000000000000/q', undefined],
  ])('of %s is %s', (queueUrl, region) => {
    expect(queueEndpoint(queueUrl, {}).region).toBe(region);
  });

  test('is what the environment says first', () => {
    expect(queueEndpoint(AWS, { AWS_DEFAULT_REGION: 'us-east-2' }).region).toBe('us-east-2');
    expect(queueEndpoint(AWS, { AWS_DEFAULT_REGION: 'us-east-2', AWS_REGION: 'us-east-1' }).region).toBe('us-east-1');
    expect(queueEndpoint(AWS, { AWS_REGION: '' }).region).toBe('eu-west-1');
  });
});
