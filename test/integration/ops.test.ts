import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import {
  DeleteMessageBatchCommand,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
  type Message,
} from '@aws-sdk/client-sqs';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { sampleKubeEvent } from '../../functions/core/contract/sample.ts';
import { recordOf, textOf } from '../../functions/core/contract/untrusted.ts';
import { parseOutputs, type ConsumerOutput, type StackOutputs } from '../../infra/stack/parse-outputs.ts';
import { bootstrap, deploy } from '../../localstack/emulator/deploy.ts';
import { localEnvironment, startLocalStack, type LocalStack } from '../../localstack/emulator/localstack.ts';
import { useFolders } from '../infra/ops/folders.ts';
import { goTo, rows, VIEWS } from '../support/browser/console-page.ts';
import { usePages } from '../support/browser/pages.ts';
import { saveScreenshot } from '../support/browser/screenshot.ts';
import { chromium } from '../support/services/chromium.ts';
import { requireService } from '../support/services/service.ts';

const STACK = 'ops-test';
const PROJECT = join(import.meta.dirname, '..', '..');
const CLUSTER = 'listed';

interface Run {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

let localStack: LocalStack;
let env: NodeJS.ProcessEnv;
let outputs: StackOutputs;
let sqs: SQSClient;
let ssm: SSMClient;
const children = new Set<ChildProcess>();
const folder = useFolders();
const servers: Server[] = [];

beforeAll(async () => {
  localStack = await startLocalStack();
  env = localEnvironment(localStack);
  const context = {
    stackName: STACK,
    sinks: ['log', 'webhook'],
    clusters: [
      { name: CLUSTER, identity: 'access-key' },
      { name: 'irsa', identity: 'irsa', providerArn: 'arn:aws:iam::000000000000:oidc-provider/oidc.example/id/1' },
    ],
  };
  await bootstrap(localStack, { context });
  await deploy(localStack, { context });
  const access = {
    endpoint: localStack.endpoint,
    region: localStack.env.AWS_REGION,
    credentials: {
      accessKeyId: localStack.env.AWS_ACCESS_KEY_ID,
      secretAccessKey: localStack.env.AWS_SECRET_ACCESS_KEY,
    },
  };
  sqs = new SQSClient(access);
  ssm = new SSMClient(access);
  const { Stacks } = await new CloudFormationClient(access).send(new DescribeStacksCommand({ StackName: STACK }));
  outputs = parseOutputs(
    Object.fromEntries(
      (Stacks?.[0]?.Outputs ?? []).map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue]),
    ),
  );
  // A LocalStack that was there already may hold what an earlier run left.
  await purge([...outputs.sinks, ...(outputs.router ? [outputs.router] : [])]);
});

afterAll(async () => {
  await localStack?.stop();
});

afterEach(async () => {
  for (const child of children) child.kill('SIGKILL');
  for (const server of servers.splice(0)) server.close();
});

