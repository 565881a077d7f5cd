import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { writeMessage } from '../../functions/core/contract/message.ts';
import { sampleKubeEvent } from '../../functions/core/contract/sample.ts';
import { buildOptions, routerBundle, sinkBundle } from '../../infra/build.ts';
import { startHttpServer, type HttpServer } from '../support/http-server.ts';
import { sqsRecord } from '../support/sqs-record.ts';
import { startSsm, type TestSsm } from '../support/ssm.ts';

// What a function loads only when it is needed must be there then: in processes of their own, from where there are no packages.

const built = mkdtempSync(join(tmpdir(), 'kube-courier-bundles-'));
const run = promisify(execFile);
let ssm: TestSsm;
const servers: HttpServer[] = [];

beforeAll(async () => {
  for (const bundle of [routerBundle, ...['log', 'webhook'].map(sinkBundle)])
    await build(buildOptions(bundle, join(built, bundle.file)));
});
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});
afterAll(() => rmSync(built, { recursive: true }));
