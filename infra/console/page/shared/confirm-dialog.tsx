import type { ComponentChildren } from 'preact';
import { useSay } from '../foundation/app.ts';
import { Dialog } from './dialog.tsx';
import { Problem } from './states.tsx';
import { useAct } from './use-act.ts';

interface Props {
  readonly title: string;
  /** What its main button says. */
  readonly verb: string;
  readonly isDanger?: boolean;
  readonly isDisabled?: boolean;
  /** Does it; the window closes once it succeeded, and says why it failed. */
  readonly act: () => Promise<unknown>;
  readonly close: () => void;
  readonly children: ComponentChildren;
}

/** Asks before something is changed. */
export function ConfirmDialog({ title, verb, isDanger = false, isDisabled = false, act, close, children }: Props) {
  const say = useSay();
  const { isBusy, error, run } = useAct();
  const go = async (): Promise<void> => {
    if (await run(act)) close();
  };
  return (
    <Dialog title={title} close={close}>
      <div class="dialog-body" aria-live="polite">
        {children}
        {error !== undefined && <Problem failure={error} />}
        <div class="actions">
          <button
            type="button"
            class={`button ${isDanger ? 'is-danger' : 'is-main'}`}
            disabled={isDisabled || isBusy}
            onClick={() => void go()}
          >
            {verb}
          </button>
          <button type="button" class="button" onClick={close}>
            {say('cancel')}
          </button>
        </div>
      </div>
    </Dialog>
  );
}
