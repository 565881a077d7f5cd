import type { Message } from './blocks.ts';
import { htmlBlocks } from './html.ts';
import { listAt, textAt } from './payload.ts';

/** HTML of the Bot API, with links as buttons below. */
export function telegramMessage(payload: unknown): Message {
  const text = textAt(payload, 'text');
  if (text === undefined) return { blocks: [{ kind: 'unknown', value: payload }] };
  const links = listAt(payload, 'links').map((link) => {
    const url = textAt(link, 'url') ?? '';
    return { title: textAt(link, 'title') ?? url, url };
  });
  return {
    blocks: [...htmlBlocks(text), ...(links.length === 0 ? [] : [{ kind: 'links', links } as const])],
  };
}
