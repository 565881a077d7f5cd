import { createStore, type Store } from './store.ts';

export const LANGUAGES = ['en', 'zh'] as const;
export type Language = (typeof LANGUAGES)[number];
/** `auto`: as the system has it. */
export const THEMES = ['auto', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

export interface Preferences {
  readonly language: Store<Language>;
  readonly theme: Store<Theme>;
}

/** What somebody chose in this browser before, else what the browser says. */
export function loadPreferences(): Preferences {
  const language = kept('language', LANGUAGES, navigator.language.startsWith('zh') ? 'zh' : 'en');
  const theme = kept('theme', THEMES, 'auto');
  const apply = (): void => {
    const root = document.documentElement;
    root.lang = language.get() === 'zh' ? 'zh-CN' : 'en';
    root.dataset['theme'] = theme.get();
  };
  language.subscribe(apply);
  theme.subscribe(apply);
  apply();
  return { language, theme };
}

function kept<T extends string>(name: string, known: readonly T[], initial: T): Store<T> {
  const key = `kube-courier.${name}`;
  const store = createStore(known.find((each) => each === localStorage.getItem(key)) ?? initial);
  store.subscribe(() => localStorage.setItem(key, store.get()));
  return store;
}
