import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startAws, type Aws } from '../../../support/aws/aws.ts';
import { fakeClock, ops } from '../run.ts';
import { envelopeOf, letterBody } from './letters.ts';

const HOUR_MS = 3_600_000;

let aws: Aws;
const clock = fakeClock();

beforeEach(async () => {
  aws = await startAws({ sinks: ['log', 'webhook'] });
});

afterEach(() => aws.stop());

/** Puts a letter that failed so many hours ago. */
function put(owner: string, uid: string, code: string, hours = 1, more: Readonly<Record<string, string>> = {}): void {
  const failedAt = new Date(clock.now() - hours * HOUR_MS).toISOString();
  const reason = { code, detail: `because of ${uid}`, destination: `${owner}/all`, attempts: '8', failedAt, ...more };
  aws.queues.put(aws.consumer(owner).deadLetterQueueUrl, JSON.stringify(letterBody(uid)), reason);
}

function left(owner: string): readonly string[] {
  const messages = aws.queues.messages(aws.consumer(owner).deadLetterQueueUrl);
  expect(messages.every(({ receipt }) => receipt === undefined)).toBe(true);
  return messages.map(({ body }) => JSON.parse(body).event.metadata.uid);
}

test('ls counts the letters of each queue by code and destination, the most first, and ends with 1', async () => {
  put('webhook', 'a', 'http_404', 2);
  put('webhook', 'b', 'timeout', 5);
  put('webhook', 'c', 'timeout', 3);

  const run = await ops(['dlq', 'ls'], { clock });

  expect(run.code).toBe(1);
  expect(run.out).toEqual([
    'router: no letters',
    'log: no letters',
    'webhook: 3 letters',
    '  2  timeout  webhook/all  oldest 5h ago',
    '  1  http_404  webhook/all  oldest 2h ago',
    expect.stringMatching(/^ {2}timeout: Is the service up/),
    '  http_404: Correct the address in the destination, then replay.',
    expect.stringMatching(/^ {2}SQS deletes the oldest in about 13d 19h: dlq peek webhook, dlq replay webhook/),
  ]);
  expect(left('webhook')).toEqual(['a', 'b', 'c']);
});

test('ls of one queue looks at that alone, and ends with 0 where nothing is chosen', async () => {
  put('webhook', 'a', 'http_404', 3);

  const other = await ops(['dlq', 'ls', 'log'], { clock });
  const recent = await ops(['dlq', 'ls', 'webhook', '--since', '1h', '--json'], { clock });
  const all = await ops(['dlq', 'ls', 'webhook', '--json'], { clock });

  expect(other).toMatchObject({ code: 0, out: ['log: no letters'] });
  expect(recent).toMatchObject({ code: 0, out: [] });
  expect(all.code).toBe(1);
  expect(JSON.parse(all.out[0] ?? '')).toEqual({
    owner: 'webhook',
    code: 'http_404',
    destination: 'webhook/all',
    count: 1,
    oldest: new Date(clock.now() - 3 * HOUR_MS).toISOString(),
    advice: 'Correct the address in the destination, then replay.',
  });
});

test('ls counts among all those that somebody is looking at just now', async () => {
  put('log', 'a', 'timeout');
  put('log', 'b', 'timeout');
  aws.queues.hide(aws.consumer('log').deadLetterQueueUrl, 1);

  const run = await ops(['dlq', 'ls', 'log'], { clock });

  expect(run.out[0]).toBe('log: 1 letter (1 looked at; the queue holds about 2 messages)');
});

test('ls takes a queue whose letters somebody is looking at just now for no empty one', async () => {
  put('log', 'a', 'timeout');
  aws.queues.hide(aws.consumer('log').deadLetterQueueUrl, 1);

  const run = await ops(['dlq', 'ls', 'log'], { clock });

  expect(run).toMatchObject({ code: 1, out: ['log: 0 letters (0 looked at; the queue holds about 1 message)'] });
});

