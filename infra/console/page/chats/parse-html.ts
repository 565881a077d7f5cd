import { decodeEntities } from './inline.ts';

/** An element, or a text. */
export type HtmlNode = HtmlElement | string;

export interface HtmlElement {
  /** In capitals; empty of what is around all. */
  readonly name: string;
  readonly href?: string;
  readonly children: readonly HtmlNode[];
}

interface Open {
  readonly name: string;
  readonly href?: string;
  readonly children: HtmlNode[];
}

const VOID = ['BR', 'HR', 'IMG', 'INPUT', 'META', 'LINK', 'WBR'];
/** What is in them is neither markup nor shown. */
const RAW = ['SCRIPT', 'STYLE', 'TEMPLATE', 'IFRAME', 'NOSCRIPT', 'TITLE'];
const TOKEN = /<!--.*?(?:-->|$)|<[!?][^>]*>|<(\/?)([a-z][\w:-]*)((?:"[^"]*"|'[^']*'|[^'">])*)>|([^<]+|<)/gis;
const HREF = /(?:^|\s)href\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))/i;

/**
 * Reads the HTML of a message: names, links and texts, and no other attribute. A document of the browser's own parser would apply the
 * styles in it, which the page's policy refuses. What comes of it is drawn by an allow list, so it need not agree with a browser
 * about what is malformed.
 */
export function parseHtml(html: string): HtmlElement {
  const root: Open = { name: '', children: [] };
  const open: Open[] = [root];
  let raw: string | undefined;
  for (const [, slash, tag, attributes = '', text] of html.matchAll(TOKEN)) {
    const name = tag?.toUpperCase();
    if (raw !== undefined) {
      if (slash === '/' && name === raw) raw = undefined;
    } else if (text !== undefined) open.at(-1)?.children.push(decodeEntities(text));
    else if (name === undefined) continue;
    else if (slash === '/') close(name, open);
    else if (RAW.includes(name)) raw = name;
    else {
      const href = name === 'A' ? hrefIn(attributes) : undefined;
      const element: Open = { name, ...(href !== undefined && { href }), children: [] };
      open.at(-1)?.children.push(element);
      if (!VOID.includes(name) && !attributes.endsWith('/') && open.length < MAX_DEPTH) open.push(element);
    }
  }
  return root;
}

/** Deeper than any message: what is in it beyond stands beside each other. */
const MAX_DEPTH = 100;

/** Ends the innermost element of the name, and those in it that were left open. */
function close(name: string, open: Open[]): void {
  const at = open.findLastIndex((element) => element.name === name);
  if (at > 0) open.splice(at);
}

function hrefIn(attributes: string): string | undefined {
  const [, double, single, bare] = HREF.exec(attributes) ?? [];
  const href = double ?? single ?? bare;
  return href === undefined ? undefined : decodeEntities(href);
}
