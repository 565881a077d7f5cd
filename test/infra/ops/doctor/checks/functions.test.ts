import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startAccount, type Account } from '../account.ts';

let aws: Account;

beforeEach(async () => {
  aws = await startAccount();
});

afterEach(() => aws.stop());

const WEBHOOK = 'webhook-function';

describe('a function', () => {
  test.each([
    ['Failed', 'the subnet is gone', 'x functions: webhook: the function has failed: the subnet is gone'],
    [
      'Pending',
      'its subnet is attached',
      '! functions: webhook: the function is still being made: its subnet is attached',
    ],
  ])('that is %s is named with the reason', async (State, StateReason, line) => {
    aws.change('GetFunctionConfiguration', (reply, { FunctionName }) =>
      FunctionName === WEBHOOK ? { ...reply, State, StateReason } : reply,
    );

    expect((await aws.said('functions'))[0]).toBe(line);
  });

  test('that was idle for weeks is well', async () => {
    aws.change('GetFunctionConfiguration', (reply) => ({ ...reply, State: 'Inactive' }));

    expect(await aws.said('functions')).toEqual(['+ functions: 3 functions active']);
  });

  test('whose last update failed is named with the reason', async () => {
    aws.change('GetFunctionConfiguration', (reply, { FunctionName }) =>
      FunctionName === WEBHOOK
        ? { ...reply, LastUpdateStatus: 'Failed', LastUpdateStatusReason: 'no capacity' }
        : reply,
    );

    expect((await aws.said('functions'))[0]).toBe('x functions: webhook: the last update failed: no capacity');
  });

  test('that is reserved to nothing never runs', async () => {
    aws.change('GetFunctionConcurrency', (reply, { FunctionName }) =>
      FunctionName === WEBHOOK ? { ReservedConcurrentExecutions: 0 } : reply,
    );

    expect(await aws.said('functions')).toEqual([
      'x functions: webhook: no concurrency is reserved for it (0), so it never runs',
      'aws lambda delete-function-concurrency --function-name webhook-function',
    ]);
  });
});

/** Edits the event source of the sink webhook. */
function edit(changes: object): void {
  aws.change('ListEventSourceMappings', (reply, { FunctionName }) => {
    if (FunctionName !== WEBHOOK) return reply;
    return {
      EventSourceMappings: Object.values(Object(reply['EventSourceMappings'])).map((mapping) => ({
        ...Object(mapping),
        ...changes,
      })),
    };
  });
}

describe('an event source', () => {
  test.each([
    [{ State: 'Disabled' }, 'x event sources: webhook: paused (Disabled)', 'npm run -s ops -- resume webhook'],
    [
      { LastProcessingResult: 'PROBLEM: the role may not call sqs:ReceiveMessage' },
      'x event sources: webhook: Lambda says PROBLEM: the role may not call sqs:ReceiveMessage',
      'see the role',
    ],
    [
      { EventSourceArn: 'arn:aws:sqs:us-east-1:000000000000:log' },
      'x event sources: webhook: takes from arn:aws:sqs:us-east-1:000000000000:log, not from its queue',
      'deploy the stack without webhook and then with it',
    ],
    [
      { FunctionResponseTypes: [] },
      'x event sources: webhook: what is to be retried counts as done',
      'aws lambda update-event-source-mapping --uuid webhook-source',
    ],
    [{ UUID: 'another' }, 'x event sources: webhook: the event source of webhook-function is gone', 'adopt'],
  ])('with %j is named', async (changes, line, advice) => {
    edit(changes);

    const said = await aws.said('event sources');

    expect(said).toEqual([line, expect.stringContaining(advice)]);
  });

  test.each(['Enabling', 'Updating', 'Creating'])('that is %s is well', async (State) => {
    edit({ State });

    expect(await aws.said('event sources')).toEqual([
      '+ event sources: 3 event sources enabled, each of its own queue',
    ]);
  });

  test('beside the own one is worth knowing', async () => {
    aws.change('ListEventSourceMappings', ({ EventSourceMappings }, { FunctionName }) => ({
      EventSourceMappings: [
        ...Object.values(Object(EventSourceMappings)),
        ...(FunctionName === WEBHOOK ? [{ UUID: 'old', State: 'Enabled' }] : []),
      ],
    }));

    expect((await aws.said('event sources'))[0]).toBe('! event sources: webhook: has other event sources besides');
  });
});
