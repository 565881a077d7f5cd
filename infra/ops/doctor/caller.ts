import { GetCallerIdentityCommand, type STSClient } from '@aws-sdk/client-sts';
import { recordOf, textOf } from '../../../functions/core/contract/untrusted.ts';
import type { Clock } from '../clock.ts';

/** Who asks, as AWS sees it, and when. */
export interface Caller {
  readonly arn: string;
  readonly account: string;
  /** `aws`, `aws-cn`, ... */
  readonly partition: string;
  /** By how much AWS' clock is ahead of this machine's, to the second; 0 where the answer bore no date. */
  readonly aheadMs: number;
}

/** A date of HTTP says the second that has begun: it is known to half of one, and less than one is nothing. */
const SECOND_MS = 1000;

export async function readCaller(sts: STSClient, clock: Clock): Promise<Caller> {
  let date = '';
  sts.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      date = textOf(recordOf(recordOf(result.response)['headers'])['date']);
      return result;
    },
    { step: 'deserialize', name: 'dateOfAnswer', override: true },
  );
  const sentAt = clock.now();
  const { Arn: arn = '', Account: account = '' } = await sts.send(new GetCallerIdentityCommand({}));
  const here = (sentAt + clock.now()) / 2;
  const ahead = Date.parse(date) + SECOND_MS / 2 - here;
  return {
    arn,
    account,
    partition: arn.split(':')[1] || 'aws',
    aheadMs: Math.abs(ahead) >= SECOND_MS ? Math.round(ahead) : 0,
  };
}
