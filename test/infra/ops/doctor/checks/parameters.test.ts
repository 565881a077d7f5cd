import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startAccount, type Account } from '../account.ts';

let aws: Account;

beforeEach(async () => {
  aws = await startAccount();
});

afterEach(() => aws.stop());

/** What was simulated for a function's role: actions, resources, and the context of a key's use. */
function simulated(owner: string): readonly unknown[] {
  return aws
    .asked('SimulatePrincipalPolicy')
    .filter(({ PolicySourceArn }) => PolicySourceArn === `arn:aws:iam::000000000000:role/${owner}-function`)
    .map((input) => [
      input['ActionNames.member.1'],
      input['ResourceArns.member.1'],
      input['ContextEntries.member.1.ContextKeyValues.member.1'],
    ]);
}

describe('parameters', () => {
  test('that a role may not read are named', async () => {
    aws.refuse('ssm:GetParametersByPath', /router-function/);

    expect(await aws.said('parameters')).toEqual([
      'x parameters: router: may not ssm:GetParametersByPath on arn:aws:ssm:us-east-1:000000000000:parameter/kube-courier/destinations, ssm:GetParametersByPath on arn:aws:ssm:us-east-1:000000000000:parameter/kube-courier/silences',
      expect.stringContaining('the policy of router-function was changed'),
    ]);
  });

  test('whose key a role may not use are named', async () => {
    aws.answer('DescribeParameters', () => ({
      Parameters: [{ Name: '/kube-courier/secrets/webhook/team', KeyId: 'arn:aws:kms:us-east-1:111111111111:key/k' }],
    }));
    aws.refuse('kms:Decrypt');

    expect((await aws.said('parameters'))[0]).toBe(
      'x parameters: webhook: may not kms:Decrypt on arn:aws:kms:us-east-1:111111111111:key/k',
    );
  });

  test("are asked for by a sink for its own type, and a secret's key with the parameter it is for", async () => {
    await aws.doctor();

    const arn = 'arn:aws:ssm:us-east-1:000000000000:parameter/kube-courier';
    expect(simulated('webhook')).toEqual([
      ['ssm:GetParametersByPath', `${arn}/destinations/webhook`, undefined],
      ['ssm:GetParameters', `${arn}/secrets/webhook/team`, undefined],
      ['kms:Decrypt', 'arn:aws:kms:us-east-1:000000000000:key/aws/ssm', `${arn}/secrets/webhook/team`],
    ]);
    expect(simulated('log')).toHaveLength(1);
  });
});

test('destinations that functions complain of are wrong', async () => {
  aws.line({ ConfigErrors: 1, Sink: 'webhook', destination: 'webhook/team' });

  expect(await aws.said('destinations')).toEqual([
    'x destinations: functions complain of webhook/team',
    'npm run -s ops -- destinations validate',
  ]);
});

test('silences that functions complain of are wrong, or that they cannot be read', async () => {
  aws.line({ ConfigErrors: 1, Sink: 'router', silence: 'rollout' });
  aws.line({ ConfigErrors: 1, Sink: 'router', silence: '*' });

  expect(await aws.said('destinations')).toEqual([
    'x destinations: functions complain of silences: *, rollout',
    'npm run -s ops -- silence ls',
  ]);
});
