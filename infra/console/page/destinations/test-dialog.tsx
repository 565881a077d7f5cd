import { useState } from 'preact/hooks';
import type { TestAnswer, TestRequest } from '../../contract.ts';
import { useApp, useSay } from '../foundation/app.ts';
import { Dialog } from '../shared/dialog.tsx';
import { Icon } from '../shared/icons.tsx';
import { Problem } from '../shared/states.tsx';
import { useAct } from '../shared/use-act.ts';

const ICONS = { delivered: 'delivered', retry: 'retrying', rejected: 'letter' } as const;

/** Delivers a test event, and says what was answered. */
export function TestDialog({ id, close }: { readonly id: string; readonly close: () => void }) {
  const say = useSay();
  const { api } = useApp();
  const { isBusy, error, run } = useAct();
  const [answer, setAnswer] = useState<TestAnswer>();
  const test = async (): Promise<void> => {
    const request: TestRequest = { id };
    await run(async () => setAnswer(await api.send<TestAnswer>('POST', '/api/destination/test', request)));
  };
  return (
    <Dialog title={say('test.title', { id })} close={close}>
      <div class="dialog-body" aria-live="polite">
        <p>{say('test.about')}</p>
        {error !== undefined && <Problem failure={error} />}
        {answer && (
          <div class={`answer is-${answer.status}`}>
            <Icon name={ICONS[answer.status]} />
            <p>
              <b>{say(`test.${answer.status}`)}</b> {answer.code !== undefined && <code>{answer.code}</code>}{' '}
              {answer.detail}
            </p>
          </div>
        )}
        <div class="actions">
          <button type="button" class="button is-main" disabled={isBusy} onClick={() => void test()}>
            {say('test.confirm')}
          </button>
          <button type="button" class="button" onClick={close}>
            {say('close')}
          </button>
        </div>
      </div>
    </Dialog>
  );
}
