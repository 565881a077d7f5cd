import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { SinkConfig } from '../../../functions/core/contract/config.ts';
import { knownReasons } from '../../../functions/core/chat/hints.ts';
import type { ClusterEvent } from '../../../functions/core/contract/event.ts';
import { sampleEvent } from '../../../functions/core/contract/sample.ts';
import { SEVERITIES, type Severity } from '../../../functions/core/contract/severity.ts';
import { loadSink, optionsOf, sinksFolder, sinkTypes } from '../../support/sink-under-test.ts';
import { nodeBack, storms, type Storm } from '../../support/storms.ts';
import { wellKnownEvents } from '../../support/well-known-events.ts';

const sinks = await Promise.all(sinkTypes.map(async (type) => ({ type, ...(await loadSink(type)) })));
const shown = sinks.flatMap(({ type, sink, messages }) => (messages ? [{ type, sink, messages }] : []));

interface Variant {
  readonly name: string;
  readonly render: (events: readonly ClusterEvent[]) => string;
}

/** What somebody writes into an event who means harm, in the markup of every service. */
const hostile = sampleEvent({
  message:
    '@all @everyone <!channel> <@U0123456789> <users/all> <at id=all></at> [x](http://evil.example) <a href="http://evil.example">x</a> ![x](http://evil.example/i.png) **bold** `code` ~~~ # head &lt;b&gt; \u202Eright to left',
  source: { component: '<b>kubelet</b>', host: 'www.evil.example' },
});

const HEADINGS: Readonly<Record<Severity, string>> = { critical: 'Critical', warning: 'Warning', info: 'Info' };

/** A page of what people see: every well-known reason, the most serious first, then storms. */
function page(title: string, variants: readonly Variant[], storms: readonly Storm[]): string {
  const block = (heading: string, events: readonly ClusterEvent[]) => {
    const shown = variants.map(({ name, render }) => `${name}:\n\n~~~text\n${render(events)}\n~~~\n`);
    return `### ${heading}\n\n${shown.join('\n')}`;
  };
  const singles = SEVERITIES.flatMap((severity) => {
    const events = wellKnownEvents.filter((event) => event.severity === severity);
    return events.length === 0
      ? []
      : [`## ${HEADINGS[severity]}`, ...events.map((event) => block(event.reason, [event]))];
  });
  return [
    `# ${title}`,
    'Written by the tests from their sample events: the text as it is sent.\n',
    ...singles,
    ...(storms.length > 0 ? ['## Storms'] : []),
    ...storms.map(({ name, events }) => block(name, events)),
    '## Hostile texts',
    block('An event that would mention, link and mark up', [hostile]),
  ].join('\n\n');
}

function stormsFor({ chat, pager }: SinkConfig): readonly Storm[] {
  if (pager) return [...storms, { name: 'A node that is back', events: nodeBack }];
  return chat ? storms : [];
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
            .join('\n\n'),
      };
    });

    await expect(page(title, rendered, stormsFor(sink.config))).toMatchFileSnapshot(
      join(sinksFolder, type, 'MESSAGES.md'),
    );
  });
});
