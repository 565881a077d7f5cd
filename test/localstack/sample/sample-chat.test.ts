import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { clusterEvent, type ClusterEvent, type KubeEvent } from '../../../functions/core/contract/event.ts';
import { parseSettings } from '../../../functions/core/destinations/destination.ts';
import { config } from '../../../functions/sinks/dingtalk/config.ts';
import { sink } from '../../../functions/sinks/dingtalk/sink.ts';
import type { Screen } from '../../../infra/terminal/screen.ts';
import { widthOf } from '../../../infra/terminal/width.ts';
import { chatCard, type ChatMessage } from '../../../localstack/sample/chat-card.ts';
import { addSampleChat, CHAT, type SampleChat } from '../../../localstack/sample/sample-chat.ts';
import { createDestinationsFolder, kubeEvent, type DestinationsFolder } from '../../support/embedded.ts';

let folder: DestinationsFolder;
let chat: SampleChat;
const shown: ChatMessage[] = [];

beforeEach(async () => {
  shown.length = 0;
  folder = await createDestinationsFolder();
  chat = await addSampleChat(folder.path, (message) => shown.push(message));
});

afterEach(async () => {
  await chat.stop();
  await folder.remove();
});

function event(fields: KubeEvent = {}): ClusterEvent {
  return clusterEvent({
    cluster: 'sample',
    seenAt: '2026-11-23T08:00:00Z',
    change: 'added',
    event: kubeEvent('a', fields),
  });
}

/** The destination as functions read it. */
async function destination() {
  const parsed = parseSettings(config, await readFile(join(folder.path, 'destinations', `${CHAT}.json`), 'utf8'));
  if (!('value' in parsed)) throw new Error(JSON.stringify(parsed));
  return parsed.value;
}

async function post(body: string): Promise<unknown> {
  const { options } = await destination();
  const reply = await fetch(`${options.endpoint}/robot/send?access_token=x`, { method: 'POST', body });
  return reply.json();
}

test('its destination wants what is critical and the crash loop that everybody knows, and nothing routine', async () => {
  const { verdict } = await destination();

  expect(verdict(event({ type: 'Warning', reason: 'BackOff', count: 1 }))).toBe('pass');
  expect(verdict(event({ type: 'Warning', reason: 'OOMKilling', count: 1 }))).toBe('pass');
  expect(verdict(event({ type: 'Normal', reason: 'Pulled', count: 1 }))).toBe('unmatched');
});

test('shows what the sink would send to DingTalk, and answers as DingTalk does', async () => {
  const { options } = await destination();
  const [parcel] = sink.render([event({ reason: 'BackOff' })], options);

  expect(await post(JSON.stringify(parcel?.payload))).toEqual({ errcode: 0, errmsg: 'ok' });
  expect(shown).toHaveLength(1);
  expect(shown[0]?.title).toContain('[sample] BackOff');
});

test.each(['', 'no JSON', '[]', '{"markdown":7}'])('refuses %j, as no robot sends it', async (body) => {
  expect(await post(body)).toMatchObject({ errcode: 40035 });
  expect(shown).toEqual([]);
});

const screen = (columns: number | undefined): Screen => ({ columns, paint: (_tone, text) => text });

test('a card shows the Markdown as a client does', () => {
  const text =
    '### 🟠 Title\n\n> quoted\n\n- **Container**: api  \n- **When**: now\n\n`kubectl get pod`  \n\nEvent a/1';

  expect(chatCard({ title: '', text }, 'a chat', screen(30))).toEqual([
    '╭─ a chat ───────────────────╮',
    '│ 🟠 Title                   │',
    '│                            │',
    '│ ▏ quoted                   │',
    '│                            │',
    '│ • Container: api           │',
    '│ • When: now                │',
    '│                            │',
    '│ $ kubectl get pod          │',
    '│                            │',
    '│ Event a/1                  │',
    '╰────────────────────────────╯',
  ]);
});

test.each([24, 40, 80, 200, undefined])('all its lines are of one width on a terminal of %s cells', async (columns) => {
  const { options } = await destination();
  const message = '钉钉群机器人 🔴 a text\u001B[2J that is long '.repeat(5);
  const [parcel] = sink.render([event({ message, reason: 'BackOff' })], { ...options, language: 'zh' });
  await post(JSON.stringify(parcel?.payload));

  const [got = { title: '', text: '' }] = shown;
  const widths = new Set(chatCard(got, CHAT, screen(columns)).map(widthOf));
  expect(widths).toEqual(new Set([Math.min(78, columns ?? 78)]));
});
