import { useEffect } from 'preact/hooks';
import { useApp, useSay } from '../foundation/app.ts';
import { useStore } from '../foundation/use-store.ts';

/** Whether what is shown is of now. */
export function StreamMark() {
  const say = useSay();
  const { stream, announce } = useApp();
  const state = useStore(stream);
  const text = say(`stream.${state}`);
  useEffect(() => {
    if (state !== 'connecting') announce(say('stream.label', { state: text }));
  }, [state]);
  return (
    <span class={`stream is-${state}`} title={say('stream.label', { state: text })}>
      <i class="dot" />
      {text}
    </span>
  );
}
