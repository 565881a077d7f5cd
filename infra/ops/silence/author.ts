import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import type { Io } from '../command.ts';

/** Who makes a silence of a deployed stack: the identity that AWS sees, or whoever has logged in here if AWS does not say. */
export async function callerOf({ env }: Pick<Io, 'env'>): Promise<string> {
  try {
    const { Arn = '' } = await new STSClient({ maxAttempts: 3 }).send(new GetCallerIdentityCommand({}));
    // arn:aws:sts::123456789012:assumed-role/operator/alice
    return Arn.split('/').slice(1).join('/') || Arn.split(':').at(-1) || userOf({ env });
  } catch {
    return userOf({ env });
  }
}

/** Who makes a silence in a folder. */
export function userOf({ env }: Pick<Io, 'env'>): string {
  return env['USER'] || env['LOGNAME'] || env['USERNAME'] || 'unknown';
}
