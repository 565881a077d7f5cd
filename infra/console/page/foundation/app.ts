import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Ability, About, Failure, Flow, Inability, LiveEvent } from '../../contract.ts';
import type { Feed } from '../live/feed.ts';
import { fill, type Params } from '../words/say.ts';
import { words, type Word } from '../words/words.ts';
import type { Api } from './api.ts';
import type { Preferences } from './preferences.ts';
import type { Store } from './store.ts';
import type { StreamState } from './stream.ts';
import { useStore } from './use-store.ts';

/** What all views share: it lives as long as the page, so that changing the view loses nothing. */
export interface App {
  readonly api: Api;
  readonly about: About;
  readonly feed: Feed;
  readonly flow: Store<Flow | undefined>;
  /** Why there is no newer flow. */
  readonly flowProblem: Store<Failure | undefined>;
  /** Events a second of the last two minutes, the newest last. */
  readonly rates: Store<readonly number[]>;
  readonly stream: Store<StreamState>;
  /** The event whose details are shown. */
  readonly chosen: Store<LiveEvent | undefined>;
  /** What somebody typed and did not save, by the id and version of the destination. */
  readonly drafts: Map<string, string>;
  /** Tells those who do not see the page. */
  readonly announce: (text: string) => void;
}

export const AppContext = createContext<App | undefined>(undefined);
export const PreferencesContext = createContext<Preferences | undefined>(undefined);

export function useApp(): App {
  const app = useContext(AppContext);
  if (!app) throw new Error('drawn outside of the app');
  return app;
}

export function usePreferences(): Preferences {
  const preferences = useContext(PreferencesContext);
  if (!preferences) throw new Error('drawn outside of the page');
  return preferences;
}

export type Say = (word: Word, params?: Params) => string;

/** The texts in the language of whoever looks. */
export function useSay(): Say {
  const language = useStore(usePreferences().language);
  return (word, params) => fill(words[word][language === 'zh' ? 1 : 0], params);
}

/** Why something cannot be done here; undefined where it can. */
export function useInability(ability: Ability): Inability | undefined {
  const { about } = useApp();
  return about.cannot[ability];
}

/** Whether something may be changed, and this source can do it. */
export function useMay(ability: Ability): boolean {
  const { about } = useApp();
  return !about.readOnly && about.cannot[ability] === undefined;
}
