import type { SQSEvent } from 'aws-lambda';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { recordOf, textOf } from '../../functions/core/contract/untrusted.ts';
import { backoffSeconds } from '../../functions/core/runtime/attempts.ts';
import { createHandler, type SinkHandler } from '../../functions/core/runtime/handler.ts';
import { sink } from '../../functions/sinks/webhook/sink.ts';
import { startAws, type Aws } from '../support/aws/aws.ts';
import { matchesPattern } from '../support/aws/filter-pattern.ts';
import { createDestinationsFolder, type DestinationsFolder } from '../support/embedded.ts';
import { startHttpServer, type HttpServer } from '../support/http-server.ts';
import { sqsRecord } from '../support/sqs-record.ts';
import { letterBody } from './ops/dlq/letters.ts';
import { fakeClock, ops } from './ops/run.ts';
import { plainText, synthesise } from './synthesise.ts';

// Synthesis takes seconds where processors are shared.

const EVENTS = 16;
const PERIOD_MS = 5 * 60_000;
const clock = fakeClock();

interface LogLine {
  readonly at: number;
  readonly line: string;
}

let aws: Aws;
let folder: DestinationsFolder;
let receiver: HttpServer;
let handler: SinkHandler;
let written: string[];

beforeAll(async () => {
  folder = await createDestinationsFolder();
  receiver = await startHttpServer(() => ({ status: 503 }));
  await folder.write('destinations/webhook/on-call', {});
  await folder.write('secrets/webhook/on-call', { url: receiver.url });
});

afterAll(async () => {
  await receiver.stop();
  await folder.remove();
});

beforeEach(async () => {
  aws = await startAws({ sinks: ['webhook'] });
  written = [];
  const output = { stdout: () => undefined, stderr: (line: string) => void written.push(line) };
  const { queueUrl, deadLetterQueueUrl } = aws.consumer('webhook');
  const env = {
    DESTINATIONS: `file:${folder.path}`,
    QUEUE_URL: queueUrl,
    DEAD_LETTER_QUEUE_URL: deadLetterQueueUrl,
    MAX_RECEIVES: '8',
  };
  handler = createHandler(sink, { env, output });
});

afterEach(() => aws.stop());

/** Gives the function the same events again and again, as they would come within the time, and collects what it logs. */
async function fail(minutes: number): Promise<readonly LogLine[]> {
  const start = clock.now() - minutes * 60_000;
  const lines: LogLine[] = [];
  for (let attempt = 1, at = start; at <= clock.now(); at += backoffSeconds(attempt, 30) * 1000, attempt += 1) {
    await handler(batch(attempt), { getRemainingTimeInMillis: () => 60_000 });
    lines.push(...written.splice(0).map((line) => ({ at, line })));
  }
  return lines;
}

function batch(attempt: number): SQSEvent {
  const attributes = { attempts: String(attempt - 1), 'retrying-since': '2026-11-23T07:00:00.000Z' };
  return {
    Records: Array.from({ length: EVENTS }, (_, index) =>
      sqsRecord(`u${index}`, {
        body: JSON.stringify({ ...letterBody(`u${index}`), destination: 'webhook/on-call' }),
        attributes,
      }),
    ),
  };
}

test('a destination that fails for ten minutes is seen in status', async () => {
  for (const { at, line } of await fail(10)) aws.log(line, at);

  const run = await ops(['status'], { clock });

  expect(run.code).toBe(1);
  expect(run.out).toContainEqual(
    expect.stringMatching(/^! webhook\/on-call: 16 retrying, http_503, attempt 5, last \dm( \d+s)? ago/),
  );
});

test('a destination that fails for ten minutes is in its alarm, and in no other', async () => {
  const template = synthesise({ sinks: 'webhook,log' });
  const lines = await fail(10);

  expect(isInAlarm(template, 'webhook', lines)).toBe(true);
  expect(isInAlarm(template, 'log', lines)).toBe(false);
});

