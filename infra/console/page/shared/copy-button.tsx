import { useState } from 'preact/hooks';
import { useApp, useSay } from '../foundation/app.ts';
import { Icon } from './icons.tsx';

export function CopyButton({ text }: { readonly text: string }) {
  const say = useSay();
  const { announce } = useApp();
  const [isCopied, setCopied] = useState(false);
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text);
      setCopied(true);
      announce(say('copied'));
    } catch {
      // Where the browser forbids it, the text can still be selected.
      setCopied(false);
    }
  };
  return (
    <button type="button" class="button is-quiet copy" onClick={() => void copy()} onBlur={() => setCopied(false)}>
      <Icon name={isCopied ? 'delivered' : 'copy'} />
      {say(isCopied ? 'copied' : 'copy')}
    </button>
  );
}
