import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startAccount, type Account } from '../account.ts';

let aws: Account;

beforeEach(async () => {
  aws = await startAccount();
});

afterEach(() => aws.stop());

function callAs(Arn: string): void {
  aws.answer('GetCallerIdentity', () => ({ Account: '000000000000', Arn }));
}

describe('permissions', () => {
  test('name what the operator may not call, each once', async () => {
    aws.refuse('ssm:PutParameter');
    aws.refuse('sqs:SendMessage', /operator/);
    aws.refuse('cloudwatch:GetMetricData');

    expect(await aws.said('permissions')).toEqual([
      '! permissions: you may not call cloudwatch:GetMetricData, sqs:SendMessage, ssm:PutParameter',
      'who only looks need not; otherwise see "who may operate it" in infra/DEPLOYING.md',
    ]);
  });

  test('are those of the role whose session asks, with the path that only IAM knows', async () => {
    await aws.doctor();

    const asked = aws.asked('SimulatePrincipalPolicy').map(({ PolicySourceArn }) => PolicySourceArn);
    expect(asked).toContain('arn:aws:iam::000000000000:role/team/operator');
  });

  test('are those of a user itself', async () => {
    callAs('arn:aws:iam::000000000000:user/alice');

    await aws.doctor();

    const asked = aws.asked('SimulatePrincipalPolicy').map(({ PolicySourceArn }) => PolicySourceArn);
    expect(asked).toContain('arn:aws:iam::000000000000:user/alice');
  });

  test("count what an organization's policies forbid", async () => {
    aws.change('SimulatePrincipalPolicy', ({ EvaluationResults }) => ({
      EvaluationResults: Object.values(Object(EvaluationResults)).map((result) => ({
        ...Object(result),
        OrganizationsDecisionDetail: { AllowedByOrganizations: false },
      })),
    }));

    expect((await aws.said('permissions'))[0]).toMatch(/^! permissions: you may not call .*lambda:InvokeFunction/);
  });
});

test('the root user is told to be somebody else', async () => {
  callAs('arn:aws:iam::000000000000:root');

  const run = await aws.doctor();

  expect(run.out).toContain('! identity: you are the root user of account 000000000000');
  expect(run.out).toContain('- permissions: IAM cannot simulate what this identity may do');
});
