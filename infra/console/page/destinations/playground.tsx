import { useState } from 'preact/hooks';
import type { Check } from '../../contract.ts';
import { useSay } from '../foundation/app.ts';
import { clock } from '../foundation/format.ts';
import { Icon } from '../shared/icons.tsx';
import { objectText } from '../shared/object-text.ts';
import { SeverityTag } from '../shared/severity.tsx';
import { Empty } from '../shared/states.tsx';

/** As many as anybody reads. The figures are of all. */
const SHOWN = 100;

/** Which of the last events would go to a destination, and which rule decides. */
export function Playground({ check }: { readonly check: Check }) {
  const say = useSay();
  const [isOnlyGoing, setOnlyGoing] = useState(false);
  const { playground, looked, passing } = check;
  if (check.problems.length > 0) return <Empty>{say('preview.none')}</Empty>;
  if (looked === 0) return <Empty>{say('playground.none')}</Empty>;
  const shown = playground.filter(({ goes }) => goes || !isOnlyGoing).slice(0, SHOWN);
  return (
    <div class="playground">
      <div class="bar">
        <p class="grow">
          <b>{say('playground.passing', { passing, looked })}</b>
        </p>
        <label class="check-box">
          <input
            type="checkbox"
            checked={isOnlyGoing}
            onChange={(event) => setOnlyGoing(event.currentTarget.checked)}
          />
          {say('playground.only')}
        </label>
      </div>
      <meter min={0} max={looked} value={passing} aria-label={say('playground.passing', { passing, looked })} />
      <ul>
        {shown.map(({ event, goes, why }) => (
          <li key={event.id} class={goes ? 'is-going' : 'is-staying'}>
            <Icon name={goes ? 'goes' : 'filtered'} />
            <div>
              <p class="sample-head">
                <span class="hidden">{say(goes ? 'playground.goes' : 'playground.stays')}</span>
                <time class="quiet" dateTime={event.at}>
                  {clock(event.at)}
                </time>
                <SeverityTag of={event.severity} />
                <b>{event.reason}</b>
                <span>{objectText(event)}</span>
              </p>
              <p class="quiet">{why}</p>
            </div>
          </li>
        ))}
      </ul>
    </div>
  );
}
