import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { knownReasons } from '../../../functions/core/chat/hints.ts';
import type { ClusterEvent } from '../../../functions/core/contract/event.ts';
import { loadSink, optionsOf, sinksFolder, sinkTypes } from '../../support/sink-under-test.ts';
import { wellKnownEvents } from '../../support/well-known-events.ts';

const sinks = await Promise.all(sinkTypes.map(async (type) => ({ type, ...(await loadSink(type)) })));
const shown = sinks.flatMap(({ type, sink, messages }) => (messages ? [{ type, sink, messages }] : []));

interface Variant {
  readonly name: string;
  readonly render: (events: readonly ClusterEvent[]) => string;
}

/** A page of what people see: every well-known reason, then digests. */
function page(title: string, variants: readonly Variant[]): string {
  const block = (events: readonly ClusterEvent[]) =>
    variants.map(({ name, render }) => `${name}:\n\n~~~text\n${render(events)}\n~~~\n`).join('\n');
  const digests = [
    `## Three events\n\n${block(wellKnownEvents.slice(20, 23))}`,
    `## A burst of ${wellKnownEvents.length} events\n\n${block(wellKnownEvents)}`,
  ];
  const single = wellKnownEvents.map((event) => `## ${event.reason}\n\n${block([event])}`);
  return [
    `# ${title}`,
    'Written by the tests from their sample events: the text as it is sent.\n',
    ...single,
    ...digests,
  ].join('\n\n');
}

describe('the pages of messages', () => {
  it('cover every well-known reason', () => {
    expect(knownReasons.filter((reason) => !wellKnownEvents.some((event) => event.reason === reason))).toEqual([]);
  });

  it.each(shown)('show what $type gets', async ({ type, sink, messages: { title, variants, texts } }) => {
    const rendered = variants.map(({ name, options }): Variant => {
      const parsed = optionsOf(sink, options);
      return {
        name,
        render: (events) =>
          sink
            .render(events, parsed)
            .map(({ payload }) => texts(payload)[0]?.text)
            .join('\n'),
      };
    });

    await expect(page(title, rendered)).toMatchFileSnapshot(join(sinksFolder, type, 'MESSAGES.md'));
  });
});
