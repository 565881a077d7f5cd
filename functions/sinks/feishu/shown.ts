import type { SinkMessages } from '../../core/contract/case.ts';
import { MAX_BODY_BYTES, type Element, type FeishuMessage } from './card.ts';

/** Inside of which nothing is markup. */
const FENCED = /^```bash\n.*\n```$/gm;

const shown = {
  links: { Grafana: 'https://grafana.example.com/d/events?pod=${ event.object.name }' },
  timeZone: 'Asia/Shanghai',
};

export const messages: SinkMessages<FeishuMessage> = {
  title: 'Messages on Feishu and Lark',
  variants: [
    { name: 'English', options: { ...shown, language: 'en' } },
    { name: '中文', options: { ...shown, language: 'zh' } },
  ],
  texts(message) {
    const { header, body } = message.card;
    return [
      // Titles and buttons are plain text, in which Feishu reads no entities.
      {
        text: [`[${header.template}] ${header.title.content}`, ...body.elements.map(textOf)].join('\n\n'),
        isLiteral: true,
      },
      { text: JSON.stringify(message), limit: { max: MAX_BODY_BYTES, unit: 'utf8' }, isLiteral: true },
      ...body.elements.flatMap((element) =>
        element.tag === 'markdown'
          ? [{ text: element.content.replaceAll(FENCED, ''), pairs: [['**', '**']] as const }]
          : [],
      ),
    ];
  },
};

function textOf(element: Element): string {
  if (element.tag === 'markdown') return element.content.trimEnd();
  return element.columns
    .flatMap(({ elements }) => elements)
    .map(({ text, behaviors }) => `[ ${text.content} ] ${behaviors[0].default_url}`)
    .join('\n');
}
