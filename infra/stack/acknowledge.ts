import { Stack, Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** Acknowledges a finding of cdk-nag, with the reason why it is right here. */
export function acknowledge(scope: IConstruct, id: string, reason: string): void {
  Validations.of(scope).acknowledge({ id, reason });
}

/** Acknowledges that a role names actions or resources with a wildcard: each is a finding of its own. */
export function acknowledgeWildcards(
  role: IConstruct,
  kind: 'Action' | 'Resource',
  names: readonly string[],
  reason: string,
): void {
  for (const name of names) {
    const text = plainText(Stack.of(role).resolve(name));
    if (text.includes('*')) acknowledge(role, `AwsSolutions-IAM5[${kind}::${text}]`, reason);
  }
}

/** A resolved token as cdk-nag writes it: `arn:<AWS::Partition>:...`. */
function plainText(value: unknown): string {
  if (typeof value === 'string') return value;
  const { Ref: ref, 'Fn::Join': join, 'Fn::GetAtt': attribute } = Object(value);
  if (Array.isArray(join) && Array.isArray(join[1])) return join[1].map(plainText).join('');
  if (Array.isArray(attribute)) return `<${attribute.join('.')}>`;
  return `<${String(ref)}>`;
}
