import { plain, type Block, type Message } from './blocks.ts';
import { markdownBlocks } from './markdown.ts';
import { at, listAt, textAt, toned } from './payload.ts';

/** A card of JSON 2.0. */
export function feishuMessage(payload: unknown): Message {
  const header = at(payload, 'card', 'header');
  const title = textAt(header, 'title', 'content');
  const elements = listAt(payload, 'card', 'body', 'elements');
  if (title === undefined && elements.length === 0) return { blocks: [{ kind: 'unknown', value: payload }] };
  return {
    ...toned(at(header, 'template')),
    blocks: [
      ...(title === undefined ? [] : [{ kind: 'title', spans: plain(title) } as const]),
      ...elements.flatMap(elementOf),
    ],
  };
}

function elementOf(element: unknown): readonly Block[] {
  const tag = at(element, 'tag');
  if (tag === 'markdown') {
    const blocks = markdownBlocks(textAt(element, 'content') ?? '');
    const isNote = at(element, 'text_size') === 'notation';
    return isNote ? blocks.map((block) => (block.kind === 'text' ? { ...block, isQuiet: true } : block)) : blocks;
  }
  if (tag === 'column_set') {
    const buttons = listAt(element, 'columns').flatMap((column) => listAt(column, 'elements'));
    return [{ kind: 'links', links: buttons.map(buttonOf) }];
  }
  return [{ kind: 'unknown', value: element }];
}

function buttonOf(button: unknown) {
  const url = textAt(button, 'behaviors', 0, 'default_url') ?? '';
  return { title: textAt(button, 'text', 'content') ?? url, url };
}
