import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startAws, type Aws } from '../../../support/aws/aws.ts';
import { fakeClock, ops } from '../run.ts';

const MINUTE_MS = 60_000;
const clock = fakeClock();

let aws: Aws;

beforeEach(async () => {
  const relay = { cluster: 'prod', identity: 'none', namespace: 'kube-courier', serviceAccount: 'kube-courier-relay' };
  aws = await startAws({ sinks: ['log', 'webhook'], outputs: { Relay1: JSON.stringify(relay) } });
});

afterEach(() => aws.stop());

/** A line of the functions' log, so many minutes ago. */
function log(fields: object, minutes = 1): void {
  aws.log(JSON.stringify(fields), clock.now() - minutes * MINUTE_MS);
}

function heartbeat(cluster = 'prod', { minutes = 1, relay = '1.2.3', installation = 'a', enrich = '' } = {}): void {
  log({ Heartbeats: 1, Cluster: cluster, relay, installation, enrich }, minutes);
}

function failure(event: string, attempts: number, more: object = {}, minutes = 1): void {
  const base = { level: 'warn', message: 'an event is to be retried', sink: 'webhook', destination: 'webhook/on-call' };
  log({ ...base, event, code: 'http_503', detail: 'unavailable', attempts, ...more }, minutes);
}

const status = (...argv: readonly string[]) => ops(['status', ...argv], { clock });

async function lines(): Promise<readonly string[]> {
  return (await status()).out;
}

describe('silences', () => {
  const rollout = {
    match: [{ namespace: 'shop' }],
    until: '2026-11-23T14:00:00Z',
    why: 'rollout of the shop',
    by: 'operator/alice',
  };
  const silence = (name: string, fields: object = {}): void =>
    aws.parameters.put(`/kube-courier/silences/${name}`, { ...rollout, ...fields });

  beforeEach(() => heartbeat());

  test('in force are said with what they have held, and need nobody; those that have ended are not', async () => {
    silence('rollout');
    silence('over', { until: '2026-11-23T12:00:00Z' });
    log({ Filtered: 2, cause: 'silenced', silence: 'rollout' }, 19);
    log({ Filtered: 1, cause: 'silenced', silence: 'rollout' });

    const run = await status();

    expect([run.code, run.out.filter((line) => line.includes('silence'))]).toEqual([
      0,
      [
        '  silence rollout: until 2026-11-23T14:00:00Z (2h left), by operator/alice: rollout of the shop; holds namespace shop; has held 3 events',
      ],
    ]);
  });

  test('with a mistake hold nothing and need somebody', async () => {
    silence('rollout', { match: [{ reson: 'x' }] });
    log({ ConfigErrors: 1, Sink: 'router', silence: 'rollout' });

    const run = await status();

    expect([run.code, run.out.filter((line) => line.startsWith('!'))]).toEqual([
      1,
      [
        '! silence rollout holds nothing: match[0].reson is not a known field (did you mean reason?): add it anew, or: npm run -s ops -- silence rm rollout',
      ],
    ]);
  });

  test('that functions cannot read need somebody', async () => {
    log({ ConfigErrors: 1, Sink: 'router', silence: '*' });

    expect((await lines()).filter((line) => line.startsWith('!'))).toEqual([
      '! functions cannot read silences, which therefore hold nothing, or as they were read before: see ops doctor',
    ]);
  });
});

describe('a stack on which all is well', () => {
  test('has a line for each queue and cluster, none that needs anybody, and ends with 0', async () => {
    heartbeat();
    aws.queues.put(aws.consumer('webhook').queueUrl, 'waiting');
    // CloudWatch gives the older value after the newer one, if it is asked to.
    aws.age(aws.consumer('webhook').queueUrl, 15);
    aws.age(aws.consumer('webhook').queueUrl, 75);

    const run = await status();

    expect(run).toEqual({
      code: 0,
      out: [
        '  router: 0 messages waiting, 0 in flight; no dead letters',
        '  log: 0 messages waiting, 0 in flight; no dead letters',
        '  webhook: 1 message waiting, 0 in flight, oldest 1m 15s; no dead letters',
        '  cluster prod: heartbeat 1m ago; relay 1.2.3',
      ],
      err: [],
    });
  });

  test('says what its relays add to events', async () => {
    heartbeat('prod', { enrich: 'labels' });

    expect(await lines()).toContain('  cluster prod: heartbeat 1m ago; relay 1.2.3; enriches labels');
  });

  test('is the same as JSON', async () => {
    heartbeat('prod', { enrich: 'owners' });

    const run = await status('--json');
    const rows = run.out.map((line): unknown => JSON.parse(line));

    expect(rows).toHaveLength(4);
    expect(rows[3]).toEqual({
      kind: 'cluster',
      cluster: 'prod',
      lastHeartbeat: new Date(clock.now() - MINUTE_MS).toISOString(),
      versions: ['1.2.3'],
      installations: 1,
      enrich: 'owners',
      listed: true,
      needsYou: false,
    });
  });
});

