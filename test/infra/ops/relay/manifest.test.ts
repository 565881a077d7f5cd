import { afterEach, beforeEach, expect, test } from 'vitest';
import { startAws, type Aws } from '../../../support/aws/aws.ts';
import { ops } from '../run.ts';

// The relay is bundled for each manifest.

let aws: Aws;

beforeEach(async () => {
  const relay = {
    cluster: 'prod-eu',
    identity: 'access-key',
    namespace: 'events',
    serviceAccount: 'kube-courier-relay',
  };
  aws = await startAws({ outputs: { Relay1: JSON.stringify({ ...relay, userName: 'relay-user' }) } });
});

afterEach(() => aws.stop());

const manifest = (...argv: readonly string[]) => ops(['relay', 'manifest', ...argv]);

test('is printed for a listed cluster, with what is left to do', async () => {
  const run = await manifest(
    '--cluster',
    'prod-eu',
    '--set',
    'LOG_LEVEL=debug',
    '--set',
    'HTTPS_PROXY=http://proxy:3128',
  );

  expect(run.code).toBe(0);
  expect(run.out.join('\n')).toMatch(/CLUSTER_NAME: prod-eu\n.*LOG_LEVEL: debug\n.*HTTPS_PROXY: http/s);
  expect(run.err).toEqual([
    expect.stringMatching(/of the user relay-user .* kubectl --namespace events create secret/),
  ]);
});

test.each([
  [['--cluster', 'prod-e'], 'the stack kube-courier does not list the cluster prod-e (did you mean prod-eu?)'],
  [
    ['--cluster', 'staging'],
    'the stack kube-courier does not list the cluster staging (it lists prod-eu: add it to clusters and deploy, for a role and an alarm)',
  ],
  [
    ['--cluster', 'prod-eu', '--set', 'LOG_LEVLE=debug'],
    '--set LOG_LEVLE: the relay knows no such setting (did you mean LOG_LEVEL?)',
  ],
  [
    ['--cluster', 'prod-eu', '--set', 'log_level=debug'],
    '--set log_level: the relay knows no such setting (did you mean LOG_LEVEL?)',
  ],
  [['--cluster', 'prod-eu', '--set', 'CLUSTER_NAME=staging'], '--set CLUSTER_NAME: is what --cluster says'],
  [['--cluster', 'prod-eu', '--set', 'PORT=9090'], "--set PORT: is where the manifest's probes ask: 8080"],
  [
    ['--cluster', 'prod-eu', '--set', 'START_FROM=yesterday'],
    '--set: START_FROM is "yesterday": it must be now, all, or a duration such as 10m',
  ],
  [['--cluster', 'prod-eu', '--enrich', 'all'], '--set: ENRICH is "all": it must be one of none, owners, labels'],
])('of %j is refused, unless it is forced', async (argv, doubt) => {
  const refused = await manifest(...argv);
  const forced = await manifest(...argv, '--force');

  expect(refused).toEqual({
    code: 1,
    out: [],
    err: [doubt, 'no manifest was printed; --force prints it all the same'],
  });
  expect(forced.code).toBe(0);
  expect(forced.out.join('\n')).toContain('kind: Deployment');
  expect(forced.err[0]).toBe(doubt);
});

test('allows the relay to read what is to be added to events', async () => {
  const run = await manifest('--cluster', 'prod-eu', '--enrich', 'labels');

  expect(run.code).toBe(0);
  expect(run.out.join('\n')).toMatch(/ENRICH: labels\n.*name: kube-courier-relay-context\n/s);
});

test('needs settings as NAME=VALUE', async () => {
  expect(await manifest('--cluster', 'prod-eu', '--set', 'debug')).toMatchObject({
    code: 2,
    err: ['--set is debug, expected NAME=VALUE', expect.anything()],
  });
});
