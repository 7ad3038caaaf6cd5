import { useTranslation } from 'react-i18next';
import { Button } from 'react-aria-components';
import { goTo, useWindow } from '../host/window-store.ts';
import { keyOf, SCREENS, SCREEN_KEYS } from '../keyboard/key-map.ts';

/** The function keys along the bottom, always the same, the present one filled; a hint of the keys of the screen. */
export function KeyBar({ hint }: { readonly hint: string }) {
  const { t } = useTranslation();
  const current = useWindow((state) => keyOf(state.screen));
  return (
    <footer className="key-bar">
      <nav aria-label={t('screens.bar')}>
        {SCREENS.map((screen) => (
          <Button
            key={screen}
            className={`key-button${screen === current ? ' key-button-current' : ''}`}
            onPress={() => goTo(screen)}
            excludeFromTabOrder
            data-testid={`key-${screen}`}
            {...(screen === current ? { 'aria-current': 'page' as const } : {})}
          >
            <kbd className="key-cap">{SCREEN_KEYS[screen]}</kbd>
            {t(`screens.${screen}`)}
          </Button>
        ))}
      </nav>
      <span className="key-hint">{hint}</span>
    </footer>
  );
}