describe('a queue', () => {
  test('with dead letters needs somebody', async () => {
    heartbeat();
    const { deadLetterQueueUrl } = aws.consumer('log');
    aws.queues.put(deadLetterQueueUrl, 'letter');
    aws.age(deadLetterQueueUrl, 7200);

    const run = await status();

    expect(run.code).toBe(1);
    expect(run.out).toContain('! log: 0 messages waiting, 0 in flight; dead letters in 1 message, oldest 2h');
  });

  test('whose letters somebody looks at just now still has them', async () => {
    heartbeat();
    aws.queues.put(aws.consumer('log').deadLetterQueueUrl, 'letter');
    aws.queues.hide(aws.consumer('log').deadLetterQueueUrl, 1);

    expect(await lines()).toContain('! log: 0 messages waiting, 0 in flight; dead letters in 1 message');
  });

  test('whose function fails, or is refused, needs somebody', async () => {
    heartbeat();
    aws.count('log', 'Errors', 2);
    aws.count('log', 'Errors', 1);
    aws.count('webhook', 'Throttles', 5);
    aws.count('router', 'Throttles', 0);

    const run = await status();

    expect(run.code).toBe(1);
    expect(run.out.slice(0, 3)).toEqual([
      '  router: 0 messages waiting, 0 in flight; no dead letters',
      '! log: 0 messages waiting, 0 in flight; no dead letters; its function failed 3 times in 15 minutes',
      "! webhook: 0 messages waiting, 0 in flight; no dead letters; Lambda refused 5 invocations: the account's concurrency is used up",
    ]);
  });

  test.each([
    [
      'Disabled',
      '! log: 0 messages waiting, 0 in flight; no dead letters; paused (Disabled): npm run -s ops -- resume log',
    ],
    [
      'Disabling',
      '! log: 0 messages waiting, 0 in flight; no dead letters; paused (Disabling): npm run -s ops -- resume log',
    ],
    ['Enabling', '  log: 0 messages waiting, 0 in flight; no dead letters'],
    ['Updating', '  log: 0 messages waiting, 0 in flight; no dead letters'],
    ['Creating', '  log: 0 messages waiting, 0 in flight; no dead letters'],
  ])('whose event source mapping is %s', async (state, line) => {
    heartbeat();
    aws.turn('log', state);

    const run = await status();

    expect(run.out).toContain(line);
    expect(run.code).toBe(line.startsWith('!') ? 1 : 0);
  });
});

