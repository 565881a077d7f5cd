import type { LetterGroup, ReplayAnswer, ReplayRequest } from '../../contract.ts';
import { useApp, useSay } from '../foundation/app.ts';
import { useLoaded } from '../foundation/use-loaded.ts';
import { ConfirmDialog } from '../shared/confirm-dialog.tsx';
import { Empty, Problem } from '../shared/states.tsx';

interface Props {
  readonly group: LetterGroup;
  readonly onReplayed: () => void;
  readonly close: () => void;
}

/** Says what would be sent back, and sends it once that is confirmed. */
export function ReplayDialog({ group, onReplayed, close }: Props) {
  const say = useSay();
  const { api, announce } = useApp();
  const { owner, code, destination, count } = group;
  const replay = async (dryRun: boolean): Promise<ReplayAnswer> => {
    const request: ReplayRequest = { owner, code, destination, dryRun };
    return api.send('POST', '/api/letters/replay', request);
  };
  const { value, error, isLoading, reload } = useLoaded(`${owner} ${code} ${destination}`, () => replay(true));
  const send = async (): Promise<void> => {
    const { replayed } = await replay(false);
    announce(say('replay.done', { n: replayed }));
    onReplayed();
  };
  return (
    <ConfirmDialog
      title={say('replay.title', { n: count })}
      verb={say('replay.confirm', { n: value?.replayed ?? 0 })}
      isDisabled={!value || value.replayed === 0}
      act={send}
      close={close}
    >
      <p class="quiet">{say('replay.what', { owner, code, destination })}</p>
      {error !== undefined && <Problem failure={error} retry={reload} />}
      {!value && isLoading && <Empty>{say('replay.trying')}</Empty>}
      {value && (
        <>
          <p>
            <b>{say('replay.would', { n: value.replayed, owner })}</b>
            {value.guarded > 0 && ` ${say('replay.guarded', { n: value.guarded })}`}
            {value.refused > 0 && ` ${say('replay.refused', { n: value.refused })}`}
          </p>
          <p class="quiet">{say('replay.again')}</p>
        </>
      )}
    </ConfirmDialog>
  );
}
