import manifest from '../../../../package.json' with { type: 'json' };
import { listOf, recordOf, textOf } from '../../../../functions/core/contract/untrusted.ts';
import { startAws, type Aws } from '../../../support/aws/aws.ts';
import { AwsError, type Input } from '../../../support/aws/server.ts';
import { fakeClock, ops, type Run } from '../run.ts';

export type { Run };
export const VERSION = manifest.version;
export const TOPIC = 'arn:aws:sns:us-east-1:000000000000:kube-courier-AlarmsPage';
const OPERATOR = 'arn:aws:iam::000000000000:role/team/operator';
const RELAY = 'arn:aws:iam::000000000000:role/relay-prod';
const PROVIDER = 'arn:aws:iam::000000000000:oidc-provider/oidc.example/id/1';

/** A stack in an account on which all is well, and what one can change about it. */
export interface Account extends Aws {
  readonly clock: ReturnType<typeof fakeClock>;
  /** Edits what an operation answers from now on. */
  change(operation: string, edit: (reply: Readonly<Record<string, unknown>>, input: Input) => unknown): void;
  /** Forbids an operation to the operator. */
  deny(operation: string, name?: string): void;
  /** Lets IAM's simulation refuse an action. */
  refuse(action: string, principal?: RegExp): void;
  /** A line of the functions' log, so many minutes ago. */
  line(fields: object, minutes?: number): void;
  doctor(...argv: readonly string[]): Promise<Run>;
  /** What a check says, mark and name included. */
  said(check: string, ...argv: readonly string[]): Promise<readonly string[]>;
}

export interface AccountOptions {
  /** The output of the cluster `prod`; false where the stack lists none. */
  readonly relay?: Readonly<Record<string, unknown>> | false;
  readonly outputs?: Readonly<Record<string, string>>;
}

const POD_IDENTITY = { identity: 'pod-identity', roleArn: RELAY };
export const IRSA = { identity: 'irsa', roleArn: RELAY };
export const ACCESS_KEY = { identity: 'access-key', userName: 'relay-user' };

