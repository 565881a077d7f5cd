import { useEffect } from 'preact/hooks';
import type { Behaviour, Receiver } from '../../contract.ts';
import { useApp, useSay } from '../foundation/app.ts';
import { useLoaded } from '../foundation/use-loaded.ts';
import { Segments } from '../shared/segments.tsx';
import { Problem } from '../shared/states.tsx';
import { useAct } from '../shared/use-act.ts';

/** As `BEHAVIOURS` of the contract, in the order of harm. */
const CHOICES = ['ok', 'throttle', 'fail', 'hang', 'error-in-200'] as const satisfies readonly Behaviour[];
const EVERY_MS = 2000;

/** Lets somebody see what happens when a destination is in trouble. */
export function ReceiverControl() {
  const say = useSay();
  const { api, about } = useApp();
  const act = useAct();
  const { value, error, reload } = useLoaded('receiver', (signal) => api.get<Receiver>('/api/receiver', {}, signal));
  useEffect(() => {
    const timer = setInterval(reload, EVERY_MS);
    return () => clearInterval(timer);
  }, [reload]);
  const choose = async (behaviour: Behaviour): Promise<void> => {
    await act.run(() => api.send('PUT', '/api/receiver', { behaviour }));
    reload();
  };
  const shown = act.error ?? error;
  return (
    <section class="panel" aria-labelledby="receiver-title">
      <header class="panel-head">
        <h2 id="receiver-title">{say('receiver.title')}</h2>
        {value && <span class="quiet">{say('receiver.to', { destination: value.destination })}</span>}
      </header>
      {shown !== undefined && <Problem failure={shown} />}
      {value && (
        <Segments
          label={say('receiver.title')}
          chosen={value.behaviour}
          isDisabled={about.readOnly}
          onChoose={(behaviour) => void choose(behaviour)}
          choices={CHOICES.map((behaviour) => ({
            value: behaviour,
            title: say(`receiver.${behaviour}`),
            about: say(`receiver.${behaviour}.about`),
            note: say('receiver.answered', { n: value.answered[behaviour] ?? 0 }),
          }))}
        />
      )}
    </section>
  );
}
