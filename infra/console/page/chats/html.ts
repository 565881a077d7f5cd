import type { Block, Mark, Span } from './blocks.ts';
import { linked, marked } from './inline.ts';
import { parseHtml, type HtmlElement, type HtmlNode } from './parse-html.ts';

const MARKS: Readonly<Record<string, Mark>> = {
  B: 'bold',
  STRONG: 'bold',
  I: 'italic',
  EM: 'italic',
  S: 'strike',
  DEL: 'strike',
  CODE: 'code',
  FONT: 'quiet',
};

/** HTML as runs of text. Of elements only those that mark, link or break lines mean anything; of all others the text is left. */
export function htmlSpans(html: string): readonly Span[] {
  return childSpans(parseHtml(html));
}

/** HTML as blocks, in the order in which they stand. */
export function htmlBlocks(html: string): readonly Block[] {
  return blocksIn(parseHtml(html));
}

function spansOf(node: HtmlNode): readonly Span[] {
  if (typeof node === 'string') return [{ text: node }];
  if (node.name === 'BR') return [{ text: '\n' }];
  const inner = childSpans(node);
  const mark = MARKS[node.name];
  if (mark) return marked(inner, mark);
  return node.href === undefined ? inner : linked(inner, node.href);
}

function childSpans({ children }: HtmlElement): readonly Span[] {
  return children.flatMap(spansOf);
}

function blocksIn({ children }: HtmlElement): readonly Block[] {
  const blocks: Block[] = [];
  let loose: Span[] = [];
  const flush = (): void => {
    const spans = trimmed(loose);
    if (spans.length > 0) blocks.push({ kind: 'text', spans });
    loose = [];
  };
  for (const node of children) {
    const made = typeof node === 'string' ? undefined : blocksOf(node);
    if (made) {
      flush();
      blocks.push(...made);
    } else loose.push(...spansOf(node));
  }
  flush();
  return blocks;
}

/** The blocks that an element is; undefined where it is part of a line. */
function blocksOf(element: HtmlElement): readonly Block[] | undefined {
  switch (element.name) {
    case 'H1':
    case 'H2':
      return [{ kind: 'title', spans: trimmed(childSpans(element)) }];
    case 'BLOCKQUOTE':
      return [{ kind: 'quote', spans: trimmed(childSpans(element)) }];
    case 'PRE':
      return [{ kind: 'code', text: textOf(element) }];
    case 'P':
      return [{ kind: 'text', spans: trimmed(childSpans(element)) }];
    case 'DIV':
      return [{ kind: 'section', blocks: blocksIn(element) }];
    case 'TABLE':
      return tableBlocks(element);
    case 'HTML':
    case 'BODY':
      return blocksIn(element);
    case 'HEAD':
      return [];
    default:
      return undefined;
  }
}

/** A table of rows of two cells is fields, any other what is in its cells. */
function tableBlocks(table: HtmlElement): readonly Block[] {
  const rows = elementsIn(table, ['TR']).map((row) => elementsIn(row, ['TH', 'TD']));
  if (!rows.every((cells) => cells.length === 2)) return rows.flatMap((cells) => cells.flatMap(blocksIn));
  const fields = rows.map(([label, value]) => ({
    label: label ? trimmed(childSpans(label)) : [],
    value: value ? trimmed(childSpans(value)) : [],
  }));
  return fields.length === 0 ? [] : [{ kind: 'fields', fields }];
}

/** The nearest ones below: not those of a table in a table. */
function elementsIn({ children }: HtmlElement, names: readonly string[]): readonly HtmlElement[] {
  return children.flatMap((child) => {
    if (typeof child === 'string') return [];
    if (names.includes(child.name)) return [child];
    return ['TBODY', 'THEAD'].includes(child.name) ? elementsIn(child, names) : [];
  });
}

function textOf(element: HtmlElement): string {
  return childSpans(element)
    .map(({ text }) => text)
    .join('')
    .trim();
}

/** Without the space around, which is of the markup. */
function trimmed(spans: readonly Span[]): readonly Span[] {
  const first = spans.findIndex(({ text }) => text.trim() !== '');
  const last = spans.findLastIndex(({ text }) => text.trim() !== '');
  return spans.slice(first === -1 ? spans.length : first, last + 1).map((span, index, { length }) => {
    const start = index === 0 ? span.text.trimStart() : span.text;
    return { ...span, text: index === length - 1 ? start.trimEnd() : start };
  });
}
