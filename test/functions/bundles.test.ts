import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { SinkConfig } from '../../functions/core/contract/config.ts';
import { writeMessage } from '../../functions/core/contract/message.ts';
import { sampleKubeEvent } from '../../functions/core/contract/sample.ts';
import { buildOptions, routerBundle, sinkBundle, startFiles } from '../../infra/build.ts';
import { loadConfigs } from '../../infra/discover.ts';
import manifest from '../../package.json' with { type: 'json' };
import { startHttpServer, type HttpServer } from '../support/http-server.ts';
import { sqsRecord } from '../support/sqs-record.ts';
import { startSsm, type TestSsm } from '../support/ssm.ts';

// What a function loads only when it is needed must be there then: the bundles run in processes of their own, where no packages are.

const run = promisify(execFile);
const built = mkdtempSync(join(tmpdir(), 'kube-courier-bundles-'));
const webhook = sinkBundle('webhook');
const environmentKeys = {
  AWS_ACCESS_KEY_ID: 'AKENV',
  AWS_SECRET_ACCESS_KEY: 'not-secret',
  AWS_SESSION_TOKEN: 'a-session',
};
let ssm: TestSsm;
let service: HttpServer;

beforeAll(async () => {
  for (const bundle of [routerBundle, webhook]) await build(buildOptions(bundle, join(built, bundle.file)));
});
beforeEach(async () => {
  ssm = await startSsm();
  service = await startHttpServer(() => ({ body: '{}' }));
});
afterEach(() => Promise.all([ssm.stop(), service.stop()]));
afterAll(() => rmSync(built, { recursive: true }));

/** Invokes a function with one record for each reason. Resolves to its answer, and what it has written. */
async function invoke(
  file: string,
  reasons: readonly string[],
  { destination, env = environmentKeys }: { readonly destination?: string; readonly env?: Record<string, string> },
): Promise<string> {
  const records = reasons.map((reason, index) => {
    const event = { ...sampleKubeEvent, metadata: { ...sampleKubeEvent.metadata, uid: reason }, reason };
    const head = { v: 1, kind: 'event', cluster: 'prod', seenAt: '2026-11-23T08:00:00Z', change: 'added' } as const;
    return sqsRecord(String(index), { body: writeMessage({ ...head, event, ...(destination && { destination }) }) });
  });
  const script = `const { handler } = await import(${JSON.stringify(join(built, file))});
    console.log(JSON.stringify(await handler(${JSON.stringify({ Records: records })}, { getRemainingTimeInMillis: () => 60_000 })));
    process.exit();`;
  const { stdout, stderr } = await run(process.execPath, ['--input-type=module', '--eval', script], {
    cwd: built,
    env: {
      AWS_REGION: 'us-east-1',
      AWS_ENDPOINT_URL_SSM: ssm.url,
      DESTINATIONS: 'ssm:/courier',
      QUEUE_URL: `${service.url}/000000000000/q`,
      DEAD_LETTER_QUEUE_URL: `${service.url}/000000000000/dead`,
      SINK_QUEUES: '{}',
      ...env,
    },
  });
  return stdout + stderr;
}

test('a sink compares with a regular expression, renders a template and sends a request, each loaded by then', async () => {
  const filter = { match: [{ reason: '/^Back/' }] };
  const body = { text: '${ event.reason | upcase }', plain: 'as it is' };
  ssm.put('/courier/destinations/webhook/a', JSON.stringify({ url: service.url, filter, body }));

  const output = await invoke(webhook.file, ['BackOff', 'Pulled'], { destination: 'webhook/a' });

  expect(output).toContain('{"batchItemFailures":[]}');
  expect(service.requests.map((request) => request.body)).toEqual(['{"text":"BACKOFF","plain":"as it is"}']);
});

test('however JSON writes a slash or a dollar, what they begin is understood', async () => {
  const filter = String.raw`{"match":[{"reason":"\u002f^Back\/"}]}`;
  const document = `{"url":"${service.url}","filter":${filter},"body":"\\u0024\\u007b event.reason }"}`;
  ssm.put('/courier/destinations/webhook/a', document);

  await invoke(webhook.file, ['BackOff', 'Pulled'], { destination: 'webhook/a' });

  expect(service.requests.map((request) => request.body)).toEqual(['"BackOff"']);
});

