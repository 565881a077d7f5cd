import type { EventLine } from '../../contract.ts';
import { useSay } from '../foundation/app.ts';
import { Icon } from './icons.tsx';

/** By colour, by shape and by its word. */
export function SeverityTag({ of }: { readonly of: EventLine['severity'] }) {
  const say = useSay();
  return (
    <span class={`severity is-${of}`}>
      <Icon name={of} />
      <span class="severity-word">{say(`severity.${of}`)}</span>
    </span>
  );
}
