import { usePreferences, useSay } from '../foundation/app.ts';
import { THEMES } from '../foundation/preferences.ts';
import { useStore } from '../foundation/use-store.ts';
import { Icon } from '../shared/icons.tsx';

export function LanguageToggle() {
  const say = useSay();
  const { language } = usePreferences();
  const current = useStore(language);
  return (
    <button
      type="button"
      class="button is-quiet language"
      lang={current === 'zh' ? 'en' : 'zh-CN'}
      title={say('language.label')}
      onClick={() => language.set(current === 'zh' ? 'en' : 'zh')}
    >
      {say('language.other')}
    </button>
  );
}

export function ThemeToggle() {
  const say = useSay();
  const { theme } = usePreferences();
  const current = useStore(theme);
  const next = THEMES[(THEMES.indexOf(current) + 1) % THEMES.length] ?? 'auto';
  return (
    <button
      type="button"
      class="button is-quiet is-icon"
      aria-label={say(`theme.${current}`)}
      title={say(`theme.${current}`)}
      onClick={() => theme.set(next)}
    >
      <Icon name="theme" />
    </button>
  );
}
