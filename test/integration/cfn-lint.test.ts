import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sinkTypes } from '../../infra/discover.ts';
import { LONG_NAMES } from '../infra/long-names.ts';
import { synthesise } from '../infra/synthesise.ts';
import { cfnLint, lintTemplate } from '../support/services/cfn-lint.ts';
import { requireService } from '../support/services/service.ts';

const LIMIT_MS = 600_000;

describe.runIf(requireService(cfnLint))('the template with all sinks and names of 60 characters', () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kube-courier-lint-'));
  });

  afterAll(() => rm(folder, { recursive: true, force: true }));

  async function findings(template: object, region: string): Promise<readonly string[]> {
    const file = join(folder, `${region}.json`);
    await writeFile(file, JSON.stringify(template));
    return lintTemplate(file, [region]);
  }

  test.each(['us-east-1', 'cn-north-1', 'us-gov-west-1'])(
    'is one that CloudFormation takes in %s',
    async (region) => {
      const template = synthesise({ ...LONG_NAMES, sinks: sinkTypes(), vpc: 'new' }).toJSON();

      expect(await findings(template, region)).toEqual([]);
    },
    LIMIT_MS,
  );

  test(
    'is told from one that CloudFormation does not take',
    async () => {
      const Alarm = { Type: 'AWS::CloudWatch::Alarm', Properties: { AlarmDescription: 'x' } };

      expect(await findings({ Resources: { Alarm } }, 'us-east-1')).toContainEqual(
        expect.stringContaining('is a required property'),
      );
    },
    LIMIT_MS,
  );
});
