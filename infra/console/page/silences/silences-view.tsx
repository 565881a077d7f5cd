import { useState } from 'preact/hooks';
import type { SilenceView as Silence } from '../../contract.ts';
import { useApp, useInability, useMay, useSay } from '../foundation/app.ts';
import { useLoaded } from '../foundation/use-loaded.ts';
import type { Word } from '../words/words.ts';
import { Cannot, Empty, Problem, ReadOnlyNote } from '../shared/states.tsx';
import { AddSilence } from './add.tsx';
import { groupOf, GROUPS, type Group } from './groups.ts';
import { SilenceItem } from './item.tsx';
import { RemoveDialog } from './remove-dialog.tsx';

const TITLES: Readonly<Record<Group, Word>> = {
  inForce: 'silences.inForce',
  broken: 'silences.broken',
  ended: 'silences.ended',
};

export function SilencesView() {
  const say = useSay();
  const { api } = useApp();
  const noSilences = useInability('silences');
  const noEdit = useInability('editSilences');
  const mayEdit = useMay('editSilences');
  const [removing, setRemoving] = useState<string>();
  const { value, error, isLoading, reload } = useLoaded('silences', async (signal) =>
    noSilences ? [] : api.get<readonly Silence[]>('/api/silences', {}, signal),
  );
  const groups = GROUPS.map((group) => ({ group, all: (value ?? []).filter((each) => groupOf(each) === group) }));
  return (
    <div class="page">
      <header class="page-head">
        <h1>{say('silences.title')}</h1>
        <p class="quiet">{say('silences.about')}</p>
      </header>
      <ReadOnlyNote />
      {noSilences && <Cannot inability={noSilences} />}
      {!noSilences && noEdit && <Cannot inability={noEdit} />}
      {error !== undefined && <Problem failure={error} retry={reload} />}
      {isLoading && !value && <Empty>{say('loading')}</Empty>}
      {!noSilences && value?.length === 0 && <Empty>{say('silences.none')}</Empty>}
      {groups.map(
        ({ group, all }) =>
          all.length > 0 && (
            <section key={group} class="panel" aria-labelledby={`silences-${group}`}>
              <h2 id={`silences-${group}`}>{say(TITLES[group])}</h2>
              <ul class="silences">
                {all.map((silence) => (
                  <SilenceItem
                    key={silence.name}
                    silence={silence}
                    {...(mayEdit && { remove: () => setRemoving(silence.name) })}
                  />
                ))}
              </ul>
            </section>
          ),
      )}
      {mayEdit && <AddSilence onAdded={reload} />}
      {removing !== undefined && (
        <RemoveDialog name={removing} onRemoved={reload} close={() => setRemoving(undefined)} />
      )}
    </div>
  );
}
