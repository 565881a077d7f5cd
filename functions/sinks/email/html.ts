import type { Card, Item, Line, Part } from '../../core/chat/card.ts';
import { escapeHtml, unlinked } from '../../core/chat/escape.ts';
import type { ChatOptions } from '../../core/chat/options.ts';
import type { Severity } from '../../core/contract/severity.ts';
import { cutBytes, plainLine } from '../../core/kit/text.ts';

const COLORS: Readonly<Record<Severity, string>> = { critical: '#d93025', warning: '#e8710a', info: '#1a73e8' };

/** Of one text: the whole message is in the store or in `kubectl describe`. */
const MAX_TITLE_BYTES = 480;
const MAX_ITEM_QUOTE_BYTES = 1000;

// Styles stand inline and layout is tables: mail programs know little else.
const FONT = 'font-family:-apple-system,Segoe UI,Roboto,Helvetica,Arial,sans-serif;font-size:14px;line-height:1.5';
const MONO = 'font-family:ui-monospace,Menlo,Consolas,monospace;font-size:13px';
const GREY = 'color:#5f6368';

/** A card as an HTML mail: nothing is fetched, and nothing that an event says is markup or a link. Pure. */
export function htmlOf({ title, severity, body }: Card, { language }: ChatOptions): string {
  return [
    `<!doctype html><html lang="${language}"><head><meta charset="utf-8"></head><body style="margin:0;padding:16px;${FONT}">`,
    `<table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="border-collapse:collapse"><tr><td style="border-left:4px solid ${COLORS[severity]};padding:0 0 0 16px">`,
    `<h1 style="margin:0 0 12px;font-size:17px">${shown(title, MAX_TITLE_BYTES)}</h1>`,
    ...body.map((part) => partHtml(part)),
    '</td></tr></table></body></html>',
  ].join('\n');
}

function partHtml(part: Part, quoteBytes = Infinity): string {
  switch (part.kind) {
    case 'quote':
      return `<blockquote style="margin:0 0 12px;padding:8px 12px;background:#f1f3f4">${shown(part.text, quoteBytes)}</blockquote>`;
    case 'facts':
      return `<table cellpadding="0" cellspacing="0" style="margin:0 0 12px;${FONT}">${part.facts.map(({ label, value }) => `<tr><th align="left" style="padding:0 16px 0 0;font-weight:normal;white-space:nowrap;vertical-align:top;${GREY}">${escapeHtml(label)}</th><td>${shown(value)}</td></tr>`).join('')}</table>`;
    case 'hint':
      return paragraph(`💡 ${escapeHtml(part.text)}`);
    case 'commands':
      return commandsHtml(part.commands);
    case 'all':
      return `${paragraph(escapeHtml(part.label), GREY)}${commandsHtml([part.command])}`;
    case 'links':
      return paragraph(
        part.links.map(({ title, url }) => `<a href="${escapeHtml(url)}">${shown(title)}</a>`).join(' · '),
      );
    case 'labels':
      return paragraph(part.lines.map((line) => escapeHtml(plainLine(line))).join('<br>'), GREY);
    case 'tally':
    case 'more':
      return paragraph(shown(part.text));
    case 'id':
      return paragraph(shown(part.text), `${GREY};font-size:12px`);
    case 'item':
      return itemHtml(part);
    case 'list':
      return `${part.when === '' ? '' : paragraph(escapeHtml(part.when), GREY)}<table width="100%" cellpadding="0" cellspacing="0" style="margin:0 0 12px;${FONT}">${part.lines.map(lineHtml).join('')}</table>`;
  }
}

function itemHtml({ title, severity, body }: Item): string {
  const parts = body.map((part) => partHtml(part, MAX_ITEM_QUOTE_BYTES)).join('');
  return `<div style="margin:0 0 16px;border-left:3px solid ${COLORS[severity]};padding:0 0 0 12px"><h2 style="margin:0 0 8px;font-size:15px">${shown(title, MAX_TITLE_BYTES)}</h2>${parts}</div>`;
}

function lineHtml({ title, message, room }: Line): string {
  const cell = 'padding:4px 12px 4px 0;border-top:1px solid #e0e0e0;vertical-align:top';
  return `<tr><td style="${cell}">${shown(title, MAX_TITLE_BYTES)}</td><td style="${cell};${GREY}">${shown(message, room)}</td></tr>`;
}

function commandsHtml(commands: readonly string[]): string {
  const lines = commands.map((command) => escapeHtml(plainLine(command))).join('\n');
  return `<pre style="margin:0 0 12px;padding:8px 12px;background:#202124;color:#f1f3f4;white-space:pre-wrap;${MONO}">${lines}</pre>`;
}

function paragraph(html: string, style = ''): string {
  return `<p style="margin:0 0 12px;${style}">${html}</p>`;
}

/** What an event says: cut, then so that no mail program makes a link of it, then escaped. */
function shown(text: string, bytes = Infinity): string {
  return escapeHtml(unlinked(cutBytes(plainLine(text), bytes)));
}
