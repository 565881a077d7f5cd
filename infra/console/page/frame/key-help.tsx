import { useSay } from '../foundation/app.ts';
import { Dialog } from '../shared/dialog.tsx';
import type { Word } from '../words/words.ts';

const KEYS = [
  [['1', '…', '6'], 'keys.views'],
  [['/'], 'keys.filter'],
  [['j', 'k', '↓', '↑'], 'keys.move'],
  [['Enter'], 'keys.open'],
  [['Space'], 'keys.freeze'],
  [['Esc'], 'keys.close'],
  [['Ctrl S', '⌘ S'], 'keys.save'],
  [['?'], 'keys.help'],
] as const satisfies readonly (readonly [readonly string[], Word])[];

export function KeyHelp({ close }: { readonly close: () => void }) {
  const say = useSay();
  return (
    <Dialog title={say('keys.title')} close={close}>
      <dl class="keys">
        {KEYS.map(([keys, word]) => (
          <>
            <dt>
              {keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{say(word)}</dd>
          </>
        ))}
      </dl>
    </Dialog>
  );
}
