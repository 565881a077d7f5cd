import { useApp, useSay } from '../foundation/app.ts';
import { ConfirmDialog } from '../shared/confirm-dialog.tsx';

interface Props {
  readonly name: string;
  readonly onRemoved: () => void;
  readonly close: () => void;
}

export function RemoveDialog({ name, onRemoved, close }: Props) {
  const say = useSay();
  const { api, announce } = useApp();
  const remove = async (): Promise<void> => {
    await api.send('DELETE', '/api/silences', undefined, { name });
    announce(say('silences.removed', { name }));
    onRemoved();
  };
  return (
    <ConfirmDialog
      title={say('silences.removeTitle', { name })}
      verb={say('silences.remove')}
      isDanger
      act={remove}
      close={close}
    >
      <p>{say('silences.removeText')}</p>
    </ConfirmDialog>
  );
}
