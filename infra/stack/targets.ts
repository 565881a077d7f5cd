import type { Problem, SinkConfig } from '../../functions/core/contract/config.ts';

/** A statement of a role, as `sinks.<type>.policy` has them. */
interface Statement {
  readonly actions: string[];
  readonly resources: string[];
}

/** What is wrong with the ARNs in `sinks.<type>.targets`. */
export function targetProblems({ type, target }: SinkConfig, arns: readonly string[]): readonly Problem[] {
  const field = `sinks.${type}.targets`;
  if (target === undefined)
    return arns.length > 0 ? [{ field, message: `is not for ${type}, which writes to no resource of AWS` }] : [];
  return arns
    .filter((arn) => !target.arn.test(arn))
    .map((arn) => ({ field, message: `names "${arn}", expected ${target.expected}` }));
}

/** The statement that allows a sink's function exactly the resources that are named. */
export function targetPolicy({ target }: SinkConfig, arns: readonly string[]): readonly Statement[] {
  if (target === undefined || arns.length === 0) return [];
  const resources = [...new Set(arns)].map((arn) => `${arn}${target.resourceSuffix ?? ''}`);
  return [{ actions: [...target.actions], resources }];
}
