import { useMemo, useState } from 'preact/hooks';
import { useSay } from '../foundation/app.ts';
import { Empty } from '../shared/states.tsx';
import { schemaFields } from './schema-fields.ts';

export function FieldHelp({ schema }: { readonly schema: unknown }) {
  const say = useSay();
  const [wanted, setWanted] = useState('');
  const fields = useMemo(() => schemaFields(schema), [schema]);
  const found = fields.filter(({ path, description }) =>
    `${path} ${description}`.toLowerCase().includes(wanted.trim().toLowerCase()),
  );
  return (
    <div class="field-help">
      <input
        class="field"
        type="search"
        value={wanted}
        aria-label={say('fields.filter')}
        placeholder={say('fields.filter')}
        onInput={(event) => setWanted(event.currentTarget.value)}
      />
      <dl>
        {found.map(({ path, type, description, isRequired, preset, example }) => (
          <div key={path}>
            <dt>
              <code>{path}</code> <span class="quiet">{type}</span>
              {isRequired && <span class="tag">{say('fields.required')}</span>}
            </dt>
            <dd>
              {description}
              <Sample label={say('fields.default')} json={preset} />
              <Sample label={say('fields.examples')} json={example} />
            </dd>
          </div>
        ))}
      </dl>
      {found.length === 0 && <Empty>{say('fields.none')}</Empty>}
    </div>
  );
}

function Sample({ label, json }: { readonly label: string; readonly json: string | undefined }) {
  return json === undefined ? null : (
    <span class="field-sample">
      {label} <code>{json}</code>
    </span>
  );
}
