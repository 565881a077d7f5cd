import { plain, type Block, type Message } from './blocks.ts';
import { markdownBlocks, markdownSpans } from './markdown.ts';
import { at, listAt, textAt, toned } from './payload.ts';

/** A message of a webhook with one embed. */
export function discordMessage(payload: unknown): Message {
  const content = textAt(payload, 'content');
  const embeds = listAt(payload, 'embeds');
  if (content === undefined && embeds.length === 0) return { blocks: [{ kind: 'unknown', value: payload }] };
  return {
    blocks: [
      ...(content === undefined ? [] : [{ kind: 'text', spans: markdownSpans(content) } as const]),
      ...embeds.map(embedOf),
    ],
  };
}

function embedOf(embed: unknown): Block {
  const title = textAt(embed, 'title');
  const description = textAt(embed, 'description');
  const footer = textAt(embed, 'footer', 'text');
  const fields = listAt(embed, 'fields');
  return {
    kind: 'section',
    ...toned(at(embed, 'color')),
    blocks: [
      ...(title === undefined ? [] : [{ kind: 'title', spans: markdownSpans(title) } as const]),
      ...(description === undefined ? [] : markdownBlocks(description)),
      ...(fields.length === 0 ? [] : [{ kind: 'fields', fields: fields.map(fieldOf) } as const]),
      ...(footer === undefined ? [] : [{ kind: 'text', spans: plain(footer), isQuiet: true } as const]),
    ],
  };
}

function fieldOf(field: unknown) {
  return { label: plain(textAt(field, 'name') ?? ''), value: markdownSpans(textAt(field, 'value') ?? '') };
}
