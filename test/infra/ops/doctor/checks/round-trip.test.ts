import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { clusterEvent, type ClusterEvent } from '../../../../../functions/core/contract/event.ts';
import { parseMessage } from '../../../../../functions/core/contract/message.ts';
import { startAccount, type Account, type Run } from '../account.ts';

const TEAM = '/kube-courier/destinations/webhook/team';

let aws: Account;

beforeEach(async () => {
  aws = await startAccount();
  aws.parameters.put(TEAM, {});
});

afterEach(() => aws.stop());

const testEvent = (destination = 'webhook/team'): Promise<readonly string[]> =>
  aws.said('test event', '--destination', destination);

/** What stands on the ingest queue, and whom it is for. */
function sent(): { readonly event: ClusterEvent; readonly destination: string | undefined } | undefined {
  const [message] = aws.queues.messages(aws.consumer('router').queueUrl);
  const parsed = message && parseMessage(message.body);
  return parsed?.kind === 'event' ? { event: clusterEvent(parsed), destination: parsed.destination } : undefined;
}

/** What the functions do some seconds after the event was sent: they write these lines. */
function then(
  lines: (event: ClusterEvent) => readonly object[],
  { afterMs = 4000, group = aws.consumer('log').logGroup } = {},
): void {
  let isDone = false;
  const filter = aws.answer('FilterLogEvents', (input) => {
    const found = sent();
    if (found && !isDone) {
      isDone = true;
      const at = Date.parse(found.event.lastSeen) + afterMs;
      for (const line of lines(found.event)) aws.log(JSON.stringify(line), at, group);
    }
    return filter(input);
  });
}

/** The line that counts a delivery, as the function writes it. */
function counted(event: ClusterEvent, { afterMs = 4000, more = {} as object } = {}): object {
  const Timestamp = Date.parse(event.lastSeen) + afterMs + 20;
  const base = { _aws: { Timestamp }, Sink: 'webhook', Destination: 'team', Delivered: 1, DeliveryLatency: afterMs };
  return { ...base, ...more };
}

describe('a test event', () => {
  test('is a message on the ingest queue that says what it is, for one destination', async () => {
    then((event) => [counted(event)]);

    await testEvent();

    const found = sent();
    expect(found?.destination).toBe('webhook/team');
    expect(found?.event).toMatchObject({ cluster: 'prod', type: 'Warning', reason: 'BackOff' });
    expect(found?.event.message).toMatch(
      /^kube-courier test: nothing is wrong, ops doctor follows this event \([0-9a-f]{8}\)$/,
    );
  });

  test('that was delivered is well, and says how long it took', async () => {
    then((event) => [counted(event)]);

    expect(await testEvent()).toEqual([
      '+ test event: webhook/team: the test event was there after 4s, through ingest queue and router: the function has counted it as delivered',
    ]);
  });

  test('that took longer than a minute is worth knowing', async () => {
    then((event) => [counted(event, { afterMs: 70_000 })], { afterMs: 70_000 });

    expect((await testEvent())[0]).toMatch(/^! test event: webhook\/team: the test event was there after 1m 10s/);
  });

  test('is told from others that the function counts with it', async () => {
    then((event) => [counted(event, { more: { Delivered: 3, DeliveryLatency: [90_000, 4000, 120_000] } })]);

    expect((await testEvent())[0]).toMatch(/^\+/);
  });

  test.each([
    ['of another destination', { Destination: 'other' }],
    ['that happened earlier', { DeliveryLatency: 90_000 }],
    ['that happened later', { DeliveryLatency: -30_000 }],
  ])('is not one %s', async (_, more) => {
    then((event) => [counted(event, { more })]);

    expect((await testEvent())[0]).toBe('x test event: webhook/team: nothing was seen of the test event for 1m 30s');
  });

  test('of the sink log is found in its own log, in whatever format', async () => {
    then((event) => [{ text: event.message }], { group: '/aws/lambda/log-function' });

    expect((await testEvent('log/all'))[0]).toMatch(
      /^\+ test event: log\/all: the test event was there after 4s, .*: its line is in the log$/,
    );
  });

  test('that was refused is a dead letter, with the reason and what to do', async () => {
    then((event) => [
      {
        level: 'warn',
        message: 'an event was rejected',
        event: event.id,
        code: 'http_401',
        detail: 'no such token',
        attempts: 1,
      },
    ]);

    const run = await aws.doctor('--destination', 'webhook/team');

    expect(run.out.slice(-2)).toEqual([
      'x test event: webhook/team: the test event is a dead letter: http_401 (no such token)',
      '    Repair the secret or the permission, then replay.',
    ]);
    expect(run.code).toBe(1);
  });

  test('that the router could not place is a dead letter', async () => {
    then(() => [
      {
        level: 'warn',
        message: 'a message became a dead letter',
        messageId: 'm-1',
        code: 'destination_not_found',
        detail: 'gone',
      },
    ]);

    expect((await testEvent())[0]).toBe(
      'x test event: webhook/team: the test event is a dead letter: destination_not_found (gone)',
    );
  });

  test('that is retried to the end is wrong, with the last reason', async () => {
    then((event) => [
      {
        level: 'info',
        message: 'an event is to be retried',
        event: event.id,
        code: 'host_not_found',
        detail: '',
        attempts: 1,
      },
    ]);

    expect(await testEvent()).toEqual([
      'x test event: webhook/team: the test event is retried: host_not_found',
      'Correct the address in the destination.',
    ]);
    expect(aws.clock.slept.reduce((sum, ms) => sum + ms, 0)).toBe(90_000);
  });
});

