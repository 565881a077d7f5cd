import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { projectFolder } from '../../infra/discover.ts';
import { parseOutputs, type StackOutputs } from '../../infra/stack/parse-outputs.ts';
import { destroy } from '../../localstack/emulator/deploy.ts';
import { localEnvironment, startLocalStack, type LocalStack } from '../../localstack/emulator/localstack.ts';
import { kubectl, projectCopy, runShell } from '../support/guide-shell.ts';
import { fences, readGuide, section, shellLines } from '../support/guides.ts';
import { buildRelay, spawnRelay, type BuiltRelay, type RelayProcess } from '../support/relay-process.ts';
import { kube, startKube, type KubeService } from '../support/services/kube.ts';
import { requireService } from '../support/services/service.ts';

const PATIENCE = { timeout: 100_000, interval: 500 };

/** Everything from the deployment to the first event, but for the installation, which the tests themselves need. */
const LINES = shellLines(section(readGuide('infra/DEPLOYING.md'), 'In ten minutes')).filter(
  (line) => line !== 'npm ci' && line !== 'npm run -s ops -- status',
);

/** The commands of the guide to operating that fit the stack deployed here, on which nothing is wrong, and that end by themselves. */
const OPERATING = shellLines(readGuide('infra/OPERATING.md')).filter(
  (line) => /^npm run -s ops|pods,lease/.test(line) && !/webhook|rollback|history|ops -- tail/.test(line),
);

const EVENT = {
  apiVersion: 'v1',
  kind: 'Event',
  metadata: { name: 'web-1.guide', namespace: 'default' },
  involvedObject: { kind: 'Pod', namespace: 'default', name: 'web-1' },
  type: 'Warning',
  reason: 'BackOff',
  message: 'Back-off restarting failed container web',
  count: 1,
};

