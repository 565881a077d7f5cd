import { useState } from 'preact/hooks';
import type { DestinationDetail, DestinationVersion, RollbackRequest, Saved } from '../../contract.ts';
import { useApp, useInability, useMay, useSay } from '../foundation/app.ts';
import { dateClock } from '../foundation/format.ts';
import { ConfirmDialog } from '../shared/confirm-dialog.tsx';
import { Cannot, Empty } from '../shared/states.tsx';
import { DiffView } from './diff-view.tsx';

interface Props {
  readonly detail: DestinationDetail;
  readonly onRolledBack: () => void;
}

/** The earlier versions of a destination, each as what going back to it would change. */
export function Versions({ detail, onRolledBack }: Props) {
  const say = useSay();
  const mayRollBack = useMay('rollback') && !detail.noEdit;
  const noRollBack = useInability('rollback');
  const [chosen, setChosen] = useState<DestinationVersion>();
  const { id, text, versions } = detail;
  return (
    <div class="versions">
      {noRollBack && <Cannot inability={noRollBack} />}
      {versions.length === 0 && <Empty>{say('versions.none')}</Empty>}
      <ul>
        {versions.map((each) => (
          <li key={each.version}>
            <div class="bar">
              <p class="grow">
                <b>{say('editor.version', { version: each.version })}</b>{' '}
                {each.at !== undefined && (
                  <time class="quiet" dateTime={each.at}>
                    {dateClock(each.at)}
                  </time>
                )}
                {each.by !== undefined && <span class="quiet mono"> {each.by}</span>}
              </p>
              {mayRollBack && (
                <button type="button" class="button" onClick={() => setChosen(each)}>
                  {say('versions.back')}
                </button>
              )}
            </div>
            <DiffView before={text} after={each.text} label={say('versions.compare')} />
          </li>
        ))}
      </ul>
      {chosen && (
        <RollbackDialog id={id} text={text} to={chosen} onDone={onRolledBack} close={() => setChosen(undefined)} />
      )}
    </div>
  );
}

interface DialogProps {
  readonly id: string;
  readonly text: string;
  readonly to: DestinationVersion;
  readonly onDone: () => void;
  readonly close: () => void;
}

function RollbackDialog({ id, text, to, onDone, close }: DialogProps) {
  const say = useSay();
  const { api, announce } = useApp();
  const rollBack = async (): Promise<void> => {
    const request: RollbackRequest = { id, version: to.version };
    const { version } = await api.send<Saved>('POST', '/api/destination/rollback', request);
    announce(say('rollback.done', { version }));
    onDone();
  };
  return (
    <ConfirmDialog
      title={say('rollback.title', { id, version: to.version })}
      verb={say('rollback.confirm')}
      act={rollBack}
      close={close}
    >
      <DiffView before={text} after={to.text} label={say('versions.compare')} />
      <p class="quiet">{say('save.about')}</p>
    </ConfirmDialog>
  );
}
