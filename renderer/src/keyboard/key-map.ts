/** The keys that mean the same on every screen. F2 is always the primary action; Esc is back, Enter confirms. */
export const SCREENS = [
  'counter',
  'meterCard',
  'subscriber',
  'receipts',
  'storno',
  'shift',
  'journal',
  'settings',
] as const;
export type ScreenName = (typeof SCREENS)[number];

/** The bar along the bottom, left to right. F3 and F4 are kept for cards and mixed tender. */
export const SCREEN_KEYS = {
  counter: 'F1',
  meterCard: 'F5',
  subscriber: 'F6',
  receipts: 'F7',
  storno: 'F8',
  shift: 'F9',
  journal: 'F10',
  settings: 'F12',
} as const satisfies Record<ScreenName, string>;

/** Screens without a key of their own, and the one that leads to each. */
export const INNER_SCREENS = {
  cards: 'receipts',
  openCards: 'counter',
  openLoads: 'meterCard',
} as const satisfies Record<string, ScreenName>;
export type ShownScreen = ScreenName | keyof typeof INNER_SCREENS;

/** The key that is filled while a screen is shown. */
export const keyOf = (screen: ShownScreen): ScreenName => (isInner(screen) ? INNER_SCREENS[screen] : screen);

const isInner = (screen: ShownScreen): screen is keyof typeof INNER_SCREENS =>
  Object.hasOwn(INNER_SCREENS, screen);

/** The screen behind a function key, or undefined. */
export const screenOfKey = (key: string): ScreenName | undefined =>
  SCREENS.find((screen) => SCREEN_KEYS[screen] === key);

/** Whose side stopped: over any screen. */
export const HEALTH_KEY = 'F11';

/** Keys whose browser meaning (help, find, reload, full screen, developer tools) must not fire at a counter. */
export const isFunctionKey = (key: string): boolean => /^F([1-9]|1[0-2])$/.test(key);

/** The four keys beside the number pad choose a proposed sum of cash, in this order. */
export const PROPOSAL_KEYS = ['/', '*', '-', '+'] as const;
