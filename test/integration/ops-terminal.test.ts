import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { widthOf } from '../../infra/terminal/width.ts';
import { startAws, type Aws } from '../support/aws/aws.ts';
import { CTRL_C, requirePty, runOnTerminal, type OnTerminal } from '../support/terminal.ts';

const OPS = join(import.meta.dirname, '../../infra/ops.ts');
const RED = '\u001B[31m';

describe.runIf(requirePty())('ops on a terminal', () => {
  let aws: Aws;
  let program: OnTerminal | undefined;

  beforeEach(async () => {
    aws = await startAws({ sinks: ['log', 'webhook'] });
  });

  afterEach(async () => {
    await program?.kill();
    program = undefined;
    await aws.stop();
  });

  test('a list has heads, columns and colours', async () => {
    aws.parameters.put('/kube-courier/destinations/log/all', {});
    aws.parameters.put('/kube-courier/destinations/kafka/later', {});
    const listing = runOnTerminal([OPS, 'destinations', 'ls']);
    program = listing;

    expect(await listing.exited).toBe(1);
    expect(listing.lines()).toEqual([
      'DESTINATION  STATE    VERSION  SECRETS',
      'kafka/later  invalid        1',
      'log/all      enabled        1',
      '',
    ]);
    expect(listing.shown()).toContain(`${RED}invalid`);
  });

  test('status --watch redraws what is so, survives that AWS is gone, and ends with Ctrl-C', async () => {
    const watching = runOnTerminal([OPS, 'status', '--watch'], { columns: 90 });
    program = watching;
    await expect.poll(() => watching.shown()).toContain('nothing here needs you');

    aws.queues.put(aws.consumer('log').deadLetterQueueUrl, 'letter');
    await expect.poll(() => watching.shown()).toContain('1 thing needs you');

    await aws.stop();
    await expect
      .poll(() => watching.lines().join('\n'))
      .toMatch(/! AWS cannot be reached .*\n? *below is what was so/s);
    watching.type(CTRL_C);

    expect(await watching.exited).toBe(1);
    for (const line of watching.lines()) expect(widthOf(line)).toBeLessThanOrEqual(90);
  });
});
