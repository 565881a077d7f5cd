import type { Template } from 'aws-cdk-lib/assertions';
import { expect } from 'vitest';

export type Json = Readonly<Record<string, unknown>>;

/** Properties of resources of a type by their logical ids. */
export function resources(template: Template, type: string): readonly (readonly [id: string, properties: Json])[] {
  return Object.entries(template.findResources(type)).map(([id, { Properties }]) => [id, Properties]);
}

/** The one resource of a type whose logical id begins so. */
export function resource(template: Template, type: string, prefix: string): Json {
  const found = resources(template, type).filter(([id]) => id.startsWith(prefix));
  expect(found.map(([id]) => id)).toHaveLength(1);
  return found[0]?.[1] ?? {};
}

/** What a role allows, as `action on resource`, names of this account's things shortened. */
export function permissions(role: Json): readonly string[] {
  const policies = Object(role['Policies']);
  const allowed = Array.from<Json>(policies).flatMap(({ PolicyDocument }) =>
    Array.from<Json>(Object(PolicyDocument).Statement).flatMap(({ Action, Resource, Effect, Condition }) =>
      [Action].flat().flatMap((action) =>
        [Resource].flat().map((each) => {
          expect(Effect).toBe('Allow');
          const condition = Condition === undefined ? '' : ` if ${shorten(Condition)}`;
          return `${String(action)} on ${shorten(each)}${condition}`;
        }),
      ),
    ),
  );
  return allowed.toSorted();
}

export function shorten(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) => {
    const { Ref: ref, 'Fn::GetAtt': attribute, 'Fn::Join': join } = Object(inner);
    if (Array.isArray(join))
      return join[1].map((part: unknown) => (typeof part === 'string' ? part : Object(part).Ref)).join('');
    if (Array.isArray(attribute)) return `${String(attribute[0]).replace(/[0-9A-F]{8}$/, '')}.${attribute[1]}`;
    return ref === undefined ? inner : ref;
  })
    .replaceAll('arn:AWS::Partition:', '')
    .replaceAll('AWS::Region:AWS::AccountId:', '')
    .replaceAll('"', '');
}

/** What the role of every sink allows: its destinations and secrets, its queue and its dead letters, its log. */
export function rightsOfASink(type: string): readonly string[] {
  const id = `sink${type.replaceAll('-', '')}`;
  const parameters = (tree: string): readonly string[] => [
    `ssm:parameter/kube-courier/${tree}/${type}`,
    `ssm:parameter/kube-courier/${tree}/${type}/*`,
  ];
  return [
    `kms:Decrypt on kms:key/* if {StringLike:{kms:EncryptionContext:PARAMETER_ARN:ssm:parameter/kube-courier/secrets/${type}/*}}`,
    ...['CreateLogStream', 'PutLogEvents'].map((action) => `logs:${action} on Logs.Arn`),
    ...['ChangeMessageVisibility', 'DeleteMessage', 'GetQueueAttributes', 'ReceiveMessage', 'SendMessage'].map(
      (action) => `sqs:${action} on ${id}QueuesQueue.Arn`,
    ),
    `sqs:SendMessage on ${id}QueuesDeadLetters.Arn`,
    ...['GetParameterHistory', 'GetParametersByPath'].flatMap((action) =>
      ['destinations', 'secrets'].flatMap(parameters).map((each) => `ssm:${action} on ${each}`),
    ),
    ...parameters('secrets').map((each) => `ssm:GetParameters on ${each}`),
  ];
}
