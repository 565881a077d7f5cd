import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { sqsCalls } from '../../../../functions/core/runtime/queue-calls.ts';
import { createQueues, type Queues } from '../../../../functions/core/runtime/queue.ts';
import { recordOf, listOf, textOf } from '../../../../functions/core/contract/untrusted.ts';
import { testAccess } from '../../../support/aws/access.ts';
import { outages } from '../../../support/faults.ts';
import { startHttpServer, type Answer, type HttpServer, type ReceivedRequest } from '../../../support/http-server.ts';
import { startSqs, type TestSqs } from '../../../support/sqs.ts';

const quick = { connectMs: 200, answerMs: 200 };

describe('a queue', () => {
  let sqs: TestSqs;
  let errors: string[];
  let queues: Queues;
  beforeAll(async () => {
    sqs = await startSqs();
  });
  afterAll(() => sqs.stop());

  function open(name: string): string {
    const url = sqs.createQueue(name, { VisibilityTimeout: '30' });
    errors = [];
    queues = createQueues(sqsCalls(url, testAccess, {}), (detail) => errors.push(detail));
    return url;
  }

  it('gets messages split by number and size, and says of each whether it was accepted', async () => {
    const url = open('out');
    const bodies = [
      ...Array.from({ length: 25 }, (_, index) => `m${index}`),
      'x'.repeat(600_000),
      'y'.repeat(600_000),
      'z'.repeat(1_100_000),
    ];
    const accepted = await queues.send(
      url,
      bodies.map((body) => ({ body, groupId: 'a b/ü' })),
    );
    expect(accepted.slice(0, 27)).toEqual(Array.from({ length: 27 }, () => true));
    expect(accepted[27]).toBe(false);
    expect(errors).toHaveLength(1);
    expect((await sqs.drain(url)).map(({ Body = '' }) => Body).toSorted()).toEqual(bodies.slice(0, 27).toSorted());
  });

  it('hides as many messages as there are', async () => {
    const url = open('delays');
    const bodies = Array.from({ length: 12 }, (_, index) => ({ body: String(index), groupId: 'a' }));
    await queues.send(url, bodies);
    const records = [...(await sqs.receive(url)).Records, ...(await sqs.receive(url)).Records];
    const before = Date.now();
    await queues.delay(
      url,
      records.map(({ receiptHandle }) => ({ receiptHandle, seconds: 500 })),
    );
    const times = sqs.visibleAgainAt('delays');
    expect(times).toHaveLength(12);
    for (const time of times) expect(time).toBeGreaterThanOrEqual(before + 500_000);
  });
});

describe.each(['send', 'delay', 'remove'] as const)('%s to a queue', (call) => {
  let server: HttpServer;
  let errors: string[];
  let queues: Queues;

  beforeEach(async () => {
    server = await startHttpServer(acceptAll);
    errors = [];
    queues = createQueues(sqsCalls(server.url, testAccess, {}, quick), (detail) => errors.push(detail));
    return () => server.stop();
  });

  /** Twelve messages, in two calls. Resolves to how many were accepted. */
  async function callQueue(signal?: AbortSignal): Promise<number> {
    const url = `${server.url}/1/q`;
    const all = Array.from({ length: 12 }, (_, index) => String(index));
    if (call === 'send') {
      const messages = all.map((body) => ({ body, groupId: 'g' }));
      return (await queues.send(url, messages, signal)).filter(Boolean).length;
    }
    if (call === 'remove') {
      await queues.remove(url, all, signal);
      return 12 - errors.length;
    }
    const delays = all.map((receiptHandle) => ({ receiptHandle, seconds: 9 }));
    await queues.delay(url, delays, signal);
    return 12 - errors.length;
  }

  it.each(outages)('ends, and tells of every call, when SQS %s', async (_name, fail) => {
    await fail(server);
    const accepted = await callQueue(AbortSignal.timeout(2000));
    expect(errors).toHaveLength(2);
    if (call === 'send') expect(accepted).toBe(0);
  });

  it('ends with its signal when nothing answers', async () => {
    server.respond(() => 'hang');
    await callQueue(AbortSignal.timeout(20));
    expect(errors.map((error) => error.replace(/:.*/, ''))).toEqual(['TimeoutError', 'TimeoutError']);
  });

  it('makes no call when the deadline is over', async () => {
    await callQueue(AbortSignal.abort());
    expect([server.requests.length, errors.length]).toEqual([0, 2]);
  });

  it.each(['hang', 'stall'] as const)('repeats an attempt that is not answered but lets it %s', async (fault) => {
    server.respond((request) => (server.requests.length === 1 ? fault : acceptAll(request)));
    expect(await callQueue()).toBe(12);
    expect(errors).toEqual([]);
  });

  it('makes three attempts', async () => {
    server.respond(() => ({ status: 500 }));
    await callQueue();
    expect(server.requests).toHaveLength(2 * 3);
  });

  it('keeps the other call when one fails', async () => {
    server.respond((request) => (entriesOf(request).length === 2 ? { body: '{}' } : acceptAll(request)));
    expect(await callQueue()).toBe(call === 'send' ? 10 : 11);
    expect(errors).toEqual(['SQS did not answer for every message']);
  });

  it('tells of an entry that was refused, and believes no answer for one that was not sent', async () => {
    server.respond((request) => {
      const [first, ...rest] = entriesOf(request).map(done);
      const Successful = [...rest, { Id: 'unknown' }];
      return { body: JSON.stringify({ Successful, Failed: [{ Id: first?.Id, Code: 'Odd', Message: 'no' }] }) };
    });
    const accepted = await callQueue();
    if (call === 'send') expect(accepted).toBe(10);
    expect(errors).toEqual(['Odd: no', 'Odd: no']);
  });
});

