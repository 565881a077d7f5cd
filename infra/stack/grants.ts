import { Stack } from 'aws-cdk-lib';
import { Effect, PolicyDocument, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';

/** What a role allows. */
export interface Grant {
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly conditions?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Why a `*` in it is no more than is needed. */
  readonly wildcards?: string;
}

export function policyOf(grants: readonly Grant[]): PolicyDocument {
  const statements = grants.map(
    ({ actions, resources, conditions = {} }) =>
      new PolicyStatement({ effect: Effect.ALLOW, actions: [...actions], resources: [...resources], conditions }),
  );
  return new PolicyDocument({ statements });
}

/** Reading the documents of all destinations, with the earlier versions that stand in for a bad edit; no secrets. */
export function readDestinations(scope: Construct, prefix: string): readonly Grant[] {
  return [
    {
      actions: ['ssm:GetParametersByPath', 'ssm:GetParameterHistory'],
      resources: parameterArns(scope, `${prefix}/destinations`),
      wildcards: 'Destinations are parameters that users make: only their path is known.',
    },
  ];
}

/** Reading all silences. */
export function readSilences(scope: Construct, prefix: string): Grant {
  return {
    actions: ['ssm:GetParametersByPath'],
    resources: parameterArns(scope, `${prefix}/silences`),
    wildcards: 'Silences are parameters that users make: only their path is known.',
  };
}

/** Reading the documents and the secrets of one sink type's destinations. */
export function readDestinationsOf(scope: Construct, prefix: string, type: string): readonly Grant[] {
  const secrets = parameterArns(scope, `${prefix}/secrets/${type}`);
  return [
    ...readDestinations(scope, prefix).map((grant) => ({
      ...grant,
      resources: parameterArns(scope, `${prefix}/destinations/${type}`),
    })),
    {
      actions: ['ssm:GetParametersByPath', 'ssm:GetParameters', 'ssm:GetParameterHistory'],
      resources: secrets,
      wildcards: 'Secrets are parameters that users make: only their path is known.',
    },
    {
      actions: ['kms:Decrypt'],
      resources: [Stack.of(scope).formatArn({ service: 'kms', resource: 'key', resourceName: '*' })],
      conditions: {
        StringLike: { 'kms:EncryptionContext:PARAMETER_ARN': parameterArn(scope, `${prefix}/secrets/${type}/*`) },
      },
      wildcards: "Users choose the key of a secret; the condition allows its use for this type's secrets alone.",
    },
  ];
}

/** Attaching a function to subnets: Lambda does it with the function's own role, and EC2 knows no narrower resource. */
export const attachToVpc: Grant = {
  actions: [
    'ec2:CreateNetworkInterface',
    'ec2:DeleteNetworkInterface',
    'ec2:DescribeNetworkInterfaces',
    'ec2:DescribeSubnets',
    'ec2:AssignPrivateIpAddresses',
    'ec2:UnassignPrivateIpAddresses',
  ],
  resources: ['*'],
  wildcards: 'Lambda attaches functions to a VPC with these actions, which do not support resources of their own.',
};

/** A path is a resource of its own to GetParametersByPath, beside the parameters below it. */
function parameterArns(scope: Construct, path: string): readonly string[] {
  return [parameterArn(scope, path), parameterArn(scope, `${path}/*`)];
}

function parameterArn(scope: Construct, path: string): string {
  return Stack.of(scope).formatArn({ service: 'ssm', resource: 'parameter', resourceName: path.slice(1) });
}
