import { Stack } from 'aws-cdk-lib';
import { Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';

/** Reading the documents of all destinations, with the earlier versions that stand in for a bad edit; no secrets. */
export function readDestinations(scope: Construct, prefix: string): readonly PolicyStatement[] {
  return [
    allow(['ssm:GetParametersByPath', 'ssm:GetParameterHistory'], parameterArns(scope, `${prefix}/destinations`)),
  ];
}

/** Reading the documents and the secrets of one sink type's destinations. */
export function readTypesParameters(scope: Construct, prefix: string, type: string): readonly PolicyStatement[] {
  const secrets = `${prefix}/secrets/${type}`;
  const decrypt = allow(
    ['kms:Decrypt'],
    [Stack.of(scope).formatArn({ service: 'kms', resource: 'key', resourceName: '*' })],
  );
  // Whichever key the user has encrypted a secret with: it opens nothing but this type's parameters.
  decrypt.addCondition('StringLike', {
    'kms:EncryptionContext:PARAMETER_ARN': parameterArn(scope, `${secrets}/*`),
  });
  return [
    allow(
      ['ssm:GetParametersByPath', 'ssm:GetParameterHistory'],
      parameterArns(scope, `${prefix}/destinations/${type}`),
    ),
    allow(['ssm:GetParametersByPath', 'ssm:GetParameters', 'ssm:GetParameterHistory'], parameterArns(scope, secrets)),
    decrypt,
  ];
}

/** A statement that allows actions on resources. */
export function allow(actions: readonly string[], resources: readonly string[]): PolicyStatement {
  return new PolicyStatement({ effect: Effect.ALLOW, actions: [...actions], resources: [...resources] });
}

/** A path is a resource of its own to GetParametersByPath, beside the parameters below it. */
function parameterArns(scope: Construct, path: string): readonly string[] {
  return [parameterArn(scope, path), parameterArn(scope, `${path}/*`)];
}

function parameterArn(scope: Construct, path: string): string {
  return Stack.of(scope).formatArn({ service: 'ssm', resource: 'parameter', resourceName: path.slice(1) });
}
