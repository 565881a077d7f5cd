import { GetRoleCommand } from '@aws-sdk/client-iam';
import type { ConsumerOutput } from '../../../stack/parse-outputs.ts';
import { arnsOf, nameOf, type Arns } from '../arns.ts';
import type { Caller } from '../caller.ts';
import { allowed, ok, skipped, warn, type Finding } from '../finding.ts';
import { actionsOf, refusals, type Question } from '../simulate.ts';
import type { World } from '../world.ts';

/** Who the operator is to AWS. */
export async function identity({ caller }: World): Promise<readonly Finding[]> {
  const { arn, account } = await caller();
  return isRoot(arn)
    ? [warn(`you are the root user of account ${account}`, 'use a role or a user of your own: nothing limits this one')]
    : [ok(`you are ${arn}`)];
}

/** Whether the operator may do what the commands do. Somebody who only looks need not. */
export async function permissions(world: World): Promise<readonly Finding[]> {
  const { clients, caller } = world;
  const principal = await principalOf(await caller(), world);
  if (principal === undefined)
    return [skipped('IAM cannot simulate what this identity may do', 'use a role or a user to find out')];
  const refused = actionsOf(await refusals(clients.iam, principal, await questions(world)));
  if (refused.length === 0) return [ok('you may do what the commands do')];
  return [
    warn(
      `you may not call ${refused.join(', ')}`,
      'who only looks need not; otherwise see "who may operate it" in infra/DEPLOYING.md',
    ),
  ];
}

/** The user, or the role that a session is of: only IAM knows the path in its ARN. */
async function principalOf({ arn }: Caller, { clients: { iam } }: World): Promise<string | undefined> {
  if (/^arn:[\w-]+:iam::\d+:user\//.test(arn)) return arn;
  const [, RoleName] = /:assumed-role\/([^/]+)\//.exec(arn) ?? [];
  if (RoleName === undefined) return undefined;
  const { Role } = await allowed('iam:GetRole', iam.send(new GetRoleCommand({ RoleName })));
  return Role?.Arn;
}

function isRoot(arn: string): boolean {
  return nameOf(arn) === 'root';
}

const PARAMETER_CALLS = [
  'GetParametersByPath',
  'GetParameters',
  'GetParameterHistory',
  'PutParameter',
  'DeleteParameter',
];
const QUEUE_CALLS = [
  'GetQueueAttributes',
  'ListQueueTags',
  'SendMessage',
  'ReceiveMessage',
  'DeleteMessage',
  'ChangeMessageVisibility',
  'StartMessageMoveTask',
  'ListMessageMoveTasks',
  'CancelMessageMoveTask',
];

/** What the commands call, as the guide to deploying lists it; of many queues and functions, one. */
async function questions(world: World): Promise<readonly Question[]> {
  const { stack, router, sinks, ingestQueueUrl } = world.deployed;
  const { of, queue, parameter } = await arnsOf(world);
  const one = sinks[0] ?? router;
  return [
    { actions: ['cloudformation:DescribeStacks'], resources: [of('cloudformation', `stack/${stack}/*`)] },
    {
      actions: PARAMETER_CALLS.map((call) => `ssm:${call}`),
      resources: [parameter(`destinations/${one?.owner ?? 'log'}/any`)],
    },
    {
      actions: ['ssm:GetParametersByPath', 'ssm:PutParameter', 'ssm:DeleteParameter'],
      resources: [parameter('silences/any')],
    },
    {
      actions: QUEUE_CALLS.map((call) => `sqs:${call}`),
      resources: [queue(one?.deadLetterQueueUrl ?? ingestQueueUrl)],
    },
    { actions: ['sqs:ListQueues', 'cloudwatch:GetMetricData'], resources: ['*'] },
    ...(one ? consumerQuestions(one, of) : []),
  ];
}

function consumerQuestions(
  { functionName, eventSource, logGroup }: ConsumerOutput,
  of: Arns['of'],
): readonly Question[] {
  return [
    { actions: ['lambda:InvokeFunction'], resources: [of('lambda', `function:${functionName}`)] },
    {
      actions: ['lambda:GetEventSourceMapping', 'lambda:UpdateEventSourceMapping'],
      resources: [of('lambda', `event-source-mapping:${eventSource}`)],
    },
    { actions: ['logs:FilterLogEvents'], resources: [of('logs', `log-group:${logGroup}:*`)] },
  ];
}