test('a failure of a minute is in no alarm', async () => {
  expect(isInAlarm(synthesise({ sinks: 'webhook' }), 'webhook', await fail(1))).toBe(false);
});

test("the alarm's log query finds a destination that fails for ten minutes", async () => {
  const alarm = alarmOf(synthesise({ sinks: 'webhook,log' }), 'webhook');
  const lines = await fail(10);

  const found = lines.filter(({ line }) => queryOf(alarm)(recordOf(JSON.parse(line))));

  expect(new Set(found.map(({ line }) => textOf(recordOf(JSON.parse(line))['destination'])))).toEqual(
    new Set(['webhook/on-call']),
  );
});

test('the dashboard shows destinations that fail, with their codes', () => {
  const [dashboard] = Object.values(synthesise({ sinks: 'webhook' }).findResources('AWS::CloudWatch::Dashboard'));
  const { widgets } = JSON.parse(plainText(dashboard?.['Properties'].DashboardBody));

  expect(widgets).toContainEqual(
    expect.objectContaining({
      properties: expect.objectContaining({ query: expect.stringMatching(/attempts.*by destination, code/s) }),
    }),
  );
  expect(JSON.stringify(widgets)).toMatch(/SEARCH\('\{[^']*KubeCourier\/kube-courier[^']*Failing/);
});

type Template = ReturnType<typeof synthesise>;

function alarmOf(template: Template, sinkType: string): Readonly<Record<string, unknown>> {
  const all = Object.entries(template.findResources('AWS::CloudWatch::Alarm'));
  const found = all.find(([id]) => id.startsWith(`Alarms${sinkType}Failing`));
  return recordOf(found?.[1]['Properties']);
}

/** Whether CloudWatch would be in alarm now: the lines counted by the metric filter of the alarm's metric, period by period. */
function isInAlarm(template: Template, sinkType: string, lines: readonly LogLine[]): boolean {
  const { MetricName, Namespace, Dimensions, Threshold, EvaluationPeriods, DatapointsToAlarm } = alarmOf(
    template,
    sinkType,
  );
  expect(Dimensions).toEqual([{ Name: 'Sink', Value: sinkType }]);
  const filters = Object.values(template.findResources('AWS::Logs::MetricFilter')).map((each) => each['Properties']);
  const filter = filters.find(({ MetricTransformations: [to] }) => to.MetricName === MetricName);
  expect(filter?.MetricTransformations).toEqual([
    { MetricName, MetricNamespace: Namespace, MetricValue: '1', Dimensions: [{ Key: 'Sink', Value: '$.sink' }] },
  ]);
  const isCounted = matchesPattern(filter?.FilterPattern);
  const counts = Array.from({ length: Number(EvaluationPeriods) }, (_, index) => {
    const end = clock.now() - index * PERIOD_MS;
    return lines.filter(
      ({ at, line }) =>
        at > end - PERIOD_MS && at <= end && isCounted(line) && recordOf(JSON.parse(line))['sink'] === sinkType,
    ).length;
  });
  return counts.filter((count) => count >= Number(Threshold)).length >= Number(DatapointsToAlarm);
}

/** The filter of the Logs Insights query in an alarm's description. */
function queryOf({
  AlarmDescription,
}: Readonly<Record<string, unknown>>): (fields: Readonly<Record<string, unknown>>) => boolean {
  const [, conditions = ''] = /: filter (.*?) \|/.exec(JSON.stringify(AlarmDescription).replaceAll('\\"', '"')) ?? [];
  const tests = conditions.split(' and ').map((condition) => {
    const [, name = '', operator, operand = ''] = /^(\w+) (in|=|>=) (.*)$/.exec(condition) ?? [];
    const wanted: unknown = JSON.parse(operand);
    return ({ [name]: value }: Readonly<Record<string, unknown>>): boolean => {
      if (Array.isArray(wanted)) return wanted.includes(value);
      return operator === '>=' ? Number(value) >= Number(wanted) : value === wanted;
    };
  });
  return (fields) => tests.every((holds) => holds(fields));
}