describe('a destination that fails', () => {
  test('says how many events, why, and how often they were tried', async () => {
    heartbeat();
    failure('a', 3, {}, 6);
    failure('a', 5, { code: 'host_not_found', detail: 'no address for hooks.example' }, 2);
    failure('b', 3, {}, 3);

    const run = await status();

    expect(run.code).toBe(1);
    expect(run.out).toContain(
      '! webhook/on-call: 2 retrying, host_not_found, attempt 5, last 2m ago (no address for hooks.example)',
    );
  });

  test('counts each event once, by what became of it last', async () => {
    heartbeat();
    failure('a', 7, {}, 10);
    failure('a', 8, { message: 'an event was given up' }, 1);
    failure('b', 3, {}, 4);
    failure('c', 1, { message: 'an event was rejected', code: 'http_401' }, 3);

    expect(await lines()).toContain(
      '! webhook/on-call: 1 retrying, 1 given up, 1 rejected, http_503, attempt 8, last 1m ago (unavailable)',
    );
  });

  test('is seen through the longest delay between two attempts, and no longer', async () => {
    heartbeat();
    failure('a', 6, {}, 17);
    failure('b', 6, { destination: 'webhook/repaired' }, 21);

    const shown = await lines();

    expect(shown.filter((line) => line.startsWith('! webhook/'))).toEqual([expect.stringContaining('webhook/on-call')]);
  });

  test('is not one where an event failed once or twice', async () => {
    heartbeat();
    failure('a', 2, { level: 'info' });

    expect((await status()).code).toBe(0);
  });

  test('comes before one with fewer events', async () => {
    heartbeat();
    failure('a', 3, { destination: 'webhook/a' });
    failure('b', 3, { destination: 'webhook/b' });
    failure('c', 3, { destination: 'webhook/b' });

    const shown = (await lines()).filter((line) => line.startsWith('! webhook/'));

    expect(shown.map((line) => line.slice(2, 11))).toEqual(['webhook/b', 'webhook/a']);
  });

  test('shows nothing that steers a terminal', async () => {
    heartbeat();
    failure('a', 3, { detail: 'red \u001b[31m alert' });

    expect((await lines()).join('')).not.toContain('\u001b');
  });

  test('is the same as JSON', async () => {
    heartbeat();
    failure('a', 3);

    const run = await status('--json');

    expect(run.out.map((line): unknown => JSON.parse(line))).toContainEqual({
      kind: 'failing',
      destination: 'webhook/on-call',
      retrying: 1,
      givenUp: 0,
      rejected: 0,
      code: 'http_503',
      detail: 'unavailable',
      attempts: 3,
      at: new Date(clock.now() - MINUTE_MS).toISOString(),
      needsYou: true,
    });
  });
});

describe('a cluster', () => {
  test.each([
    ['whose relay is silent', () => undefined, '! cluster prod: no heartbeat in the last 15m: is its relay running?'],
    ['whose relay was heard too long ago', () => heartbeat('prod', { minutes: 16 }), '! cluster prod: no heartbeat in'],
    [
      'with two relays of one name',
      () => (heartbeat('prod', { installation: 'a' }), heartbeat('prod', { installation: 'b', minutes: 2 })),
      '! cluster prod: heartbeat 1m ago; relay 1.2.3; 2 relays report under this name',
    ],
    [
      'amid an upgrade',
      () => (heartbeat('prod', { relay: '1.2.3', minutes: 6 }), heartbeat('prod', { relay: '1.3.0' })),
      '  cluster prod: heartbeat 1m ago; relay 1.3.0 and 1.2.3',
    ],
    [
      'that is not listed',
      () => (heartbeat(), heartbeat('stray')),
      '! cluster stray: heartbeat 1m ago; relay 1.2.3; not listed in clusters',
    ],
  ])('%s', async (_, arrange, line) => {
    arrange();

    const run = await status();

    expect(run.out).toContainEqual(expect.stringMatching(new RegExp(`^${line.replace(/[!?.]/g, '\\$&')}`)));
    expect(run.code).toBe(line.startsWith('!') ? 1 : 0);
  });
});

test('destinations without a sink need somebody', async () => {
  heartbeat();
  aws.parameters.put('/kube-courier/destinations/log/all', {});
  aws.parameters.put('/kube-courier/destinations/kafka/later', {});

  const run = await status();

  expect(run.code).toBe(1);
  expect(run.out.slice(4)).toEqual([
    '! destination kafka/later has no sink: add kafka to sinks and deploy, or: npm run -s ops -- destinations rm kafka/later',
  ]);
});

test('a destination that needs labels is named with each cluster whose relay does not look them up', async () => {
  heartbeat('prod', { enrich: 'labels', minutes: 6 });
  heartbeat('prod', { enrich: 'owners' });
  heartbeat('lab', { enrich: 'labels' });
  const put = (id: string, document: object) => aws.parameters.put(`/kube-courier/destinations/${id}`, document);
  put('webhook/team', { filter: { match: [{ all: [{ namespaceLabels: { team: 'a' } }] }] } });
  put('webhook/lab', { filter: { match: [{ cluster: 'la*', labels: { app: 'a' } }] } });
  put('webhook/shown', { body: { app: '${ event.object.labels.app }' } });
  put('webhook/broken', { filter: { match: 'labels' } });

  const { code, out } = await status();

  expect(code).toBe(1);
  const manifest = 'npm run -s ops -- relay manifest --cluster prod --enrich labels';
  expect(out.filter((line) => line.includes('look up'))).toEqual([
    `  destination webhook/shown: the relay of prod does not look up what body.app needs: ${manifest}`,
    `! destination webhook/team: the relay of prod does not look up what filter.match[0].all[0].namespaceLabels needs: ${manifest}`,
  ]);
});

