import type { DestinationDetail } from '../../contract.ts';
import { useApp, useSay } from '../foundation/app.ts';
import { useLoaded } from '../foundation/use-loaded.ts';
import { Empty, Problem } from '../shared/states.tsx';
import { Editor } from './editor.tsx';

interface Props {
  readonly id: string;
  readonly onChanged: () => void;
}

/** One destination. What is saved makes a new editor, so that it begins with what is in force. */
export function Destination({ id, onChanged }: Props) {
  const say = useSay();
  const { api } = useApp();
  const { value, error, isLoading, reload } = useLoaded(id, (signal) =>
    api.get<DestinationDetail>('/api/destination', { id }, signal),
  );
  const changed = (): void => {
    reload();
    onChanged();
  };
  if (error !== undefined) return <Problem failure={error} retry={reload} />;
  if (!value) return isLoading ? <Empty>{say('loading')}</Empty> : null;
  return <Editor key={`${id} ${value.version}`} detail={value} onChanged={changed} />;
}
