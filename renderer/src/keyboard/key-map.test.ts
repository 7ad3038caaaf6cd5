import { expect, test } from 'vitest';
import { HEALTH_KEY, isFunctionKey, keyOf, screenOfKey, SCREEN_KEYS, SCREENS } from './key-map.ts';

test('every screen has a function key of its own, and none takes F2 to F4', () => {
  const keys = SCREENS.map((screen) => SCREEN_KEYS[screen]);
  expect(new Set(keys).size).toBe(SCREENS.length);
  for (const kept of ['F2', 'F3', 'F4', HEALTH_KEY]) expect(screenOfKey(kept)).toBeUndefined();
  for (const screen of SCREENS) expect(screenOfKey(SCREEN_KEYS[screen])).toBe(screen);
});

test('only F1 to F12 are function keys', () => {
  expect(['F1', 'F9', 'F12'].every(isFunctionKey)).toBe(true);
  expect(['F', 'F0', 'F13', 'a', 'Enter'].some(isFunctionKey)).toBe(false);
});

test('a screen without a key fills the key that leads to it', () => {
  expect([keyOf('cards'), keyOf('openCards'), keyOf('shift')]).toEqual(['receipts', 'counter', 'shift']);
});
