import { useSay } from '../foundation/app.ts';
import { clock } from '../foundation/format.ts';
import { DeliveryMarks } from '../shared/marks.tsx';
import { objectText } from '../shared/object-text.ts';
import { SeverityTag } from '../shared/severity.tsx';
import type { FeedRow } from './feed.ts';

export function rowId(seq: number): string {
  return `event-${seq}`;
}

interface Props {
  readonly row: FeedRow;
  readonly isChosen: boolean;
  readonly position: number;
  readonly of: number;
  readonly onChoose: () => void;
}

export function Row({ row: { event, marks }, isChosen, position, of, onChoose }: Props) {
  const say = useSay();
  return (
    <div
      id={rowId(event.seq)}
      role="option"
      aria-selected={isChosen}
      aria-posinset={position}
      aria-setsize={of}
      class={`row is-${event.severity}${isChosen ? ' is-chosen' : ''}`}
      onClick={onChoose}
    >
      <time class="row-time" dateTime={event.at}>
        {clock(event.at)}
      </time>
      <SeverityTag of={event.severity} />
      <span class="row-reason">{event.reason}</span>
      <span class="row-object" title={objectText(event)}>
        {objectText(event)}
      </span>
      <span class="row-owner">{event.owner ?? ''}</span>
      <span class="row-message">{event.message}</span>
      <span class="row-count" title={say('live.count')}>
        {event.count > 1 ? `×${event.count}` : ''}
      </span>
      <DeliveryMarks marks={marks} />
    </div>
  );
}
