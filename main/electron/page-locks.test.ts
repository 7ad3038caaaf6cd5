import { expect, test } from 'vitest';
import {
  lockContents,
  lockSession,
  mayHaveLine,
  type LockableContents,
  type LockableSession,
} from './page-locks.ts';

function fakeSession() {
  const given = {
    request: undefined as Parameters<LockableSession['setPermissionRequestHandler']>[0] | undefined,
    check: undefined as Parameters<LockableSession['setPermissionCheckHandler']>[0] | undefined,
    device: undefined as Parameters<LockableSession['setDevicePermissionHandler']>[0] | undefined,
    download: undefined as Parameters<LockableSession['on']>[1] | undefined,
    spelling: true,
    media: 'unset' as unknown,
  };
  const session: LockableSession = {
    setPermissionRequestHandler: (handler) => (given.request = handler),
    setPermissionCheckHandler: (handler) => (given.check = handler),
    setDevicePermissionHandler: (handler) => (given.device = handler),
    setDisplayMediaRequestHandler: (handler) => (given.media = handler),
    setSpellCheckerEnabled: (enabled) => (given.spelling = enabled),
    on: (_event, listener) => (given.download = listener),
  };
  return { session, given };
}

test.each([
  'geolocation',
  'media',
  'notifications',
  'clipboard-read',
  'serial',
  'hid',
  'usb',
  'openExternal',
  'fullscreen',
])('the page is denied %s', (permission) => {
  const { session, given } = fakeSession();
  const refused = new Array<string>();
  lockSession(session, (what, detail) => refused.push(`${what} ${detail}`));
  let granted: boolean | undefined;
  given.request?.({}, permission, (answer) => (granted = answer));
  expect(granted).toBe(false);
  expect(given.check?.({}, permission)).toBe(false);
  expect(refused).toEqual([`permission ${permission}`]);
});

test('no devices, no screen capture, no spelling service', () => {
  const { session, given } = fakeSession();
  lockSession(session, () => undefined);
  expect(given.device?.({})).toBe(false);
  expect(given.media).toBeNull();
  expect(given.spelling).toBe(false);
});

test.each([
  ['blob:ipw://app/0c1d', 'application/pdf', false],
  ['blob:ipw://app/0c1d', 'text/plain', false],
  ['blob:ipw://app/0c1d', 'text/html', true],
  ['https://evil.example/recording.txt', 'text/plain', true],
  ['blob:ipw://app/0c1d', 'application/x-msdownload', true],
  ['https://evil.example/receipt.pdf', 'application/pdf', true],
  ['blob:https://evil.example/blob:ipw://app/', 'application/pdf', true],
  ['data:application/pdf,x', 'application/pdf', true],
])('a download of %s as %s: refused %s', (url, mediaType, refused) => {
  const { session, given } = fakeSession();
  lockSession(session, () => undefined);
  let prevented = false;
  given.download?.(
    { preventDefault: () => (prevented = true) },
    { getURL: () => url, getMimeType: () => mediaType },
  );
  expect(prevented).toBe(refused);
});

function fakeContents(type = 'window') {
  const listeners = new Map<string, (event: { url: string; preventDefault(): void }) => void>();
  let openHandler: ((details: { url: string }) => { action: string }) | undefined;
  let closed = false;
  const contents: LockableContents = {
    on: (event: string, listener: (event: { url: string; preventDefault(): void }) => void) => {
      listeners.set(event, listener);
    },
    setWindowOpenHandler: (handler) => (openHandler = handler),
    getType: () => type,
    close: () => (closed = true),
  };
  const prevented = (event: string, url: string): boolean => {
    let stopped = false;
    listeners.get(event)?.({ url, preventDefault: () => (stopped = true) });
    return stopped;
  };
  return { contents, prevented, open: (url: string) => openHandler?.({ url }).action, closed: () => closed };
}

test.each(['will-navigate', 'will-redirect', 'will-frame-navigate'])('%s stays on our own page', (event) => {
  const { contents, prevented } = fakeContents();
  lockContents(contents, () => undefined);
  expect(prevented(event, 'ipw://app/')).toBe(false);
  for (const url of [
    'https://evil.example/?next=ipw://app',
    'file:///etc/passwd',
    'javascript:1',
    'ipw://app.evil/',
  ])
    expect(prevented(event, url)).toBe(true);
});

test('no second window, not even of our own page, and no webview', () => {
  const { contents, prevented, open } = fakeContents();
  const refused = new Array<string>();
  lockContents(contents, (what) => refused.push(what));
  expect(open('ipw://app/')).toBe('deny');
  expect(open('https://example.com')).toBe('deny');
  expect(prevented('will-attach-webview', 'ipw://app/')).toBe(true);
  expect(refused).toEqual(['window', 'window', 'webview']);
});

test.each(['webview', 'backgroundPage', 'remote', 'offscreen', 'browserView'])(
  'contents of the type %s are closed',
  (type) => {
    const stray = fakeContents(type);
    const refused = new Array<string>();
    lockContents(stray.contents, (what, detail) => refused.push(`${what}: ${detail}`));
    expect(stray.closed()).toBe(true);
    expect(refused).toEqual([`contents: ${type}`]);
    const own = fakeContents();
    lockContents(own.contents, () => undefined);
    expect(own.closed()).toBe(false);
  },
);

test('a line is given to the top frame of our own page only', () => {
  expect(mayHaveLine({ url: 'ipw://app/', parent: null })).toBe(true);
  expect(mayHaveLine(null)).toBe(false);
  expect(mayHaveLine({ url: 'ipw://app/', parent: {} })).toBe(false);
  expect(mayHaveLine({ url: '', parent: null })).toBe(false);
  expect(mayHaveLine({ url: 'about:blank', parent: null })).toBe(false);
  expect(mayHaveLine({ url: 'https://evil.example/ipw://app/', parent: null })).toBe(false);
});
