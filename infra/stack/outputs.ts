import { CfnOutput, type Stack } from 'aws-cdk-lib';
import manifest from '../../package.json' with { type: 'json' };
import type { Archive } from './archive.ts';
import type { Watched } from './group-alarms.ts';
import { opsCommand } from './ops-command.ts';
import type { RelayIdentity } from './relay-identity.ts';
import type { Settings } from './settings.ts';
import type { ConsumerOutput, RelayOutput } from './parse-outputs.ts';

/** The outputs of a queue and its function. */
export function consumerOutput(stack: Stack, { owner, queues: { queue, deadLetters }, consumer }: Watched): void {
  const output: ConsumerOutput = {
    owner,
    queueUrl: queue.queueUrl,
    deadLetterQueueUrl: deadLetters.queueUrl,
    functionName: consumer.function.functionName,
    eventSource: consumer.eventSource.eventSourceMappingId,
    logGroup: consumer.logGroup.logGroupName,
  };
  write(stack, owner === 'router' ? 'Router' : `Sink${pascalCase(owner)}`, stack.toJsonString(output));
}

/** The output of a listed cluster. @param number distinguishes it: names of clusters hold what output keys cannot. */
export function relayOutput(stack: Stack, number: number, { cluster, roleArn, userName }: RelayIdentity): void {
  const { name, identity, namespace, serviceAccount } = cluster;
  const output: RelayOutput = {
    cluster: name,
    identity,
    namespace,
    serviceAccount,
    ...(roleArn !== undefined && { roleArn }),
    ...(userName !== undefined && { userName }),
  };
  write(stack, `Relay${number}`, stack.toJsonString(output));
}

/** Where the archive is, for its destination and for queries. */
export function archiveOutput(stack: Stack, { bucket, table }: Archive): void {
  write(stack, 'ArchiveBucket', bucket.bucketName);
  write(stack, 'ArchiveTable', table);
}

/** Where things are, and the commands to go on with. */
export function stackOutputs(
  stack: Stack,
  settings: Settings,
  ingestQueueUrl: string,
  userNames: readonly string[],
): void {
  write(stack, 'Version', manifest.version);
  write(stack, 'Region', stack.region);
  write(stack, 'Prefix', settings.prefix);
  write(stack, 'IngestQueueUrl', ingestQueueUrl);
  for (const [index, command] of nextCommands(settings, userNames).entries()) write(stack, `Next${index + 1}`, command);
}

/** What to type after a deployment, in this order. */
function nextCommands(settings: Settings, userNames: readonly string[]): readonly string[] {
  const { clusters, sinks } = settings;
  const type = sinks[0]?.type ?? 'log';
  const names = clusters.length > 0 ? clusters.map(({ name }) => name) : ['NAME'];
  return [
    ...userNames.map((user) => `aws iam create-access-key --user-name ${user}`),
    ...names.map((name) => `${opsCommand(settings, `relay manifest --cluster ${name}`)} | kubectl apply -f -`),
    opsCommand(settings, `destinations set ${type}/all --file ${type}.json`),
    opsCommand(settings, `destinations test ${type}/all`),
    opsCommand(settings, 'status'),
  ];
}

function write(stack: Stack, key: string, value: string): void {
  new CfnOutput(stack, `Output${key}`, { value }).overrideLogicalId(key);
}

/** Output keys are letters and digits; what else is in a name only parts its words. */
function pascalCase(name: string): string {
  return name.replace(/(?:^|[^A-Za-z0-9]+)([A-Za-z0-9]?)/g, (_, letter: string) => letter.toUpperCase());
}
