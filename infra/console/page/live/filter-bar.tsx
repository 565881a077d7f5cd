import { useRef } from 'preact/hooks';
import type { EventLine } from '../../contract.ts';
import { useApp, useSay } from '../foundation/app.ts';
import { useFrames } from '../foundation/frames.ts';
import { useKeys } from '../foundation/keys.ts';
import { Icon } from '../shared/icons.tsx';

const SEVERITIES = ['critical', 'warning', 'info'] as const satisfies readonly EventLine['severity'][];

export function FilterBar() {
  const say = useSay();
  const { feed } = useApp();
  const input = useRef<HTMLInputElement>(null);
  useFrames(feed.subscribe);
  useKeys({
    '/': () => {
      input.current?.focus();
      input.current?.select();
    },
  });
  const { filter } = feed;
  const toggle = (severity: EventLine['severity']): void => {
    const { without } = filter;
    const isHidden = without.includes(severity);
    feed.setFilter({
      ...filter,
      without: isHidden ? without.filter((each) => each !== severity) : [...without, severity],
    });
  };
  return (
    <div class="bar" role="search">
      <input
        ref={input}
        class="field grow"
        type="search"
        value={filter.text}
        aria-label={say('live.filter')}
        placeholder={say('live.filterHint')}
        spellcheck={false}
        onInput={(event) => feed.setFilter({ ...filter, text: event.currentTarget.value })}
        onKeyDown={(event) => {
          if (event.key === 'Escape' || event.key === 'Enter') event.currentTarget.blur();
        }}
      />
      <div class="toggles" role="group" aria-label={say('live.severities')}>
        {SEVERITIES.map((severity) => (
          <button
            key={severity}
            type="button"
            class={`toggle severity is-${severity}`}
            aria-pressed={!filter.without.includes(severity)}
            onClick={() => toggle(severity)}
          >
            <Icon name={severity} />
            <span class="severity-word">{say(`severity.${severity}`)}</span>
          </button>
        ))}
      </div>
      <span class="bar-count">{say('live.kept', { shown: feed.view().length, kept: feed.kept })}</span>
    </div>
  );
}
