import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ReceiveMessageCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { KubeEvent } from '../../../functions/core/contract/event.ts';
import { startEmbeddedStack, type EmbeddedStack } from '../../../localstack/embedded/embedded.ts';
import {
  createDestinationsFolder,
  ingest,
  ingestTogether,
  kubeEvent,
  type DestinationsFolder,
} from '../../support/embedded.ts';
import { startHttpServer, type HttpServer } from '../../support/http-server.ts';

let folder: DestinationsFolder;
let receiver: HttpServer;
let stack: EmbeddedStack;
const printed: string[] = [];
const logged: string[] = [];

beforeEach(async () => {
  printed.length = 0;
  logged.length = 0;
  folder = await createDestinationsFolder();
  receiver = await startHttpServer(() => ({ status: 200 }));
  await folder.write('destinations/log/console', { format: 'text' });
  stack = await startEmbeddedStack({
    folder: folder.path,
    print: (line) => printed.push(line),
    log: (line) => logged.push(line),
  });
});

afterEach(async () => {
  await stack.stop();
  await receiver.stop();
  await folder.remove();
});

test('prints the events of a log destination and counts them', async () => {
  await ingest(stack, [kubeEvent('one', { message: 'first' }), kubeEvent('two', { message: 'second' })]);
  await stack.drain(10_000);

  expect(printed.toSorted()).toEqual([expect.stringContaining('first'), expect.stringContaining('second')]);
  expect(stack.summary()).toMatchObject({ events: 2, seen: 2, delivered: 2, filtered: 0, deadLettered: 0, waiting: 0 });
});

test('delivers to a destination written in YAML, and to its last good version while the file is broken', async () => {
  const file = join(folder.path, 'destinations/log/warnings.yml');
  await rm(join(folder.path, 'destinations/log/console.json'));
  await writeFile(file, '# what people must know\nformat: text\nfilter:\n  match:\n    - type: Warning\n');
  await ingest(stack, [kubeEvent('one'), kubeEvent('two', { type: 'Normal' })]);
  await stack.drain(10_000);
  await writeFile(file, 'format: text\nfilter: [\n');
  await vi.waitFor(
    async () => {
      await ingest(stack, [kubeEvent('three')]);
      await stack.drain(10_000);
      expect(logged.join('\n')).toContain('is not YAML');
    },
    { timeout: 120_000, interval: 200 },
  );

  expect(printed.length).toBeGreaterThan(1);
  expect(printed.every((line) => line.includes('Warning'))).toBe(true);
  expect(stack.summary()).toMatchObject({ filtered: 1, deadLettered: 0, waiting: 0 });
});

test('delivers to stores alone what a silence in the folder holds, and accounts for it', async () => {
  const requests: string[] = [];
  receiver.respond(({ body }) => {
    requests.push(body);
    return { status: 200, body: '{"errcode":0}' };
  });
  await folder.write('destinations/dingtalk/team', { endpoint: receiver.url, repeats: 'all' });
  await folder.write('secrets/dingtalk/team', { accessToken: '0'.repeat(64) });
  const until = new Date(Date.now() + 3_600_000).toISOString();
  await folder.write('silences/rollout', { match: [{ reason: 'Held' }], until, why: 'a rollout', by: 'alice' });

  await ingest(stack, [kubeEvent('held', { reason: 'Held' }), kubeEvent('open', { reason: 'Open' })]);
  await stack.drain(20_000);

  expect(printed).toHaveLength(2);
  expect([requests.length, requests.join().includes('Held'), requests.join().includes('Open')]).toEqual([
    1,
    false,
    true,
  ]);
  expect(stack.summary()).toMatchObject({ events: 2, seen: 4, delivered: 3, filtered: 1, deadLettered: 0, waiting: 0 });
});

