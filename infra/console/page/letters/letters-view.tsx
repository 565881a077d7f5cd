import { useState } from 'preact/hooks';
import type { LetterGroup } from '../../contract.ts';
import { useApp, useInability, useMay, useSay } from '../foundation/app.ts';
import { useLoaded } from '../foundation/use-loaded.ts';
import { Cannot, Empty, Problem, ReadOnlyNote } from '../shared/states.tsx';
import { LetterGroupCard } from './group.tsx';
import { ReplayDialog } from './replay-dialog.tsx';

/** What was given up, by whose it is and why. It is asked for on demand: looking hides letters for a moment. */
export function LettersView() {
  const say = useSay();
  const { api } = useApp();
  const noLetters = useInability('letters');
  const noReplay = useInability('replay');
  const mayReplay = useMay('replay');
  const [replaying, setReplaying] = useState<LetterGroup>();
  const { value, error, isLoading, reload } = useLoaded('letters', async (signal) =>
    noLetters ? [] : api.get<readonly LetterGroup[]>('/api/letters', {}, signal),
  );
  return (
    <div class="page">
      <header class="page-head">
        <h1>{say('letters.title')}</h1>
        {!noLetters && (
          <button type="button" class="button" disabled={isLoading} onClick={reload}>
            {say('refresh')}
          </button>
        )}
      </header>
      <ReadOnlyNote />
      {noLetters && <Cannot inability={noLetters} />}
      {!noLetters && noReplay && <Cannot inability={noReplay} />}
      {error !== undefined && <Problem failure={error} retry={reload} />}
      {isLoading && !value && <Empty>{say('loading')}</Empty>}
      {!noLetters && value?.length === 0 && <Empty>{say('letters.none')}</Empty>}
      {value?.map((group) => (
        <LetterGroupCard
          key={`${group.owner} ${group.code} ${group.destination}`}
          group={group}
          {...(mayReplay && { replay: () => setReplaying(group) })}
        />
      ))}
      {replaying && <ReplayDialog group={replaying} onReplayed={reload} close={() => setReplaying(undefined)} />}
    </div>
  );
}
