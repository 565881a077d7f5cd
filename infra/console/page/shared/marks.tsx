import type { DeliveryStatus, Marks } from '../../contract.ts';
import { useSay } from '../foundation/app.ts';
import { Icon } from './icons.tsx';

const ORDER = ['delivered', 'filtered', 'retrying', 'held', 'letter'] as const satisfies readonly DeliveryStatus[];

/** What became of an event, by how many destinations. */
export function DeliveryMarks({ marks }: { readonly marks: Marks }) {
  const say = useSay();
  return (
    <span class="marks">
      {ORDER.map((status) => {
        const count = marks[status] ?? 0;
        if (count === 0) return null;
        return (
          <span key={status} class={`mark is-${status}`} title={`${say(`status.${status}`)}: ${count}`}>
            <Icon name={status} />
            <span class="hidden">{say(`status.${status}`)} </span>
            {count}
          </span>
        );
      })}
    </span>
  );
}
