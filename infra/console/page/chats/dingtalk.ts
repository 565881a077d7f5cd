import { plain, type Link, type Message } from './blocks.ts';
import { markdownBlocks } from './markdown.ts';
import { at, listAt, textAt } from './payload.ts';

/** A text, Markdown, or a card with buttons. */
export function dingTalkMessage(payload: unknown): Message {
  const content = textAt(payload, 'text', 'content');
  if (content !== undefined) return { blocks: [{ kind: 'text', spans: plain(content) }] };
  const card = at(payload, 'actionCard') ?? at(payload, 'markdown');
  const text = textAt(card, 'text');
  if (text === undefined) return { blocks: [{ kind: 'unknown', value: payload }] };
  const notice = textAt(card, 'title');
  const links = [
    { title: textAt(card, 'singleTitle'), url: textAt(card, 'singleURL') },
    ...listAt(card, 'btns').map((button) => ({ title: textAt(button, 'title'), url: textAt(button, 'actionURL') })),
  ].flatMap(({ title, url }): readonly Link[] => (url === undefined ? [] : [{ title: title ?? url, url }]));
  return {
    ...(notice !== undefined && { notice }),
    blocks: [...markdownBlocks(text), ...(links.length === 0 ? [] : [{ kind: 'links', links } as const])],
  };
}
