import { createServer } from 'node:net';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { sampleEvent } from '../../../../functions/core/contract/sample.ts';
import { sink } from '../../../../functions/sinks/log/sink.ts';
import { createLogs } from '../../../../infra/ops/aws/clients.ts';
import { follow } from '../../../../infra/ops/tail/follow.ts';
import { startAws, type Aws } from '../../../support/aws/aws.ts';
import { AwsError } from '../../../support/aws/server.ts';
import { fakeClock, folderOf, ops, remove } from '../run.ts';

const NOW = Date.parse('2026-11-23T12:00:00Z');

let aws: Aws;

beforeEach(async () => {
  aws = await startAws({ sinks: ['log', 'webhook'] });
  aws.parameters.put('/kube-courier/destinations/log/all', {});
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await aws.stop();
});

function eventText(uid: string, fields: object = {}): string {
  const event = sampleEvent({ metadata: { uid, name: uid, resourceVersion: '1' }, ...fields });
  return sink.render([event], { format: 'json' })[0]?.payload ?? '';
}

function failureOf(uid: string): string {
  const fields = { sink: 'webhook', event: `prod/${uid}/1`, destination: 'webhook/team' };
  return JSON.stringify({ level: 'warn', message: 'an event was rejected', ...fields, code: 'http_400', attempts: 1 });
}

const inShop = { involvedObject: { kind: 'Pod', namespace: 'shop', name: 'web-1' } };
const tail = (...more: readonly string[]) => ops(['tail', '--for', '10s', ...more], { clock: fakeClock() });

describe('tail', () => {
  test('shows events, deliveries and failures in the order of time, each once, and ends after --for', async () => {
    aws.log(failureOf('a'), NOW - 1000);
    aws.log(eventText('a', inShop), NOW - 2000);
    aws.log('{"_aws":{},"Sink":"webhook","Delivered":2}', NOW - 500);
    aws.log(eventText('old'), NOW - 120_000);
    aws.log('START RequestId: 1', NOW);

    const run = await tail();
    const json = await tail('--json', '--since', '5m');

    expect(run.code).toBe(0);
    expect(run.out).toEqual([
      expect.stringMatching(/ prod Warning BackOff Pod shop\/web-1 \(x1\): /),
      '2026-11-23T11:59:59.000Z ! webhook/team: an event was rejected (http_400, attempt 1, event prod/a/1)',
      '2026-11-23T11:59:59.500Z webhook: 2 delivered',
    ]);
    expect(run.err).toEqual(['ended: 3 lines']);
    expect(json.out.map((line): unknown => JSON.parse(line))).toEqual([
      expect.objectContaining({ kind: 'event', event: expect.objectContaining({ id: 'prod/old/1' }) }),
      expect.objectContaining({ kind: 'event', at: '2026-11-23T11:59:58.000Z' }),
      expect.objectContaining({ kind: 'said', place: 'webhook/team', fields: { code: 'http_400', attempts: 1 } }),
      expect.objectContaining({ kind: 'counted', place: 'webhook', delivered: 2, filtered: 0 }),
    ]);
  });

  test('chooses events, and shows the failures of those, also of one that is written later', async () => {
    aws.log(failureOf('a'), NOW - 3000);
    aws.log(failureOf('b'), NOW - 3000);
    aws.log(eventText('a', inShop), NOW - 2000);
    aws.log(eventText('b'), NOW - 2000);
    aws.log('{"_aws":{},"Sink":"webhook","Delivered":2}', NOW - 500);
    aws.log('2026-11-23T07:59:30.000Z prod Warning BackOff Pod shop/web-1: in words', NOW);
    const folder = await folderOf({ 'filter.json': { drop: [{ namespace: 'payments' }] } });

    const byOption = await tail('--namespace', 'sh*');
    const byFile = await tail('--filter', `${folder}/filter.json`);
    await remove(folder);

    for (const run of [byOption, byFile]) {
      expect(run.out).toEqual([
        expect.stringContaining('shop/web-1'),
        expect.stringContaining('http_400, attempt 1, event prod/a/1'),
      ]);
      expect(run.err[0]).toMatch(/^1 line of a log destination with "format": "text" left out/);
    }
  });

  test('says what to enable where no destination writes events', async () => {
    await aws.stop();
    aws = await startAws({ sinks: ['log', 'webhook'] });
    const withoutDestination = await tail();
    await aws.stop();
    aws = await startAws({ sinks: ['webhook'] });
    const withoutSink = await tail();
    const choosing = await tail('--kind', 'Pod');

    expect(withoutDestination.err[0]).toMatch(
      /^note: there is no destination log\/\.\.\., .*destinations set log\/all/,
    );
    expect(withoutSink.err[0]).toMatch(
      /^note: the stack has no sink log, .*add log to sinks .*destinations set log\/all/,
    );
    expect([withoutDestination.code, withoutSink.code, choosing.code]).toEqual([0, 0, 1]);
    expect(choosing.err[0]).toMatch(/^there are no events to choose: the stack has no sink log/);
  });

  test('is ended by an interrupt within a call, and waits out throttling and failures of AWS', async () => {
    const before = aws.answer('FilterLogEvents', () => '');
    let calls = 0;
    aws.answer('FilterLogEvents', (input) => {
      calls += 1;
      if (calls === 1) throw new AwsError('ThrottlingException', 'Rate exceeded');
      if (calls === 2) throw new AwsError('ServiceUnavailableException', 'later', 503);
      return before(input);
    });
    aws.log(eventText('a'), NOW - 2000);

    const run = await tail();

    expect(run.out).toHaveLength(1);
    expect(run.err).toEqual([
      expect.stringMatching(/^AWS throttles the calls: .*; tries again in 1s$/),
      expect.stringMatching(/^ServiceUnavailableException: later; tries again in 2s$/),
      'CloudWatch Logs answers again: it goes on where it stopped',
      'ended: 1 line',
    ]);

    const interrupt = new AbortController();
    aws.answer('FilterLogEvents', () => new Promise(() => interrupt.abort()));
    const interrupted = await ops(['tail'], { signal: interrupt.signal });
    expect(interrupted).toMatchObject({ code: 0, out: [], err: ['ended: 0 lines'] });
  });

  test('ends where AWS refuses, and where nothing answers for a quarter of an hour', async () => {
    aws.answer('FilterLogEvents', () => {
      throw new AwsError('AccessDeniedException', 'not authorized to perform: logs:FilterLogEvents');
    });
    const refused = await ops(['tail'], { clock: fakeClock() });
    const port = await unusedPort();
    vi.stubEnv('AWS_ENDPOINT_URL_CLOUDWATCH_LOGS', `http://127.0.0.1:${port}`);
    const clock = fakeClock();
    const unreachable = await ops(['tail'], { clock });

    expect(refused).toMatchObject({
      code: 1,
      err: [expect.stringMatching(/^AWS does not allow it: .*FilterLogEvents/)],
    });
    expect(unreachable.code).toBe(1);
    expect(unreachable.err.at(-1)).toMatch(/^given up after 15m: AWS cannot be reached \(ECONNREFUSED\)/);
    expect(clock.slept.slice(0, 7)).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
  });

  test("reads the log sink's own log, and of the others' what concerns events", async () => {
    const own = { ...aws.consumer('log'), logGroup: 'log-sink' };
    await aws.stop();
    aws = await startAws({ sinks: ['log', 'webhook'], outputs: { SinkXlog: JSON.stringify(own) } });
    aws.parameters.put('/kube-courier/destinations/log/all', {});
    aws.log(eventText('a', inShop), NOW - 2000, 'log-sink');
    aws.log(failureOf('a'), NOW - 1000);

    const run = await tail('--reason', 'BackOff');

    expect(run.out).toHaveLength(2);
    const asked = aws.asked('FilterLogEvents').map(({ logGroupName, filterPattern }) => [logGroupName, filterPattern]);
    expect(asked).toEqual(
      expect.arrayContaining([
        ['kube-courier-log', expect.stringContaining('$.level = *')],
        ['log-sink', undefined],
      ]),
    );
  });

  test('refuses a length that is none', async () => {
    const run = await ops(['tail', '--for', 'soon']);

    expect(run).toMatchObject({ code: 2, err: ['--for is soon, expected a duration such as 5m', expect.any(String)] });
  });
});