test('ls does not fail for letters that somebody is looking at where others were asked for', async () => {
  put('log', 'a', 'timeout');
  aws.queues.hide(aws.consumer('log').deadLetterQueueUrl, 1);

  expect((await ops(['dlq', 'ls', 'log', '--since', '1h'], { clock })).code).toBe(0);
});

test('ls tells letters that meet no condition from none at all', async () => {
  put('webhook', 'a', 'http_404', 3);

  const recent = await ops(['dlq', 'ls', 'webhook', '--since', '1h'], { clock });
  const all = await ops(['dlq', 'ls', '--code', 'http_40'], { clock });

  expect(recent).toEqual({ code: 0, out: ['webhook: 1 letter, none of which meets the conditions'], err: [] });
  expect(all.out).toEqual([
    'router: no letters',
    'log: no letters',
    'webhook: 1 letter, none of which meets the conditions',
  ]);
});

test('ls says how many it has looked at, where it has not looked at all', async () => {
  for (let n = 0; n < 25; n += 1) put('log', `u${n}`, 'timeout');

  const run = await ops(['dlq', 'ls', 'log', '--limit', '10'], { clock });

  expect(run.out[0]).toBe('log: 10 letters (10 looked at; the queue holds about 25 messages)');
});

test('peek shows a few with their reasons, on one line each, and nothing that steers a terminal', async () => {
  put('log', 'a', 'timeout', 2, { replays: '1' });
  put('log', 'b', 'http_404', 1, { attempts: '1', detail: 'red \u001b[31m\nalert' });
  put('log', 'c', 'http_404');

  const run = await ops(['dlq', 'peek', 'log', '--limit', '2'], { clock });

  expect(run.code).toBe(0);
  expect(run.out).toEqual([
    'timeout, log/all, 2h ago, 8 attempts, replayed 1 time',
    '  because of a',
    expect.stringMatching(/^ {2}c\/a\/\S* Warning BackOff Pod payments\/api-7d9f: Back-off/),
    expect.stringMatching(/^ {2}do: Is the service up/),
    'http_404, log/all, 1h ago, 1 attempt',
    '  red  [31m alert',
    expect.stringMatching(/^ {2}c\/b\//),
    '  do: Correct the address in the destination, then replay.',
  ]);
  expect(left('log')).toEqual(['a', 'b', 'c']);
});

test('peek shows ten letters where nothing else is said', async () => {
  for (let n = 0; n < 12; n += 1) put('log', `u${n}`, 'timeout');

  const run = await ops(['dlq', 'peek', 'log', '--json'], { clock });

  expect(run.out).toHaveLength(10);
});

test('peek and export give the letters whole as JSON', async () => {
  put('log', 'a', 'timeout');
  put('log', 'b', 'http_404');

  const peeked = await ops(['dlq', 'peek', 'log', '--code', 'http_404', '--json'], { clock });
  const exported = await ops(['dlq', 'export', 'log', '--limit', '1'], { clock });

  expect(peeked.out.map((line) => JSON.parse(line))).toEqual([
    {
      messageId: expect.any(String),
      code: 'http_404',
      detail: 'because of b',
      destination: 'log/all',
      attempts: 8,
      failedAt: new Date(clock.now() - HOUR_MS).toISOString(),
      replays: 0,
      body: JSON.parse(JSON.stringify(letterBody('b'))),
    },
  ]);
  expect(exported).toMatchObject({ code: 0, err: ['1 letter of log'] });
  expect(exported.out).toHaveLength(1);
  expect(left('log')).toEqual(['a', 'b']);
});

test('letters that SQS moved by itself are told where to look', async () => {
  const { deadLetterQueueUrl } = aws.consumer('router');
  aws.queues.put(deadLetterQueueUrl, JSON.stringify(letterBody('a')));

  const run = await ops(['dlq', 'ls', 'router'], { clock });

  expect(run.out).toContainEqual(
    expect.stringMatching(/^ {2}unexplained: .*crashed, timed out or was throttled.*sink = "router"/),
  );
});

describe('where no letter is chosen', () => {
  test.each([
    ['replay', ['--yes']],
    ['replay', []],
    ['drop', ['--yes']],
    ['export', []],
    ['peek', []],
    ['ls', []],
  ])('%s %j says which codes there are, and ends with 1', async (verb, more) => {
    put('webhook', 'a', 'http_404');
    put('webhook', 'b', 'http_404');
    put('webhook', 'c', 'timeout');

    const run = await ops(['dlq', verb, 'webhook', '--code', 'http_40', ...more], { clock });

    expect(run.code).toBe(1);
    expect(run.err.at(-1)).toBe(
      'no letter of webhook has the code http_40 (did you mean http_404? codes there are: http_404 (2), timeout (1))',
    );
    expect(left('webhook')).toEqual(['a', 'b', 'c']);
  });

  test('because the destination is another, that is said', async () => {
    put('webhook', 'a', 'http_404');

    const run = await ops(['dlq', 'replay', 'webhook', '--destination', 'webhook/al', '--yes'], { clock });

    expect(run).toMatchObject({ code: 1 });
    expect(run.err.at(-1)).toBe(
      'no letter of webhook is for webhook/al (did you mean webhook/all? destinations there are: webhook/all (1))',
    );
  });

  test('because code and destination are others, both is said', async () => {
    put('webhook', 'a', 'http_404');

    const run = await ops(['dlq', 'ls', 'webhook', '--code', 'busy', '--destination', 'webhook/x'], { clock });

    expect(run).toMatchObject({ code: 1 });
    expect(run.err).toEqual([
      'no letter of webhook has the code busy (codes there are: http_404 (1))',
      expect.stringMatching(/^no letter of webhook is for webhook\/x /),
    ]);
  });

  test('by another condition, that is said too', async () => {
    put('webhook', 'a', 'http_404', 5);

    const run = await ops(['dlq', 'replay', 'webhook', '--code', 'http_404', '--since', '1h', '--yes'], { clock });

    expect(run).toMatchObject({ code: 1 });
    expect(run.err.at(-1)).toBe('no letter of webhook meets the conditions (codes there are: http_404 (1))');
  });

  test('for one of two codes, the other letters are replayed all the same', async () => {
    put('webhook', 'a', 'http_404');

    const run = await ops(['dlq', 'replay', 'webhook', '--code', 'timeout,http_404', '--yes'], { clock });

    expect(run).toMatchObject({ code: 0 });
    expect(run.err.at(-1)).toBe('no letter of webhook has the code timeout (codes there are: http_404 (1))');
    expect(left('webhook')).toEqual([]);
  });

  test('because there are none, all is well', async () => {
    const run = await ops(['dlq', 'replay', 'webhook', '--code', 'http_404', '--yes'], { clock });
    const dry = await ops(['dlq', 'replay', 'webhook', '--code', 'http_404'], { clock });
    const drop = await ops(['dlq', 'drop', 'webhook', '--all'], { clock });

    expect(run).toMatchObject({ code: 0 });
    expect(run.err.at(-1)).toBe('webhook has no dead letters');
    expect(dry).toEqual({ code: 0, out: [], err: ['webhook has no dead letters'] });
    expect(drop).toEqual({ code: 0, out: [], err: ['would drop 0 letters of webhook', 'webhook has no dead letters'] });
  });

  test('before the limit was reached, nothing is said of what was not looked at', async () => {
    put('webhook', 'a', 'http_404');
    put('webhook', 'b', 'timeout');

    const some = ['webhook', '--code', 'http_404,timeout', '--limit', '1'];
    const run = await ops(['dlq', 'export', ...some], { clock });
    const others = [['peek'], ['ls'], ['replay'], ['drop'], ['drop', '--yes'], ['replay', '--yes']] as const;

    expect(run).toMatchObject({ code: 0, err: ['1 letter of webhook'] });
    for (const [verb, ...more] of others) {
      const { err } = await ops(['dlq', verb, ...some, ...more], { clock });
      expect(err.filter((line) => line.startsWith('no letter'))).toEqual([]);
      put('webhook', 'c', 'http_404');
    }
  });
});

test('export that is interrupted ends with 1', async () => {
  put('log', 'a', 'timeout');
  const interrupt = new AbortController();
  const out = () => interrupt.abort();

  const run = await ops(['dlq', 'export', 'log'], { clock, out, signal: interrupt.signal });

  expect(run).toMatchObject({ code: 1, err: ['interrupted: 1 letter of log'] });
});

test('drop deletes the chosen letters, once it is told to', async () => {
  put('log', 'a', 'timeout');
  put('log', 'b', 'http_404');
  put('log', 'c', 'http_404');

  const unchosen = await ops(['dlq', 'drop', 'log', '--yes'], { clock });
  const asked = await ops(['dlq', 'drop', 'log', '--code', 'http_404'], { clock });
  const kept = left('log');
  const dropped = await ops(['dlq', 'drop', 'log', '--code', 'http_404', '--limit', '1', '--yes', '--json'], { clock });

  expect(unchosen).toMatchObject({
    code: 2,
    err: [expect.stringContaining('--code CODE, or --all'), expect.anything()],
  });
  expect(asked).toMatchObject({ code: 0, err: ['would drop 2 letters of log; repeat with --yes'] });
  expect(kept).toEqual(['a', 'b', 'c']);
  expect(dropped.out).toEqual([JSON.stringify({ dropped: 1, interrupted: false })]);
  expect(left('log')).toEqual(['a', 'c']);
});

test('drop that is interrupted ends with 1', async () => {
  put('log', 'a', 'timeout');
  const interrupt = new AbortController();
  const drop = aws.answer('DeleteMessageBatch', (input) => {
    interrupt.abort();
    return drop(input);
  });

  const run = await ops(['dlq', 'drop', 'log', '--all', '--yes'], { clock, signal: interrupt.signal });

  expect(run.code).toBe(1);
});

test('drop of all deletes all', async () => {
  put('log', 'a', 'timeout');
  put('log', 'b', 'http_404');

  const run = await ops(['dlq', 'drop', 'log', '--all', '--yes'], { clock });

  expect(run).toMatchObject({ code: 0 });
  expect(run.err).toEqual([
    expect.stringMatching(/^dropped 2 letters, looked at 2 of about 2 messages/),
    'dropped 2 letters of log',
  ]);
  expect(left('log')).toEqual([]);
});

test("letters of the router go back to the ingest queue, into the group of the event's namespace", async () => {
  const { queueUrl, deadLetterQueueUrl } = aws.consumer('router');
  aws.queues.put(deadLetterQueueUrl, JSON.stringify(letterBody('a')), { code: 'x', destination: 'router' });
  aws.queues.put(deadLetterQueueUrl, 'unreadable', { code: 'x', destination: 'router' });

  await ops(['dlq', 'replay', 'router', '--code', 'x', '--yes'], { clock });

  expect(aws.queues.messages(queueUrl).map(({ groupId }) => groupId)).toEqual(['c/payments', 'replayed']);
});

test("letters of a sink go back into their destination's group", async () => {
  put('log', 'a', 'x');

  await ops(['dlq', 'replay', 'log', '--code', 'x', '--yes'], { clock });

  expect(aws.queues.messages(aws.consumer('log').queueUrl).map(({ groupId }) => groupId)).toEqual(['log/all']);
});

describe('letters that SQS moved by itself, in an envelope,', () => {
  const ownLetters = (owner: string): string => aws.consumer(owner).deadLetterQueueUrl;

  beforeEach(() => {
    const body = envelopeOf([letterBody('a'), letterBody('b'), letterBody('c', { reason: 'Failed' })]);
    const sent = new Date(clock.now() - 2 * HOUR_MS).getTime();
    const system = { DeadLetterQueueSourceArn: 'arn', SentTimestamp: String(sent) };
    aws.queues.put(ownLetters('log'), body, { attempts: '3', replays: '1' }, system);
    put('log', 'd', 'timeout', 1);
  });

  /** The uids that export shows. */
  async function exported(owner: string): Promise<readonly string[]> {
    const { out } = await ops(['dlq', 'export', owner], { clock });
    return out.map((line) => JSON.parse(line).body.event.metadata.uid);
  }

  test('are counted event by event', async () => {
    const run = await ops(['dlq', 'ls', 'log'], { clock });
    const few = await ops(['dlq', 'ls', 'log', '--limit', '2'], { clock });

    expect(run.out.slice(0, 3)).toEqual([
      'log: 4 letters',
      '  3  unexplained  log/all  oldest 2h ago',
      '  1  timeout  log/all  oldest 1h ago',
    ]);
    expect(few.out[0]).toBe('log: 2 letters (2 looked at; the queue holds about 2 messages)');
  });

  test('are shown and exported event by event', async () => {
    const peeked = await ops(['dlq', 'peek', 'log', '--reason', 'Failed'], { clock });
    const json = await ops(['dlq', 'peek', 'log', '--reason', 'Failed', '--json'], { clock });

    expect(peeked.out).toEqual([
      'unexplained, log/all, 2h ago, replayed 1 time',
      '  the function crashed, timed out, or never answered',
      expect.stringMatching(/^ {2}c\/c\/\S* Warning Failed Pod payments\/api-7d9f/),
      expect.stringMatching(/^ {2}do: SQS moved them by itself/),
    ]);
    expect(json.out.map((line) => JSON.parse(line).body)).toEqual([
      JSON.parse(JSON.stringify(letterBody('c', { reason: 'Failed' }))),
    ]);
    expect(await exported('log')).toEqual(['d', 'a', 'b', 'c']);
  });

  test('are dropped event by event, and the others read as before', async () => {
    const dry = await ops(['dlq', 'drop', 'log', '--code', 'unexplained', '--limit', '2'], { clock });
    const kept = await exported('log');
    const dropped = await ops(['dlq', 'drop', 'log', '--code', 'unexplained', '--limit', '2', '--yes'], { clock });
    const rest = await ops(['dlq', 'ls', 'log'], { clock });

    expect(dry.err).toEqual(['would drop 2 letters of log; repeat with --yes']);
    expect(kept).toHaveLength(4);
    expect(dropped.err.at(-1)).toBe('dropped 2 letters of log');
    expect(await exported('log')).toEqual(['d', 'c']);
    expect(rest.out).toContain('  1  unexplained  log/all  oldest 2h ago');
  });

  test('are replayed event by event, each as a message of its own, and the guard holds for each', async () => {
    const replay = (...argv: readonly string[]) => ops(['dlq', 'replay', 'log', '--yes', ...argv], { clock });

    const guarded = await replay('--max-replays', '1', '--code', 'unexplained');
    const whole = aws.queues.messages(ownLetters('log')).length;
    const run = await replay('--reason', 'BackOff', '--code', 'unexplained', '--json');

    expect(guarded).toMatchObject({ code: 1 });
    expect(guarded.err).toContain(
      '3 letters were replayed 1 time or more and stay: find out why, or raise --max-replays',
    );
    expect(whole).toBe(2);
    expect(run.out).toEqual([JSON.stringify({ replayed: 2, guarded: 0, returned: 0, refused: 0, interrupted: false })]);
    expect(run.err).toContainEqual(expect.stringMatching(/^replayed 2 letters, looked at 2 of about 2 messages, /));
    expect(aws.queues.messages(aws.consumer('log').queueUrl)).toMatchObject(
      ['a', 'b'].map((uid) => ({
        groupId: 'log/all',
        attributes: { replays: '2' },
        body: expect.stringContaining(uid),
      })),
    );
    expect(await exported('log')).toEqual(['d', 'c']);
  });

  test("of the router's are told apart, too", async () => {
    aws.queues.put(ownLetters('router'), envelopeOf([letterBody('a'), letterBody('b')], undefined));

    const run = await ops(['dlq', 'replay', 'router', '--limit', '1', '--yes'], { clock });

    expect(run.code).toBe(0);
    expect(aws.queues.messages(aws.consumer('router').queueUrl)).toMatchObject([{ groupId: 'c/payments' }]);
    expect(await exported('router')).toEqual(['b']);
  });
});
