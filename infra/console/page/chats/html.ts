import type { Block, HtmlNode, Mark, Span } from './blocks.ts';
import { linked, marked } from './inline.ts';

const ELEMENT = 1;
const TEXT = 3;

const MARKS: Readonly<Record<string, Mark>> = {
  B: 'bold',
  STRONG: 'bold',
  TH: 'quiet',
  I: 'italic',
  EM: 'italic',
  S: 'strike',
  DEL: 'strike',
  CODE: 'code',
};

/** What is never shown, whatever is in it. */
const HIDDEN = ['HEAD', 'SCRIPT', 'STYLE', 'TEMPLATE', 'IFRAME', 'OBJECT', 'NOSCRIPT'];

/** HTML as runs of text. Of elements only those that mark, link or break lines mean anything; of all others the text is left. */
export function htmlSpans(node: HtmlNode): readonly Span[] {
  if (node.nodeType === TEXT) return node.nodeValue ? [{ text: node.nodeValue }] : [];
  if (node.nodeType === ELEMENT) {
    const name = node.nodeName.toUpperCase();
    if (HIDDEN.includes(name)) return [];
    if (name === 'BR') return [{ text: '\n' }];
    const inner = childSpans(node);
    const mark = MARKS[name];
    if (mark) return marked(inner, mark);
    if (name === 'FONT') return marked(inner, 'quiet');
    const href = name === 'A' ? node.getAttribute?.('href') : undefined;
    return href ? linked(inner, href) : inner;
  }
  return childSpans(node);
}

function childSpans(node: HtmlNode): readonly Span[] {
  return [...node.childNodes].flatMap(htmlSpans);
}

/** HTML as blocks, in the order in which they stand. */
export function htmlBlocks(root: HtmlNode): readonly Block[] {
  const blocks: Block[] = [];
  let loose: Span[] = [];
  const flush = (): void => {
    const spans = trimmed(loose);
    if (spans.length > 0) blocks.push({ kind: 'text', spans });
    loose = [];
  };
  for (const node of root.childNodes) {
    const made = blockOf(node);
    if (made) {
      flush();
      blocks.push(...made);
    } else loose.push(...htmlSpans(node));
  }
  flush();
  return blocks;
}

/** The blocks that an element is; undefined where it is part of a line. */
function blockOf(node: HtmlNode): readonly Block[] | undefined {
  switch (node.nodeName.toUpperCase()) {
    case 'H1':
    case 'H2':
      return [{ kind: 'title', spans: trimmed(htmlSpans(node)) }];
    case 'BLOCKQUOTE':
      return [{ kind: 'quote', spans: trimmed(htmlSpans(node)) }];
    case 'PRE':
      return [{ kind: 'code', text: textOf(node).trim() }];
    case 'P':
      return [{ kind: 'text', spans: trimmed(htmlSpans(node)) }];
    case 'DIV':
      return [{ kind: 'section', blocks: htmlBlocks(node) }];
    case 'TABLE':
      return tableBlocks(node);
    case 'HTML':
    case 'BODY':
      return htmlBlocks(node);
    case 'HEAD':
      return [];
    default:
      return undefined;
  }
}

/** A row of two cells is a field, one of a single cell what is in it. */
function tableBlocks(table: HtmlNode): readonly Block[] {
  const rows = elementsIn(table, 'TR').map((row) => [...elementsIn(row, 'TH'), ...elementsIn(row, 'TD')]);
  if (rows.length > 0 && rows.every((cells) => cells.length === 2)) {
    const fields = rows.map(([label, value]) => ({
      label: label ? trimmed(childSpans(label)) : [],
      value: value ? trimmed(childSpans(value)) : [],
    }));
    return [{ kind: 'fields', fields }];
  }
  return rows.flatMap((cells) => cells.flatMap(htmlBlocks));
}

/** The nearest ones below a node: not those of a table in a table. */
function elementsIn(node: HtmlNode, name: string): readonly HtmlNode[] {
  return [...node.childNodes].flatMap((child) => {
    if (child.nodeType !== ELEMENT) return [];
    return child.nodeName.toUpperCase() === name ? [child] : tableParts(child, name);
  });
}

function tableParts(child: HtmlNode, name: string): readonly HtmlNode[] {
  return ['TBODY', 'THEAD'].includes(child.nodeName.toUpperCase()) ? elementsIn(child, name) : [];
}

function textOf(node: HtmlNode): string {
  return htmlSpans(node)
    .map(({ text }) => text)
    .join('');
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
