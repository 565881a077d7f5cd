import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { awsDomain } from '../../../../functions/core/contract/region.ts';
import { regionField } from '../../../../functions/core/kit/aws/region.ts';
import { arnOf } from '../../../../functions/core/kit/aws/target.ts';

describe('a region', () => {
  it.each([
    ['eu-west-1', 'amazonaws.com'],
    ['ap-southeast-7', 'amazonaws.com'],
    ['us-gov-west-1', 'amazonaws.com'],
    ['cn-northwest-1', 'amazonaws.com.cn'],
    ['eusc-de-east-1', 'amazonaws.eu'],
    ['us-isob-east-1', 'sc2s.sgov.gov'],
  ])('may be %s, with its services below %s', (region, domain) => {
    expect(z.safeParse(regionField('where'), region).success).toBe(true);
    expect(arnOf('sqs', /[a-z]+/).test(`arn:aws-some:sqs:${region}:123456789012:events`)).toBe(true);
    expect(awsDomain(region)).toBe(domain);
  });

  it.each(['', 'eu-west', 'eu-west-1a', 'europe-west-1', 'EU-WEST-1', 'eu-west-1.example.com'])(
    'may not be %j',
    (text) => {
      expect(z.safeParse(regionField('where'), text).success).toBe(false);
      expect(arnOf('sqs', /[a-z]+/).test(`arn:aws:sqs:${text}:123456789012:events`)).toBe(false);
    },
  );
});
