import type { Attempt, DestinationWay } from '../../contract.ts';
import { useInability, useSay } from '../foundation/app.ts';
import { clock } from '../foundation/format.ts';
import { routeTo } from '../foundation/route.ts';
import { Icon } from '../shared/icons.tsx';
import { Cannot, Empty } from '../shared/states.tsx';

/** Where an event goes, which rule decided, and what was answered. */
export function Way({ destinations }: { readonly destinations: readonly DestinationWay[] }) {
  const say = useSay();
  const noDeliveries = useInability('deliveries');
  if (destinations.length === 0) return <Empty>{say('detail.noDestinations')}</Empty>;
  return (
    <>
      <ul class="way">
        {destinations.map(({ destination, goes, why, attempts }) => (
          <li key={destination} class={goes ? 'is-going' : 'is-staying'}>
            <Icon name={goes ? 'goes' : 'filtered'} />
            <div>
              <p class="way-head">
                <a class="link" href={routeTo('destinations', ...destination.split('/'))}>
                  {destination}
                </a>
                <span class="hidden">{say(goes ? 'detail.goes' : 'detail.stays')}</span>
              </p>
              <p class="quiet">{why}</p>
              {attempts.length > 0 && (
                <ol class="attempts">
                  {attempts.map((attempt, index) => (
                    <AttemptLine key={index} attempt={attempt} />
                  ))}
                </ol>
              )}
              {goes && attempts.length === 0 && !noDeliveries && <p class="quiet">{say('detail.noAttempts')}</p>}
            </div>
          </li>
        ))}
      </ul>
      {noDeliveries && <Cannot inability={noDeliveries} />}
    </>
  );
}

function AttemptLine({ attempt: { at, status, code, detail } }: { readonly attempt: Attempt }) {
  const say = useSay();
  return (
    <li class={`attempt is-${status}`}>
      <time dateTime={at}>{clock(at)}</time>
      <span class={`mark is-${status}`}>
        <Icon name={status} />
        {say(`status.${status}`)}
      </span>
      {code !== undefined && <code>{code}</code>}
      {detail !== undefined && <span class="attempt-detail">{detail}</span>}
    </li>
  );
}
