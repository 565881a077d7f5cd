import { useEffect, useRef } from 'preact/hooks';
import type { EventWay, LiveEvent } from '../../contract.ts';
import { useApp, useSay } from '../foundation/app.ts';
import { dateClock, whole } from '../foundation/format.ts';
import { useKeys } from '../foundation/keys.ts';
import { useLoaded } from '../foundation/use-loaded.ts';
import { Icon } from '../shared/icons.tsx';
import { inOrder } from '../shared/in-order.ts';
import { JsonDocument } from '../shared/json-document.tsx';
import { objectRoute, objectText } from '../shared/object-text.ts';
import { SeverityTag } from '../shared/severity.tsx';
import { Empty, Problem } from '../shared/states.tsx';
import { useMarks } from './use-marks.ts';
import { Way } from './way.tsx';

/** All that is known of one event. */
export function EventDetails({ event, close }: { readonly event: LiveEvent; readonly close: () => void }) {
  const say = useSay();
  const { api } = useApp();
  const heading = useRef<HTMLHeadingElement>(null);
  // Its way is asked for anew when something became of it.
  const marks = useMarks(event);
  const way = useLoaded(event.id, (signal) => api.get<EventWay>('/api/event', { id: event.id }, signal));
  useEffect(() => {
    if (way.value) way.reload();
  }, [marks]);
  useKeys({ Escape: close, Enter: () => heading.current?.focus() });

  return (
    <aside class="details" aria-label={say('detail.title')}>
      <header class="details-head">
        <SeverityTag of={event.severity} />
        <h2 ref={heading} tabIndex={-1}>
          {event.reason}
        </h2>
        <button type="button" class="button is-quiet is-icon" aria-label={say('close')} onClick={close}>
          <Icon name="close" />
        </button>
      </header>
      <div class="details-body">
        <p class="details-message">{event.message}</p>
        <dl class="facts">
          <dt>{say('live.object')}</dt>
          <dd>{objectText(event)}</dd>
          {event.owner !== undefined && (
            <>
              <dt>{say('owner')}</dt>
              <dd>{event.owner}</dd>
            </>
          )}
          <dt>{say('cluster')}</dt>
          <dd>{event.cluster}</dd>
          <dt>{say('detail.seen')}</dt>
          <dd class="number">{dateClock(event.at)}</dd>
          <dt>{say('detail.count')}</dt>
          <dd class="number">{whole(event.count)}</dd>
          <dt>{say('detail.type')}</dt>
          <dd>{event.type}</dd>
          <dt>{say('detail.id')}</dt>
          <dd class="mono">{inOrder(event.id)}</dd>
        </dl>
        <a class="link" href={objectRoute(event)}>
          {say('detail.timeline')}
        </a>
        <h3>{say('detail.way')}</h3>
        {way.error !== undefined && <Problem failure={way.error} retry={way.reload} />}
        {way.value && <Way destinations={way.value.destinations} />}
        {way.isLoading && !way.value && <Empty>{say('loading')}</Empty>}
        {way.value && <JsonDocument title={say('detail.document')} value={way.value.document} />}
      </div>
    </aside>
  );
}
