import type { DestinationSummary } from '../../contract.ts';
import { useSay } from '../foundation/app.ts';
import { Icon, type IconName } from '../shared/icons.tsx';

type State = DestinationSummary['state'];

const ICONS: Readonly<Record<State, IconName>> = {
  'in force': 'delivered',
  'earlier version in force': 'warning',
  broken: 'critical',
  disabled: 'held',
  'not deployed': 'filtered',
};

export function StateTag({ state }: { readonly state: State }) {
  const say = useSay();
  return (
    <span class={`state is-${state.replaceAll(' ', '-')}`}>
      <Icon name={ICONS[state]} />
      {say(`state.${state}`)}
    </span>
  );
}