test('of a destination that was just written is sent when the functions know it', async () => {
  aws.parameters.put(TEAM, {}, 'String', new Date(aws.clock.now() - 20_000));
  then((event) => [counted(event)]);

  const run = await aws.doctor('--destination', 'webhook/team');

  expect(run.err[0]).toBe('webhook/team has just been written: waiting 40s until the functions know it');
  expect(aws.clock.slept).toEqual([40_000, 5000]);
  expect(run.out.at(-1)).toContain('the test event was there after 4s');
});

describe('of an event that nobody has seen', () => {
  test('it is said that the router may not run', async () => {
    expect((await testEvent())[1]).toMatch(/^the ingest queue holds 1 message: does the router run\?/);
  });

  test.each([
    [
      () => aws.queues.put(aws.consumer('webhook').queueUrl, 'waiting'),
      /^the queue of webhook holds 1 message: is it paused/,
    ],
    [() => undefined, /^it has left the queues; in Logs Insights: filter event = "prod\//],
  ])('it is said where it may be', async (arrange, advice) => {
    then(() => {
      aws.queues.remove(aws.consumer('router').queueUrl, 'm-1');
      arrange();
      return [];
    });

    expect((await testEvent())[1]).toMatch(advice);
  });
});

describe('a destination', () => {
  test.each([
    ['exact values', { namespace: ['shop', 'web'], reason: 'Failed', kind: 'Deployment', name: 'api', host: 'n1' }],
    ['wildcards', { namespace: 'prod-*', eventNamespace: '*', component: 'kube*' }],
    ['a cluster, labels and a count', { cluster: 'other', labels: { app: 'web-*' }, minCount: 5 }],
    ['nested rules', { all: [{ type: 'Normal' }, { namespace: 'a' }] }],
    ['an expression that the sample meets', { reason: '/^(BackOff|Failed.*)$/', namespace: 'x' }],
  ])('whose filter wants %s gets an event of that shape', async (_, rule) => {
    aws.parameters.put(TEAM, { filter: { match: [{ reason: 'Never', message: 'never' }, rule] } });
    then((event) => [counted(event)]);

    expect((await testEvent())[0]).toMatch(/^\+/);
  });

  test('whose filter lets none pass is told so, and none is sent', async () => {
    aws.parameters.put(TEAM, { filter: { match: [{ message: '/^disk full/' }] } });

    const said = await testEvent();

    expect(said[0]).toMatch(
      /^x test event: webhook\/team: its filter lets no test event pass: no match rule holds \(message is /,
    );
    expect(said[1]).toContain('npm run -s ops -- destinations test webhook/team delivers whatever the filter says');
    expect(sent()).toBeUndefined();
  });

  test('that is switched off is told so', async () => {
    aws.parameters.put(TEAM, { enabled: false });

    expect((await testEvent())[0]).toContain('it is disabled (enabled: false)');
  });

  test.each([
    [
      'webhook/tem',
      'x test event: there is no parameter /kube-courier/destinations/webhook/tem (did you mean webhook/team?)',
    ],
    ['kafka/x', 'x test event: there is no parameter /kube-courier/destinations/kafka/x'],
  ])('that is not there (%s) is named', async (id, line) => {
    expect((await testEvent(id))[0]).toBe(line);
  });

  test('whose document is wrong is told what is', async () => {
    aws.parameters.put(TEAM, { methd: 'PUT' });

    expect((await testEvent())[0]).toContain('methd is not a known field (did you mean method?)');
  });

  test('whose sink is not deployed is told so', async () => {
    aws.parameters.put('/kube-courier/destinations/kafka/x', { brokers: ['k.example.com:9092'], topic: 't' });

    expect((await testEvent('kafka/x'))[0]).toContain('the sink type kafka is not deployed');
    expect(sent()).toBeUndefined();
  });
});

test('an operator who may not send is told so', async () => {
  aws.deny('SendMessage', 'AccessDenied');

  const run: Run = await aws.doctor('--destination', 'webhook/team');

  expect(run.out).toContain('- test event: could not look: your identity may not call sqs:SendMessage');
});
