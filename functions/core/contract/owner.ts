/** The object whose template others are made from. */
export interface Owner {
  readonly kind: string;
  readonly name: string;
}

/*
 * Controllers name what they make. A hash of a template is a number of 32 bits, each of its digits one of ten letters
 * (ComputeHash and SafeEncodeString of Kubernetes); a run of a CronJob is the minute it was due, counted from 1970; the API server
 * ends a generated name in five random letters. Shorter hashes are one in four hundred, and taken for names.
 */
const HASH = '[4-9bcdf]{8,10}';
const MINUTE = '(?:2[7-9]|3\\d)\\d{6}';
const RANDOM = '[bcdfghjklmnpqrstvwxz2456789]{5}';

const GENERATED = new RegExp(`^(.+)-(?:${RANDOM}|\\d{1,5})$`);

const forms: readonly (readonly [kind: string, name: RegExp, owner: string])[] = [
  ['Pod', new RegExp(`^(.+)-${HASH}-${RANDOM}$`), 'Deployment'],
  ['ReplicaSet', new RegExp(`^(.+)-${HASH}$`), 'Deployment'],
  ['Pod', new RegExp(`^(.+)-${MINUTE}(?:-\\d+)?-${RANDOM}$`), 'CronJob'],
  ['Job', new RegExp(`^(.+)-${MINUTE}$`), 'CronJob'],
];

/**
 * The owner of a pod, ReplicaSet or Job as far as its name alone says it, which is a guess: tools that stand in for Deployments name
 * theirs alike. Undefined where a name says less: a pod `web-0` may be of a StatefulSet, and a pod `web-x2kqp` of anything.
 */
export function ownerByName({ kind, name }: Owner): Owner | undefined {
  for (const [made, pattern, owner] of forms) {
    const stem = made === kind ? pattern.exec(name)?.[1] : undefined;
    if (stem !== undefined) return { kind: owner, name: stem };
  }
  return undefined;
}

/** A pod's name with what is generated in it left out: `fluentd-*` of `fluentd-x2kqp`, `web-*` of `web-0`; undefined where nothing is. */
export function stemOf({ kind, name }: Owner): string | undefined {
  const stem = kind === 'Pod' ? GENERATED.exec(name)?.[1] : undefined;
  return stem && `${stem}-*`;
}
