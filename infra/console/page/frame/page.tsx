import { useRef, useState } from 'preact/hooks';
import type { About } from '../../contract.ts';
import { createApi } from '../foundation/api.ts';
import { AppContext, useSay, type App } from '../foundation/app.ts';
import { ApiError } from '../foundation/failure.ts';
import { startApp } from '../foundation/start.ts';
import { useLoaded } from '../foundation/use-loaded.ts';
import { useStore } from '../foundation/use-store.ts';
import { Frame } from './frame.tsx';

/** The page of whoever has a token. */
export function Page({ token }: { readonly token: string }) {
  const say = useSay();
  const [api] = useState(() => createApi(token));
  const app = useRef<App>(undefined);
  const said = useRef<HTMLDivElement>(null);
  const about = useLoaded('about', async (signal) => {
    try {
      return await api.get<About>('/api/about', {}, signal);
    } catch (error) {
      if (error instanceof ApiError && (error.status === 401 || error.status === 403)) return 'refused' as const;
      throw error;
    }
  });
  if (about.value === 'refused') return <NoToken />;
  if (about.value) {
    app.current ??= startApp(api, about.value, (text) => {
      if (said.current) said.current.textContent = text;
    });
  }
  return (
    <>
      <div ref={said} class="hidden" aria-live="polite" role="status" />
      {app.current && <Started app={app.current} />}
      {about.error !== undefined && !app.current && (
        <main class="alone">
          <h1>{say('about.failed')}</h1>
          <p>{about.error.error}</p>
          <button type="button" class="button is-main" onClick={about.reload}>
            {say('again')}
          </button>
        </main>
      )}
    </>
  );
}

/** The server is another one than the token is for as soon as it was started anew. */
function Started({ app }: { readonly app: App }) {
  if (useStore(app.stream) === 'refused') return <NoToken />;
  return (
    <AppContext.Provider value={app}>
      <Frame />
    </AppContext.Provider>
  );
}

export function NoToken() {
  const say = useSay();
  return (
    <main class="alone">
      <h1>{say('token.title')}</h1>
      <p>{say('token.text')}</p>
    </main>
  );
}
