import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Screen } from '../../../infra/terminal/screen.ts';
import { widthOf } from '../../../infra/terminal/width.ts';
import { startAws, type Aws } from '../../support/aws/aws.ts';
import { archiveInto, eventAt } from './archive/archived.ts';
import { letterBody } from './dlq/letters.ts';
import { startAccount, type Account } from './doctor/account.ts';
import { fakeClock, folderOf, ops, remove, wordScreen } from './run.ts';

const clock = fakeClock();
const HOUR_MS = 3_600_000;

let aws: Aws;

/** A command's lines on a terminal on which colours are words. */
async function shown(argv: readonly string[], screen: Screen = wordScreen()): Promise<readonly string[]> {
  return (await ops(argv, { clock, screen })).out;
}

function log(fields: object, minutes = 1): void {
  aws.log(JSON.stringify(fields), clock.now() - minutes * 60_000);
}

/** A stack on which much is wrong. */
async function startTroubled(): Promise<void> {
  const relay = { cluster: 'prod', identity: 'none', namespace: 'kube-courier', serviceAccount: 'kube-courier-relay' };
  aws = await startAws({ sinks: ['log', 'webhook'], outputs: { Relay1: JSON.stringify(relay) } });
  const { queueUrl, deadLetterQueueUrl } = aws.consumer('webhook');
  aws.queues.put(queueUrl, 'waiting');
  aws.age(queueUrl, 75);
  for (const [uid, code] of [
    ['a', 'timeout'],
    ['b', 'http_404'],
  ] as const) {
    const failedAt = new Date(clock.now() - 2 * HOUR_MS).toISOString();
    const reason = { code, detail: 'it said no', destination: 'webhook/all', attempts: '8', failedAt };
    aws.queues.put(deadLetterQueueUrl, JSON.stringify(letterBody(uid)), reason);
  }
  aws.age(deadLetterQueueUrl, 7200);
  aws.turn('log', 'Disabled');
  log({ Heartbeats: 1, Cluster: 'prod', relay: '1.2.3', installation: 'a', enrich: 'labels' });
  log({ Gaps: 1, Cluster: 'prod', cause: 'expired' }, 3);
  log({
    level: 'warn',
    message: 'an event is to be retried',
    sink: 'webhook',
    destination: 'webhook/all',
    event: 'a',
    code: 'http_503',
    detail: '服务不可用',
    attempts: 4,
  });
  log({ Filtered: 3, cause: 'silenced', silence: 'rollout' });
  aws.parameters.put('/kube-courier/silences/rollout', {
    match: [{ namespace: 'shop' }],
    until: '2026-11-23T14:00:00Z',
    why: '商城发布',
    by: 'operator/alice',
  });
  aws.parameters.put('/kube-courier/destinations/webhook/all', {});
  aws.parameters.put('/kube-courier/destinations/log/off', { enabled: false });
  aws.parameters.put('/kube-courier/destinations/kafka/later', {});
}

/** Lines on a terminal without colours. */
async function plain(argv: readonly string[], columns = 100): Promise<readonly string[]> {
  return shown(argv, { columns, paint: (_tone, text) => text });
}

