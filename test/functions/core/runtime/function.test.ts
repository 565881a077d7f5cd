import { beforeEach, describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { defineConfig, field } from '../../../../functions/core/contract/config.ts';
import { delivered, rejected, type Outcome } from '../../../../functions/core/contract/outcome.ts';
import { sampleKubeEvent } from '../../../../functions/core/contract/sample.ts';
import { defineSink } from '../../../../functions/core/contract/sink.ts';
import { recordOf } from '../../../../functions/core/contract/untrusted.ts';
import { createHandler, type SinkHandler } from '../../../../functions/core/runtime/handler.ts';
import { createRouter, type RouterHandler } from '../../../../functions/fanout/router.ts';
import { outages } from '../../../support/faults.ts';
import { startHttpServer, type HttpServer } from '../../../support/http-server.ts';
import { toRecord } from '../../../support/sqs.ts';
import { startSsm, type TestSsm } from '../../../support/ssm.ts';

const config = defineConfig({
  type: 'probe',
  title: 'Probe',
  chat: false,
  options: z.strictObject({ target: field(z._default(z.string(), 'here'), 'Where to.') }),
  secrets: z.strictObject({}),
  codes: {},
});

let ssm: TestSsm;
let sqs: HttpServer;
let lines: string[];
/** How far the function's clock is ahead. */
let ageMs: number;

beforeEach(async () => {
  ssm = await startSsm();
  sqs = await startHttpServer(() => 'hang');
  lines = [];
  ageMs = 0;
  ssm.put('/courier/destinations/probe/a', '{}');
  return async () => {
    await ssm.stop();
    await sqs.stop();
  };
});

const surroundings = () => ({
  env: {
    AWS_ENDPOINT_URL_SSM: ssm.url,
    DESTINATIONS: 'ssm:/courier',
    QUEUE_URL: `${sqs.url}/1/probe`,
    DEAD_LETTER_QUEUE_URL: `${sqs.url}/1/dead`,
    SINK_QUEUES: JSON.stringify({ probe: `${sqs.url}/1/probe` }),
  },
  output: { stdout: (line: string) => lines.push(line), stderr: (line: string) => lines.push(line) },
  now: () => new Date(Date.now() + ageMs),
});

function router(): RouterHandler {
  return createRouter(async () => config, surroundings());
}

function sink(outcome: Outcome): SinkHandler {
  const probe = defineSink({ config, render: (events) => [{ events, payload: events }], send: async () => outcome });
  return createHandler(probe, surroundings());
}

const batch = {
  Records: [
    toRecord({
      MessageId: 'm1',
      ReceiptHandle: 'r1',
      Body: JSON.stringify({
        v: 1,
        kind: 'event',
        cluster: 'prod',
        seenAt: '2026-11-23T08:00:00Z',
        change: 'added',
        destination: 'probe/a',
        event: sampleKubeEvent,
      }),
    }),
  ],
};
const short = { getRemainingTimeInMillis: () => 300.5 };
const ample = { getRemainingTimeInMillis: () => 60_000 };
const all = { batchItemFailures: [{ itemIdentifier: 'm1' }] };

function logged(message: string): readonly Readonly<Record<string, unknown>>[] {
  return lines.map((line) => recordOf(JSON.parse(line))).filter((line) => line['message'] === message);
}

describe.each(outages)('a function whose parameter store %s', (_name, fail) => {
  it('fails its batch at a cold start, within its time', async () => {
    await fail(ssm);
    await expect(router()(batch, short)).rejects.toBeInstanceOf(Error);
    await expect(sink(delivered)(batch, short)).rejects.toBeInstanceOf(Error);
  });
});

it('a function whose parameter store hangs works on with what it knows, after two seconds', async () => {
  const handler = sink(delivered);
  await handler(batch, ample);
  ssm.respond(() => 'hang');
  ageMs += 60_000;
  expect(await handler(batch, ample)).toEqual({ batchItemFailures: [] });
});

describe.each(outages)('a function whose queue %s', (_name, fail) => {
  it('reports records as failed whose copy, letter or delay cannot be written, within its time', async () => {
    const handlers = [
      router(),
      sink(rejected('event', 'odd', 'no')),
      sink({ status: 'retry', code: 'busy', detail: '' }),
    ];
    for (const handler of handlers) await handler({ Records: [] }, ample);
    await fail(sqs);
    for (const handler of handlers) expect(await handler(batch, short)).toEqual(all);
  });
});

it('logs a bad edit once, counts it for as long as it lasts, and confirms a good one', async () => {
  const handler = sink(delivered);
  await handler(batch, ample);
  for (const text of ['{"tarket":""}', undefined, '{"target":"there"}', undefined]) {
    if (text !== undefined) ssm.put('/courier/destinations/probe/a', text);
    ageMs += 60_000;
    await handler(batch, ample);
  }
  ssm.remove('/courier/destinations/probe/a');
  ssm.put('/courier/destinations/probe/b', '{}');
  ageMs += 60_000;
  await handler({ Records: [] }, ample);
  expect(logged('a destination needs repair')).toMatchObject([
    { destination: 'probe/a', version: '2', level: 'error' },
  ]);
  expect(lines.filter((line) => line.includes('"ConfigErrors":1'))).toHaveLength(2);
  expect(logged('an edit is in force')).toMatchObject([
    { destination: 'probe/a', version: '3', level: 'info' },
    { destination: 'probe/b', version: '1' },
  ]);
  expect(logged('a destination was removed')).toMatchObject([{ destination: 'probe/a' }]);
});
