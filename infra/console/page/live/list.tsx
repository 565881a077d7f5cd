import { useEffect, useRef, useState } from 'preact/hooks';
import { useApp, useSay } from '../foundation/app.ts';
import { useFrames } from '../foundation/frames.ts';
import { useKeys } from '../foundation/keys.ts';
import { useStore } from '../foundation/use-store.ts';
import { Empty } from '../shared/states.tsx';
import { Row, rowId } from './row.tsx';
import { NARROW_BELOW, ROW_HEIGHT, scrollToSee, visibleRows } from './visible.ts';

/** The events, the newest on top. Only what is seen is in the document, in as many rows as fit, which are filled anew. */
export function EventList() {
  const say = useSay();
  const { feed, chosen } = useApp();
  const chosenEvent = useStore(chosen);
  const box = useRef<HTMLDivElement>(null);
  const [scrollTop, setScrollTop] = useState(0);
  const { width, height } = useSize(box);
  useFrames(feed.subscribe);

  const rowHeight = width < NARROW_BELOW ? ROW_HEIGHT.narrow : ROW_HEIGHT.wide;
  const view = feed.view();
  const { first, end } = visibleRows(scrollTop, height, rowHeight, view.length);

  const choose = (index: number): void => {
    feed.freeze('key');
    const still = feed.view();
    const row = still.at(Math.max(0, Math.min(still.length - 1, index)));
    if (!row || !box.current) return;
    chosen.set(row.event);
    box.current.scrollTop = scrollToSee(still.indexOf(row.event.seq), box.current.scrollTop, height, rowHeight);
  };
  const at = chosenEvent ? view.indexOf(chosenEvent.seq) : -1;
  const page = Math.max(1, Math.floor(height / rowHeight) - 1);
  const down = (): void => choose(at + 1);
  const up = (): void => choose(at - 1);
  const toggle = (): void => {
    if (feed.frozen) thaw();
    else feed.freeze('key');
  };
  const thaw = (): void => {
    if (box.current) box.current.scrollTop = 0;
    feed.thaw();
  };
  useKeys({
    j: down,
    ArrowDown: down,
    k: up,
    ArrowUp: up,
    PageDown: () => choose(at + page),
    PageUp: () => choose(at - page),
    Home: () => choose(0),
    End: () => choose(view.length - 1),
    ' ': toggle,
  });

  const onScroll = (event: { readonly currentTarget: HTMLElement }): void => {
    const { scrollTop: top } = event.currentTarget;
    setScrollTop(top);
    if (top > rowHeight / 2) feed.freeze('scroll');
    else if (feed.frozen === 'scroll') feed.thaw();
  };

  const rows = Array.from({ length: end - first }, (_each, slot) => ({ slot, row: view.at(first + slot) }));
  return (
    <div class="list-frame">
      <div class="list-head row" aria-hidden="true">
        <span class="row-time">{say('live.time')}</span>
        <span class="severity">{say('severity')}</span>
        <span class="row-reason">{say('reason')}</span>
        <span class="row-object">{say('live.object')}</span>
        <span class="row-owner">{say('owner')}</span>
        <span class="row-message">{say('message')}</span>
        <span class="row-count">{say('live.count')}</span>
        <span class="marks">{say('live.marks')}</span>
      </div>
      <div
        ref={box}
        class={`list${width < NARROW_BELOW ? ' is-narrow' : ''}`}
        role="listbox"
        tabIndex={0}
        aria-label={say('live.list')}
        aria-activedescendant={chosenEvent && at >= first && at < end ? rowId(chosenEvent.seq) : undefined}
        onScroll={onScroll}
      >
        <div role="presentation" class="list-all" style={{ height: `${view.length * rowHeight}px` }}>
          <div role="presentation" style={{ transform: `translateY(${first * rowHeight}px)` }}>
            {rows.map(
              ({ slot, row }) =>
                row && (
                  <Row
                    key={slot}
                    row={row}
                    isChosen={row.event.seq === chosenEvent?.seq}
                    position={first + slot + 1}
                    of={view.length}
                    onChoose={() => choose(first + slot)}
                  />
                ),
            )}
          </div>
        </div>
      </div>
      {view.length === 0 && <Empty>{say(feed.kept === 0 ? 'live.empty' : 'live.noMatch', { n: feed.kept })}</Empty>}
      <button type="button" class={`fresh${feed.frozen ? '' : ' is-away'}`} disabled={!feed.frozen} onClick={thaw}>
        {feed.fresh === 0 ? say('live.still') : say('live.new', { n: feed.fresh })}
      </button>
    </div>
  );
}

function useSize(box: { readonly current: HTMLElement | null }): { readonly width: number; readonly height: number } {
  const [size, setSize] = useState({ width: innerWidth, height: innerHeight });
  useEffect(() => {
    const { current } = box;
    if (!current) return undefined;
    const observer = new ResizeObserver(() => setSize({ width: current.clientWidth, height: current.clientHeight }));
    observer.observe(current);
    return () => observer.disconnect();
  }, [box]);
  return size;
}