test('retries one failing destination alone, and dead-letters what is refused until it is replayed', async () => {
  const received: string[] = [];
  let isRepaired = false;
  let requests = 0;
  receiver.respond(({ body }) => {
    requests += 1;
    if (requests === 1) return { status: 503 };
    if (body === '"refused"' && !isRepaired) return { status: 422, body: 'no such thing' };
    received.push(body);
    return { status: 200 };
  });
  await folder.write('destinations/webhook/failing', { url: receiver.url, body: '${ event.uid }' });

  await ingest(stack, [kubeEvent('refused'), kubeEvent('delivered')]);
  await vi.waitFor(() => expect(stack.summary()).toMatchObject({ waiting: 0, deadLettered: 1, delivered: 3 }), {
    timeout: 120_000,
  });
  expect(printed).toHaveLength(2);
  expect(received).toEqual(['"delivered"']);
  expect(stack.summary()).toMatchObject({ seen: 4, retried: 1 });

  isRepaired = true;
  expect(await stack.replay('webhook')).toMatchObject({ replayed: 1 });
  await stack.drain(10_000);

  expect(received).toEqual(['"delivered"', '"refused"']);
  expect(stack.summary()).toMatchObject({ seen: 4, delivered: 4, deadLettered: 0, waiting: 0, replayed: 1 });
});

test('accounts for events, whatever messages they come in and go back in', async () => {
  const busy = new Set<string>();
  const received: string[] = [];
  receiver.respond(({ body }) => {
    const number = Number(body.replaceAll('"', ''));
    if (number % 50 === 1) return { status: 422 };
    if (number % 20 === 0 && !busy.has(body)) {
      busy.add(body);
      return { status: 503 };
    }
    received.push(body);
    return { status: 200 };
  });
  await folder.write('destinations/webhook/all', { url: receiver.url, body: '${ event.uid }', repeats: 'all' });
  await folder.write('destinations/log/console', { format: 'text', filter: { match: [{ type: 'Normal' }] } });

  const events = Array.from({ length: 300 }, (_, number) =>
    kubeEvent(String(number), { type: number < 100 ? 'Normal' : 'Warning' }),
  );
  await ingestTogether(stack, events);
  await vi.waitFor(() => expect(stack.summary()).toMatchObject({ events: 300, waiting: 0, deadLettered: 6 }), {
    timeout: 120_000,
  });

  expect(printed).toHaveLength(100);
  expect([new Set(received).size, received.length]).toEqual([294, 294]);
  expect(stack.summary()).toMatchObject({ seen: 400, delivered: 394, filtered: 0, retried: 15 });
});

test('heeds an edit of a destination within seconds, and a bad one not at all', async () => {
  await ingest(stack, [kubeEvent('before', { message: 'before' })]);
  await stack.drain(10_000);
  await folder.write('destinations/log/console', { format: 'text', filter: { drop: [{ reason: 'Dropped' }] } });
  await ingestUntil({ reason: 'Dropped' }, () => expect(stack.summary().filtered).toBeGreaterThan(0));
  printed.length = 0;
  await folder.write('destinations/log/console', '{ "format": "tex" }');
  await ingestUntil({ reason: 'Dropped' }, () => expect(logged.join('\n')).toContain('destinations/log/console'));

  await ingest(stack, [kubeEvent('after', { message: 'after' })]);
  await stack.drain(10_000);

  expect(printed).toEqual([expect.stringContaining('after')]);
  const { seen, delivered, filtered, waiting } = stack.summary();
  expect({ sum: delivered + filtered, waiting }).toEqual({ sum: seen, waiting: 0 });
});

/** Sends the same event again until something has come of it. */
async function ingestUntil(fields: KubeEvent, check: () => void): Promise<void> {
  await vi.waitFor(
    async () => {
      await ingest(stack, [kubeEvent('again', fields)]);
      await stack.drain(10_000);
      check();
    },
    { timeout: 120_000, interval: 200 },
  );
}

test('dead-letters a message that no function can read', async () => {
  await stack.queues.client.send(new SendMessageCommand({ QueueUrl: stack.ingestQueueUrl, MessageBody: 'poison' }));
  await vi.waitFor(() => expect(stack.summary()).toMatchObject({ deadLettered: 1, waiting: 0 }), { timeout: 120_000 });

  const { Messages: [letter] = [] } = await stack.queues.client.send(
    new ReceiveMessageCommand({ QueueUrl: `${stack.ingestQueueUrl}-dead-letters`, MessageAttributeNames: ['All'] }),
  );
  expect(letter?.Body).toBe('poison');
  expect(letter?.MessageAttributes?.['code']?.StringValue).toBe('invalid_message');
});
