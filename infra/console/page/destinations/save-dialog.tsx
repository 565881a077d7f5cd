import type { Saved, SaveRequest } from '../../contract.ts';
import { useApp, useSay } from '../foundation/app.ts';
import { ConfirmDialog } from '../shared/confirm-dialog.tsx';
import { DiffView } from './diff-view.tsx';

interface Props {
  readonly request: SaveRequest;
  /** What is saved now. */
  readonly before: string;
  readonly onSaved: () => void;
  readonly close: () => void;
}

export function SaveDialog({ request, before, onSaved, close }: Props) {
  const say = useSay();
  const { api, announce } = useApp();
  const { id, text } = request;
  const save = async (): Promise<void> => {
    const { version } = await api.send<Saved>('PUT', '/api/destination', request);
    announce(say('save.done', { version }));
    onSaved();
  };
  return (
    <ConfirmDialog title={say('save.title', { id })} verb={say('save.confirm')} act={save} close={close}>
      <DiffView before={before} after={text} label={say('save.title', { id })} />
      <p class="quiet">{say('save.about')}</p>
    </ConfirmDialog>
  );
}
