import { afterEach, describe, expect, test } from 'vitest';
import { AwsError } from '../../../../support/aws/server.ts';
import { ACCESS_KEY, IRSA, startAccount, type Account, type AccountOptions } from '../account.ts';

let aws: Account;

afterEach(() => aws.stop());

async function start(relay?: AccountOptions['relay']): Promise<void> {
  aws = await startAccount(relay ? { relay } : {});
}

/** Edits the trust policy of every role. */
function trust(edit: (policy: string) => string): void {
  aws.change('GetRole', ({ Role }) => {
    const { AssumeRolePolicyDocument, ...rest } = Object(Role);
    const policy = edit(decodeURIComponent(AssumeRolePolicyDocument));
    return { Role: { ...rest, AssumeRolePolicyDocument: encodeURIComponent(policy) } };
  });
}

describe('what a relay may do', () => {
  test('is wrong where its role may not send', async () => {
    await start();
    aws.refuse('sqs:SendMessage', /relay-prod/);

    expect(await aws.said('relay permissions')).toEqual([
      'x relay permissions: prod: arn:aws:iam::000000000000:role/relay-prod may not call sqs:SendMessage',
      expect.stringContaining('allow it on arn:aws:sqs:us-east-1:000000000000:router'),
    ]);
  });

  test("is its user's where it has a key", async () => {
    await start(ACCESS_KEY);

    expect(await aws.said('relay permissions')).toEqual([
      '+ relay permissions: prod: arn:aws:iam::000000000000:user/relay-user may send to the ingest queue',
    ]);
  });

  test('is not known where the identity is not of the stack', async () => {
    await start({ identity: 'none' });

    expect((await aws.said('relay permissions'))[0]).toBe('- relay permissions: prod: its key or role is of your own');
    expect(await aws.said('relay identity')).toEqual([]);
  });
});

test('a relay that cannot be looked at does not hide another one', async () => {
  const other = { cluster: 'other', namespace: 'kube-courier', serviceAccount: 'kube-courier-relay', ...ACCESS_KEY };
  aws = await startAccount({ outputs: { Relay2: JSON.stringify(other) } });
  aws.change('SimulatePrincipalPolicy', (reply, { PolicySourceArn }) => {
    if (String(PolicySourceArn).endsWith('relay-prod')) throw new AwsError('InternalError', 'of this one');
    return reply;
  });

  expect(await aws.said('relay permissions')).toEqual([
    'x relay permissions: prod: could not look: InternalError: of this one',
    expect.stringContaining('repeat'),
    '+ relay permissions: other: arn:aws:iam::000000000000:user/relay-user may send to the ingest queue',
  ]);
});

describe('Pod Identity', () => {
  test('is wrong where the role lets the service not tag its sessions', async () => {
    await start();
    trust((policy) => policy.replace('"sts:TagSession"', '"sts:Other"'));

    expect(await aws.said('relay identity')).toEqual([
      'x relay identity: prod: the role relay-prod does not let EKS Pod Identity call sts:TagSession',
      expect.stringContaining('deploy'),
    ]);
  });

  test('is wrong where the role is for another service account', async () => {
    await start();
    trust((policy) => policy.replace('kube-courier-relay', 'default'));

    expect((await aws.said('relay identity'))[0]).toBe(
      'x relay identity: prod: the role relay-prod trusts default, but the relay is kube-courier-relay',
    );
  });
});

describe('IRSA', () => {
  test('is well where provider and service account fit', async () => {
    await start(IRSA);

    expect(await aws.said('relay identity')).toEqual([
      '+ relay identity: prod: the role trusts kube-courier/kube-courier-relay',
    ]);
  });

  test('is wrong where the provider is not in IAM', async () => {
    await start(IRSA);
    aws.answer('GetOpenIDConnectProvider', () => {
      throw new AwsError('NoSuchEntity', 'no such provider', 404);
    });

    expect(await aws.said('relay identity')).toEqual([
      'x relay identity: prod: the role relay-prod trusts arn:aws:iam::000000000000:oidc-provider/oidc.example/id/1, which is not in IAM',
      expect.stringContaining('associate-iam-oidc-provider'),
    ]);
  });

  test('is wrong where the provider is for another audience', async () => {
    await start(IRSA);
    aws.answer('GetOpenIDConnectProvider', () => ({ ClientIDList: ['other'] }));

    expect((await aws.said('relay identity'))[0]).toContain('whose audiences leave out sts.amazonaws.com');
  });

  test('is wrong where the role is for another namespace', async () => {
    await start(IRSA);
    trust((policy) => policy.replace('serviceaccount:kube-courier:', 'serviceaccount:elsewhere:'));

    expect((await aws.said('relay identity'))[0]).toContain(
      'trusts system:serviceaccount:elsewhere:kube-courier-relay, but the relay is system:serviceaccount:kube-courier:kube-courier-relay',
    );
  });

  test('is wrong where the role trusts no provider', async () => {
    await start(IRSA);
    trust((policy) => policy.replace('"Allow"', '"Deny"'));

    expect((await aws.said('relay identity'))[0]).toContain('trusts no OIDC provider');
  });
});

describe('an access key', () => {
  test('is well where one is active', async () => {
    await start(ACCESS_KEY);

    expect(await aws.said('relay identity')).toEqual(['+ relay identity: prod: the user relay-user has an access key']);
  });

  test.each([
    ['none', []],
    ['one that is switched off', [{ AccessKeyId: 'AKIAEXAMPLE', Status: 'Inactive' }]],
  ])('is wrong where there is %s', async (_, AccessKeyMetadata) => {
    await start(ACCESS_KEY);
    aws.answer('ListAccessKeys', () => ({ AccessKeyMetadata }));

    expect(await aws.said('relay identity')).toEqual([
      'x relay identity: prod: the user relay-user has no active access key',
      'aws iam create-access-key --user-name relay-user, then put it into the Secret kube-courier-aws in kube-courier',
    ]);
  });
});
