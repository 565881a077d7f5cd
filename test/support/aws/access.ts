import type { AwsAccess } from '../../../functions/core/contract/sink.ts';

/** Keys that stand-ins of AWS take. */
export const testAccess: AwsAccess = {
  region: async () => 'us-east-1',
  credentials: async () => ({ accessKeyId: 'test', secretAccessKey: 'test' }),
};