/** Starts the command as a person does, with its own process and environment. */
function start(argv: readonly string[], more: NodeJS.ProcessEnv = {}): ChildProcess {
  const child = spawn(process.execPath, [join(PROJECT, 'infra', 'ops.ts'), ...argv, '--stack', STACK], {
    env: { ...env, ...more },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  children.add(child);
  child.once('close', () => children.delete(child));
  return child;
}

async function finish(child: ChildProcess, input = ''): Promise<Run> {
  const closed = once(child, 'close');
  child.stdin?.end(input);
  const [out, err] = await Promise.all(
    [child.stdout, child.stderr].map(async (stream) => (stream ? text(stream) : '')),
  );
  const [code]: unknown[] = await closed;
  return { code: typeof code === 'number' ? code : null, out: out ?? '', err: err ?? '' };
}

function ops(
  argv: readonly string[],
  more: { readonly env?: NodeJS.ProcessEnv; readonly input?: string } = {},
): Promise<Run> {
  return finish(start(argv, more.env), more.input);
}

/** Runs a command that has to succeed, so that what a test leaves behind is not left in silence. */
async function done(...argv: readonly string[]): Promise<void> {
  expect(await ops(argv)).toMatchObject({ code: 0 });
}

function json(run: Run): readonly unknown[] {
  return run.out
    .split('\n')
    .filter((line) => line !== '')
    .map((line): unknown => JSON.parse(line));
}

/** A server on loopback that answers every request alike. */
async function serve(status: number, body: string): Promise<string> {
  const server = createServer((_request, response) => {
    response.writeHead(status, { 'Content-Type': 'text/xml' }).end(body);
  });
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
}

function sink(type: string): ConsumerOutput {
  const found = outputs.sinks.find(({ owner }) => owner === type);
  if (!found) throw new Error(`the stack has no sink ${type}`);
  return found;
}

function letterBody(uid: string, destination = 'log/all'): string {
  const event = { ...sampleKubeEvent, metadata: { ...sampleKubeEvent.metadata, uid } };
  return JSON.stringify({ v: 1, kind: 'event', cluster: 'c', seenAt: '', change: 'added', destination, event });
}

/** Puts letters into a queue, the codes taking turns. */
async function sendLetters(queueUrl: string, count: number, codes: readonly string[]): Promise<void> {
  for (let from = 0; from < count; from += 10) {
    const Entries = Array.from({ length: Math.min(10, count - from) }, (_, offset) => {
      const number = from + offset;
      const code = codes[number % codes.length] ?? '';
      const attributes = {
        code,
        detail: 'because',
        destination: 'log/all',
        attempts: '8',
        failedAt: new Date().toISOString(),
      };
      return {
        Id: String(offset),
        MessageBody: letterBody(`${code}-${number}`),
        MessageAttributes: Object.fromEntries(
          Object.entries(attributes).map(([name, StringValue]) => [name, { DataType: 'String', StringValue }]),
        ),
      };
    });
    await sqs.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
  }
}

/** Empties the queues of consumers, their dead letters too. */
async function purge(consumers: readonly ConsumerOutput[]): Promise<void> {
  for (const QueueUrl of consumers.flatMap(({ queueUrl, deadLetterQueueUrl }) => [queueUrl, deadLetterQueueUrl])) {
    await sqs.send(new PurgeQueueCommand({ QueueUrl }));
  }
}

/** Takes everything out of a queue, and gives the uids of the events. */
async function takeUids(queueUrl: string): Promise<readonly string[]> {
  const messages: Message[] = [];
  for (let empty = 0; empty < 2;) {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl: queueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 1 }),
    );
    messages.push(...Messages);
    const Entries = Messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
    if (Entries.length > 0) await sqs.send(new DeleteMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
    empty = Messages.length === 0 ? empty + 1 : 0;
  }
  return messages.map(({ Body = '' }): string => JSON.parse(Body).event.metadata.uid).toSorted();
}

/** Pauses or resumes, and waits until it is so. */
async function turn(verb: 'pause' | 'resume', owner: string): Promise<void> {
  await vi.waitFor(
    async () => {
      const { err } = await ops([verb, owner]);
      if (!err.includes(verb === 'pause' ? '(Disabled)' : '(Enabled)')) throw new Error(err);
    },
    { timeout: 60_000, interval: 500 },
  );
}