test('the router compares with the regular expressions of filters and of silences', async () => {
  const filter = { match: [{ reason: '/^(Back|Fail)/' }] };
  ssm.put('/courier/destinations/slack/ops', JSON.stringify({ filter }));
  const until = new Date(Date.now() + 3_600_000).toISOString();
  ssm.put('/courier/silences/work', JSON.stringify({ match: [{ name: '/^api-/' }], until, why: 'work', by: 'me' }));

  const output = await invoke(routerBundle.file, ['BackOff', 'Pulled'], {});

  expect(output).toContain('{"batchItemFailures":[]}');
  expect(output).toContain('"silence":"work"');
  expect(output).toContain('"cause":"unmatched"');
  expect(output).not.toContain('needs repair');
});

test('the credentials of the environment sign with their session token', async () => {
  await invoke(webhook.file, ['BackOff'], { destination: 'webhook/none' });

  const [asked] = ssm.requests;
  expect(asked?.headers['authorization']).toContain('Credential=AKENV/');
  expect(asked?.headers['x-amz-security-token']).toBe('a-session');
});

test('without those, the credentials of a container are asked for', async () => {
  const keys = { AccessKeyId: 'AKCONTAINER', SecretAccessKey: 'not-secret', Token: 'of-container' };
  service.respond(({ path }) => ({
    body: path === '/keys' ? JSON.stringify({ ...keys, Expiration: '2099-01-01T00:00:00Z' }) : '{}',
  }));

  const env = { AWS_CONTAINER_CREDENTIALS_FULL_URI: `${service.url}/keys` };
  await invoke(webhook.file, ['BackOff'], { destination: 'webhook/none', env });

  const [asked] = ssm.requests;
  expect(asked?.headers['authorization']).toContain('Credential=AKCONTAINER/');
  expect(asked?.headers['x-amz-security-token']).toBe('of-container');
});

/** What a function may read at its start, in KB: its whole bundle is parsed and run before the first event of a cold start. */
const ROUTER_KB = 125;
const CHAT_KB = 175;
const STORE_KB = 145;
/** With a vendor's client, which some need to be larger: its protocol, its tables of characters or certificates, its forms of requests. */
const CLIENT_KB = 450;
const LARGE_CLIENT_KB: ReadonlyMap<string, number> = new Map([
  ['elasticsearch', 530],
  ['kafka', 490],
  ['mongo', 730],
  ['mysql', 1150],
  ['s3', 460],
]);

function limitOf({ type, chat, pager }: SinkConfig): number {
  if (type in manifest.sinkClients) return LARGE_CLIENT_KB.get(type) ?? CLIENT_KB;
  return chat || pager ? CHAT_KB : STORE_KB;
}

test.each([
  ['the router', routerBundle, ROUTER_KB] as const,
  ...(await loadConfigs()).map((config) => [config.type, sinkBundle(config.type), limitOf(config)] as const),
])('%s reads what it needs at its start, and no more', async (type, bundle, kilobytes) => {
  const options = { ...buildOptions(bundle, '/out/index.mjs'), write: false, metafile: true } as const;

  const { outputFiles, metafile } = await build(options);

  const start = startFiles(metafile, 'index.mjs');
  expect(start.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThan(kilobytes * 1024);
  // An import of Node's http as it is would load fetch and WebSocket with it.
  for (const { text } of outputFiles) expect(text).not.toMatch(/from ?"(node:)?http"/);
  const packages = new Set(start.flatMap(({ inputs }) => Object.keys(inputs).map(packageOf)));
  for (const name of ['re2js', 'liquidjs', 'axios', '@aws-sdk/nested-clients', '@aws-sdk/credential-provider-ini'])
    expect(packages).not.toContain(name);
  const isOfSdk = (name: string): boolean => /^@(aws-sdk|smithy)\//.test(name);
  if (!clientsOf(type).some(isOfSdk)) expect([...packages].filter(isOfSdk)).toEqual([]);
});

function clientsOf(type: string): readonly string[] {
  const all: Readonly<Record<string, readonly string[]>> = manifest.sinkClients;
  return all[type] ?? [];
}

function packageOf(input: string): string {
  return /node_modules\/((?:@[^/]+\/)?[^/]+)(?!.*node_modules)/.exec(input)?.[1] ?? '';
}
