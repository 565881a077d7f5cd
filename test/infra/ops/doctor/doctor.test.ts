import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { projectFolder } from '../../../../infra/discover.ts';
import { AwsError } from '../../../support/aws/server.ts';
import { ACCESS_KEY, IRSA, startAccount, VERSION, type Account } from './account.ts';

let aws: Account;

beforeEach(async () => {
  aws = await startAccount();
});

afterEach(() => aws.stop());

test('an account on which all is well is one screen of sentences, and ends with 0', async () => {
  const run = await aws.doctor();

  expect(run.out).toEqual([
    '+ identity: you are arn:aws:sts::000000000000:assumed-role/operator/alice',
    '+ permissions: you may do what the commands do',
    `+ versions: the stack is ${VERSION}, as this checkout`,
    '+ functions: 3 functions active',
    '+ event sources: 3 event sources enabled, each of its own queue',
    '+ queues: 6 queues as deployed',
    '+ concurrency: the functions may run 8 at once, the account runs 1000',
    '+ parameter reads: 1 destination is read 0.5 times a second at most, of 40 that SSM allows the account',
    '+ parameters: the functions may read destinations and 1 secret (policies of keys aside)',
    '+ destinations: no function has complained of a destination or silence in 15 minutes',
    '+ alarms: 2 alarms, none of them in alarm',
    '+ subscriptions: topic Page: on-call@example.com is told',
    '+ relay permissions: prod: arn:aws:iam::000000000000:role/relay-prod may send to the ingest queue',
    '+ relay identity: prod: the role trusts kube-courier/kube-courier-relay',
    '+ heartbeats: prod: heartbeat 1m ago',
    "+ clocks: the clocks of this machine and of 1 relay are AWS', to within a minute",
    '- test event: no event was sent',
    '    npm run -s ops -- doctor --destination TYPE/NAME sends a test (there are: log/all)',
  ]);
  expect(run).toMatchObject({ code: 0, err: ['16 well, 0 worth knowing, 0 things wrong, 1 not known'] });
});

test('with --json each finding is a document', async () => {
  aws.refuse('sqs:SendMessage', /relay/);

  const run = await aws.doctor('--json');

  const found = run.out.map((line): unknown => JSON.parse(line));
  expect(run.code).toBe(1);
  expect(found).toHaveLength(17);
  expect(found).toContainEqual({
    check: 'relay permissions',
    state: 'fail',
    said: 'prod: arn:aws:iam::000000000000:role/relay-prod may not call sqs:SendMessage',
    advice: expect.stringContaining('allow it on arn:aws:sqs:us-east-1:000000000000:router'),
  });
});

test('warnings alone end with 0', async () => {
  aws.refuse('ssm:PutParameter', /operator/);

  expect((await aws.doctor()).code).toBe(0);
});

describe('what the operator may not ask for', () => {
  // Services name a refusal differently.
  test.each([
    ['GetRole', 'iam:GetRole', 'AccessDenied', 'permissions'],
    ['SimulatePrincipalPolicy', 'iam:SimulatePrincipalPolicy', 'AccessDenied', 'relay permissions'],
    ['GetFunctionConfiguration', 'lambda:GetFunctionConfiguration', 'AccessDeniedException', 'functions'],
    ['ListEventSourceMappings', 'lambda:ListEventSourceMappings', 'AccessDeniedException', 'event sources'],
    ['GetQueueAttributes', 'sqs:GetQueueAttributes', 'AccessDenied', 'queues'],
    ['GetAccountSettings', 'lambda:GetAccountSettings', 'AccessDeniedException', 'concurrency'],
    ['GetServiceSetting', 'ssm:GetServiceSetting', 'AccessDeniedException', 'parameter reads'],
    ['DescribeParameters', 'ssm:DescribeParameters', 'AccessDeniedException', 'parameters'],
    ['FilterLogEvents', 'logs:FilterLogEvents', 'AccessDeniedException', 'heartbeats'],
    ['ListStackResources', 'cloudformation:ListStackResources', 'AccessDenied', 'alarms'],
    ['DescribeAlarms', 'cloudwatch:DescribeAlarms', 'AccessDenied', 'alarms'],
    ['ListSubscriptionsByTopic', 'sns:ListSubscriptionsByTopic', 'AuthorizationError', 'subscriptions'],
  ])('%s is said with the permission to add, and is no failure', async (operation, action, name, check) => {
    aws.deny(operation, name);

    const run = await aws.doctor();

    expect(run.out).toContain(`- ${check}: could not look: your identity may not call ${action}`);
    expect(run.out).toContain(`    allow ${action} and repeat`);
    expect(run.code).toBe(0);
  });
});

test('what the endpoint does not have is not known, and no failure', async () => {
  aws.answer('GetServiceSetting', () => {
    throw new AwsError('UnknownOperationException', '');
  });

  expect(await aws.said('parameter reads')).toEqual([
    '- parameter reads: could not look: UnknownOperationException',
    'this endpoint does not have what was asked for',
  ]);
});

test('what fails in any other way is a failure of that check alone', async () => {
  aws.answer('ListSubscriptionsByTopic', () => {
    throw new AwsError('InternalError', 'try later', 400);
  });

  const run = await aws.doctor();

  expect(run.out).toContainEqual(expect.stringMatching(/^x subscriptions: could not look: InternalError/));
  expect(run.out).toContain('+ alarms: 2 alarms, none of them in alarm');
  expect(run.code).toBe(1);
});

test('a stack of another name has its name in what to type', async () => {
  const all = aws.answer('DescribeStacks', (input) => all({ ...input, StackName: 'kube-courier' }));

  expect((await aws.doctor('--stack', 'events-eu')).out.at(-1)).toContain(
    'npm run -s ops -- doctor --destination TYPE/NAME --stack events-eu',
  );
});

test.each([
  ['Pod Identity', undefined],
  ['IRSA', IRSA],
  ['an access key', ACCESS_KEY],
])('the guide names the permission for everything that is asked about %s', async (_, relay) => {
  await aws.stop();
  aws = await startAccount(relay ? { relay } : {});

  await aws.doctor('--destination', 'log/all');

  const guide = await readFile(join(projectFolder, 'infra', 'DEPLOYING.md'), 'utf8');
  // Everybody may ask who he is.
  const unnamed = aws.operations().filter((name) => name !== 'GetCallerIdentity' && !guide.includes(name));
  expect(unnamed).toEqual([]);
});

test('a destination that is none is wrong usage, before anything is asked', async () => {
  const run = await aws.doctor('--destination', 'webhook');

  expect(run).toMatchObject({ code: 2, out: [] });
  expect(aws.asked('DescribeStacks')).toEqual([]);
});
