import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { htmlBlocks, htmlSpans } from '../../../../infra/console/page/chats/html.ts';
import { markdownBlocks, markdownSpans } from '../../../../infra/console/page/chats/markdown.ts';
import { parseHtml } from '../../../../infra/console/page/chats/parse-html.ts';

describe('Markdown', () => {
  it('becomes blocks', () => {
    expect(
      markdownBlocks('# T\n\n> quote **b**\n\n- a  \n- b\n\n```sh\nkubectl get\n```\n[x](https://a.example)'),
    ).toEqual([
      { kind: 'title', spans: [{ text: 'T' }] },
      { kind: 'quote', spans: [{ text: 'quote ' }, { text: 'b', marks: ['bold'] }] },
      { kind: 'text', spans: [{ text: '• a\n• b' }] },
      { kind: 'code', text: 'kubectl get' },
      { kind: 'text', spans: [{ text: 'x', href: 'https://a.example' }] },
    ]);
  });

  it('may have a fence that begins within a line, or never ends', () => {
    expect(markdownBlocks('**All**: ```sh\nkubectl\n```\nrest')).toEqual([
      { kind: 'text', spans: [{ text: 'All', marks: ['bold'] }, { text: ':' }] },
      { kind: 'code', text: 'kubectl' },
      { kind: 'text', spans: [{ text: 'rest' }] },
    ]);
    expect(markdownBlocks('```\nkubectl')).toEqual([{ kind: 'code', text: 'kubectl' }]);
  });

  it('has mentions, and entities that become text and nothing more', () => {
    expect(markdownSpans('<@U1> <at id=all></at> &#60;b&#62;&amp;lt;')).toEqual([
      { text: '@U1', marks: ['mention'] },
      { text: ' ' },
      { text: '@all', marks: ['mention'] },
      { text: ' <b>&lt;' },
    ]);
  });

  it('of any kind is read without failing', () => {
    const piece = fc.constantFrom(
      '**',
      '`',
      '```',
      '\n',
      '[',
      '](',
      ')',
      '<@',
      '>',
      '> ',
      '# ',
      'a',
      '&#60;',
      '~~',
      '<at>',
    );
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        expect(markdownBlocks(pieces.join(''))).toBeInstanceOf(Array);
      }),
    );
  });
});

describe('HTML', () => {
  it('becomes blocks by an allow list', () => {
    const html =
      '<!doctype html><html><head><title>t</title><style>p{}</style></head><body style="margin:0"><h1>T &amp; U</h1>' +
      '<blockquote>q</blockquote><table><tr><th align="left">Owner</th><td>checkout</td></tr></table><pre>kubectl &lt;x&gt;</pre>' +
      '<p>a<br>b <a href="https://a.example?x=1&amp;y=2" onclick="x()">l</a></p><script>alert(1)</script></body></html>';

    expect(htmlBlocks(html)).toEqual([
      { kind: 'title', spans: [{ text: 'T & U' }] },
      { kind: 'quote', spans: [{ text: 'q' }] },
      { kind: 'fields', fields: [{ label: [{ text: 'Owner' }], value: [{ text: 'checkout' }] }] },
      { kind: 'code', text: 'kubectl <x>' },
      {
        kind: 'text',
        spans: [{ text: 'a' }, { text: '\n' }, { text: 'b ' }, { text: 'l', href: 'https://a.example?x=1&y=2' }],
      },
    ]);
  });

  it('that is text stays text', () => {
    expect(htmlSpans('&lt;script&gt;alert(1)&lt;/script&gt; &amp;lt; 1 < 2')).toEqual([
      { text: '<script>alert(1)</script> &lt; 1 ' },
      { text: '<' },
      { text: ' 2' },
    ]);
  });

  it('that nobody closed, or closed twice, is read to its end', () => {
    expect(htmlSpans('<b>a<i>b</b>c</i></b>d')).toEqual([
      { text: 'a', marks: ['bold'] },
      { text: 'b', marks: ['italic', 'bold'] },
      { text: 'c' },
      { text: 'd' },
    ]);
  });

  it('that is deeper than any message is read without failing', () => {
    expect(htmlSpans(`${'<div>'.repeat(20_000)}x`)).toEqual([{ text: 'x' }]);
  });

  it('of any kind is read without failing, and gives no element that a script could be in', () => {
    const piece = fc.constantFrom(
      '<b>',
      '</b>',
      '<script>',
      '</script>',
      '<a href="',
      '">',
      '<',
      '>',
      '&lt;',
      'x',
      '<!--',
      '-->',
      "'",
    );
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const html = pieces.join('');
        expect(JSON.stringify(parseHtml(html))).not.toContain('"name":"SCRIPT"');
        expect(htmlBlocks(html)).toBeInstanceOf(Array);
      }),
    );
  });
});
