import { plain, type Message } from './blocks.ts';
import { markdownBlocks } from './markdown.ts';
import { textAt } from './payload.ts';

/** A text or Markdown, of an application or a robot. */
export function weComMessage(payload: unknown): Message {
  const text = textAt(payload, 'text', 'content');
  if (text !== undefined) return { blocks: [{ kind: 'text', spans: plain(text) }] };
  const markdown = textAt(payload, 'markdown', 'content');
  return { blocks: markdown === undefined ? [{ kind: 'unknown', value: payload }] : markdownBlocks(markdown) };
}
