import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { writeMessage } from '../../../functions/core/contract/message.ts';
import type { Sink } from '../../../functions/core/contract/sink.ts';
import { createHandler, type SinkHandler } from '../../../functions/core/runtime/handler.ts';
import type { Surroundings } from '../../../functions/core/runtime/function.ts';
import { sink as dingtalk } from '../../../functions/sinks/dingtalk/sink.ts';
import { sink as wechat } from '../../../functions/sinks/wechat/sink.ts';
import { loadSink, sinkTypes } from '../../support/sink-under-test.ts';
import { driveGathering } from '../../support/sqs-model-drive.ts';
import { createSqsModel, MODEL_ENDPOINT } from '../../support/sqs-model.ts';
import { podEvent } from '../../support/storms.ts';
import { startDingTalk } from '../../support/vendors/dingtalk.ts';
import { startWeCom } from '../../support/vendors/wecom.ts';

const PODS = 20;
const owner = { kind: 'Deployment', name: 'checkout' };

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

interface Chat {
  readonly name: string;
  readonly type: string;
  readonly create: (surroundings: Surroundings) => SinkHandler;
  readonly start: (
    now: () => number,
  ) => Promise<{ readonly url: string; messages: readonly object[]; stop(): unknown }>;
  readonly options: object;
  readonly secrets: object;
}

/** Without the rest that a robot's pace asks for after a message: it goes by a real clock. */
function unpaced<Options, Secrets, Payload, Client>(
  sink: Sink<Options, Secrets, Payload, Client>,
): Sink<Options, Secrets, Payload, Client> {
  return { ...sink, pace: () => ({ key: 'robot', perMinute: 1_000_000 }) };
}

const chats: readonly Chat[] = [
  {
    name: 'DingTalk',
    type: 'dingtalk',
    create: (surroundings) => createHandler(unpaced(dingtalk), surroundings),
    start: (now) => startDingTalk({ accessToken: '4f1d', now }),
    options: {},
    secrets: { accessToken: '4f1d' },
  },
  {
    name: "a WeCom group's robot",
    type: 'wechat',
    create: (surroundings) => createHandler(unpaced(wechat), surroundings),
    start: (now) => startWeCom({ robotKey: 'key', now }),
    options: { mode: 'robot' },
    secrets: { robotKey: 'key' },
  },
  {
    name: 'a WeCom application',
    type: 'wechat',
    create: (surroundings) => createHandler(unpaced(wechat), surroundings),
    start: (now) => startWeCom({ corpId: 'ww1', corpSecret: 'secret', agentId: 7, members: ['li'], now }),
    options: { corpId: 'ww1', agentId: 7 },
    secrets: { corpSecret: 'secret' },
  },
];

/** Twenty pods of one Deployment fail alike, one every three seconds. What the chat got, as texts. */
async function storm({ type, create, start, options, secrets }: Chat): Promise<readonly string[]> {
  const sqs = createSqsModel({ visibilitySeconds: 360, redrive: {} });
  const fake = await start(sqs.now);
  ends.push(() => fake.stop());
  const folder = mkdtempSync(join(tmpdir(), 'courier-alike-'));
  ends.push(() => rmSync(folder, { recursive: true }));
  for (const [kind, document] of Object.entries({ destinations: { ...options, endpoint: fake.url }, secrets })) {
    mkdirSync(join(folder, kind, type), { recursive: true });
    writeFileSync(join(folder, kind, type, 'a.json'), JSON.stringify(document));
  }
  const handler = create({
    env: {
      DESTINATIONS: `file:${folder}`,
      QUEUE_URL: `${MODEL_ENDPOINT}/own`,
      DEAD_LETTER_QUEUE_URL: `${MODEL_ENDPOINT}/dead`,
    },
    output: { stdout: () => {}, stderr: () => {} },
    now: () => new Date(sqs.now()),
    queueCalls: sqs.calls,
  });
  for (let index = 0; index < PODS; index += 1)
    sqs.put('own', messageOf(index, `${type}/a`), {}, (index * 60) / (PODS - 1));
  await driveGathering(sqs, { queue: 'own', windowSeconds: 5, invoke: handler });
  expect(sqs.messages('dead')).toEqual([]);
  return fake.messages.map((message) => JSON.stringify(message));
}

function messageOf(index: number, destination: string): string {
  const { raw } = podEvent(index, 'checkout-6c9f7d5b8', { reason: 'Failed', message: 'Error: ImagePullBackOff' });
  const seen = { cluster: 'prod', seenAt: '2026-11-23T08:00:00Z', change: 'added' } as const;
  return writeMessage({ v: 1, kind: 'event', ...seen, destination, event: raw, context: { owner } });
}

describe('twenty pods of one Deployment that fail alike within a minute', () => {
  it.each(chats)('are two messages for $name: the first, and all others', async (chat) => {
    const texts = await storm(chat);

    expect(texts).toHaveLength(2);
    // The batch in which the first arrives has two of them.
    expect(texts[0]).toContain('Failed · Deployment shop/checkout: 2 pods');
    expect(texts[1]).toContain('Failed · Deployment shop/checkout: 18 pods');
  });
});

it.each(sinkTypes)('%s says what is alike, if it is a chat', async (type) => {
  const { chat, alike } = (await loadSink(type)).sink.config;

  expect(alike !== undefined).toBe(chat);
});
