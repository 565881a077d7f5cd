import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startAccount, type Account } from '../account.ts';

let aws: Account;

beforeEach(async () => {
  aws = await startAccount();
});

afterEach(() => aws.stop());

function limit(all: number, unreserved = all): void {
  aws.answer('GetAccountSettings', () => ({
    AccountLimit: { ConcurrentExecutions: all, UnreservedConcurrentExecutions: unreserved },
  }));
}

/** Lets each function run so many times at once. */
function scale(MaximumConcurrency: number): void {
  aws.change('ListEventSourceMappings', ({ EventSourceMappings }) => ({
    EventSourceMappings: Object.values(Object(EventSourceMappings)).map((mapping) => ({
      ...Object(mapping),
      ScalingConfig: { MaximumConcurrency },
    })),
  }));
}

describe('concurrency', () => {
  test('of a new account suffices for what the defaults take', async () => {
    limit(10);

    expect(await aws.said('concurrency')).toEqual([
      '+ concurrency: the functions may run 8 at once, the account runs 10',
    ]);
  });

  test('is too little where the functions may want more', async () => {
    limit(10);
    scale(10);

    expect(await aws.said('concurrency')).toEqual([
      '! concurrency: the functions may run 30 at once, the account runs 10',
      expect.stringContaining('ask Service Quotas for 1,000 "Concurrent executions"'),
    ]);
  });

  test('leaves out what is reserved for others', async () => {
    limit(100, 7);

    expect((await aws.said('concurrency'))[0]).toBe(
      '! concurrency: the functions may run 8 at once, the account runs 100, 7 of them unreserved',
    );
  });

  test('has no bound where an event source has none', async () => {
    aws.change('ListEventSourceMappings', ({ EventSourceMappings }) => ({
      EventSourceMappings: Object.values(Object(EventSourceMappings)).map((mapping) => ({
        ...Object(mapping),
        ScalingConfig: undefined,
      })),
    }));

    expect((await aws.said('concurrency'))[0]).toMatch(/^! concurrency: the functions may run 3000 at once/);
  });
});

describe('reads of parameters', () => {
  test('are too many where many functions read many destinations', async () => {
    for (let n = 0; n < 60; n += 1) aws.parameters.put(`/kube-courier/destinations/webhook/w${n}`, {});
    scale(50);

    // 50 routers list 7 pages, and one of silences; 50 functions of log 1 + 1, 50 of webhook 6 + 6; all within 30 s.
    expect(await aws.said('parameter reads')).toEqual([
      '! parameter reads: 61 destinations are read 36.7 times a second at most, SSM allows the account 40',
      expect.stringContaining(
        'aws ssm update-service-setting --setting-id /ssm/parameter-store/high-throughput-enabled',
      ),
    ]);
  });

  test('are well where the account has higher throughput', async () => {
    for (let n = 0; n < 60; n += 1) aws.parameters.put(`/kube-courier/destinations/webhook/w${n}`, {});
    scale(50);
    aws.answer('GetServiceSetting', () => ({ ServiceSetting: { SettingValue: 'true' } }));

    expect((await aws.said('parameter reads'))[0]).toMatch(/^\+ parameter reads: .*; higher throughput of SSM is on$/);
  });
});
