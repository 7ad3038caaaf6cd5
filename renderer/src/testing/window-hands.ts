import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, vi } from 'vitest';
import { startFakePages, type FakePages } from './fake-page.ts';

/** Fingers and a scanner at the window with its fake core host, and what its pages are held to. */

export type InWindow = (
  query: string,
  act: (page: Page) => Promise<void>,
  options?: Parameters<FakePages['open']>[1],
) => Promise<void>;

/** One browser for the tests of a file. Opens a page for one test, and holds it to a silent console. */
export function windowForTests(): InWindow {
  let pages: FakePages | undefined;
  vi.setConfig({ testTimeout: 120_000, hookTimeout: 300_000 });
  beforeAll(async () => {
    pages = await startFakePages();
  });
  afterAll(() => pages?.close());
  return async (query, act, options) => {
    if (!pages) throw new Error('there is no window outside of a test');
    const opened = await pages.open(query, options);
    opened.page.setDefaultTimeout(30_000);
    await act(opened.page);
    expect(opened.complaints).toEqual([]);
    expect(await opened.page.evaluate(() => document.documentElement.dataset['fault'])).toBeUndefined();
    await opened.page.close();
  };
}

/** Keys as a scanner sends them, 4 ms apart by their own time stamps, however long a busy machine takes over each. */
export async function scan(page: Page, text: string): Promise<void> {
  await page.evaluate((code) => {
    const begun = performance.now();
    for (const [at, key] of [...code, 'Enter'].entries()) {
      const field = document.activeElement ?? document.body;
      const event = new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true });
      Object.defineProperty(event, 'timeStamp', { value: begun + 4 * at });
      const went = field.dispatchEvent(event);
      if (went && key.length === 1 && field instanceof HTMLInputElement) {
        const setter = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value')?.set;
        setter?.call(field, field.value + key);
        field.dispatchEvent(new Event('input', { bubbles: true }));
      }
    }
  }, text);
}

/** Types as fingers do: slowly enough not to be taken for a scanner. */
export const type = (page: Page, text: string): Promise<void> => page.keyboard.type(text, { delay: 45 });

/** The test id of what has the focus. */
export const focused = (page: Page): Promise<string | null> =>
  page.evaluate(() => document.activeElement?.getAttribute('data-testid') ?? null);

/** Presses Tab until an element has the focus; backwards where it lies before the place the focus returns to. */
export async function tabTo(page: Page, testId: string): Promise<void> {
  for (const key of ['Tab', 'Shift+Tab']) {
    for (let tabs = 0; tabs < 25; tabs += 1) {
      const here = await page.evaluate(
        () => document.activeElement?.closest('[data-testid]')?.getAttribute('data-testid') ?? null,
      );
      if (here === testId) return;
      await page.keyboard.press(key);
    }
  }
  throw new Error(`${testId} is not reached by Tab`);
}

/** What does not fit: parts that scroll though they are no list, and the page itself, by name and excess. */
export const overflowing = (page: Page): Promise<readonly string[]> =>
  page.evaluate(() => {
    const lists = '.findings, .list-scroll, .story, .paper-well, .bound';
    const parts = [document.documentElement, ...document.querySelectorAll('.window *')].filter((part) => {
      const scrolls = /auto|scroll/.test(getComputedStyle(part).overflowY);
      return part === document.documentElement || (scrolls && !part.matches(lists));
    });
    return parts.flatMap((part) => {
      const down = part.scrollHeight - part.clientHeight;
      const right = part.scrollWidth - part.clientWidth;
      return down > 0 || right > 0 ? [`${part.className || part.tagName} ${down} ${right}`] : [];
    });
  });

/** Goes through everything Tab reaches and names what another part of the window covers while it has the focus. */
export async function coveredByOthers(page: Page): Promise<readonly string[]> {
  const covered: string[] = [];
  const seen = new Set<string>();
  // First what has the focus already.
  for (let tabs = 0; tabs < 60; tabs += 1) {
    if (tabs > 0) await page.keyboard.press('Tab');
    const { name, isCovered } = await page.evaluate(() => {
      const on = document.activeElement ?? document.body;
      const { left, top, width, height } = on.getBoundingClientRect();
      const said = on.getAttribute('data-testid') ?? on.textContent;
      const corners = [0.1, 0.9].map((part) =>
        document.elementFromPoint(left + width / 2, top + height * part),
      );
      return {
        name: `${on.tagName} ${said}`,
        isCovered: !corners.every((part) => part !== null && (on.contains(part) || part.contains(on))),
      };
    });
    // Beyond the last one lies the browser.
    if (name.startsWith('BODY')) continue;
    if (seen.has(name)) break;
    seen.add(name);
    if (isCovered) covered.push(name);
  }
  return covered;
}