describe.runIf(requireService(kube) && kubectl !== undefined)('the guide to deploying, typed as it stands', () => {
  let localStack: LocalStack;
  let cluster: KubeService;
  let built: BuiltRelay;
  let copy: Awaited<ReturnType<typeof projectCopy>>;
  let env: NodeJS.ProcessEnv;
  let relay: RelayProcess | undefined;

  beforeAll(async () => {
    [localStack, cluster, built, copy] = await Promise.all([
      startLocalStack(),
      startKube(),
      buildRelay(),
      projectCopy(readGuide('infra/DEPLOYING.md')),
    ]);
    const kubeconfig = join(copy.path, 'kubeconfig');
    await cluster.writeKubeconfig(kubeconfig);
    env = { ...localEnvironment(localStack), KUBECONFIG: kubeconfig };
    await rm(join(copy.path, 'bin', 'kubectl'));
    // Nobody is there to answer whether the roles are all right.
    const settings: object = JSON.parse(await readFile(join(projectFolder, 'cdk.json'), 'utf8'));
    await rm(join(copy.path, 'cdk.json'));
    await writeFile(join(copy.path, 'cdk.json'), JSON.stringify({ ...settings, requireApproval: 'never' }));
  });

  afterAll(async () => {
    relay?.kill('SIGKILL');
    await relay?.exited;
    if (localStack?.origin === 'found') await destroy(localStack);
    await Promise.all([localStack?.stop(), cluster?.stop(), built?.remove(), copy?.remove()]);
  });

  test('leads from a fresh clone to a delivered event, a status without complaints, and a stack to operate', async () => {
    expect(Math.min(LINES.length, OPERATING.length)).toBeGreaterThan(5);
    for (const line of LINES) expect(await runShell(line, copy.path, env)).toMatchObject({ line, code: 0 });
    relay = await startRelay();
    const event = join(copy.path, 'event.json');
    await writeFile(event, JSON.stringify(EVENT));
    expect(await runShell(`kubectl apply -f ${event}`, copy.path, env)).toMatchObject({ code: 0 });

    await vi.waitFor(async () => expect(await logOf('log')).toContain(EVENT.message), PATIENCE);
    await vi.waitFor(
      async () => expect(await runShell('npm run -s ops -- status', copy.path, env)).toMatchObject({ code: 0 }),
      PATIENCE,
    );
    for (const line of OPERATING) expect(await runShell(line, copy.path, env)).toMatchObject({ line, code: 0 });
  }, 900_000);

  test("leads a team's events to it by the labels of its namespace", async () => {
    const guide = readGuide('functions/DESTINATIONS.md');
    const shown = fences(guide).find(({ tags: [kind, id] }) => kind === 'destination' && id === 'webhook/payments');
    await writeFile(join(copy.path, 'payments.json'), shown?.text ?? '');
    // The stack of the guide to deploying has no webhook.
    const lines = shellLines(section(guide, "A team's route"))
      .filter((line) => !line.includes(' route '))
      .map((line) => line.replace('webhook/payments', 'log/payments'));
    expect(lines).toHaveLength(3);
    for (const line of ['kubectl create namespace shop', ...lines])
      expect(await runShell(line, copy.path, env)).toMatchObject({ line, code: 0 });
    relay?.kill('SIGTERM');
    await relay?.exited;
    relay = await startRelay();

    let events = 0;
    // What the router sends before it knows the destination, and what the relay sends before it knows the label, goes elsewhere.
    await vi.waitFor(
      async () => {
        events += 1;
        for (const namespace of ['default', 'shop']) await happen(namespace, `web-1.team-${events}`);
        expect(await contextsOf('shop')).toContainEqual(expect.objectContaining({ team: 'payments' }));
      },
      { ...PATIENCE, interval: 3000 },
    );
    expect(await contextsOf('default')).toEqual([]);
    await vi.waitFor(async () => {
      const { output } = await runShell('npm run -s ops -- status', copy.path, env);
      expect(output).toContain('enriches labels');
    }, PATIENCE);
  }, 300_000);

  async function happen(namespace: string, name: string): Promise<void> {
    const involvedObject = { ...EVENT.involvedObject, namespace };
    const file = join(copy.path, 'event.json');
    await writeFile(file, JSON.stringify({ ...EVENT, metadata: { name, namespace }, involvedObject }));
    expect(await runShell(`kubectl apply -f ${file}`, copy.path, env)).toMatchObject({ code: 0 });
  }

  /** The labels of the namespace, as they stand in each event of it that the team's destination has written. */
  async function contextsOf(namespace: string): Promise<readonly unknown[]> {
    const lines = (await logOf('log')).split('\n').filter((line) => line.startsWith('{"id":'));
    const events: readonly { object: { namespace: string }; namespace: { labels: unknown } }[] = lines.map((line) =>
      JSON.parse(line),
    );
    return events.filter(({ object }) => object.namespace === namespace).map((event) => event.namespace.labels);
  }

  /** The kubelet's part: there are no nodes, so the relay runs here, with the settings of the manifest. */
  async function startRelay(): Promise<RelayProcess> {
    const { output } = await runShell(
      'kubectl --namespace kube-courier get configmap kube-courier-relay-settings --output json',
      copy.path,
      env,
    );
    const { data }: { readonly data: Readonly<Record<string, string>> } = JSON.parse(output);
    return spawnRelay(built.file, {
      ...data,
      KUBECONFIG: env['KUBECONFIG'] ?? '',
      AWS_ENDPOINT_URL: localStack.endpoint,
      CURSOR: 'lease:kube-courier/kube-courier-relay',
      START_FROM: 'all',
    });
  }

  async function stackOutputs(): Promise<StackOutputs> {
    const client = new CloudFormationClient(access());
    const { Stacks = [] } = await client.send(new DescribeStacksCommand({ StackName: 'kube-courier' }));
    const outputs = Stacks[0]?.Outputs ?? [];
    return parseOutputs(
      Object.fromEntries(outputs.map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue])),
    );
  }

  async function logOf(owner: string): Promise<string> {
    const { sinks } = await stackOutputs();
    const name = sinks.find((sink) => sink.owner === owner)?.functionName;
    // LocalStack ignores a function's own log group.
    const logGroupName = `/aws/lambda/${name}`;
    const { events = [] } = await new CloudWatchLogsClient(access()).send(new FilterLogEventsCommand({ logGroupName }));
    return events.map(({ message }) => message).join('\n');
  }

  function access() {
    const {
      AWS_REGION: region,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
    } = localStack.env;
    return { endpoint: localStack.endpoint, region, credentials: { accessKeyId, secretAccessKey } };
  }
});
