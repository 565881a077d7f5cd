import type { ComponentChildren } from 'preact';
import { useEffect, useErrorBoundary, useRef, useState } from 'preact/hooks';
import { useApp, useSay } from '../foundation/app.ts';
import { thrown } from '../foundation/failure.ts';
import { useKeys } from '../foundation/keys.ts';
import { routeTo, VIEWS, type Route } from '../foundation/route.ts';
import { useRoute } from '../foundation/use-route.ts';
import { Icon } from '../shared/icons.tsx';
import { Problem } from '../shared/states.tsx';
import { KeyHelp } from './key-help.tsx';
import { StreamMark } from './stream-mark.tsx';
import { LanguageToggle, ThemeToggle } from './toggles.tsx';
import { views } from './views.tsx';

/** What stands around every view. */
export function Frame() {
  const say = useSay();
  const { about } = useApp();
  const route = useRoute();
  const [isHelping, setHelping] = useState(false);
  const main = useRef<HTMLElement>(null);
  useKeys({
    ...Object.fromEntries(VIEWS.map((view, index) => [String(index + 1), () => go(view)])),
    '?': () => setHelping(true),
  });
  useFocusOnChange(main, route);
  const View = views[route.view];
  return (
    <>
      <a class="skip" href={`#${MAIN}`} onClick={(event) => focusMain(event, main.current)}>
        {say('nav.skip')}
      </a>
      <header class="top">
        <span class="brand">kube-courier</span>
        <span class="watched" title={about.title}>
          {about.title}
        </span>
        {about.readOnly && (
          <span class="tag" title={say('readonly.why')}>
            {say('readonly.tag')}
          </span>
        )}
        <nav class="tabs" aria-label={say('nav.label')}>
          {VIEWS.map((view, index) => (
            <a
              key={view}
              href={routeTo(view)}
              class="tab"
              aria-current={route.view === view ? 'page' : undefined}
              title={`${say(`nav.${view}`)} (${index + 1})`}
            >
              <Icon name={view} />
              <span>{say(`nav.${view}`)}</span>
            </a>
          ))}
        </nav>
        <div class="tools">
          <StreamMark />
          <LanguageToggle />
          <ThemeToggle />
          <button
            type="button"
            class="button is-quiet is-icon for-keyboards"
            aria-label={say('keys.help')}
            onClick={() => setHelping(true)}
          >
            <Icon name="keys" />
          </button>
        </div>
      </header>
      <main ref={main} id={MAIN} tabIndex={-1}>
        <Guarded key={route.view}>
          <View names={route.names} />
        </Guarded>
      </main>
      {isHelping && <KeyHelp close={() => setHelping(false)} />}
    </>
  );
}

/** A view that fails says so, and the others go on. */
function Guarded({ children }: { readonly children: ComponentChildren }) {
  const [error, retry] = useErrorBoundary();
  if (error === undefined) return <>{children}</>;
  return <Problem failure={thrown(error)} retry={retry} />;
}

const MAIN = 'main';

function go(view: Route['view']): void {
  location.hash = routeTo(view);
}

/** A link to a part of the page would be taken for a view. */
function focusMain(event: Event, main: HTMLElement | null): void {
  event.preventDefault();
  main?.focus();
}

/** Whoever goes to another view by keyboard is in it. */
function useFocusOnChange(main: { readonly current: HTMLElement | null }, { view }: Route): void {
  const isFirst = useRef(true);
  useEffect(() => {
    if (!isFirst.current) main.current?.focus({ preventScroll: true });
    isFirst.current = false;
  }, [main, view]);
}