export async function startAccount({ relay = POD_IDENTITY, outputs = {} }: AccountOptions = {}): Promise<Account> {
  const output = { cluster: 'prod', namespace: 'kube-courier', serviceAccount: 'kube-courier-relay', ...relay };
  const listed = relay !== false && { Relay1: JSON.stringify(output) };
  const aws = await startAws({ outputs: { Version: VERSION, ...listed, ...outputs } });
  const clock = fakeClock();
  aws.setClock(clock.now);
  const refused: { readonly action: string; readonly principal: RegExp }[] = [];
  const owners = ['router', 'log', 'webhook'].map((owner) => aws.consumer(owner));
  const nameOf = (url: string): string => url.slice(url.lastIndexOf('/') + 1);

  aws.answer('GetCallerIdentity', () => ({
    Account: '000000000000',
    Arn: 'arn:aws:sts::000000000000:assumed-role/operator/alice',
  }));
  aws.answer('GetRole', ({ RoleName }) => ({
    Role: {
      Arn: RoleName === 'operator' ? OPERATOR : RELAY,
      AssumeRolePolicyDocument: encodeURIComponent(JSON.stringify(relay === IRSA ? webIdentity() : podIdentity())),
    },
  }));
  aws.answer('ListAccessKeys', () => ({ AccessKeyMetadata: [{ AccessKeyId: 'AKIAEXAMPLE', Status: 'Active' }] }));
  aws.answer('GetOpenIDConnectProvider', () => ({ ClientIDList: ['sts.amazonaws.com'] }));
  aws.answer('SimulatePrincipalPolicy', (input) => ({
    EvaluationResults: members(input, 'ActionNames').map((EvalActionName) => {
      const isRefused = refused.some(
        ({ action, principal }) => action === EvalActionName && principal.test(textOf(input['PolicySourceArn'])),
      );
      const EvalResourceDecision = isRefused ? 'implicitDeny' : 'allowed';
      return {
        EvalActionName,
        EvalDecision: EvalResourceDecision,
        ResourceSpecificResults: members(input, 'ResourceArns').map((EvalResourceName) => ({
          EvalResourceName,
          EvalResourceDecision,
        })),
      };
    }),
    IsTruncated: false,
  }));
  aws.answer('ListStackResources', () => ({
    StackResourceSummaries: [
      { ResourceType: 'AWS::SNS::Topic', LogicalResourceId: 'AlarmsPage', PhysicalResourceId: TOPIC },
      { ResourceType: 'AWS::CloudWatch::Alarm', LogicalResourceId: 'Letters', PhysicalResourceId: 'Letters' },
      { ResourceType: 'AWS::CloudWatch::Alarm', LogicalResourceId: 'Gaps', PhysicalResourceId: 'Gaps' },
    ],
  }));
  aws.answer('ListSubscriptionsByTopic', () => ({
    Subscriptions: [{ SubscriptionArn: `${TOPIC}:1`, Protocol: 'email', Endpoint: 'on-call@example.com' }],
  }));
  aws.answer('DescribeAlarms', ({ AlarmNames }) => ({
    MetricAlarms: listOf(AlarmNames).map((AlarmName) => ({ AlarmName, ActionsEnabled: true, StateValue: 'OK' })),
  }));
  aws.answer('GetAccountSettings', () => ({
    AccountLimit: { ConcurrentExecutions: 1000, UnreservedConcurrentExecutions: 1000 },
  }));
  aws.answer('GetServiceSetting', () => ({ ServiceSetting: { SettingValue: 'false' } }));
  aws.answer('DescribeParameters', () => ({
    Parameters: [{ Name: '/kube-courier/secrets/webhook/team', KeyId: 'alias/aws/ssm' }],
  }));
  aws.answer('GetFunctionConfiguration', ({ FunctionName }) => ({
    FunctionName,
    State: 'Active',
    LastUpdateStatus: 'Successful',
    Timeout: 60,
    Role: `arn:aws:iam::000000000000:role/${textOf(FunctionName)}`,
  }));
  aws.answer('GetFunctionConcurrency', () => ({}));
  aws.answer('ListEventSourceMappings', ({ FunctionName }) => {
    const own = owners.find(({ functionName }) => functionName === FunctionName);
    return {
      EventSourceMappings: [
        {
          UUID: own?.eventSource,
          State: 'Enabled',
          EventSourceArn: `arn:aws:sqs:us-east-1:000000000000:${nameOf(own?.queueUrl ?? '')}`,
          FunctionResponseTypes: ['ReportBatchItemFailures'],
          ScalingConfig: { MaximumConcurrency: own?.owner === 'router' ? 4 : 2 },
        },
      ],
    };
  });
  const change: Account['change'] = (operation, edit) => {
    const before = aws.answer(operation, (input) => edit(recordOf(before(input)), input));
  };
  change('GetQueueAttributes', ({ Attributes }, { QueueUrl }) => {
    const own = owners.find(({ queueUrl }) => queueUrl === QueueUrl);
    const target = `arn:aws:sqs:us-east-1:000000000000:${nameOf(own?.deadLetterQueueUrl ?? '')}`;
    return {
      Attributes: {
        ...recordOf(Attributes),
        ...(own && { RedrivePolicy: JSON.stringify({ deadLetterTargetArn: target, maxReceiveCount: 11 }) }),
        VisibilityTimeout: '360',
        MessageRetentionPeriod: own ? '604800' : '1209600',
      },
    };
  });
  aws.parameters.put('/kube-courier/destinations/log/all', {});
  const line: Account['line'] = (fields, minutes = 1) =>
    aws.log(JSON.stringify(fields), clock.now() - minutes * 60_000);
  line(heartbeat(clock.now() - 61_000, clock.now() - 61_000));
  const doctor = (...argv: readonly string[]): Promise<Run> => ops(['doctor', ...argv], { clock });
  return {
    ...aws,
    clock,
    change,
    deny(operation, name = 'AccessDeniedException') {
      aws.answer(operation, () => {
        throw new AwsError(name, 'User: arn:aws:iam::0:user/x is not authorized', 403);
      });
    },
    refuse: (action, principal = /./) => void refused.push({ action, principal }),
    line,
    doctor,
    async said(check, ...argv) {
      const { out } = await doctor(...argv);
      return out
        .flatMap((each, index) => (each.slice(2).startsWith(`${check}: `) ? [each, advice(out[index + 1])] : []))
        .filter((each) => each !== '');
    },
  };
}

/** The router's line for a heartbeat: when SQS has it, and when it was made by the relay's clock. */
export function heartbeat(sentAt: number, seenAt: number, more: object = {}): object {
  const times = { seenAt: new Date(seenAt).toISOString(), sentAt: new Date(sentAt).toISOString() };
  return { Heartbeats: 1, Cluster: 'prod', relay: VERSION, installation: 'a', ...times, ...more };
}

function advice(line = ''): string {
  return line.startsWith('    ') ? line.trim() : '';
}

/** A list in the query protocol. */
function members(input: Input, name: string): readonly string[] {
  return Object.entries(input).flatMap(([key, value]) => (key.startsWith(`${name}.member.`) ? [textOf(value)] : []));
}

function podIdentity(): object {
  return {
    Statement: [
      {
        Effect: 'Allow',
        Action: ['sts:AssumeRole', 'sts:TagSession'],
        Principal: { Service: 'pods.eks.amazonaws.com' },
        Condition: {
          StringEquals: {
            'aws:RequestTag/kubernetes-namespace': 'kube-courier',
            'aws:RequestTag/kubernetes-service-account': 'kube-courier-relay',
          },
        },
      },
    ],
  };
}

function webIdentity(): object {
  return {
    Statement: {
      Effect: 'Allow',
      Action: 'sts:AssumeRoleWithWebIdentity',
      Principal: { Federated: PROVIDER },
      Condition: {
        StringEquals: {
          'oidc.example/id/1:sub': 'system:serviceaccount:kube-courier:kube-courier-relay',
          'oidc.example/id/1:aud': 'sts.amazonaws.com',
        },
      },
    },
  };
}
