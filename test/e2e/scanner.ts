import type { CDPSession, Page } from 'playwright-core';

const BETWEEN_S = 0.004;
/** A person takes the hand off the keys before they take the scanner. */
const REACH_S = 0.2;

type KeyEvent = {
  readonly type: 'keyDown' | 'keyUp';
  readonly key: string;
  readonly code: string;
  readonly text?: string;
  readonly windowsVirtualKeyCode: number;
  readonly modifiers: number;
  /** Seconds since 1970; becomes the event's `timeStamp`. */
  readonly timestamp: number;
};

const SHIFT = 8;
const sessions = new WeakMap<Page, Promise<CDPSession>>();

/**
 * Holds a code under the scanner: real key events at a scanner's pace, then Enter. Each carries its own time, because a
 * busy machine would stretch the pace to that of fingers.
 */
export async function scanInto(page: Page, code: string): Promise<void> {
  const session = sessions.get(page) ?? page.context().newCDPSession(page);
  sessions.set(page, session);
  const keys = await session;
  const start = Date.now() / 1000 + REACH_S;
  const events = [...code].flatMap((key, index) => stroke(key, start + index * BETWEEN_S));
  events.push(...stroke('Enter', start + code.length * BETWEEN_S));
  await Promise.all(events.map((event) => keys.send('Input.dispatchKeyEvent', event)));
}

/** A key down and up, as a scanner set to a US keyboard sends it. */
function stroke(key: string, at: number): KeyEvent[] {
  const enter = key === 'Enter';
  const letter = /^[a-z]$/i.test(key);
  const common = {
    key,
    code: enter ? 'Enter' : letter ? `Key${key.toUpperCase()}` : /^\d$/.test(key) ? `Digit${key}` : '',
    windowsVirtualKeyCode: enter ? 13 : key.toUpperCase().charCodeAt(0),
    modifiers: letter && key === key.toUpperCase() ? SHIFT : 0,
  };
  return [
    { ...common, type: 'keyDown', text: enter ? '\r' : key, timestamp: at },
    { ...common, type: 'keyUp', timestamp: at + BETWEEN_S / 2 },
  ];
}
