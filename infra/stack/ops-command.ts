import { called } from '../called.ts';
import type { Settings } from './settings.ts';
import { DEFAULT_STACK_NAME } from './stack-name.ts';

/** What to type for a command of the operator's (`infra/ops`) on this stack. */
export function opsCommand({ stackName }: Pick<Settings, 'stackName'>, command: string): string {
  return `${called.ops} ${command}${stackName === DEFAULT_STACK_NAME ? '' : ` --stack ${stackName}`}`;
}
