import type { DestinationSummary } from '../../contract.ts';
import { useApp, useInability, useMay, useSay } from '../foundation/app.ts';
import { routeTo, type ViewProps } from '../foundation/route.ts';
import { useLoaded } from '../foundation/use-loaded.ts';
import { Cannot, Empty, Problem, ReadOnlyNote } from '../shared/states.tsx';
import { Destination } from './destination.tsx';
import { DestinationList } from './list.tsx';
import { NewDestination } from './new-destination.tsx';

const NEW = 'new';

/** All destinations beside the one that the address names. */
export function DestinationsView({ names: [type, name] }: ViewProps) {
  const say = useSay();
  const { api } = useApp();
  const noDestinations = useInability('destinations');
  const mayEdit = useMay('edit');
  const { value, error, isLoading, reload } = useLoaded('destinations', async (signal) =>
    noDestinations ? [] : api.get<readonly DestinationSummary[]>('/api/destinations', {}, signal),
  );
  const id = type !== undefined && name !== undefined ? `${type}/${name}` : undefined;
  return (
    <div class={`destinations${type === undefined ? '' : ' has-one'}`}>
      <h1 class="hidden">{say('destinations.title')}</h1>
      <section class="destinations-all" aria-label={say('destinations.title')}>
        <header class="page-head">
          <h2 class="page-title">{say('destinations.title')}</h2>
          {mayEdit && (
            <a class="button" href={routeTo('destinations', NEW)} aria-current={type === NEW ? 'page' : undefined}>
              {say('destinations.new')}
            </a>
          )}
        </header>
        <ReadOnlyNote />
        {noDestinations && <Cannot inability={noDestinations} />}
        {error !== undefined && <Problem failure={error} retry={reload} />}
        {isLoading && !value && <Empty>{say('loading')}</Empty>}
        {!noDestinations && value?.length === 0 && <Empty>{say('destinations.none')}</Empty>}
        {value && value.length > 0 && <DestinationList all={value} chosen={id} />}
      </section>
      <section class="destinations-one">
        {type !== undefined && (
          <a class="link destinations-back" href={routeTo('destinations')}>
            ‹ {say('destinations.back')}
          </a>
        )}
        {type === undefined && <Empty>{say('destinations.choose')}</Empty>}
        {type === NEW && mayEdit && <NewDestination onSaved={reload} />}
        {id !== undefined && <Destination key={id} id={id} onChanged={reload} />}
      </section>
    </div>
  );
}
