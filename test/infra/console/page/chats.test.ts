import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ClusterEvent } from '../../../../functions/core/contract/event.ts';
import { sampleEvent } from '../../../../functions/core/contract/sample.ts';
import type { Block, Message, Span } from '../../../../infra/console/page/chats/blocks.ts';
import { chats } from '../../../../infra/console/page/chats/chats.ts';
import { loadSink, optionsOf, sinkTypes } from '../../../support/sink-under-test.ts';
import { storms } from '../../../support/storms.ts';
import { wellKnownEvents } from '../../../support/well-known-events.ts';

const GAP = '\u200B';
const LINK = 'https://grafana.example.com/d?pod=${ event.object.name }';

const loaded = await Promise.all(sinkTypes.map(async (type) => ({ type, ...(await loadSink(type)) })));
const known = loaded.filter(({ type }) => chats[type]);

/** Variants of the options that make a payload of another shape. */
const variants: Readonly<Record<string, readonly object[]>> = {
  slack: [{}, { format: 'attachments' }, { mentions: ['U0123456789', 'here'] }],
  teams: [{}, { shape: 'card' }],
  dingtalk: [{}, { msgType: 'text' }, { msgType: 'actionCard' }],
  wechat: [{}, { mode: 'app', corpId: 'ww1', agentId: 1, toUser: ['a'], msgType: 'markdown' }],
};

const cases = known.flatMap(({ type, sink, cases: [first] }) =>
  (variants[type] ?? [{}]).map((variant) => {
    const options = optionsOf(sink, {
      ...first?.options,
      links: { Grafana: LINK },
      labels: ['Owner: platform'],
      ...variant,
    });
    return {
      name: `${type} ${JSON.stringify(variant)}`,
      draw: (events: readonly ClusterEvent[]): Message => {
        const [parcel] = sink.render(events, options);
        return chats[type]?.(parcel?.payload) ?? { blocks: [] };
      },
    };
  }),
);

function flat(blocks: readonly Block[]): readonly Block[] {
  return blocks.flatMap((block) => (block.kind === 'section' ? flat(block.blocks) : [block]));
}

function spansOf(block: Block): readonly Span[] {
  switch (block.kind) {
    case 'title':
    case 'text':
    case 'quote':
      return block.spans;
    case 'fields':
      return block.fields.flatMap(({ label, value }) => [...label, { text: ' ' }, ...value]);
    case 'code':
      return [{ text: block.text }];
    case 'links':
      return block.links.map(({ title, url }) => ({ text: title, href: url }));
    case 'section':
    case 'unknown':
      return [];
  }
}

function textOf(message: Message): string {
  return flat(message.blocks)
    .map((block) =>
      spansOf(block)
        .map(({ text }) => text)
        .join(''),
    )
    .join('\n')
    .replaceAll(GAP, '');
}

it('every chat sink is drawn', () => {
  expect(loaded.filter(({ sink }) => sink.config.chat).map(({ type }) => type)).toEqual(known.map(({ type }) => type));
});

describe.each(cases)('a message of $name', ({ draw }) => {
  it.each(['BackOff', 'NodeNotReady'])('shows all of %s, and leaves nothing to JSON', (reason) => {
    const event = wellKnownEvents.find((each) => each.reason === reason) ?? sampleEvent();
    const message = draw([event]);

    const text = textOf(message);
    expect(flat(message.blocks).filter(({ kind }) => kind === 'unknown')).toEqual([]);
    expect(text).toContain(reason);
    expect(text).toContain(event.object.name);
    expect(text).toContain('kubectl');
    expect(text).toContain('Owner: platform');
    expect(text).not.toMatch(/\*\*|```|<\/|&#\d|&lt;/);
  });

  it.each(storms)('shows $name without markup left over', ({ events }) => {
    const message = draw(events);

    expect(flat(message.blocks).filter(({ kind }) => kind === 'unknown')).toEqual([]);
    expect(textOf(message)).not.toMatch(/\*\*|```/);
  });

  it('makes links of nothing that an event says', () => {
    const evil =
      '[x](https://evil.example) <a href="https://evil.example">x</a> <https://evil.example|x> https://evil.example';
    const message = draw([sampleEvent({ message: evil, source: { component: evil, host: evil } })]);

    const links = flat(message.blocks)
      .flatMap(spansOf)
      .flatMap(({ href }) => href ?? []);
    expect(links.filter((href) => href.includes('evil'))).toEqual([]);
  });
});

describe('a payload that nobody thought of', () => {
  it.each(Object.entries(chats))('is shown by %s all the same', (_type, convert) => {
    fc.assert(
      fc.property(fc.jsonValue(), (payload) => {
        expect(convert?.(payload).blocks).toBeInstanceOf(Array);
      }),
    );
  });

  it.each(Object.entries(chats))('is JSON for %s where it is nothing of a message', (_type, convert) => {
    expect(convert?.({ other: 1 }).blocks.map(({ kind }) => kind)).toEqual(
      convert?.name === 'slackMessage' ? [] : ['unknown'],
    );
  });
});
