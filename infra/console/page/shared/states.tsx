import type { ComponentChildren } from 'preact';
import type { Failure, Inability } from '../../contract.ts';
import { useApp, useSay } from '../foundation/app.ts';
import { CopyButton } from './copy-button.tsx';

/** There is nothing to show, or not yet. */
export function Empty({ children }: { readonly children: ComponentChildren }) {
  return <p class="empty">{children}</p>;
}

interface ProblemProps {
  readonly failure: Failure;
  readonly retry?: () => void;
}

/** Why something is not here, and what would help. */
export function Problem({ failure, retry }: ProblemProps) {
  const say = useSay();
  return (
    <div class="problem" role="alert">
      <p>{failure.error}</p>
      {failure.command !== undefined && <Command text={failure.command} />}
      {retry && (
        <button type="button" class="button" onClick={retry}>
          {say('again')}
        </button>
      )}
    </div>
  );
}

/** What the source cannot do, and the command that can. */
export function Cannot({ inability }: { readonly inability: Inability }) {
  const say = useSay();
  return (
    <div class="cannot">
      <p>
        <strong>{say('cannot')}.</strong> {inability.why}
      </p>
      {inability.command !== undefined && <Command text={inability.command} />}
    </div>
  );
}

export function Command({ text }: { readonly text: string }) {
  return (
    <div class="command">
      <code>{text}</code>
      <CopyButton text={text} />
    </div>
  );
}

/** Says why nothing can be changed; nothing where it can. */
export function ReadOnlyNote() {
  const { about } = useApp();
  const say = useSay();
  return about.readOnly ? <p class="note">{say('readonly.why')}</p> : null;
}
