import type { LiveEvent } from '../../contract.ts';
import { useApp, useSay } from '../foundation/app.ts';
import { dateClock, duration } from '../foundation/format.ts';
import { routeTo } from '../foundation/route.ts';
import { DeliveryMarks } from '../shared/marks.tsx';
import { SeverityTag } from '../shared/severity.tsx';
import { stepsOf } from './gaps.ts';

export function TimelineList({ events, label }: { readonly events: readonly LiveEvent[]; readonly label: string }) {
  const say = useSay();
  const { chosen } = useApp();
  return (
    <ol class="timeline" aria-label={label}>
      {stepsOf(events).map(({ event, gapSeconds }) => (
        <li key={event.id} class={`step is-${event.severity}`}>
          {gapSeconds !== undefined && <p class="gap">{say('object.gap', { time: duration(gapSeconds) })}</p>}
          <div class="step-head">
            <time dateTime={event.at}>{dateClock(event.at)}</time>
            <SeverityTag of={event.severity} />
            <a class="link" href={routeTo('live')} onClick={() => chosen.set(event)}>
              {event.reason}
            </a>
            {event.count > 1 && <span class="quiet">×{event.count}</span>}
            <DeliveryMarks marks={event.marks} />
          </div>
          <p class="step-message">{event.message}</p>
        </li>
      ))}
    </ol>
  );
}
