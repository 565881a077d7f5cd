import type { World } from './world.ts';

/** The ARNs of what a stack has in its account and region. */
export interface Arns {
  readonly of: (service: string, resource: string) => string;
  readonly queue: (url: string) => string;
  /** Of a path below the stack's prefix, such as `destinations/log`. */
  readonly parameter: (path: string) => string;
}

export async function arnsOf({ caller, deployed: { region, prefix } }: World): Promise<Arns> {
  const { partition, account } = await caller();
  const of = (service: string, resource: string): string =>
    `arn:${partition}:${service}:${region}:${account}:${resource}`;
  return {
    of,
    queue: (url) => of('sqs', nameOf(url)),
    parameter: (path) => of('ssm', `parameter${prefix}/${path}`),
  };
}

/** What stands behind the last slash or colon: a queue's name in its URL, a role's in its ARN. */
export function nameOf(url: string): string {
  return url.slice(Math.max(url.lastIndexOf('/'), url.lastIndexOf(':')) + 1);
}
