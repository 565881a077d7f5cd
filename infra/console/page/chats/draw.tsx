import type { ComponentChildren } from 'preact';
import { useMemo } from 'preact/hooks';
import type { Block, Field, Link, Message, Span } from './blocks.ts';
import { chats } from './chats.ts';
import { readableJson } from './readable.ts';
import { safeHref } from './safe-href.ts';

/** What is sent, as the chat would show it; as it is where nobody knows how. */
export function Payload({ type, payload }: { readonly type: string; readonly payload: unknown }) {
  const message = useMemo(() => messageOf(type, payload), [type, payload]);
  if (!message) return <Raw value={payload} />;
  return (
    <div class={`chat is-${type}${message.tone ? ` is-toned is-${message.tone}` : ''}`}>
      {message.notice !== undefined && <p class="chat-notice">{message.notice}</p>}
      <div class="chat-message">
        {message.blocks.map((block, index) => (
          <BlockView key={index} block={block} />
        ))}
      </div>
    </div>
  );
}

/** Undefined where nobody knows the chat, or its payload is beyond what anybody thought of. */
function messageOf(type: string, payload: unknown): Message | undefined {
  try {
    return chats[type]?.(payload);
  } catch {
    return undefined;
  }
}

function BlockView({ block }: { readonly block: Block }) {
  switch (block.kind) {
    case 'title':
      return (
        <p class="chat-title">
          <Spans spans={block.spans} />
        </p>
      );
    case 'text':
      return (
        <p class={`chat-text${block.isQuiet === true ? ' is-quiet' : ''}`}>
          <Spans spans={block.spans} />
        </p>
      );
    case 'quote':
      return (
        <blockquote class="chat-quote">
          <Spans spans={block.spans} />
        </blockquote>
      );
    case 'code':
      return <pre class="chat-code">{block.text}</pre>;
    case 'fields':
      return <Fields fields={block.fields} />;
    case 'links':
      return <Links links={block.links} />;
    case 'section':
      return (
        <div class={`chat-section${block.tone ? ` is-toned is-${block.tone}` : ''}`}>
          {block.blocks.map((inner, index) => (
            <BlockView key={index} block={inner} />
          ))}
        </div>
      );
    case 'unknown':
      return <Raw value={block.value} />;
  }
}

function Fields({ fields }: { readonly fields: readonly Field[] }) {
  return (
    <dl class="chat-fields">
      {fields.map(({ label, value }, index) => (
        <div key={index}>
          <dt>
            <Spans spans={label} />
          </dt>
          <dd>
            <Spans spans={value} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Links({ links }: { readonly links: readonly Link[] }) {
  return (
    <p class="chat-links">
      {links.map(({ title, url }, index) => (
        <Outward key={index} href={url} class="chat-button">
          {title}
        </Outward>
      ))}
    </p>
  );
}

function Spans({ spans }: { readonly spans: readonly Span[] }) {
  return (
    <>
      {spans.map(({ text, marks = [], href }, index) => {
        const shown = <span class={marks.map((mark) => `is-${mark}`).join(' ')}>{text}</span>;
        return href === undefined ? (
          <span key={index}>{shown}</span>
        ) : (
          <Outward key={index} href={href} class="link">
            {shown}
          </Outward>
        );
      })}
    </>
  );
}

/** A link out of the page, which tells nobody where it was; a text where it leads nowhere on the web. */
function Outward({
  href,
  ...rest
}: {
  readonly href: string;
  readonly class: string;
  readonly children: ComponentChildren;
}) {
  const safe = safeHref(href);
  if (safe === undefined) return <span class={rest.class}>{rest.children}</span>;
  return (
    <a href={safe} target="_blank" rel="noreferrer noopener" class={rest.class}>
      {rest.children}
    </a>
  );
}

function Raw({ value }: { readonly value: unknown }) {
  return (
    <pre class="chat-raw" tabIndex={0}>
      {readableJson(value)}
    </pre>
  );
}
