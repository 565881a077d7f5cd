import { render } from 'preact';
import { PreferencesContext } from './foundation/app.ts';
import { listenForKeys } from './foundation/keys.ts';
import { loadPreferences } from './foundation/preferences.ts';
import { takeToken } from './foundation/token.ts';
import { NoToken, Page } from './frame/page.tsx';

/** The console's page: everything it shows comes from the API of `contract.ts`. */
const root = document.getElementById('root');
if (root) {
  const token = takeToken();
  listenForKeys();
  // The address of a console that was started anew, opened in the same tab, changes the fragment alone.
  addEventListener('hashchange', () => {
    if (!location.hash.startsWith('#token=')) return;
    takeToken();
    location.reload();
  });
  render(
    <PreferencesContext.Provider value={loadPreferences()}>
      {token === undefined ? <NoToken /> : <Page token={token} />}
    </PreferencesContext.Provider>,
    root,
  );
}
