import type { ShownText, SinkMessages } from '../../core/contract/case.ts';
import { MAX_TEXT_CHARACTERS } from './attachments.ts';
import { MAX_BLOCK_BYTES, type Block } from './blocks.ts';
import type { SlackMessage } from './message.ts';

const shown = {
  timeZone: 'Europe/Berlin',
  links: { Grafana: 'https://grafana.example.com/d/events?pod=${ event.object.name }' },
};

export const messages: SinkMessages<SlackMessage> = {
  title: 'Messages on Slack',
  variants: [
    { name: 'English', options: { ...shown, language: 'en' } },
    { name: '中文', options: { ...shown, language: 'zh', timeZone: 'Asia/Shanghai' } },
    { name: 'Mattermost, Rocket.Chat', options: { ...shown, format: 'attachments' } },
  ],
  texts(message) {
    if (!('unfurl_links' in message)) return attachmentTexts(message);
    const { text, attachments = [] } = message;
    const all = [...message.blocks, ...attachments.flatMap(({ blocks }) => blocks)];
    return [
      { text: all.map(textOf).join('\n'), isLiteral: true },
      { text: JSON.stringify(all), limit: { max: MAX_BLOCK_BYTES, unit: 'utf8' }, isLiteral: true },
      { text, limit: { max: 3000, unit: 'utf16' } },
      ...all
        .flatMap((block) => ('fields' in block ? block.fields : []))
        .map(({ text: field }): ShownText => ({
          text: field,
          limit: { max: 2000, unit: 'utf16' },
        })),
    ];
  },
};

function attachmentTexts({ text: mentions = '', attachments }: Exclude<SlackMessage, { unfurl_links: false }>) {
  const [{ title, text, fields }] = attachments;
  const pairs = [
    ['**', '**'],
    ['`', '`'],
  ] as const;
  const facts = fields.map((field) => `${field.title}: ${field.value}`);
  const body = [text, ...facts].filter((part) => part !== '').join('\n');
  return [
    { text: [mentions, `**${title}**`, body].filter(Boolean).join('\n\n') },
    { text, limit: { max: MAX_TEXT_CHARACTERS, unit: 'utf16' }, pairs },
  ] as const;
}

/** A block as people read it. */
function textOf(block: Block): string {
  switch (block.type) {
    case 'header':
      return `${block.text.text}\n`;
    case 'section':
      return 'fields' in block ? block.fields.map(({ text }) => text.replace('\n', ' ')).join('\n') : block.text.text;
    case 'context':
      return block.elements.map(({ text }) => text).join(' ');
    case 'rich_text':
      return block.elements
        .map(({ type, elements }) => {
          const text = elements
            .map((part) => (part.type === 'link' ? `[${part.text}](${part.url})` : part.text))
            .join('');
          return { rich_text_quote: `> ${text}`, rich_text_preformatted: `$ ${text}`, rich_text_section: text }[type];
        })
        .join('\n')
        .trimEnd();
  }
}
