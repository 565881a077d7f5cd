import type { Block, Message, Span } from './blocks.ts';
import { marked } from './inline.ts';
import { markdownSpans } from './markdown.ts';
import { at, listAt, textAt, toned } from './payload.ts';

/** An Adaptive Card, alone or in a message. */
export function teamsMessage(payload: unknown): Message {
  const inside = at(payload, 'attachments', 0, 'content');
  const card = inside === undefined ? payload : inside;
  const body = listAt(card, 'body');
  if (body.length === 0) return { blocks: [{ kind: 'unknown', value: payload }] };
  const [first, ...rest] = body;
  const heading = listAt(first, 'items');
  if (heading.length === 0) return { blocks: body.flatMap(elementOf) };
  const title = { kind: 'title', spans: heading.flatMap(spansOf) } as const;
  return { ...toned(at(first, 'style')), blocks: [title, ...rest.flatMap(elementOf)] };
}

function elementOf(element: unknown): readonly Block[] {
  switch (at(element, 'type')) {
    case 'TextBlock':
      return [textBlock(element)];
    case 'FactSet':
      return [{ kind: 'fields', fields: listAt(element, 'facts').map(factOf) }];
    case 'ActionSet':
      return [{ kind: 'links', links: listAt(element, 'actions').map(actionOf) }];
    case 'Container': {
      const items = listAt(element, 'items');
      if (at(element, 'style') === 'emphasis') return [{ kind: 'quote', spans: items.flatMap(spansOf) }];
      return [{ kind: 'section', blocks: items.flatMap(elementOf) }];
    }
    default:
      return [{ kind: 'unknown', value: element }];
  }
}

function textBlock(element: unknown): Block {
  const spans = spansOf(element);
  if (at(element, 'fontType') === 'Monospace') return { kind: 'code', text: spans.map(({ text }) => text).join('') };
  const isQuiet = at(element, 'isSubtle') === true || at(element, 'size') === 'Small';
  return { kind: 'text', spans, isQuiet };
}

function spansOf(element: unknown): readonly Span[] {
  const spans = markdownSpans(textAt(element, 'text') ?? '');
  return at(element, 'weight') === 'Bolder' ? marked(spans, 'bold') : spans;
}

function factOf(fact: unknown) {
  return { label: markdownSpans(textAt(fact, 'title') ?? ''), value: markdownSpans(textAt(fact, 'value') ?? '') };
}

function actionOf(action: unknown) {
  const url = textAt(action, 'url') ?? '';
  return { title: textAt(action, 'title') ?? url, url };
}
