import { useState } from 'preact/hooks';
import { useSay } from '../foundation/app.ts';
import { routeTo } from '../foundation/route.ts';
import { TextField } from '../shared/text-field.tsx';

export function FindObject() {
  const say = useSay();
  const [object, setObject] = useState({ cluster: '', kind: 'Pod', namespace: '', name: '' });
  const set = (field: keyof typeof object) => (value: string) => setObject({ ...object, [field]: value });
  const show = (event: Event): void => {
    event.preventDefault();
    location.hash = routeTo('object', object.cluster, object.kind, object.namespace, object.name);
  };
  return (
    <div class="page">
      <h1>{say('object.find')}</h1>
      <p class="quiet">{say('object.hint')}</p>
      <form class="panel form" onSubmit={show}>
        <div class="form-row">
          <TextField label={say('cluster')} value={object.cluster} set={set('cluster')} isRequired />
          <TextField label={say('kind')} value={object.kind} set={set('kind')} isRequired />
          <TextField label={say('namespace')} value={object.namespace} set={set('namespace')} />
          <TextField label={say('name')} value={object.name} set={set('name')} isRequired />
        </div>
        <div class="actions">
          <button type="submit" class="button is-main">
            {say('object.show')}
          </button>
        </div>
      </form>
    </div>
  );
}
