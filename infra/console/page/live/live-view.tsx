import { useApp, useSay } from '../foundation/app.ts';
import { useFrames } from '../foundation/frames.ts';
import { useStore } from '../foundation/use-store.ts';
import { EventDetails } from './details.tsx';
import { FilterBar } from './filter-bar.tsx';
import { EventList } from './list.tsx';

export function LiveView() {
  const say = useSay();
  const { chosen } = useApp();
  const event = useStore(chosen);
  return (
    <div class={`live${event ? ' has-details' : ''}`}>
      <h1 class="hidden">{say('live.title')}</h1>
      <section class="live-main" aria-label={say('live.title')}>
        <FilterBar />
        <Skipped />
        <EventList />
      </section>
      {event && <EventDetails key={event.id} event={event} close={() => chosen.set(undefined)} />}
    </div>
  );
}

function Skipped() {
  const say = useSay();
  const { feed } = useApp();
  useFrames(feed.subscribe);
  return feed.skipped > 0 ? <p class="note">{say('live.skipped', { n: feed.skipped })}</p> : null;
}
