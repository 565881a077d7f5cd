import { expect, test } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { parseOutputs } from '../../infra/stack/parse-outputs.ts';
import { plainText, synthesise } from './synthesise.ts';

// Synthesis and its validation take seconds where processors are shared.

/** A stack's outputs as CloudFormation would give them, references by the name of what they refer to. */
function outputs(context: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  const found = Object.entries(synthesise(context).findOutputs('*'));
  return Object.fromEntries(
    found.map(([key, { Value }]) => [key, plainText(Value).replaceAll(/[0-9A-F]{8}(?=")/g, '')]),
  );
}

test('tools find queues, functions and identities in the outputs', () => {
  const clusters = [
    { name: 'a.b', identity: 'pod-identity', eksCluster: 'a' },
    { name: 'a-b', identity: 'access-key' },
  ];

  const parsed = parseOutputs(outputs({ sinks: 'webhook,log', clusters }));

  expect(parsed).toMatchObject({ version: manifest.version, region: 'AWS::Region', prefix: '/kube-courier' });
  expect(parsed.ingestQueueUrl).toMatch(/^IngestQueue/);
  expect(parsed.sinks).toEqual(
    ['log', 'webhook'].map((owner) => ({
      owner,
      queueUrl: `sink${owner}QueuesQueue`,
      deadLetterQueueUrl: `sink${owner}QueuesDeadLetters`,
      functionName: `sink${owner}ConsumerFunction`,
      eventSource: `sink${owner}ConsumerEventSource`,
      logGroup: owner === 'log' ? 'sinklogLogs' : 'Logs',
    })),
  );
  expect(parsed.router).toMatchObject({ owner: 'router', queueUrl: 'IngestQueue' });
  expect(parsed.relays).toMatchObject([
    { cluster: 'a.b', identity: 'pod-identity', roleArn: expect.stringMatching(/^Relaysab.*\.Arn$/) },
    { cluster: 'a-b', identity: 'access-key', userName: expect.stringMatching(/^Relays/) },
  ]);
});

test('the outputs go on with the commands to type next', () => {
  const found = outputs({ stackName: 'events-eu', sinks: 'webhook', clusters: 'prod' });

  expect(Object.entries(found).filter(([key]) => key.startsWith('Next'))).toEqual([
    ['Next1', 'npm run -s ops -- relay manifest --cluster prod --stack events-eu | kubectl apply -f -'],
    ['Next2', 'npm run -s ops -- destinations set webhook/all --file webhook.json --stack events-eu'],
    ['Next3', 'npm run -s ops -- destinations test webhook/all --stack events-eu'],
    ['Next4', 'npm run -s ops -- status --stack events-eu'],
  ]);
});

test('no output shows a key', () => {
  const found = outputs({ clusters: [{ name: 'prod', identity: 'access-key' }] });

  expect(found['Next1']).toMatch(/^aws iam create-access-key --user-name Relaysprod/);
  expect(JSON.stringify(found)).not.toMatch(/SecretAccessKey/);
});