describe('destinations', () => {
  test('are set, listed, shown, tested, edited, rolled back and removed', async () => {
    const receiver = await serve(200, 'ok');
    const dir = await folder({
      'hook.json': { filter: { match: [{ type: 'Warning' }] }, url: `${receiver}/?key=hidden-key` },
    });

    const set = await ops(['destinations', 'set', 'webhook/team', '--file', `${dir}/hook.json`]);
    const again = await ops(['destinations', 'set', 'webhook/team', '--file', `${dir}/hook.json`]);
    const listed = await ops(['destinations', 'ls', '--json']);
    const shown = await ops(['destinations', 'get', 'webhook/team']);
    const tested = await ops(['destinations', 'test', 'webhook/team', '--json']);

    expect(set).toMatchObject({ code: 0, out: '' });
    expect(set.err).toContain('+ url: [secret] (secret)');
    expect(again.err).toBe('webhook/team is up to date\n');
    expect(json(listed)).toContainEqual({ destination: 'webhook/team', state: 'enabled', version: 1, secrets: true });
    expect(JSON.parse(shown.out)).toEqual({ filter: { match: [{ type: 'Warning' }] } });
    expect(shown.err).toContain('secrets: url');
    expect({ code: tested.code, out: json(tested) }).toEqual({
      code: 0,
      out: [{ destination: 'webhook/team', status: 'delivered' }],
    });
    expect([set, again, listed, shown, tested].map((run) => run.out + run.err).join('')).not.toContain('hidden-key');

    await writeFile(join(dir, 'editor.sh'), `#!/bin/sh\nprintf '{"method":"PUT"}' > "$1"\n`);
    await chmod(join(dir, 'editor.sh'), 0o700);
    const edited = await ops(['destinations', 'edit', 'webhook/team'], { env: { EDITOR: join(dir, 'editor.sh') } });
    const rolledBack = await ops(['destinations', 'rollback', 'webhook/team']);
    const back = await ops(['destinations', 'get', 'webhook/team', '--json']);

    expect(edited.err).toContain('+ method: "PUT"');
    expect(rolledBack.err).toContain('- method: "PUT"');
    expect(json(back)).toEqual([
      {
        destination: 'webhook/team',
        version: 3,
        document: { filter: { match: [{ type: 'Warning' }] } },
        secrets: ['url'],
      },
    ]);

    const asked = await ops(['destinations', 'rm', 'webhook/team']);
    const removed = await ops(['destinations', 'rm', 'webhook/team', '--yes']);
    const gone = await ops(['destinations', 'get', 'webhook/team']);

    expect(asked).toMatchObject({ code: 1, err: 'would remove webhook/team and its secrets; repeat with --yes\n' });
    expect(removed.code).toBe(0);
    expect(gone).toMatchObject({ code: 1, out: '' });
    expect(gone.err).toMatch(/^there is no destination webhook\/team/);
  });

  test('keep secrets in the SecureString, from variables and files, and never take them from the command line', async () => {
    const dir = await folder({ 'hook.json': { method: 'POST' }, 'token.txt': 'Bearer from-file\n' });

    const refused = await ops([
      'destinations',
      'set',
      'webhook/secret',
      '--file',
      `${dir}/hook.json`,
      '--secret',
      'url=https://x.example.com/',
    ]);
    const set = await ops(
      [
        'destinations',
        'set',
        'webhook/secret',
        '--file',
        `${dir}/hook.json`,
        '--secret',
        'url=env:HOOK',
        '--secret',
        `secretHeaders.Authorization=file:${dir}/token.txt`,
      ],
      { env: { HOOK: 'https://x.example.com/from-env' } },
    );
    const { Parameter } = await ssm.send(
      new GetParameterCommand({ Name: `${outputs.prefix}/secrets/webhook/secret`, WithDecryption: true }),
    );

    expect(refused.code).toBe(2);
    expect(refused.err).not.toContain('x.example.com');
    expect(set.code).toBe(0);
    expect(set.out + set.err).not.toMatch(/from-env|from-file/);
    expect(Parameter?.Type).toBe('SecureString');
    expect(JSON.parse(Parameter?.Value ?? '')).toEqual({
      url: 'https://x.example.com/from-env',
      secretHeaders: { Authorization: 'Bearer from-file' },
    });
    await done('destinations', 'rm', 'webhook/secret', '--yes');
  });

  test('with mistakes are not written, and say every mistake', async () => {
    const dir = await folder({ 'bad.json': { formatt: 'text', filter: { match: [{ reason: '/(/' }] } } });

    const run = await ops(['destinations', 'set', 'log/bad', '--file', `${dir}/bad.json`]);
    const shown = await ops(['destinations', 'get', 'log/bad']);

    expect(run.code).toBe(1);
    expect(run.err).toContain(
      `${outputs.prefix}/destinations/log/bad: formatt is not a known field (did you mean format?)`,
    );
    expect(run.err).toContain('filter.match[0].reason');
    expect(shown.code).toBe(1);
  });

  test('of a whole folder are set, routed and validated; one of a type that is not deployed is refused', async () => {
    const dir = await folder({
      'destinations/log/everything.json': {},
      'destinations/log/warnings.json': { filter: { match: [{ type: 'Warning' }] } },
      'destinations/kafka/later.json': { brokers: ['k.example.com:9092'], topic: 't' },
      'event.json': { ...sampleKubeEvent, type: 'Normal' },
      'quiet.yaml': '# quieter\nenabled: false\n',
    });

    const set = await ops(['destinations', 'set', '--folder', dir]);
    const differs = await ops(['destinations', 'diff', 'log/warnings', '--folder', dir]);
    const changed = await ops(['destinations', 'diff', 'log/everything', '--file', `${dir}/quiet.yaml`]);
    const pulled = await ops(['destinations', 'pull', `${dir}/pulled`]);
    const pulledDiffers = await ops(['destinations', 'diff', '--folder', `${dir}/pulled`]);
    const routed = await ops(['route', '--events', `${dir}/event.json`, '--json']);
    const validated = await ops(['destinations', 'validate']);

    expect(set.code).toBe(1);
    expect(set.err).toContain('the sink type kafka is not deployed: add it to sinks in kube-courier.json');
    expect(set.err).toContain('2 of 3 destinations are as in the folder');
    expect(differs).toMatchObject({ code: 0, out: '' });
    expect(changed).toMatchObject({ code: 1, out: 'log/everything:\n  + enabled: false\n' });
    expect(pulled).toMatchObject({ code: 0, err: '2 destinations written\n' });
    expect(pulledDiffers).toMatchObject({ code: 0, out: '' });
    expect(json(routed)).toEqual([{ id: expect.stringMatching(/^local\//), destinations: ['log/everything'] }]);
    expect(validated).toMatchObject({ code: 0, out: '' });
    await done('destinations', 'rm', 'log/everything', '--yes');
    await done('destinations', 'rm', 'log/warnings', '--yes');
  });
});

describe('tail', () => {
  test('shows an event that goes through the stack, its delivery, and ends at an interrupt', async () => {
    const dir = await folder({ 'log.json': {} });
    await done('destinations', 'set', 'log/tail', '--file', `${dir}/log.json`);
    const { destination: _, ...message } = JSON.parse(letterBody('tailed', 'none'));
    await sqs.send(new SendMessageCommand({ QueueUrl: outputs.ingestQueueUrl, MessageBody: JSON.stringify(message) }));

    const child = start(['tail', '--since', '5m', '--json']);
    const seen = { text: '' };
    child.stdout?.on('data', (chunk: Buffer) => {
      seen.text += chunk.toString();
      const isDelivered = /"kind":"counted"[^\n]*"place":"log"[^\n]*"delivered":[1-9]/.test(seen.text);
      if (isDelivered && seen.text.includes('"id":"c/tailed/')) child.kill('SIGINT');
    });
    const run = await finish(child);
    const chosen = await ops(['tail', '--since', '30m', '--for', '1s', '--name', 'api-*']);
    const others = await ops(['tail', '--since', '30m', '--for', '1s', '--name', 'web-*']);

    expect(run).toMatchObject({ code: 0, err: expect.stringMatching(/ended: \d+ lines/) });
    expect(run.out.split('"id":"c/tailed/')).toHaveLength(2);
    expect(chosen.out).toMatch(/ c Warning BackOff Pod payments\/api-7d9f \(x1\): /);
    expect(others).toMatchObject({ code: 0, out: '' });
    await done('destinations', 'rm', 'log/tail', '--yes');
  });
});

describe('console', () => {
  /** Calls the console as its page does. */
  async function call(address: string, path: string, method = 'GET', body?: object): Promise<unknown> {
    const { origin, hash } = new URL(address);
    const reply = await fetch(`${origin}/api/${path}`, {
      method,
      headers: { authorization: `Bearer ${hash.replace('#token=', '')}`, 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    });
    return reply.json();
  }

  async function open(...options: readonly string[]): Promise<string> {
    const child = start(['console', '--json', ...options]);
    const lines = child.stdout && createInterface({ input: child.stdout });
    if (!lines) throw new Error('the console has no standard output');
    const [line]: unknown[] = await once(lines, 'line');
    return textOf(recordOf(JSON.parse(String(line)))['address']);
  }

  test('shows the events of a stack, its flow, letters and destinations, and changes it', async () => {
    const dir = await folder({ 'log.json': {} });
    await done('destinations', 'set', 'log/all', '--file', `${dir}/log.json`);
    const { destination: _, ...message } = JSON.parse(letterBody('on-the-page', 'none'));
    await sqs.send(new SendMessageCommand({ QueueUrl: outputs.ingestQueueUrl, MessageBody: JSON.stringify(message) }));
    await sendLetters(sink('log').deadLetterQueueUrl, 3, ['http_404']);
    const address = await open();

    expect(await call(address, 'about')).toMatchObject({ kind: 'stack', sinks: ['log', 'webhook'], readOnly: false });
    expect(await call(address, 'destinations')).toContainEqual(
      expect.objectContaining({ id: 'log/all', state: 'in force', version: '1' }),
    );
    expect(await call(address, 'letters')).toContainEqual(
      expect.objectContaining({ owner: 'log', code: 'http_404', count: 3, destination: 'log/all' }),
    );
    const letters = { owner: 'log', code: 'http_404' };
    expect(await call(address, 'letters/replay', 'POST', { ...letters, dryRun: true })).toMatchObject({ replayed: 3 });
    expect(await call(address, 'letters/replay', 'POST', { ...letters, dryRun: false })).toMatchObject({ replayed: 3 });

    const typed = { id: 'log/all', text: '{ "filter": { "match": [{ "reason": "BackOff" }] } }' };
    const edit = { ...typed, basedOn: '1' };
    expect(await call(address, 'destinations/check', 'POST', typed)).toMatchObject({ problems: [] });
    expect(await call(address, 'destination', 'PUT', edit)).toEqual({ version: '2' });
    expect(await call(address, 'destination', 'PUT', edit)).toMatchObject({
      error: expect.stringContaining('was changed meanwhile'),
    });
    expect(await call(address, 'destination/rollback', 'POST', { id: 'log/all', version: '1' })).toEqual({
      version: '3',
    });
    expect(await call(address, 'destination/test', 'POST', { id: 'log/all' })).toEqual({ status: 'delivered' });

    const silence = { name: 'console', minutes: 5, why: 'a test', by: 'a test', match: { namespace: 'shop' } };
    expect(await call(address, 'silences', 'POST', silence)).toContainEqual(
      expect.objectContaining({ name: 'console' }),
    );
    expect(await call(address, 'silences?name=console', 'DELETE')).toEqual([]);

    // CloudWatch shows lines with some delay.
    for (const uid of ['on-the-page', 'http_404-0', 'http_404-1', 'http_404-2']) {
      const id = `c/${uid}/184467`;
      await vi.waitFor(
        async () => expect(await call(address, `event?id=${encodeURIComponent(id)}`)).toMatchObject({ event: { id } }),
        { timeout: 60_000, interval: 500 },
      );
    }
    await done('destinations', 'rm', 'log/all', '--yes');
  });

  describe.runIf(requireService(chromium))('in a browser', () => {
    const pages = usePages();

    test('has something in each view, and says what it cannot show', async () => {
      const dir = await folder({ 'log.json': {} });
      await done('destinations', 'set', 'log/all', '--file', `${dir}/log.json`);
      await sendLetters(sink('webhook').deadLetterQueueUrl, 1, ['http_404']);
      const { destination: _, ...message } = JSON.parse(letterBody('in-a-browser', 'none'));
      await sqs.send(
        new SendMessageCommand({ QueueUrl: outputs.ingestQueueUrl, MessageBody: JSON.stringify(message) }),
      );
      const page = await pages.open(await open());

      await rows(page).first().waitFor();
      const shown: Readonly<Record<(typeof VIEWS)[number], RegExp>> = {
        Live: /BackOff/,
        Flow: /SQS counts messages and CloudWatch counts minutes/,
        Letters: /http_404/,
        Destinations: /log\/all/,
        Object: /Show the timeline of an object/,
        Silences: /Silences/i,
      };
      for (const view of VIEWS) {
        await goTo(page, view);
        await page.getByRole('main').getByText(shown[view]).first().waitFor();
        await saveScreenshot(page, `stack-${view}`);
        expect(await page.getByRole('alert').allInnerTexts()).toEqual([]);
      }
      await done('dlq', 'drop', 'webhook', '--all', '--yes');
      await done('destinations', 'rm', 'log/all', '--yes');
    });
  });

  test('with --read-only changes nothing, and says so', async () => {
    const address = await open('--read-only');
    expect(await call(address, 'about')).toMatchObject({ readOnly: true });
    expect(await call(address, 'letters/replay', 'POST', { owner: 'log', dryRun: false })).toMatchObject({
      error: expect.stringContaining('--read-only'),
    });
  });
});

describe('a failure says what to do, in one line', () => {
  test('no credentials', async () => {
    const run = await ops(['status'], {
      env: {
        AWS_ACCESS_KEY_ID: '',
        AWS_SECRET_ACCESS_KEY: '',
        AWS_EC2_METADATA_DISABLED: 'true',
        HOME: '/nonexistent',
      },
    });

    expect(run).toMatchObject({ code: 1, out: '' });
    expect(run.err).toMatch(/^there are no AWS credentials: log in .*\n$/);
  });

  test('the wrong region, and a stack that is missing, with a suggestion', async () => {
    const region = await ops(['status'], { env: { AWS_REGION: 'eu-west-1' } });
    const typo = await finish(
      spawn(process.execPath, [join(PROJECT, 'infra', 'ops.ts'), 'status', '--stack', 'ops-tst'], { env }),
    );

    expect(region.err).toMatch(/^there is no stack ops-test in eu-west-1 \(.*AWS_REGION.*\)\n$/);
    expect(typo.err).toBe('there is no stack ops-tst in us-east-1 (did you mean --stack ops-test?)\n');
    expect([region.code, typo.code]).toEqual([1, 1]);
  });

  test('a misspelt sink or destination', async () => {
    const owner = await ops(['dlq', 'ls', 'lgo']);
    const pause = await ops(['pause', 'webhok']);
    const kind = await ops(['destinations', 'get', 'webhok/x']);

    expect(owner.err).toMatch(/^the stack ops-test has no lgo \(/);
    expect(pause.err).toBe('the stack ops-test has no webhok (did you mean webhook?)\n');
    expect(kind.err).toBe('there is no sink type webhok (did you mean webhook?)\n');
  });

  test('AWS that throttles, or cannot be reached', async () => {
    const throttling = await serve(
      400,
      '<ErrorResponse><Error><Type>Sender</Type><Code>Throttling</Code><Message>Rate exceeded</Message></Error></ErrorResponse>',
    );
    const throttled = await ops(['status'], { env: { AWS_ENDPOINT_URL: throttling } });
    const unreachable = await ops(['status'], { env: { AWS_ENDPOINT_URL: 'http://127.0.0.1:1' } });

    expect(throttled).toMatchObject({ code: 1, err: expect.stringMatching(/^AWS throttles the calls: .*\n$/) });
    expect(unreachable).toMatchObject({
      code: 1,
      err: expect.stringMatching(/^AWS cannot be reached \(ECONNREFUSED\).*\n$/),
    });
  });

  test('a function that knows no such destination, with its code and advice', async () => {
    const run = await ops(['destinations', 'test', 'log/nobody']);

    expect(run.code).toBe(1);
    expect(run.err).toMatch(/^there is no destination log\/nobody/);
  });
});

describe('dead letters', () => {
  beforeAll(async () => {
    // Nobody else takes from the queue that replays fill.
    await turn('pause', 'log');
    // The router may have written to a destination that a test before has removed.
    await purge([sink('log')]);
  });

  afterAll(() => turn('resume', 'log'));

  test('of three codes: a replay by code delivers exactly those, also when it is interrupted and repeated', async () => {
    const { queueUrl, deadLetterQueueUrl } = sink('log');
    await sendLetters(deadLetterQueueUrl, 1000, ['http_404', 'timeout', 'too_large']);

    const dryRun = await ops(['dlq', 'replay', 'log', '--code', 'timeout']);
    const child = start(['dlq', 'replay', 'log', '--code', 'timeout', '--yes', '--rate', '100']);
    child.stderr?.on('data', (chunk: Buffer) => {
      // Half way: npm passes an interrupt on, so that it comes twice.
      if (/replayed (1[5-9]\d|2\d\d) letters, looked/.test(chunk.toString())) {
        child.kill('SIGINT');
        child.kill('SIGINT');
      }
    });
    const interrupted = await finish(child);
    const left = await ops(['dlq', 'ls', 'log', '--code', 'timeout', '--json']);
    const repeated = await ops(['dlq', 'replay', 'log', '--code', 'timeout', '--yes']);
    const after = await ops(['dlq', 'ls', 'log', '--json']);

    expect(dryRun).toMatchObject({ code: 0, err: 'would replay 333 letters of log; repeat with --yes\n' });
    expect(interrupted.code).toBe(1);
    const done = Number(/interrupted: replayed (\d+) letters/.exec(interrupted.err)?.[1]);
    expect(done).toBeGreaterThan(0);
    expect(done).toBeLessThan(333);
    expect(json(left)).toEqual([expect.objectContaining({ code: 'timeout', count: 333 - done })]);
    expect(repeated).toMatchObject({ code: 0, err: expect.stringContaining(`replayed ${333 - done} letters of log`) });
    expect(json(after)).toEqual([
      expect.objectContaining({ code: 'http_404', count: 334 }),
      expect.objectContaining({ code: 'too_large', count: 333 }),
    ]);
    const expected = Array.from({ length: 1000 }, (_, n) => n)
      .filter((n) => n % 3 === 1)
      .map((n) => `timeout-${n}`);
    expect(await takeUids(queueUrl)).toEqual(expected.toSorted());
  });

  test('as a whole are moved by SQS, with progress to the end', async () => {
    const run = await ops(['dlq', 'replay', 'log', '--yes', '--rate', '300', '--json']);
    const none = await ops(['dlq', 'replay', 'log', '--yes']);

    expect(run.code).toBe(0);
    expect(run.err).toMatch(/moved \d+ of about 667 messages, \d+\/s, \d+s left/);
    expect(run.err).toMatch(/moved 667 of about 667/);
    expect(json(run)).toEqual([{ replayed: 667, left: 0, unit: 'messages', complete: true }]);
    expect(await takeUids(sink('log').queueUrl)).toHaveLength(667);
    expect(none).toMatchObject({ code: 0, err: 'log has no dead letters\n' });
  });

  test('are peeked at, exported and dropped', async () => {
    const { deadLetterQueueUrl } = sink('log');
    await sendLetters(deadLetterQueueUrl, 12, ['http_404', 'timeout']);

    const peeked = await ops(['dlq', 'peek', 'log', '--limit', '2']);
    const exported = await ops(['dlq', 'export', 'log', '--code', 'timeout']);
    const unselected = await ops(['dlq', 'drop', 'log']);
    const dropped = await ops(['dlq', 'drop', 'log', '--code', 'timeout', '--yes']);
    const rest = await ops(['dlq', 'drop', 'log', '--all', '--yes', '--json']);

    expect(peeked.out.match(/^http_404|^timeout/gm)).toHaveLength(2);
    expect(peeked.out).toContain('BackOff Pod payments/api-7d9f');
    expect(json(exported)).toHaveLength(6);
    expect(json(exported)[0]).toMatchObject({ code: 'timeout', attempts: 8, body: { destination: 'log/all' } });
    expect(unselected.code).toBe(2);
    expect(dropped.err).toContain('dropped 6 letters of log');
    expect(json(rest)).toEqual([{ dropped: 6, interrupted: false }]);
  });

  test('of the router go back to the ingest queue', async () => {
    const { router, ingestQueueUrl } = outputs;
    if (!router) throw new Error('the stack has no router');
    await turn('pause', 'router');
    await sqs.send(
      new SendMessageCommand({ QueueUrl: router.deadLetterQueueUrl, MessageBody: letterBody('from-router') }),
    );

    const listed = await ops(['dlq', 'ls', 'router', '--json']);
    const replayed = await ops(['dlq', 'replay', 'router', '--code', 'unexplained', '--yes']);

    expect(json(listed)).toEqual([
      expect.objectContaining({ owner: 'router', code: 'unexplained', destination: 'router' }),
    ]);
    expect(replayed.code).toBe(0);
    expect(await takeUids(ingestQueueUrl)).toEqual(['from-router']);
    await turn('resume', 'router');
  });
});

describe('status', () => {
  test('shows paused sinks, heartbeats, doubled and unlisted clusters', async () => {
    await turn('pause', 'webhook');
    const send = (cluster: string, installation: string) =>
      sqs.send(
        new SendMessageCommand({
          QueueUrl: outputs.ingestQueueUrl,
          MessageBody: JSON.stringify({
            v: 1,
            kind: 'heartbeat',
            cluster,
            seenAt: new Date().toISOString(),
            relay: { version: '1.2.3', installation },
          }),
        }),
      );
    await Promise.all([send(CLUSTER, 'a'), send(CLUSTER, 'b'), send('unlisted', 'c')]);

    const run = await vi.waitFor(
      async () => {
        const status = await ops(['status', '--json']);
        expect(json(status)).toContainEqual(expect.objectContaining({ cluster: CLUSTER, installations: 2 }));
        return status;
      },
      { timeout: 60_000, interval: 1000 },
    );

    expect(run.code).toBe(1);
    expect(json(run)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ kind: 'queue', owner: 'webhook', state: 'Disabled', needsYou: true }),
        expect.objectContaining({ kind: 'queue', owner: 'log', state: 'Enabled', letters: 0, needsYou: false }),
        expect.objectContaining({
          kind: 'cluster',
          cluster: CLUSTER,
          versions: ['1.2.3'],
          listed: true,
          needsYou: true,
        }),
        expect.objectContaining({ kind: 'cluster', cluster: 'unlisted', listed: false, needsYou: true }),
      ]),
    );
    await turn('resume', 'webhook');
  });
});

describe('doctor', () => {
  test('looks at what LocalStack has, and follows test events to their destinations', async () => {
    const receiver = await serve(200, 'ok');
    const filter = { match: [{ namespace: 'prod-*' }] };
    const dir = await folder({
      'destinations/log/doctor.json': { format: 'text', filter },
      'destinations/webhook/doctor.json': { filter },
      'secrets/webhook/doctor.json': { url: receiver },
    });
    await done('destinations', 'set', '--folder', dir);
    const relay = { version: manifest.version, installation: 'a' };
    const heartbeat = { v: 1, kind: 'heartbeat', cluster: CLUSTER, seenAt: new Date().toISOString(), relay };
    await sqs.send(
      new SendMessageCommand({ QueueUrl: outputs.ingestQueueUrl, MessageBody: JSON.stringify(heartbeat) }),
    );

    const toLog = await ops(['doctor', '--destination', 'log/doctor', '--json']);
    const run = await ops(['doctor', '--destination', 'webhook/doctor', '--json']);

    const well = (check: string, said: string) => ({ check, state: 'ok', said: expect.stringContaining(said) });
    expect(json(toLog)).toContainEqual(well('test event', 'its line is in the log'));
    expect(json(run)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ check: 'identity', state: 'warn' }),
        well('versions', `the stack is ${manifest.version}`),
        well('functions', '3 functions active'),
        well('event sources', '3 event sources enabled'),
        well('queues', '6 queues as deployed'),
        well('concurrency', 'the functions may run 8 at once'),
        // LocalStack's simulation of IAM knows no wildcards, and no users.
        expect.objectContaining({
          check: 'parameters',
          said: expect.stringContaining('webhook: may not ssm:GetParameters on'),
        }),
        expect.objectContaining({ check: 'relay permissions', said: expect.stringMatching(/^listed: could not look/) }),
        well('relay permissions', 'irsa: arn:aws:iam::000000000000:role/'),
        expect.objectContaining({ check: 'subscriptions', state: 'warn', said: expect.stringContaining('topic Page') }),
        expect.objectContaining({
          check: 'relay identity',
          said: expect.stringMatching(/^listed: .* no active access key/),
        }),
        expect.objectContaining({ check: 'relay identity', said: expect.stringContaining('1, which is not in IAM') }),
        well('heartbeats', `${CLUSTER}: heartbeat`),
        // The relays of the tests before count too.
        { check: 'clocks', state: 'ok', said: expect.stringMatching(/of \d relays? are AWS'/) },
        well('test event', 'the function has counted it as delivered'),
      ]),
    );
    expect(run.code).toBe(1);
    await done('destinations', 'rm', 'log/doctor', '--yes');
    await done('destinations', 'rm', 'webhook/doctor', '--yes');
  });
});

describe('relay manifest', () => {
  test("is printed from the stack's outputs, ready to apply", async () => {
    const run = await ops(['relay', 'manifest', '--cluster', CLUSTER, '--set', 'LOG_LEVEL=debug']);

    expect(run.code).toBe(0);
    expect(run.out).toContain(`QUEUE_URL: ${outputs.ingestQueueUrl}`);
    expect(run.out).toContain(`CLUSTER_NAME: ${CLUSTER}`);
    expect(run.out).toContain('LOG_LEVEL: debug');
    expect(run.err).toContain('create secret generic kube-courier-aws');
  });
});
