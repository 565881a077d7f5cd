import { useState } from 'preact/hooks';
import type { DestinationDetail, Skeleton } from '../../contract.ts';
import { useApp, useSay } from '../foundation/app.ts';
import { useLoaded } from '../foundation/use-loaded.ts';
import { routeTo } from '../foundation/route.ts';
import { Empty, Problem } from '../shared/states.tsx';
import { TextField } from '../shared/text-field.tsx';
import { Editor } from './editor.tsx';

/** As names of parameters may be. */
const NAME = '[a-z0-9](?:[a-z0-9\\-]{0,62}[a-z0-9])?';

/** Asks for the type and the name, then begins with what such a document needs. */
export function NewDestination({ onSaved }: { readonly onSaved: () => void }) {
  const say = useSay();
  const { about } = useApp();
  const [type, setType] = useState(about.sinks[0] ?? '');
  const [name, setName] = useState('');
  const [started, setStarted] = useState<{ readonly type: string; readonly name: string }>();
  if (started) return <StartedEditor {...started} onSaved={onSaved} />;
  return (
    <form
      class="form panel"
      onSubmit={(event) => {
        event.preventDefault();
        setStarted({ type, name });
      }}
    >
      <h2>{say('destinations.new')}</h2>
      <div class="form-row">
        <div class="text-field">
          <label for="new-type">{say('new.type')}</label>
          <select id="new-type" class="field" value={type} onChange={(event) => setType(event.currentTarget.value)}>
            {about.sinks.map((sink) => (
              <option key={sink} value={sink}>
                {sink}
              </option>
            ))}
          </select>
        </div>
        <TextField
          label={say('new.name')}
          hint={say('new.nameHint')}
          value={name}
          set={setName}
          pattern={NAME}
          isRequired
        />
      </div>
      <div class="actions">
        <button type="submit" class="button is-main">
          {say('new.start')}
        </button>
      </div>
    </form>
  );
}

interface StartedProps {
  readonly type: string;
  readonly name: string;
  readonly onSaved: () => void;
}

function StartedEditor({ type, name, onSaved }: StartedProps) {
  const say = useSay();
  const { api } = useApp();
  const { value, error, reload } = useLoaded(type, (signal) => api.get<Skeleton>('/api/skeleton', { type }, signal));
  if (error !== undefined) return <Problem failure={error} retry={reload} />;
  if (!value) return <Empty>{say('loading')}</Empty>;
  const detail: DestinationDetail = {
    id: `${type}/${name}`,
    state: 'in force',
    version: '',
    isChat: false,
    text: value.text,
    secrets: [],
    schema: value.schema,
    versions: [],
  };
  const saved = (): void => {
    onSaved();
    location.hash = routeTo('destinations', type, name);
  };
  return <Editor detail={detail} onChanged={saved} />;
}
