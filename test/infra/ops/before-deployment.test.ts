import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loadConfigs } from '../../../infra/discover.ts';
import { findingsBefore } from '../../../infra/ops/before-deployment.ts';
import { parseSettings } from '../../../infra/stack/settings.ts';
import { startAws, type Aws } from '../../support/aws/aws.ts';
import { AwsError } from '../../support/aws/server.ts';

const configs = await loadConfigs();
const CDK = { CDK_DEFAULT_ACCOUNT: '000000000000', CDK_DEFAULT_REGION: 'us-east-1' };

let aws: Aws;

beforeEach(async () => {
  aws = await startAws({ sinks: ['log', 'webhook'] });
});

afterEach(() => aws.stop());

async function findings(context: Readonly<Record<string, unknown>>, env: object = CDK): Promise<readonly string[]> {
  const found = await findingsBefore(parseSettings(context, configs), { ...env });
  return found.map(({ severity, text }) => `${severity}: ${text}`);
}

describe('a sink that a deployment would remove', () => {
  test('stops it while events, letters or destinations are there', async () => {
    const { queueUrl, deadLetterQueueUrl } = aws.consumer('webhook');
    aws.queues.put(queueUrl, 'waiting');
    aws.queues.put(queueUrl, 'in flight');
    aws.queues.hide(queueUrl, 1);
    aws.queues.put(deadLetterQueueUrl, 'letter');
    aws.parameters.put('/kube-courier/destinations/webhook/team', {});
    aws.parameters.put('/kube-courier/destinations/log/all', {});

    expect(await findings({ sinks: 'log' })).toEqual([
      expect.stringMatching(
        /^error: the sink webhook is deployed .* with 2 messages with events waiting, 1 message with dead letters, 1 destination \(webhook\/team\)\. To keep it, add webhook to sinks\. .*--context removeSinks=webhook$/,
      ),
    ]);
  });

  test.each([
    ['an event', () => aws.queues.put(aws.consumer('webhook').queueUrl, 'x')],
    ['a letter', () => aws.queues.put(aws.consumer('webhook').deadLetterQueueUrl, 'x')],
    ['a destination', () => aws.parameters.put('/kube-courier/destinations/webhook/team', {})],
  ])('stops it for %s alone', async (_, arrange) => {
    arrange();

    expect(await findings({ sinks: 'log' })).toHaveLength(1);
  });

  test('stops it for an event that waits for its next attempt', async () => {
    const attributes = aws.answer('GetQueueAttributes', (input) => {
      const reply = Object(attributes(input));
      const isSink = input['QueueUrl'] === aws.consumer('webhook').queueUrl;
      const delayed = isSink ? { ApproximateNumberOfMessagesDelayed: '3' } : {};
      return { Attributes: { ...reply.Attributes, ...delayed } };
    });

    expect(await findings({ sinks: 'log' })).toEqual([expect.stringContaining('with 3 messages with events waiting')]);
  });

  test('does not where nothing waits for it, where it stays, or where it was told', async () => {
    expect(await findings({ sinks: 'log' })).toEqual([]);
    aws.parameters.put('/kube-courier/destinations/webhook/team', {});

    expect(await findings({ sinks: 'log,webhook' })).toEqual([]);
    expect(await findings({ sinks: 'log', removeSinks: 'webhook' })).toEqual([]);
  });
});

test('a sink that returns is told what waits in the queues that it had', async () => {
  aws.queues.put(aws.stranded('kafka', 'events'), 'old');
  aws.queues.put(aws.stranded('mysql', 'events'), 'old');

  expect(await findings({ sinks: 'log,webhook,kafka' })).toEqual([
    'warning: after this deployment: 1 message with events of kafka in a queue of an earlier deployment: npm run -s ops -- adopt kafka',
  ]);
});

test('more functions at once than the account runs are pointed out, also before the first deployment', async () => {
  aws.answer('GetAccountSettings', () => ({ AccountLimit: { ConcurrentExecutions: 10 } }));

  expect(await findings({ sinks: 'log,webhook,wechat' })).toEqual([]);
  expect(await findings({ sinks: 'log,webhook,wechat,dingtalk', stackName: 'first' })).toEqual([
    expect.stringMatching(/^warning: the functions may run 12 at once, this account runs 10: ask Service Quotas/),
  ]);
});

describe('where there is nothing to look at', () => {
  test('nothing is said: no account, or no stack yet', async () => {
    expect(await findings({ sinks: 'log' }, {})).toEqual([]);
    expect(aws.asked('DescribeStacks')).toEqual([]);
    expect(await findings({ sinks: 'log', stackName: 'another' })).toEqual([]);
  });

  test('a look that fails is a warning, and stops no deployment', async () => {
    aws.answer('DescribeStacks', () => {
      throw new AwsError('AccessDenied', 'User x may not cloudformation:DescribeStacks', 403);
    });

    expect(await findings({ sinks: 'log' })).toEqual([
      expect.stringMatching(/^warning: could not look at what is deployed, .* is not known: /),
    ]);
  });

  test('credentials for another account than the one deployed to say nothing of it', async () => {
    aws.parameters.put('/kube-courier/destinations/webhook/team', {});

    expect(await findings({ sinks: 'log' }, { ...CDK, CDK_DEFAULT_ACCOUNT: '111111111111' })).toEqual([
      expect.stringMatching(/^warning: could not look .* for the account 000000000000, not 111111111111$/),
    ]);
  });
});