test('what waits in queues of an earlier deployment needs somebody', async () => {
  heartbeat();
  aws.queues.put(aws.stranded('log', 'events'), 'old');
  aws.queues.put(aws.stranded('kafka', 'dead-letters'), 'old');
  aws.queues.put(aws.stranded('log', 'events', 'another-stack'), 'not ours');
  aws.stranded('webhook', 'events');

  const run = await status();

  expect(run.code).toBe(1);
  expect(run.out.slice(4)).toEqual([
    '! 1 message with dead letters of kafka in a queue of an earlier deployment: add kafka to sinks and deploy, then: npm run -s ops -- adopt kafka',
    '! 1 message with events of log in a queue of an earlier deployment: npm run -s ops -- adopt log',
  ]);
});

test('of another stack, what is to be typed names it', async () => {
  await aws.stop();
  aws = await startAws({ stackName: 'courier-test', sinks: ['log'] });
  aws.turn('log', 'Disabled');
  aws.parameters.put('/kube-courier/destinations/kafka/later', {});
  aws.queues.put(aws.stranded('log', 'events'), 'old');
  log({ ConfigErrors: 1, Sink: 'log', Destination: 'all' });

  const { out } = await status('--stack', 'courier-test');

  expect(out.flatMap((line) => line.match(/npm run .*$/) ?? [])).toEqual([
    'npm run -s ops -- resume log --stack courier-test',
    'npm run -s ops -- destinations validate --stack courier-test',
    'npm run -s ops -- destinations rm kafka/later --stack courier-test',
    'npm run -s ops -- adopt log --stack courier-test',
  ]);
});

test('gaps and destinations that need repair need somebody, for a quarter of an hour', async () => {
  heartbeat();
  log({ Gaps: 1, Cluster: 'prod', cause: 'expired' }, 3);
  log({ Gaps: 1, Cluster: 'prod', cause: 'restore' }, 16);
  log({ ConfigErrors: 1, Sink: 'webhook', destination: 'webhook/on-call' });
  log({ ConfigErrors: 1, Sink: 'router', destination: 'webhook/on-call' });
  log({ ConfigErrors: 1, Sink: 'kafka' });
  log({ ConfigErrors: 1, Sink: 'log', destination: 'log/old' }, 16);

  const run = await status();

  expect(run.code).toBe(1);
  expect(run.out.slice(4)).toEqual([
    '! gap in prod: events may be missing (expired), 3m ago',
    '! destination kafka/* needs repair: npm run -s ops -- destinations validate',
    '! destination webhook/on-call needs repair: npm run -s ops -- destinations validate',
  ]);
});

test('what was logged just between two slices of the time counts once', async () => {
  heartbeat();
  log({ Gaps: 1, Cluster: 'prod', cause: 'expired' }, 5);

  expect((await lines()).filter((line) => line.startsWith('! gap'))).toHaveLength(1);
});

test('a log is read to its last page', async () => {
  const filter = aws.answer('FilterLogEvents', (input) =>
    input['nextToken'] === 'second' ? filter(input) : { events: [], nextToken: 'second' },
  );
  heartbeat();

  expect((await status()).code).toBe(0);
});

test('a log that is too large is read from its newest end, and that is said', async () => {
  heartbeat();
  const filter = aws.answer('FilterLogEvents', (input) => ({ ...Object(filter(input)), nextToken: 'more' }));

  const run = await status();

  expect(run.out).toContain('  cluster prod: heartbeat 1m ago; relay 1.2.3');
  expect(run.out.at(-1)).toMatch(/^ {2}the log is large: only its last \d+[ms] were read$/);
});

test('a log that no function writes to is looked for where the functions are', async () => {
  aws.log(
    JSON.stringify({ Heartbeats: 1, Cluster: 'prod', relay: '1.2.3', installation: 'a' }),
    clock.now(),
    '/aws/lambda/router-function',
  );

  expect((await status()).code).toBe(0);
});

test('lines that are no JSON are passed over', async () => {
  heartbeat();
  aws.answer('FilterLogEvents', () => ({ events: [{ message: 'START RequestId: 1', timestamp: clock.now() }] }));

  expect((await status()).out).toContain('! cluster prod: no heartbeat in the last 15m: is its relay running?');
});