describe('on a terminal', () => {
  beforeEach(startTroubled);
  afterEach(() => aws.stop());

  test('status has a table for each kind of thing, signs beside colours, and what it comes to', async () => {
    expect(await plain(['status'])).toEqual([
      '   QUEUE    WAITING  IN FLIGHT  OLDEST  DEAD LETTERS  OLDEST LETTER',
      '   router         0          0                     0',
      '!  log            0          0                     0',
      '    paused (Disabled)',
      '    npm run -s ops -- resume log',
      '!  webhook        1          0  1m 15s             2  2h',
      '',
      '   DESTINATION  RETRYING  GIVEN UP  REJECTED  CODE      ATTEMPT  LAST',
      '!  webhook/all         1         0         0  http_503        4  1m ago',
      '    服务不可用',
      '',
      '   CLUSTER  HEARTBEAT  RELAY  ENRICHES',
      '   prod     1m ago     1.2.3  labels',
      '',
      '   SILENCE  ENDS   HELD  BY              WHY',
      '   rollout  in 2h     3  operator/alice  商城发布',
      '    holds namespace shop',
      '',
      '! gap in prod: events may be missing (expired), 3m ago',
      '! destination kafka/later has no sink: add kafka to sinks and deploy, or:',
      '    npm run -s ops -- destinations rm kafka/later',
      '',
      '5 things need you',
    ]);
  });

  test('colours say what needs somebody, what waits, and what is for a second look', async () => {
    const lines = (await shown(['status'])).join('\n');

    for (const part of [
      '<act !>  webhook',
      '<wait 1m 15s>',
      '<act 2h>',
      '<act paused (Disabled)>',
      '<detail 服务不可用>',
    ])
      expect(lines).toContain(part);
    expect(lines).toContain('<act ! gap in prod: events may be missing (expired), 3m ago>');
    expect(lines).toContain('\n    npm run -s ops -- resume log\n');
    expect(lines).not.toContain('<act 0>');
  });

  test('destinations ls', async () => {
    expect(await plain(['destinations', 'ls'])).toEqual([
      'DESTINATION  STATE     VERSION  SECRETS',
      'kafka/later  invalid         1',
      'log/off      disabled        1',
      'webhook/all  enabled         1',
    ]);
    expect(await shown(['destinations', 'ls'])).toContainEqual(expect.stringContaining('<act invalid>'));
  });

  test('destinations history', async () => {
    aws.parameters.put('/kube-courier/destinations/webhook/all', { method: 'PUT' });

    const lines = await plain(['destinations', 'history', 'webhook/all']);

    expect(lines.map((line) => line.replace(/\d+d \d+h ago/, '2d ago'))).toEqual([
      expect.stringMatching(/^VERSION  WRITTEN +BY$/),
      '      2  2d ago  in force  operator/alice',
      '    + method: "PUT"',
      '      1  2d ago            operator/alice',
    ]);
  });

  test('dlq ls has one table of all queues, and below each what to do', async () => {
    expect(await plain(['dlq', 'ls'])).toEqual([
      'QUEUE    LETTERS  CODE      DESTINATION  OLDEST',
      'router         0',
      'log            0',
      'webhook        1  timeout   webhook/all  2h ago',
      '               1  http_404  webhook/all  2h ago',
      '    timeout: Is the service up, and reachable from the function (VPC, firewall, allow-list)?',
      '    http_404: Correct the address in the destination, then replay.',
      '    SQS deletes the oldest in about 13d 22h: dlq peek webhook, dlq replay webhook, or dlq export',
      '    webhook',
    ]);
  });

  test('dlq peek', async () => {
    expect(await plain(['dlq', 'peek', 'webhook', '--limit', '1'])).toEqual([
      'CODE     DESTINATION  FAILED  ATTEMPTS  REPLAYS',
      'timeout  webhook/all  2h ago         8',
      '    it said no',
      '    c/a/184467 Warning BackOff Pod payments/api-7d9f: Back-off restarting failed container api',
      '    do: Is the service up, and reachable from the function (VPC, firewall, allow-list)?',
    ]);
  });

  test('silence ls', async () => {
    expect(await plain(['silence', 'ls'])).toEqual([
      'SILENCE  ENDS   HELD  BY              WHY',
      'rollout  in 2h     3  operator/alice  商城发布',
      '    holds namespace shop',
    ]);
  });

  test.each([
    ['status'],
    ['destinations', 'ls'],
    ['destinations', 'history', 'webhook/all'],
    ['dlq', 'ls'],
    ['dlq', 'peek', 'webhook'],
    ['silence', 'ls'],
    ['status', '--help'],
  ])('%s %s keeps to a narrow terminal, but for commands that are to be copied', async (...argv) => {
    const lines = await plain(argv.filter(Boolean), 40);

    expect(lines.filter((line) => widthOf(line) > 40 && !line.includes('npm run'))).toEqual([]);
  });

  test.each([
    ['status'],
    ['destinations', 'ls'],
    ['destinations', 'history', 'webhook/all'],
    ['dlq', 'ls'],
    ['dlq', 'peek', 'webhook'],
    ['silence', 'ls'],
  ])('%s %s with --json is the same as without a terminal', async (...argv) => {
    const json = [...argv.filter(Boolean), '--json'];

    expect(await shown(json)).toEqual((await ops(json, { clock })).out);
  });
});

test('archive ls on a terminal', async () => {
  const folder = await folderOf({});
  await archiveInto(folder, [eventAt(1, '2026-11-23T07:10:00Z')], [eventAt(2, '2026-11-22T07:10:00Z')]);

  const lines = await plain(['archive', 'ls', '--archive', folder]);

  await remove(folder);
  expect(lines.map((line) => line.replace(/ +\d+ B$/, ' 9 B'))).toEqual([
    expect.stringMatching(/^CLUSTER {2}DAY {9}HOURS {2}OBJECTS +SIZE$/),
    'prod     2026-11-22      1        1 9 B',
    'prod     2026-11-23      1        1 9 B',
  ]);
});

describe('doctor on a terminal', () => {
  let account: Account;

  beforeEach(async () => {
    account = await startAccount();
  });

  afterEach(() => account.stop());

  test('has aligned findings, and what to do below those that need it', async () => {
    account.change('ListEventSourceMappings', (reply, { FunctionName }) => ({
      EventSourceMappings: Object.values(Object(reply['EventSourceMappings'])).map((mapping) => ({
        ...Object(mapping),
        ...(String(FunctionName).includes('webhook') && { State: 'Disabled' }),
      })),
    }));

    const lines = (await ops(['doctor'], { clock: account.clock, screen: wordScreen(60) })).out;

    expect(lines[0]).toMatch(/^ {3}<head CHECK> {7,}<head FOUND>$/);
    expect(lines).toContain('+  permissions        you may do what the commands do');
    const at = lines.findIndex((line) => line.includes('<act webhook: paused (Disabled)>'));
    expect(lines[at]).toMatch(/^<act x> {2}event sources {6}<act webhook/);
    expect(lines[at + 1]).toBe('    npm run -s ops -- resume webhook');
    expect(lines.at(-2)).toMatch(/^<detail -> {2}test event {9}<detail no event was sent>$/);
  });
});
