import { mkdirSync, renameSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { scanInto } from './scanner.ts';

/** Somebody at the window who has a keyboard and a barcode scanner, and no mouse. */
export type Hands = {
  readonly page: Page;
  /** The element that tests know by this name (renderer/README.md). */
  at(testId: string): Locator;
  /** Waits until an element is on screen, and says what is asked for. */
  sees(testId: string, text?: string | RegExp): Promise<void>;
  /** Waits until an element has left the screen. */
  misses(testId: string): Promise<void>;
  press(...keys: readonly string[]): Promise<void>;
  /** Types as fingers do: slowly enough not to be taken for a scanner. */
  type(text: string): Promise<void>;
  /** Holds a code under the scanner. */
  scan(code: string): Promise<void>;
  /** Presses Tab until this element has the focus. */
  tabTo(testId: string): Promise<void>;
  /** The name of what has the focus. */
  focused(): Promise<string | null>;
  /** Keys pressed by fingers so far; a scan is none. */
  pressed(): number;
  /** All words on screen. */
  words(): Promise<string>;
  /** Keeps a picture of the window in .cache/e2e, for people to look at. */
  shot(name: string): Promise<void>;
  /** From here on these complaints of the console are to be expected. */
  expects(complaint: RegExp): void;
  /** What the console complained of unexpectedly, breaches of the content security policy among it. */
  complaints(): readonly string[];
};

const SHOTS = resolve(import.meta.dirname, '..', '..', '.cache', 'e2e');
const SIZE = { width: 1366, height: 768 };
const FINGER_MS = 50;
const TABS_MAX = 40;
/** Long enough for a machine that has much else to do; what is awaited comes in milliseconds as a rule. */
const WAIT_MS = 30_000;

/** For `expect.poll`: what holds sooner or later. */
export const SOON = { timeout: WAIT_MS } as const;

/** Opens a window of the counter's usual size on an address, alone in its own session. */
export async function openHands(browser: Browser, url: string): Promise<Hands> {
  const context = await browser.newContext({ viewport: SIZE, locale: 'az-AZ', timezoneId: 'Asia/Baku' });
  const page = await context.newPage();
  page.setDefaultTimeout(WAIT_MS);
  const complaints: string[] = [];
  const expected: RegExp[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  await page.goto(url);
  await page.locator('.strip').waitFor();

  let pressed = 0;
  const at = (testId: string): Locator => page.getByTestId(testId);
  const focused = (): Promise<string | null> =>
    page.evaluate(() => {
      const { activeElement } = document;
      return (
        activeElement?.getAttribute('data-testid') ??
        activeElement?.closest('[data-testid]')?.getAttribute('data-testid') ??
        null
      );
    });

  return {
    page,
    at,
    focused,
    expects: (complaint) => void expected.push(complaint),
    complaints: () => complaints.filter((one) => !expected.some((pattern) => pattern.test(one))),
    sees: (testId, text) =>
      (text === undefined ? at(testId) : at(testId).filter({ hasText: text })).first().waitFor(),
    misses: (testId) => at(testId).first().waitFor({ state: 'detached' }),
    async press(...names) {
      for (const name of names) {
        pressed += 1;
        await page.keyboard.press(name, { delay: FINGER_MS });
      }
    },
    async type(text) {
      pressed += text.length;
      await page.keyboard.type(text, { delay: FINGER_MS });
    },
    scan: (code) => scanInto(page, code),
    async tabTo(testId) {
      for (let tabs = 0; tabs < TABS_MAX; tabs += 1) {
        if ((await focused()) === testId) return;
        await page.keyboard.press('Tab');
      }
      throw new Error(`${testId} is not reached by Tab; the focus is at ${await focused()}`);
    },
    pressed: () => pressed,
    words: () => page.locator('body').innerText(),
    shot: (name) => keepShot(page, name),
  };
}

/** Keeps a picture of a page in .cache/e2e. Two runs at once may keep the same one: neither sees half of it. */
export async function keepShot(page: Page, name: string): Promise<void> {
  mkdirSync(SHOTS, { recursive: true });
  const aside = join(SHOTS, `.${process.pid}-${name}.png`);
  await page.screenshot({ path: aside, animations: 'disabled' });
  renameSync(aside, join(SHOTS, `${name}.png`));
}
