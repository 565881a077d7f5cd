import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ChatOptions } from '../../../../functions/core/chat/options.ts';
import { viewOf } from '../../../../functions/core/chat/view.ts';
import { words } from '../../../../functions/core/chat/words.ts';
import type { KubeEvent } from '../../../../functions/core/contract/event.ts';
import type { EventContext } from '../../../../functions/core/contract/context.ts';
import { sampleEvent, sampleEventIn, sampleKubeEvent } from '../../../../functions/core/contract/sample.ts';
import { anyText } from '../../../support/any-text.ts';

const options: ChatOptions = { language: 'en', timeZone: 'UTC', links: {}, labels: [] };

function view(fields: KubeEvent, changed: Partial<ChatOptions> = {}) {
  return viewOf([sampleEvent(fields)], { ...options, ...changed });
}

describe('the times of an event', () => {
  it('say how often and since when, with the date of the last time only where it differs', () => {
    const when = (fields: KubeEvent, changed: Partial<ChatOptions> = {}) =>
      view(fields, changed).facts.find(({ label }) => label === words[changed.language ?? 'en'].when)?.value;

    expect(when({})).toBe('2026-11-23 07:59:30 UTC');
    expect(when({ count: 3 })).toBe('3 times since 2026-11-23 07:55:00, last at 07:59:30 UTC');
    expect(when({ count: 3, firstTimestamp: '2026-11-21T07:55:00Z' })).toBe(
      '3 times since 2026-11-21 07:55:00, last at 2026-11-23 07:59:30 UTC',
    );
    expect(when({ count: 3 }, { language: 'zh', timeZone: 'Asia/Shanghai' })).toBe(
      '自 2026-11-23 15:55:00 起共 3 次，最近一次 15:59:30（UTC+8）',
    );
  });
});

describe('whose an object is', () => {
  const facts = (context: EventContext, fields: KubeEvent = {}, language: ChatOptions['language'] = 'en') =>
    viewOf([sampleEventIn(context, fields)], { ...options, language })
      .facts.filter(({ label }) => [words[language].owner, words[language].node].includes(label))
      .map(({ label, value }) => `${label}: ${value}`);
  const owner = { kind: 'Deployment', name: 'checkout' };

  it('is a fact of its own, marked where it is a guess', () => {
    expect(facts({ owner })).toEqual(['Owner: Deployment checkout']);
    expect(facts({ owner: { ...owner, guessed: true } })).toEqual(['Owner: Deployment checkout (probably)']);
    expect(facts({ owner: { ...owner, guessed: true } }, {}, 'zh')).toEqual(['所属: Deployment checkout（推测）']);
    expect(facts({})).toEqual([]);
  });

  it('comes with the node, unless title, source or message name that', () => {
    const source = { component: 'node-controller' };

    expect(facts({ node: 'node-2' }, { source })).toEqual(['Node: node-2']);
    expect(facts({ node: 'node-2' }, { source }, 'zh')).toEqual(['节点: node-2']);
    expect(facts({ node: 'node-1' })).toEqual([]);
    expect(facts({ node: 'node-2' }, { source, message: 'Assigned to node-2' })).toEqual([]);
    expect(facts({ node: 'node-2' }, { source, involvedObject: { kind: 'Node', name: 'node-2' } })).toEqual([]);
  });
});

describe('links', () => {
  it('carry values that cannot change the URL', () => {
    const links = { Logs: 'https://logs.example.com/q?pod=${ event.object.name }&ns=${ event.object.namespace }' };
    const involvedObject = { ...sampleKubeEvent.involvedObject, name: 'a&b=c#d/e)f g' };

    expect(view({ involvedObject }, { links }).links).toEqual([
      { title: 'Logs', url: 'https://logs.example.com/q?pod=a%26b%3Dc%23d%2Fe%29f%20g&ns=payments' },
    ]);
  });

  it.each(['HTTPS://logs.example.com/', 'Http://logs.example.com/'])('may be written as %s', (url) => {
    expect(view({}, { links: { Logs: url } }).links).toEqual([{ title: 'Logs', url }]);
  });

  it('have 1024 characters at most', () => {
    const of = (length: number) => ({ Logs: 'https://logs.example.com/'.padEnd(length, 'x') });
    expect([1024, 1025].map((length) => view({}, { links: of(length) }).links.length)).toEqual([1, 0]);
  });

  it('keep the structure of their template whatever an event holds', () => {
    const links = { Logs: 'https://logs.example.com/q?m=${ event.message }' };
    fc.assert(
      fc.property(anyText(80), (message) => {
        const [link] = view({ message }, { links }).links;
        const url = new URL(link?.url ?? '');
        expect([url.origin, url.pathname, url.hash, [...url.searchParams.keys()]]).toEqual([
          'https://logs.example.com',
          '/q',
          '',
          ['m'],
        ]);
        expect(url.searchParams.get('m')).toBe(message.toWellFormed());
      }),
    );
  });

  it.each([
    '${ event.message }',
    'javascript:alert(1)',
    'javascript://https://example.com/',
    'see https://example.com/',
    'ftp://example.com/',
    'https://',
    'https://example.com/${ event.message | repeat }',
    'https://example.com/?q=${ event.message }',
  ])('are left out where %j does not become a web address', (template) => {
    expect(view({ message: 'x'.repeat(2000) }, { links: { Bad: template } }).links).toEqual([]);
  });
});
