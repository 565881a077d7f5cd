import { CopyButton } from './copy-button.tsx';
import { inOrder } from './in-order.ts';

/** A document that can be unfolded, and copied. */
export function JsonDocument({ title, value }: { readonly title: string; readonly value: unknown }) {
  const text = inOrder(JSON.stringify(value, undefined, 2) ?? '');
  return (
    <details class="document">
      <summary>{title}</summary>
      <div class="document-body">
        <CopyButton text={text} />
        <pre tabIndex={0}>{text}</pre>
      </div>
    </details>
  );
}
