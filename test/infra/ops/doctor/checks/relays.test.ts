import { afterEach, describe, expect, test } from 'vitest';
import { heartbeat, startAccount, VERSION, type Account } from '../account.ts';

let aws: Account;

afterEach(() => aws.stop());

async function start(outputs: Readonly<Record<string, string>> = {}): Promise<void> {
  aws = await startAccount({ outputs });
}

/** Replaces all heartbeats by one that was received so many minutes ago. */
function lastHeartbeat(minutes: number, { sentMs = 0, relay = VERSION } = {}): void {
  const at = aws.clock.now() - minutes * 60_000;
  const message = JSON.stringify(heartbeat(at, at + sentMs, { relay }));
  aws.answer('FilterLogEvents', ({ startTime }) => ({
    events: at >= Number(startTime) ? [{ message, timestamp: at }] : [],
  }));
}

describe('a heartbeat', () => {
  test('that is late is wrong, and says where to look', async () => {
    await start();
    lastHeartbeat(11);

    expect(await aws.said('heartbeats')).toEqual([
      'x heartbeats: prod: no heartbeat for 10 minutes (the last 11m ago)',
      expect.stringMatching(/^kubectl --namespace kube-courier get pods; .*relay manifest --cluster prod.*\/readyz$/),
    ]);
  });

  test('that never came is wrong', async () => {
    await start();
    aws.answer('FilterLogEvents', () => ({ events: [] }));

    expect((await aws.said('heartbeats'))[0]).toBe('x heartbeats: prod: no heartbeat for 10 minutes');
  });

  test('is looked for by the time of AWS, whose log it is in', async () => {
    await start();
    aws.setClock(() => aws.clock.now() + 8 * 60_000);

    expect((await aws.said('heartbeats'))[0]).toBe('+ heartbeats: prod: heartbeat 9m 1s ago');
  });
});

test('a stack without clusters has no heartbeat to wait for', async () => {
  aws = await startAccount({ relay: false });

  expect((await aws.said('heartbeats'))[0]).toBe('- heartbeats: the stack lists no cluster');
  expect((await aws.said('relay permissions'))[0]).toBe('- relay permissions: the stack lists no cluster');
});

describe('versions', () => {
  test('of a stack that is older than the checkout, and of a relay that is newer, lead to a deployment', async () => {
    await start({ Version: '0.0.9' });

    expect(await aws.said('versions')).toEqual([
      `! versions: the stack is 0.0.9, this checkout ${VERSION}`,
      'npx cdk deploy, to bring it up',
      `! versions: prod: the relay is ${VERSION}, newer than the functions (0.0.9)`,
      expect.stringContaining('npx cdk deploy'),
    ]);
  });

  test('of a checkout that is older than the stack lead to an update', async () => {
    await start({ Version: '99.0.0' });

    expect((await aws.said('versions')).slice(0, 2)).toEqual([
      `! versions: the stack is 99.0.0, this checkout ${VERSION}`,
      expect.stringContaining('git pull'),
    ]);
  });

  test('of a relay that is older than the functions lead to its manifest', async () => {
    await start();
    lastHeartbeat(1, { relay: '0.0.9' });

    expect((await aws.said('versions')).slice(1)).toEqual([
      `! versions: prod: the relay is 0.0.9, the functions are ${VERSION}`,
      'npm run -s ops -- relay manifest --cluster prod | kubectl apply -f -',
    ]);
  });

  test('are compared by number', async () => {
    await start({ Version: VERSION.replace(/\d+$/, '10') });
    lastHeartbeat(1, { relay: VERSION.replace(/\d+$/, '9') });

    expect((await aws.said('versions'))[2]).toContain('! versions: prod: the relay is ');
  });

  test('of a stack that does not say its own are not known', async () => {
    await start({ Version: '' });

    expect((await aws.said('versions'))[0]).toBe('- versions: the stack does not say which version it is');
  });
});

describe('clocks', () => {
  test.each([
    [60_000, "! clocks: this machine's clock is 1m 1s behind AWS'"],
    [-60_000, "! clocks: this machine's clock is 1m ahead of AWS'"],
    [600_000, "x clocks: this machine's clock is 10m 1s behind AWS'"],
    [10_000, "+ clocks: the clocks of this machine and of 1 relay are AWS', to within a minute"],
  ])('that are %i ms apart', async (ahead, line) => {
    await start();
    const at = aws.clock.now();
    aws.setClock(() => aws.clock.now() + ahead);
    aws.answer('FilterLogEvents', () => ({
      events: [{ message: JSON.stringify(heartbeat(at + ahead, at + ahead)), timestamp: at + ahead }],
    }));

    expect((await aws.said('clocks'))[0]).toBe(line);
  });

  test('are right of a relay whose heartbeat waited in the queue', async () => {
    await start();
    const at = aws.clock.now();
    const message = JSON.stringify(heartbeat(at - 240_000, at - 240_000));
    aws.answer('FilterLogEvents', () => ({ events: [{ message, timestamp: at }] }));

    expect(await aws.said('clocks')).toEqual([
      "+ clocks: the clocks of this machine and of 1 relay are AWS', to within a minute",
    ]);
  });

  test("of a relay that is ahead of AWS' is wrong", async () => {
    await start();
    lastHeartbeat(1, { sentMs: 240_000 });

    expect((await aws.said('clocks'))[1]).toBe("x clocks: prod: the relay's clock is 4m ahead of AWS'");
  });

  test('of a relay that may be behind is worth knowing', async () => {
    await start();
    lastHeartbeat(1, { sentMs: -240_000 });

    expect((await aws.said('clocks')).slice(1)).toEqual([
      '! clocks: prod: the last heartbeat came to SQS after 4m',
      expect.stringContaining('/readyz'),
    ]);
  });

  test('of a relay are not known from functions that do not tell', async () => {
    await start();
    aws.answer('FilterLogEvents', () => ({
      events: [
        {
          message: JSON.stringify({ Heartbeats: 1, Cluster: 'prod', relay: VERSION, installation: 'a' }),
          timestamp: aws.clock.now(),
        },
      ],
    }));

    expect(await aws.said('clocks')).toEqual(["+ clocks: this machine's clock is AWS', to within a minute"]);
  });
});
