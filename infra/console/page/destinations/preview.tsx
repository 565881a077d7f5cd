import type { Check } from '../../contract.ts';
import { Payload } from '../chats/draw.tsx';
import { useSay } from '../foundation/app.ts';
import { JsonDocument } from '../shared/json-document.tsx';
import { Empty } from '../shared/states.tsx';

/** The first messages that a destination would send. */
export function PreviewList({ type, check }: { readonly type: string; readonly check: Check }) {
  const say = useSay();
  if (check.preview.length === 0) return <Empty>{say('preview.none')}</Empty>;
  return (
    <ul class="previews">
      {check.preview.map(({ isMadeUp, events, payload }, index) => (
        <li key={index}>
          <p class="quiet">{isMadeUp ? say('preview.madeUp') : say('preview.events', { n: events.length })}</p>
          <Payload type={type} payload={payload} />
          <JsonDocument title="JSON" value={payload} />
        </li>
      ))}
    </ul>
  );
}