it('gives messages their attributes, and a group of printable ASCII of at most 128 characters', async () => {
  const server = await startHttpServer(acceptAll);
  const queues = createQueues(sqsCalls(server.url, testAccess, {}), () => {});
  await queues.send(`${server.url}/1/q`, [
    { body: 'a', groupId: 'webhook/tëam one', attributes: { code: 'http_404' } },
    { body: 'b', groupId: 'x'.repeat(200), delaySeconds: 900 },
    { body: 'c', groupId: '' },
  ]);
  const entries = server.requests.flatMap(entriesOf);
  expect(entries.map(({ MessageGroupId }) => MessageGroupId)).toEqual(['webhook/t_am_one', 'x'.repeat(128), '-']);
  expect(entries[0]).toMatchObject({
    MessageBody: 'a',
    MessageAttributes: { code: { DataType: 'String', StringValue: 'http_404' } },
  });
  expect(entries.map(({ DelaySeconds }) => DelaySeconds)).toEqual([undefined, 900, undefined]);
  await server.stop();
});

it('does not believe that SQS has what it did not receive', async () => {
  const server = await startHttpServer((request) => {
    const [first, ...rest] = entriesOf(request).map(done);
    return { body: JSON.stringify({ Successful: [{ ...first, MD5OfMessageBody: 'of-another' }, ...rest] }) };
  });
  const errors: string[] = [];
  const queues = createQueues(sqsCalls(server.url, testAccess, {}), (detail) => errors.push(detail));
  const messages = ['a', 'b'].map((body) => ({ body, groupId: 'g' }));
  expect(await queues.send(`${server.url}/1/q`, messages)).toEqual([false, true]);
  expect(errors).toEqual(['InvalidMD5: SQS has received another text']);
  await server.stop();
});

it('counts the attributes of messages, too, towards the size of a call', async () => {
  const server = await startHttpServer(acceptAll);
  const queues = createQueues(sqsCalls(server.url, testAccess, {}), () => {});
  const message = { body: 'x'.repeat(100_000), groupId: 'g', attributes: { detail: 'y'.repeat(100_000) } };
  await queues.send(
    `${server.url}/1/q`,
    Array.from({ length: 5 }, () => message),
  );
  expect(new Set(server.requests.map((request) => entriesOf(request).length))).toEqual(new Set([4, 1]));
  await server.stop();
});

function acceptAll(request: ReceivedRequest): Answer {
  return { body: JSON.stringify({ Successful: entriesOf(request).map(done) }) };
}

function done(entry: Readonly<Record<string, unknown>>) {
  const digest = createHash('md5').update(textOf(entry['MessageBody'])).digest('hex');
  return { Id: textOf(entry['Id']), MessageId: 'm', MD5OfMessageBody: digest };
}

function entriesOf({ body }: ReceivedRequest): readonly Readonly<Record<string, unknown>>[] {
  return listOf(recordOf(JSON.parse(body))['Entries']).map(recordOf);
}
