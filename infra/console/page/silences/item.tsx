import type { SilenceView } from '../../contract.ts';
import { useSay } from '../foundation/app.ts';
import { dateClock, duration } from '../foundation/format.ts';
import { age } from '../shared/age.ts';
import { groupOf } from './groups.ts';

export function SilenceItem({ silence, remove }: { readonly silence: SilenceView; readonly remove?: () => void }) {
  const say = useSay();
  const { name, until, why, by, rules, problem } = silence;
  const isEnded = groupOf(silence) === 'ended';
  const time =
    until === undefined
      ? undefined
      : say(isEnded ? 'silences.endedAgo' : 'silences.until', {
          time: isEnded ? age(until) : duration((Date.parse(until) - Date.now()) / 1000),
        });
  return (
    <li class="silence">
      <div class="silence-text">
        <p>
          <b>{name}</b>
          {time !== undefined && until !== undefined && (
            <time class="quiet" dateTime={until} title={dateClock(until)}>
              {time}
            </time>
          )}
        </p>
        {rules.map((rule) => (
          <p key={rule} class="mono">
            {rule}
          </p>
        ))}
        {problem !== undefined && <p class="is-bad">{problem}</p>}
        {(why !== undefined || by !== undefined) && (
          <p class="quiet">
            {why} {by !== undefined && say('silences.by', { by })}
          </p>
        )}
      </div>
      {remove && (
        <button type="button" class="button" aria-label={`${say('silences.remove')} ${name}`} onClick={remove}>
          {say('silences.remove')}
        </button>
      )}
    </li>
  );
}
