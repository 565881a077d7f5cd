import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import { installOnce, type Service } from './cache.ts';
import { installPythonPackages } from './python.ts';

/** AWS' own linter of CloudFormation templates, which has the resource specifications of all regions with it. */
export const cfnLint: Service = {
  name: 'cfn-lint',
  version: '1.58.0',
  buildTools: ['python3'],
  runTools: ['python3'],
  install: (folder) => installPythonPackages(folder, 'cfn-lint-requirements.txt'),
};

/** The CDK writes down that a function depends on its role, which the reference to it says already. */
const IGNORED = 'W3005';

/** What it finds in a template for some regions, a line each: `file:line:column:line:column:rule:message`. */
export async function lintTemplate(file: string, regions: readonly string[]): Promise<readonly string[]> {
  const folder = await installOnce(cfnLint);
  const lint = ['-c', 'from cfnlint.runner import main; main()'];
  const args = [
    ...lint,
    '--format',
    'parseable',
    '--ignore-checks',
    IGNORED,
    '--regions',
    ...regions,
    '--template',
    file,
  ];
  // It ends with another code than zero where it finds something; without a finding that is a failure.
  const { stdout } = await promisify(execFile)('python3', args, { env: { ...process.env, PYTHONPATH: folder } }).catch(
    (error: unknown) => {
      const { stdout: found = '' } = Object(error);
      if (found === '') throw error;
      return { stdout: String(found) };
    },
  );
  return stdout.split('\n').filter((line) => line !== '');
}
