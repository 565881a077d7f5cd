import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { knownReasons } from '../../../functions/core/chat/hints.ts';
import { parseSettings } from '../../../functions/core/destinations/destination.ts';
import type { SinkConfig } from '../../../functions/core/contract/config.ts';
import type { ClusterEvent } from '../../../functions/core/contract/event.ts';
import { config as dingTalkConfig } from '../../../functions/sinks/dingtalk/config.ts';
import { dingTalkMessage } from '../../../functions/sinks/dingtalk/message.ts';
import { config as webhookConfig } from '../../../functions/sinks/webhook/config.ts';
import { sink as webhookSink } from '../../../functions/sinks/webhook/sink.ts';
import { config as weComConfig } from '../../../functions/sinks/wechat/config.ts';
import { weComMessage } from '../../../functions/sinks/wechat/message.ts';
import { sinksFolder } from '../../support/sink-under-test.ts';
import { wellKnownEvents } from '../../support/well-known-events.ts';

const languages = [
  { language: 'en', name: 'English' },
  { language: 'zh', name: '中文' },
];
const common = {
  timeZone: 'Asia/Shanghai',
  links: { Grafana: 'https://grafana.example.com/d/events?pod=${ event.object.name }' },
};

function optionsOf<T>(config: SinkConfig<T>, document: object): T {
  const parsed = parseSettings(config, JSON.stringify({ ...common, ...document }));
  if ('problems' in parsed) throw new Error(JSON.stringify(parsed.problems));
  return parsed.value.options;
}

function dingTalk(language: string): (events: readonly ClusterEvent[]) => string {
  const options = optionsOf(dingTalkConfig, { language });
  return (events) => {
    const message = dingTalkMessage(events, options);
    return message.msgtype === 'markdown' ? message.markdown.text : '';
  };
}

function weCom(document: object): (events: readonly ClusterEvent[]) => string {
  const options = optionsOf(weComConfig, document);
  return (events) => {
    const message = weComMessage(events, options);
    return message.msgtype === 'text' ? message.text.content : message.markdown.content;
  };
}

/** A page of what people see: one digest, then every well-known reason. */
function page(
  title: string,
  variants: readonly { name: string; render: (events: readonly ClusterEvent[]) => string }[],
): string {
  const shown = (events: readonly ClusterEvent[]) =>
    variants.map(({ name, render }) => `${name}:\n\n~~~text\n${render(events)}\n~~~\n`).join('\n');
  const digests = [
    `## Three events\n\n${shown(wellKnownEvents.slice(20, 23))}`,
    `## A burst of ${wellKnownEvents.length} events\n\n${shown(wellKnownEvents)}`,
  ];
  const single = wellKnownEvents.map((event) => `## ${event.reason}\n\n${shown([event])}`);
  return [
    `# ${title}`,
    'Written by the tests from their sample events: the text as it is sent.\n',
    ...single,
    ...digests,
  ].join('\n\n');
}

describe('the pages of messages', () => {
  it('cover every well-known reason', () => {
    expect(knownReasons.filter((reason) => !wellKnownEvents.some((event) => event.reason === reason))).toEqual([]);
  });

  it('show what DingTalk gets', async () => {
    const variants = languages.map(({ language, name }) => ({ name, render: dingTalk(language) }));

    await expect(page('Messages on DingTalk', variants)).toMatchFileSnapshot(join(sinksFolder, 'dingtalk/MESSAGES.md'));
  });

  it('show what a webhook gets', async () => {
    const options = (document: object) => {
      const parsed = parseSettings(webhookConfig, JSON.stringify(document));
      if ('problems' in parsed) throw new Error(JSON.stringify(parsed.problems));
      return parsed.value.options;
    };
    const body = (document: object) => (events: readonly ClusterEvent[]) =>
      webhookSink
        .render(events, options(document))
        .map(({ payload }) => payload.body)
        .join('\n');
    const text =
      '[${ event.cluster }] ${ event.reason } ${ event.object.kind }/${ event.object.name } x${ event.count }';
    const variants = [
      { name: 'Without a body', render: body({}) },
      { name: 'With a body', render: body({ body: { text: `${text}: \${ event.message }` } }) },
    ];

    await expect(page('Bodies sent to a webhook', variants)).toMatchFileSnapshot(
      join(sinksFolder, 'webhook/MESSAGES.md'),
    );
  });

  it('show what WeCom gets', async () => {
    const app = { mode: 'app', corpId: 'ww1a2b3c', agentId: 1 };
    const variants = [
      { name: 'Robot, English', render: weCom({ mode: 'robot', language: 'en' }) },
      { name: '群机器人，中文', render: weCom({ mode: 'robot', language: 'zh' }) },
      { name: '应用消息（文本），中文', render: weCom({ ...app, language: 'zh' }) },
    ];

    await expect(page('Messages on WeCom', variants)).toMatchFileSnapshot(join(sinksFolder, 'wechat/MESSAGES.md'));
  });
});
