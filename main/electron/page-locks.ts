import { isOwnPage, PAGE_URL } from './screen-scheme.ts';

/**
 * What no page may do, whatever it asks. The parameters are the parts of Electron's `Session` and `WebContents` that are
 * used here, so that the locks can be tried without Electron.
 */
export type LockableSession = {
  setPermissionRequestHandler(
    handler: (contents: unknown, permission: string, answer: (granted: boolean) => void) => void,
  ): void;
  setPermissionCheckHandler(handler: (contents: unknown, permission: string) => boolean): void;
  setDevicePermissionHandler(handler: (details: unknown) => boolean): void;
  setDisplayMediaRequestHandler(handler: null): void;
  setSpellCheckerEnabled(enabled: boolean): void;
  on(
    event: 'will-download',
    listener: (event: { preventDefault(): void }, item: { getURL(): string; getMimeType(): string }) => void,
  ): unknown;
};

export type Refused = (what: string, detail: string) => void;

/** Denies the page every permission and device, and downloads but receipts and recordings: devices are driven by the core host, never by the page. */
export function lockSession(session: LockableSession, refused: Refused): void {
  session.setPermissionRequestHandler((_contents, permission, answer) => {
    refused('permission', permission);
    answer(false);
  });
  session.setPermissionCheckHandler(() => false);
  session.setDevicePermissionHandler(() => false);
  session.setDisplayMediaRequestHandler(null);
  session.setSpellCheckerEnabled(false);
  session.on('will-download', (event, item) => {
    if (mayDownload(item.getURL(), item.getMimeType())) return;
    refused('download', item.getURL().slice(0, 200));
    event.preventDefault();
  });
}

/** A receipt as PDF and the terminal's frames as text. */
const SAVED_TYPES: readonly string[] = ['application/pdf', 'text/plain'];

/** What the page itself made of the core host's data may be saved where the person says; nothing else comes onto this disk. */
export const mayDownload = (address: string, mediaType: string): boolean =>
  address.startsWith(`blob:${PAGE_URL}`) && SAVED_TYPES.includes(mediaType);

type Navigation = { readonly url: string; preventDefault(): void };

export type LockableContents = {
  on(
    event: 'will-navigate' | 'will-redirect' | 'will-frame-navigate',
    listener: (event: Navigation) => void,
  ): unknown;
  on(event: 'will-attach-webview', listener: (event: { preventDefault(): void }) => void): unknown;
  setWindowOpenHandler(handler: (details: { readonly url: string }) => { action: 'deny' }): void;
  getType(): string;
  close(): void;
};

/** Keeps a page on our own origin and alone in its window. Contents that are no window of ours are closed at birth. */
export function lockContents(contents: LockableContents, refused: Refused): void {
  if (contents.getType() !== 'window') {
    refused('contents', contents.getType());
    contents.close();
    return;
  }
  const stay = (event: Navigation): void => {
    if (isOwnPage(event.url)) return;
    refused('navigation', event.url.slice(0, 200));
    event.preventDefault();
  };
  contents.on('will-navigate', stay);
  contents.on('will-redirect', stay);
  contents.on('will-frame-navigate', stay);
  contents.on('will-attach-webview', (event) => {
    refused('webview', '');
    event.preventDefault();
  });
  contents.setWindowOpenHandler(({ url }) => {
    refused('window', url.slice(0, 200));
    return { action: 'deny' };
  });
}

/** The frame that sent a message, as far as it matters. Null when the frame is gone. */
export type Sender = { readonly url: string; readonly parent: unknown } | null;

/** A line is given to our own page in the top frame, to no one else. */
export const mayHaveLine = (sender: Sender): boolean =>
  sender !== null && sender.parent === null && isOwnPage(sender.url);