test('follow gives each line once, however it is paged and whenever within half a minute it comes into sight', async () => {
  const line = fc.record({ writtenAt: fc.integer({ min: 0, max: 100 }), lateBy: fc.integer({ min: 0, max: 28 }) });
  await fc.assert(
    fc.asyncProperty(fc.array(line, { maxLength: 30 }), fc.integer({ min: 1, max: 4 }), async (written, pageSize) => {
      const clock = fakeClock();
      const start = clock.now();
      const events = written.map(({ writtenAt, lateBy }, index) => ({
        eventId: String(index),
        timestamp: start + writtenAt * 1000,
        message: `line ${index}`,
        visibleAt: start + (writtenAt + lateBy) * 1000,
      }));
      aws.answer('FilterLogEvents', ({ startTime, endTime = Infinity, nextToken }) => {
        const isInTime = (at: number): boolean => at >= Number(startTime) && at <= Number(endTime);
        const found = events
          .filter(({ timestamp, visibleAt }) => isInTime(timestamp) && visibleAt <= clock.now())
          .toSorted((a, b) => a.timestamp - b.timestamp);
        const from = Number(nextToken ?? 0);
        const to = from + pageSize;
        return { events: found.slice(from, to), ...(to < found.length && { nextToken: String(to) }) };
      });
      const groups = [{ name: 'g', isOptional: false }];
      const signal = new AbortController().signal;
      const times = { from: start, until: start + 140_000, clock, signal, tell: () => undefined };

      const found: string[] = [];
      for await (const lines of follow(createLogs(), groups, times)) found.push(...lines.map(({ text }) => text));

      expect(found.toSorted()).toEqual(events.map(({ message }) => message).toSorted());
    }),
    { numRuns: 15 },
  );
});

test('follow reads a long past in slices, in the order of time over several groups', async () => {
  const clock = fakeClock();
  for (let minute = 60; minute > 0; minute -= 1)
    aws.log(`{"n":${60 - minute}}`, NOW - minute * 60_000, minute % 2 ? 'odd' : 'even');
  const groups = ['odd', 'even', 'gone'].map((name) => ({ name, isOptional: false }));
  const told: string[] = [];
  const signal = new AbortController().signal;
  const times = {
    from: NOW - 3_600_000,
    until: NOW + 3000,
    clock,
    signal,
    tell: (line: string) => void told.push(line),
  };

  const found: string[] = [];
  for await (const lines of follow(createLogs(), groups, times)) found.push(...lines.map(({ text }) => text));

  expect(found).toEqual(Array.from({ length: 60 }, (_, n) => `{"n":${n}}`));
  expect(told).toEqual([expect.stringMatching(/^there is no log group gone yet/)]);
});

async function unusedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => void server.close(resolve));
  return typeof address === 'object' && address ? address.port : 0;
}
