/** Colours of the window: as the system has them, or chosen. Kept in this browser; nothing but looks depends on it. */
export const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

const KEY = 'komis.theme';

export const themeOf = (page: Window): Theme =>
  THEMES.find((theme) => theme === page.localStorage.getItem(KEY)) ?? 'light';

/** Shows the chosen theme now, and follows the system's when that is chosen. */
export function applyTheme(page: Window): void {
  const dark = page.matchMedia('(prefers-color-scheme: dark)');
  const show = (): void => {
    const theme = themeOf(page);
    page.document.documentElement.dataset['theme'] =
      theme === 'system' ? (dark.matches ? 'dark' : 'light') : theme;
  };
  show();
  dark.addEventListener('change', show);
}

/** Chooses a theme. */
export function chooseTheme(page: Window, theme: Theme): void {
  page.localStorage.setItem(KEY, theme);
  const dark =
    theme === 'dark' || (theme === 'system' && page.matchMedia('(prefers-color-scheme: dark)').matches);
  page.document.documentElement.dataset['theme'] = dark ? 'dark' : 'light';
}
