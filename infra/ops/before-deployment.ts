import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { GetAccountSettingsCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { SQSClient } from '@aws-sdk/client-sqs';
import { SSMClient } from '@aws-sdk/client-ssm';
import type { ConsumerOutput } from '../stack/parse-outputs.ts';
import type { Settings } from '../stack/settings.ts';
import { findStack, type Deployed } from './aws/stack.ts';
import { openStore } from './aws/store.ts';
import { holdingText, strandedQueues, strandedText } from './aws/stranded.ts';
import { countText } from './count.ts';
import { queueState } from './dlq/scan.ts';
import { failureText } from './failure.ts';

/** What whoever deploys must know: an error stops the deployment, a warning does not. */
export interface Finding {
  readonly severity: 'error' | 'warning';
  readonly text: string;
}

/**
 * Looks at the stack as it is deployed, before settings change it: a sink that would be removed although something waits for it,
 * one that returns and has left queues, and more functions at once than the account runs. The CDK names the account and region it
 * would deploy to; where it names none, it has no credentials, and there is nothing to look at.
 * @param env `CDK_DEFAULT_ACCOUNT` and `CDK_DEFAULT_REGION`, as the CDK gives them to its app
 */
export async function findingsBefore(
  settings: Settings,
  env: Readonly<Record<string, string | undefined>>,
): Promise<readonly Finding[]> {
  const { CDK_DEFAULT_ACCOUNT: account, CDK_DEFAULT_REGION: region } = env;
  if (account === undefined || region === undefined) return [];
  try {
    return await look(settings, account, region);
  } catch (error) {
    const why = failureText(error);
    return [warning(`could not look at what is deployed, so whether this removes a sink in use is not known: ${why}`)];
  }
}

async function look(settings: Settings, account: string, region: string): Promise<readonly Finding[]> {
  // Looking must not keep a synthesis waiting for long.
  const client = { region, maxAttempts: 2, requestHandler: { connectionTimeout: 3000, requestTimeout: 10_000 } };
  const deployed = await findStack(new CloudFormationClient(client), settings.stackName);
  const crowded = await concurrency(settings, new LambdaClient(client));
  if (deployed === undefined) return crowded;
  const [, found] = /\/(\d{12})\//.exec(deployed.ingestQueueUrl) ?? [];
  if (found !== account) throw new Error(`the environment's credentials are for the account ${found}, not ${account}`);
  const sqs = new SQSClient(client);
  const kept = settings.sinks.map(({ type }) => type);
  const removed = deployed.sinks.filter(({ owner }) => !kept.includes(owner) && !settings.removeSinks.includes(owner));
  const destinations = removed.length > 0 ? await idsOf(deployed, new SSMClient(client)) : [];
  const inUse = await Promise.all(removed.map((sink) => removal(sink, destinations, sqs)));
  return [...inUse.flat(), ...(await returning(kept, deployed, sqs)), ...crowded];
}

async function idsOf(deployed: Deployed, ssm: SSMClient): Promise<readonly string[]> {
  return [...(await openStore(deployed, ssm).source.list('destinations')).keys()];
}

/** What would be lost with a sink. */
async function removal(sink: ConsumerOutput, ids: readonly string[], sqs: SQSClient): Promise<readonly Finding[]> {
  const { owner, queueUrl, deadLetterQueueUrl } = sink;
  const [queue, letters] = await Promise.all([queueState(sqs, queueUrl), queueState(sqs, deadLetterQueueUrl)]);
  const events = queue.waiting + queue.hidden;
  const dead = letters.waiting + letters.hidden;
  const own = ids.filter((id) => id.startsWith(`${owner}/`));
  const uses = [
    ...(events > 0 ? [`${holdingText(events, 'events')} waiting`] : []),
    ...(dead > 0 ? [holdingText(dead, 'dead-letters')] : []),
    ...(own.length > 0 ? [`${countText(own.length, 'destination')} (${own.join(', ')})`] : []),
  ];
  if (uses.length === 0) return [];
  return [
    {
      severity: 'error',
      text: `the sink ${owner} is deployed and not among the sinks of these settings: it would be removed, with ${uses.join(', ')}. To keep it, add ${owner} to sinks. To remove it, let its queue drain, replay or drop its letters and remove its destinations first; or remove it all the same: --context removeSinks=${owner}`,
    },
  ];
}

/** Sinks that return, and what waits in the queues that they had. */
async function returning(kept: readonly string[], deployed: Deployed, sqs: SQSClient): Promise<readonly Finding[]> {
  const isNew = (owner: string): boolean =>
    kept.includes(owner) && !deployed.sinks.some((sink) => sink.owner === owner);
  if (!kept.some(isNew)) return [];
  const stranded = (await strandedQueues(sqs, deployed)).filter(({ owner }) => isNew(owner));
  return stranded.map((queue) => {
    const { text, command } = strandedText(queue, true);
    return warning(`after this deployment: ${text}: ${command}`);
  });
}

/** Only a hint: where it may not be asked for, nothing is said. */
async function concurrency({ router, sinks }: Settings, lambda: LambdaClient): Promise<readonly Finding[]> {
  const wanted = sinks.reduce((sum, { maxConcurrency }) => sum + maxConcurrency, router.maxConcurrency);
  const limit = await lambda.send(new GetAccountSettingsCommand({})).catch(() => undefined);
  const allowed = limit?.AccountLimit?.ConcurrentExecutions ?? Infinity;
  if (wanted <= allowed) return [];
  const next = 'ask Service Quotas for more "Concurrent executions" of Lambda, or lower maxConcurrency';
  return [warning(`the functions may run ${wanted} at once, this account runs ${allowed}: ${next}`)];
}

function warning(text: string): Finding {
  return { severity: 'warning', text };
}
