import { readFileSync } from 'node:fs';

/** The text of a file of kustomize's, such as `base/rbac.yaml`. The npm package has them in the place of this module. */
export function manifestFile(path: string): string {
  return readFileSync(new URL(path, import.meta.url), 'utf8');
}
