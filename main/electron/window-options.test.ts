import { expect, test } from 'vitest';
import { windowKey, windowOptions } from './window-options.ts';

test('the window is sandboxed, isolated and without Node', () => {
  const { webPreferences } = windowOptions('/p.cjs');
  expect(webPreferences).toMatchObject({
    sandbox: true,
    contextIsolation: true,
    nodeIntegration: false,
    webSecurity: true,
    webviewTag: false,
    devTools: false,
    preload: '/p.cjs',
  });
});

const press = { type: 'keyDown', key: 'r', control: true, meta: false, alt: false };

test('the window takes its own few keys and leaves the F-keys to the page', () => {
  expect(windowKey(press)).toBe('reload');
  expect(windowKey({ ...press, key: '+' })).toBe('zoomIn');
  expect(windowKey({ ...press, type: 'keyUp' })).toBeUndefined();
  expect(windowKey({ ...press, control: false })).toBeUndefined();
  for (const key of ['F1', 'F5', 'F10', 'F12', 'i'])
    expect(windowKey({ ...press, key, control: false })).toBeUndefined();
});
