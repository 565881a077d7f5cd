import { useState } from 'preact/hooks';
import type { SilenceRequest } from '../../contract.ts';
import { useApp, useSay } from '../foundation/app.ts';
import { Problem } from '../shared/states.tsx';
import { useAct } from '../shared/use-act.ts';
import { TextField } from '../shared/text-field.tsx';

/** As filters name them. */
const MATCH = ['namespace', 'reason', 'owner', 'kind', 'name', 'node', 'cluster', 'severity', 'message'] as const;

const HOUR = 60;
const EMPTY = { name: '', minutes: String(HOUR), why: '', by: '' };

export function AddSilence({ onAdded }: { readonly onAdded: () => void }) {
  const say = useSay();
  const { api, announce } = useApp();
  const act = useAct();
  const [head, setHead] = useState(EMPTY);
  const [match, setMatch] = useState<Readonly<Record<string, string>>>({});
  const filled = Object.fromEntries(Object.entries(match).filter(([, value]) => value.trim() !== ''));
  const isEmpty = Object.keys(filled).length === 0;
  const set = (field: keyof typeof EMPTY) => (value: string) => setHead({ ...head, [field]: value });

  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    const request: SilenceRequest = { ...head, minutes: Number(head.minutes), match: filled };
    if (!(await act.run(() => api.send('POST', '/api/silences', request)))) return;
    announce(say('silences.added', { name: head.name }));
    setHead(EMPTY);
    setMatch({});
    onAdded();
  };
  return (
    <section class="panel" aria-labelledby="silence-add">
      <h2 id="silence-add">{say('silences.add')}</h2>
      <form class="form" onSubmit={(event) => void submit(event)}>
        <div class="form-row">
          <TextField
            label={say('silences.name')}
            value={head.name}
            set={set('name')}
            isRequired
            pattern="[a-z0-9\-]+"
          />
          <TextField label={say('silences.minutes')} value={head.minutes} set={set('minutes')} isRequired isNumber />
          <TextField label={say('silences.byField')} value={head.by} set={set('by')} isRequired />
          <TextField label={say('silences.why')} value={head.why} set={set('why')} isRequired />
        </div>
        <fieldset>
          <legend>{say('silences.match')}</legend>
          <div class="form-row">
            {MATCH.map((field) => (
              <TextField
                key={field}
                label={field}
                value={match[field] ?? ''}
                set={(value) => setMatch({ ...match, [field]: value })}
              />
            ))}
          </div>
        </fieldset>
        {act.error !== undefined && <Problem failure={act.error} />}
        <div class="actions">
          <button type="submit" class="button is-main" disabled={isEmpty || act.isBusy}>
            {say('silences.save')}
          </button>
          {isEmpty && <span class="quiet">{say('silences.matchNeeded')}</span>}
        </div>
      </form>
    </section>
  );
}
