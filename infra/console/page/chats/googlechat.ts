import { plain, type Block, type Message } from './blocks.ts';
import { htmlSpans } from './html.ts';
import { markdownSpans } from './markdown.ts';
import { at, listAt, textAt } from './payload.ts';

/** Cards of version 2. */
export function googleChatMessage(payload: unknown): Message {
  const text = textAt(payload, 'text');
  const cards = listAt(payload, 'cardsV2');
  if (text === undefined && cards.length === 0) return { blocks: [{ kind: 'unknown', value: payload }] };
  return {
    blocks: [
      ...(text === undefined
        ? []
        : [{ kind: 'text', spans: markdownSpans(text.replaceAll('<users/', '<@')) } as const]),
      ...cards.flatMap((card) => cardOf(at(card, 'card'))),
    ],
  };
}

function cardOf(card: unknown): readonly Block[] {
  const title = textAt(card, 'header', 'title');
  const subtitle = textAt(card, 'header', 'subtitle');
  return [
    ...(title === undefined ? [] : [{ kind: 'title', spans: plain(title) } as const]),
    ...(subtitle === undefined ? [] : [{ kind: 'text', spans: plain(subtitle), isQuiet: true } as const]),
    ...listAt(card, 'sections').map((section): Block => ({
      kind: 'section',
      blocks: listAt(section, 'widgets').map(widgetOf),
    })),
  ];
}

function widgetOf(widget: unknown): Block {
  const paragraph = textAt(widget, 'textParagraph', 'text');
  if (paragraph !== undefined) return { kind: 'text', spans: htmlSpans(paragraph) };
  const text = textAt(widget, 'decoratedText', 'text');
  if (text !== undefined) {
    const label = plain(textAt(widget, 'decoratedText', 'topLabel') ?? '');
    return { kind: 'fields', fields: [{ label, value: htmlSpans(text) }] };
  }
  const buttons = listAt(widget, 'buttonList', 'buttons');
  return buttons.length > 0 ? { kind: 'links', links: buttons.map(buttonOf) } : { kind: 'unknown', value: widget };
}

function buttonOf(button: unknown) {
  const url = textAt(button, 'onClick', 'openLink', 'url') ?? '';
  return { title: textAt(button, 'text') ?? url, url };
}
