import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { billBarcode } from '../../contracts/rules/bill-code.ts';
import { PASSWORD } from './testing/sample-data.ts';
import {
  coveredByOthers,
  focused,
  overflowing,
  scan,
  tabTo,
  type,
  windowForTests,
} from './testing/window-hands.ts';

/** Cards and the terminal in the window, by keyboard alone, over a core host in the page. */

const BILL = billBarcode({ billerNo: '001', account: '1104552018' });
const LANGUAGES = ['az', 'en', 'ru'] as const;
const expectInWindow = windowForTests();

/** From an empty field to the money of one bill of 38,40. */
async function tendering(page: Page): Promise<void> {
  await scan(page, BILL);
  await page.getByTestId('tender-cash').waitFor();
  await page.keyboard.press('Enter');
  await page.getByTestId('pay-by-card').waitFor();
}
async function chargeBegun(page: Page): Promise<void> {
  await tendering(page);
  await page.keyboard.press('F4');
  // In this host a card takes a blink, unless it waits.
  await page
    .locator('[data-testid=charging], [data-testid=receipt], [data-testid=unknown-attempt]')
    .first()
    .waitFor();
}

describe('keys', () => {
  test('F4 charges what is to be paid; Enter leads to the next customer', () =>
    expectInWindow('terminal', async (page) => {
      await chargeBegun(page);
      await page.getByTestId('receipt').waitFor();
      expect(await page.getByTestId('accepted-by-card').textContent()).toContain('38,40');
      await page.keyboard.press('Enter');
      await page.getByTestId('find').waitFor();
      expect(await focused(page)).toBe('find');
    }));

  test('F4 does nothing without a terminal, nor with one that is silent: why is said', async () => {
    await expectInWindow('', async (page) => {
      await scan(page, BILL);
      await page.getByTestId('tender-cash').waitFor();
      await page.keyboard.press('Enter');
      await page.getByTestId('received').waitFor();
      await page.keyboard.press('F4');
      expect(await page.getByTestId('charging').count()).toBe(0);
      expect(await page.getByTestId('pay-by-card').count()).toBe(0);
    });
    await expectInWindow('terminal=away', async (page) => {
      await scan(page, BILL);
      await page.getByTestId('tender-cash').waitFor();
      await page.keyboard.press('Enter');
      await page.getByText('terminal cavab vermir').waitFor();
      await page.keyboard.press('F4');
      expect(await page.getByTestId('charging').count()).toBe(0);
    });
  });

  test('while a card is charged no key but Esc does anything, and Esc asks first', () =>
    expectInWindow('terminal&card=wait', async (page) => {
      await chargeBegun(page);
      for (const key of ['Enter', 'Space', 'F2', 'F4', 'F3', '5']) await page.keyboard.press(key);
      expect(await page.getByTestId('cancelling').count()).toBe(0);
      await page.keyboard.press('Escape');
      await page.getByText('Son sözü terminal deyir').first().waitFor();
      await page.getByTestId('dialogue-act').waitFor();
      // A second Esc is no yes: the payment goes on.
      await page.keyboard.press('Escape');
      await page.getByTestId('dialogue-act').waitFor({ state: 'detached' });
      expect(await page.getByTestId('cancelling').count()).toBe(0);
      await page.getByTestId('cancel-card').waitFor();
      // Nor is an Enter in a hurry.
      await page.keyboard.press('Escape');
      await page.getByTestId('dialogue-act').waitFor();
      await page.keyboard.press('Enter');
      expect(await page.getByTestId('cancelling').count()).toBe(0);
      await page.keyboard.press('F2');
      await page.getByTestId('cancelling').waitFor();
      expect(await page.getByTestId('dialogue-act').count()).toBe(0);
      await page.getByTestId('card-refused').waitFor();
    }));

  test('that a stop was asked for is the core host’s word: a fresh window knows it, and asks for no second one', () =>
    expectInWindow('terminal&stopping', async (page) => {
      await page.getByTestId('cancelling').waitFor();
      expect(await page.getByTestId('cancel-card').count()).toBe(0);
      await page.keyboard.press('Escape');
      expect(await page.getByTestId('dialogue-act').count()).toBe(0);
    }));

  test('a payment that ends under the question takes the question with it', () =>
    expectInWindow('terminal&card=wait', async (page) => {
      await chargeBegun(page);
      await page.keyboard.press('Escape');
      await page.getByTestId('dialogue-act').waitFor();
      await page.evaluate(() => window.fake.pays());
      await page.getByTestId('receipt').waitFor();
      expect(await page.getByTestId('dialogue-act').count()).toBe(0);
    }));

  test('an unknown outcome: Enter asks, F4 charges nothing, F3 leads to the decision and Esc back, F1 to the next customer', () =>
    expectInWindow('terminal&card=lose', async (page) => {
      await chargeBegun(page);
      await page.getByTestId('unknown-attempt').waitFor();
      await page.getByTestId('next-ask').getByText('soruşulub: 2').waitFor();
      await page.keyboard.press('Enter');
      await page.getByTestId('next-ask').getByText('soruşulub: 3').waitFor();
      await page.keyboard.press('F4');
      expect(await page.getByTestId('charging').count()).toBe(0);
      await page.keyboard.press('F3');
      await page.getByTestId('decision-make').waitFor();
      await page.keyboard.press('Escape');
      await page.getByTestId('ask-now').waitFor();
      await page.keyboard.press('F3');
      await page.getByTestId('decision-note').fill('terminal sönüb');
      await page.getByTestId('supervisor').fill('rauf');
      await page.getByTestId('supervisor-password').fill('yox');
      await page.keyboard.press('F2');
      await page.locator('[data-code=loginWrong]').waitFor();
      // One password at every place of the counter.
      await page.getByTestId('supervisor-password').fill(PASSWORD);
      await page.keyboard.press('Enter');
      await page.getByTestId('find').waitFor();
      await page.getByTestId('open-attempts').waitFor();
    }));
});

describe('storno', () => {
  async function stornoOf(page: Page): Promise<void> {
    await page.getByTestId('receipt').waitFor();
    await page.keyboard.press('F8');
    await page.getByTestId('payment-row').waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.getByTestId('card-back').waitFor();
  }
  async function approve(page: Page): Promise<void> {
    await page.getByTestId('supervisor').fill('rauf');
    await page.getByTestId('supervisor-password').fill(PASSWORD);
    await page.keyboard.press('Enter');
    await page.getByTestId('storno-card').waitFor();
  }
  const size = (page: Page, testId: string): Promise<number> =>
    page.getByTestId(testId).evaluate((part) => Number.parseFloat(getComputedStyle(part).fontSize));

  test('of a card: what goes back to which card, and that no cash is given; no zero stands there to be read', () =>
    expectInWindow('terminal', async (page) => {
      await chargeBegun(page);
      await stornoOf(page);
      await approve(page);
      expect(await page.getByTestId('storno-back').textContent()).toMatch(
        /Terminal karta qaytardı.*38,40.*\*{4}0018.*Nağd pul verməyin/,
      );
      expect(await page.getByTestId('storno-total').count()).toBe(0);
      expect(await page.getByTestId('storno-back').textContent()).not.toMatch(/(^|\D)0,00/);
      expect(await size(page, 'storno-card')).toBeGreaterThan(40);
      expect(await overflowing(page)).toEqual([]);
    }));

  test('of cash and card: both are named, each with its own sum', () =>
    expectInWindow('terminal', async (page) => {
      await tendering(page);
      await type(page, '10');
      await page.getByTestId('pay-by-card').getByText('28,40').waitFor();
      await page.keyboard.press('F4');
      await stornoOf(page);
      await approve(page);
      expect(await page.getByTestId('storno-total').textContent()).toContain('10,00');
      expect(await page.getByTestId('storno-card').textContent()).toContain('28,40');
      expect(await page.getByTestId('storno-back').textContent()).not.toContain('Nağd pul verməyin');
      expect(await overflowing(page)).toEqual([]);
    }));

  test.each(LANGUAGES)('its form fits at 1366 × 768 in %s, also with a failure in it', (language) =>
    expectInWindow(`terminal&lang=${language}`, async (page) => {
      await chargeBegun(page);
      await stornoOf(page);
      expect(await overflowing(page)).toEqual([]);
      await page.getByTestId('supervisor').fill('rauf');
      await page.getByTestId('supervisor-password').fill('yox');
      await page.keyboard.press('Enter');
      await page.locator('[data-code=loginWrong]').waitFor();
      expect(await overflowing(page)).toEqual([]);
    }),
  );
});

describe('an unknown outcome', () => {
  test.each(LANGUAGES)('fits with its decision at 1366 × 768 in %s', (language) =>
    expectInWindow(`terminal=away&unknown&offline&lang=${language}`, async (page) => {
      await tabTo(page, 'see-attempt');
      await page.keyboard.press('Enter');
      await page.getByTestId('unknown-attempt').waitFor();
      expect(await overflowing(page)).toEqual([]);
      await page.keyboard.press('F3');
      await page.getByTestId('decision-note').fill('terminal sönüb, kabel yoxlanılıb');
      await page.getByTestId('supervisor').fill('rauf');
      await page.getByTestId('supervisor-password').fill('yox');
      await page.keyboard.press('F2');
      await page.locator('[data-code=loginWrong]').waitFor();
      expect(await overflowing(page)).toEqual([]);
    }),
  );

  test.each(LANGUAGES)('zoomed to twice the size nothing of it lies under the key bar in %s', (language) =>
    expectInWindow(
      `terminal=away&unknown&lang=${language}`,
      async (page) => {
        await tabTo(page, 'see-attempt');
        await page.keyboard.press('Enter');
        await page.getByTestId('ask-now').waitFor();
        expect(await focused(page)).toBe('ask-now');
        expect(await coveredByOthers(page)).toEqual([]);
        await page.keyboard.press('F3');
        await page.getByTestId('decision-make').waitFor();
        expect(await coveredByOthers(page)).toEqual([]);
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
        expect(wide).toBeLessThanOrEqual(0);
      },
      { zoom: 2 },
    ),
  );
});

describe('the strip and the banners', () => {
  /** How far the middles of the strip's parts lie apart, from top to bottom. */
  const apart = (page: Page): Promise<number> =>
    page.evaluate(() => {
      const parts = [...document.querySelectorAll('.strip .state, .strip-name, .strip-clock')];
      const middles = parts.map((part) => {
        const { top, bottom } = part.getBoundingClientRect();
        return (top + bottom) / 2;
      });
      return Math.max(...middles) - Math.min(...middles);
    });
  const cut = (page: Page): Promise<readonly string[]> =>
    page.evaluate(() =>
      [...document.querySelectorAll('.state-warning .state-text, .state-bad .state-text')].flatMap((words) =>
        words.scrollWidth > words.clientWidth ? [words.textContent] : [],
      ),
    );

  test.each(LANGUAGES)('one line at 1366 with a shift open, whatever is wrong, in %s', async (language) => {
    for (const wrong of ['', '&offline', '&terminal=away&offline', '&no-printer&offline&terminal=away']) {
      await expectInWindow(`terminal&lang=${language}${wrong}`, async (page) => {
        await page.getByTestId('terminal-chip').waitFor();
        expect(await apart(page), wrong).toBeLessThan(6);
        // What is right may be shortened; what is wrong is said in full.
        expect(await cut(page), wrong).toEqual([]);
        expect(await page.locator('.strip').evaluate((strip) => strip.clientHeight)).toBeLessThanOrEqual(46);
      });
    }
  });

  test('a silent terminal says since when', () =>
    expectInWindow('terminal=away', async (page) => {
      expect(await page.getByTestId('terminal-chip').textContent()).toMatch(/\d\d:\d\d-d[aə]n susur/);
    }));

  test('what ended behind the teller’s back names its receipt, and is put away by the keyboard when it was read', () =>
    expectInWindow('terminal&ended', async (page) => {
      const ended = page.getByTestId('ended-attempt');
      await ended.nth(1).waitFor();
      expect(await ended.first().textContent()).toContain('WS07-20261123-0126');
      expect(await ended.nth(1).textContent()).toContain('10,00');
      // The counter must be seen, too: the others wait for their turn.
      expect(await ended.count()).toBe(2);
      await page.getByText('daha 2').waitFor();
      for (const words of ['çıxılmayıb', 'terminal geri qaytarır', 'karta qaytarılmadı']) {
        await tabTo(page, 'seen-attempt');
        await page.keyboard.press('Enter');
        // Charged, but paid otherwise: nothing says that a payment was recorded.
        await ended.first().getByText(words).waitFor();
      }
      await tabTo(page, 'seen-attempt');
      await page.keyboard.press('Enter');
      await ended.first().waitFor({ state: 'detached' });
      await expect.poll(() => focused(page)).toBe('find');
    }));
});

describe('the terminal in the settings', () => {
  async function settings(page: Page): Promise<void> {
    await page.keyboard.press('F12');
    await page.getByTestId('device').waitFor();
    await tabTo(page, 'device');
    await page.keyboard.press('ArrowRight');
    await page.getByTestId('terminal-search').waitFor();
  }
  const press = async (page: Page, testId: string): Promise<void> => {
    await tabTo(page, testId);
    await page.keyboard.press('Enter');
  };
  const set = (page: Page) => page.evaluate(() => window.fake.settings());

  test('one found by the search is tried with its password before it is saved', () =>
    expectInWindow('user=rauf&terminal-password=123456', async (page) => {
      await settings(page);
      await press(page, 'terminal-search');
      await page.getByTestId('choose-terminal').waitFor();
      await press(page, 'choose-terminal');
      await page.getByTestId('terminal-password').waitFor();
      expect(await focused(page)).toBe('terminal-password');
      expect(await set(page)).toEqual({ kind: 'none' });
      await page.keyboard.press('F2');
      await page.getByTestId('notice').getByText('parolu qəbul etmir').waitFor();
      expect(await set(page)).toEqual({ kind: 'none' });
      // A refused password is nothing to save all the same.
      expect(await page.getByTestId('terminal-save-anyway').count()).toBe(0);
      expect(await focused(page)).toBe('terminal-password');
      await page.keyboard.press('Control+A');
      await type(page, '123456');
      await page.keyboard.press('Enter');
      await page.getByTestId('notice').getByText('yadda saxlanıldı').waitFor();
      // What the search found out beside the address is kept.
      expect(await set(page)).toEqual({
        kind: 'zvtSerial',
        path: '/dev/ttyUSB0',
        baudRate: 115_200,
        stopBits: 1,
        modemLines: true,
        password: '123456',
      });
    }));

  test('a change by hand keeps stop bits and modem lines, and can change them', () =>
    expectInWindow('user=rauf', async (page) => {
      await settings(page);
      await press(page, 'terminal-search');
      await page.getByTestId('choose-terminal').waitFor();
      await press(page, 'choose-terminal');
      await page.getByTestId('terminal-path').fill('COM7');
      await page.keyboard.press('F2');
      await page.getByTestId('notice').getByText('yadda saxlanıldı').waitFor();
      expect(await set(page)).toMatchObject({ path: 'COM7', stopBits: 1, modemLines: true });
      await page.keyboard.press('F1');
      await settings(page);
      await tabTo(page, 'terminal-stopBits');
      await page.keyboard.press('ArrowRight');
      await page.keyboard.press('F2');
      await page.getByTestId('notice').getByText('yadda saxlanıldı').waitFor();
      expect(await set(page)).toMatchObject({ path: 'COM7', stopBits: 2, modemLines: true });
    }));

  test('nexo keeps its line: WebSocket stays WebSocket', () =>
    expectInWindow('user=rauf&terminal=nexo', async (page) => {
      await settings(page);
      await page.getByTestId('terminal-saleId').fill('KASSA-8');
      await page.keyboard.press('F2');
      await page.getByTestId('notice').getByText('yadda saxlanıldı').waitFor();
      expect(await set(page)).toMatchObject({ kind: 'nexo', over: 'ws', saleId: 'KASSA-8' });
    }));

  test('one that does not answer is not saved without saying so; it can be set all the same', () =>
    expectInWindow('user=rauf&wants=silent', async (page) => {
      await settings(page);
      await tabTo(page, 'terminal-kind');
      for (const key of ['ArrowRight', 'ArrowRight']) await page.keyboard.press(key);
      await page.getByTestId('terminal-host').fill('10.0.0.9');
      await page.getByTestId('terminal-password').fill('000000');
      await page.keyboard.press('F2');
      await page.getByTestId('notice').getByText('Yadda saxlanılmadı').waitFor();
      expect(await set(page)).toEqual({ kind: 'none' });
      await press(page, 'terminal-save-anyway');
      await page.getByTestId('notice').getByText('yadda saxlanıldı').waitFor();
      expect(await set(page)).toMatchObject({ kind: 'zvtTcp', host: '10.0.0.9' });
    }));

  test.each(['nobody', 'strangers'])(
    'a search that finds no terminal says so, and what to look at: %s',
    (wants) =>
      expectInWindow(`user=rauf&wants=${wants}`, async (page) => {
        await settings(page);
        await press(page, 'terminal-search');
        await page.getByTestId('search-nothing').getByText('Terminal tapılmadı').waitFor();
        await page.getByTestId('search-nothing').getByText('kabel').waitFor();
        expect(await page.getByTestId('findings').locator('li').count()).toBe(wants === 'nobody' ? 0 : 2);
      }),
  );

  test('totals that cannot be had say why and what to do; nothing is said to be asked any more', () =>
    expectInWindow('terminal=away', async (page) => {
      await page.keyboard.press('F12');
      await tabTo(page, 'device');
      await page.keyboard.press('ArrowRight');
      await press(page, 'terminal-day');
      await page.locator('[data-code=terminalAway]').waitFor();
      await page.getByTestId('totals-failed').waitFor();
      expect(await page.getByTestId('terminal-totals').textContent()).not.toContain('soruşulur…');
      expect(await page.getByTestId('close-terminal-day').count()).toBe(0);
      await page.keyboard.press('F2');
      await page.getByTestId('totals-failed').waitFor();
      await page.keyboard.press('Escape');
      await page.getByTestId('terminal-day').waitFor();
      // What was said of the day does not stand beside other things.
      expect(await page.locator('[data-code=terminalAway]').count()).toBe(0);
    }));

  test('a closed day is seen again after Esc, with its difference and what may explain it', () =>
    expectInWindow('terminal&wants=differs', async (page) => {
      await page.keyboard.press('F12');
      await tabTo(page, 'device');
      await page.keyboard.press('ArrowRight');
      await press(page, 'terminal-day');
      await page.getByTestId('day-difference').getByText('38,40').waitFor();
      expect(await page.getByTestId('day-suspect').count()).toBe(2);
      await page.keyboard.press('F2');
      await page.getByTestId('closed-difference').getByText('38,40').waitFor();
      await page.getByTestId('terminal-totals').getByText('Terminalın günü bağlandı').waitFor();
      // The day that is open now has none.
      await page.getByTestId('day-difference').getByText('düz gəlir').waitFor();
      expect(await page.getByTestId('closed-day').getByTestId('day-suspect').count()).toBe(2);
      expect(await page.getByTestId('day-suspect').count()).toBe(2);
      expect(await overflowing(page)).toEqual([]);
      await page.keyboard.press('Escape');
      await press(page, 'terminal-day');
      await page.getByTestId('closed-difference').getByText('38,40').waitFor();
      expect(await page.getByTestId('closed-day').textContent()).toContain('Aygün Məmmədova');
      await page.getByTestId('close-terminal-day').waitFor();
    }));

  test('a terminal that does not close its day says why, and the day stays', () =>
    expectInWindow('terminal&wants=open', async (page) => {
      await page.keyboard.press('F12');
      await tabTo(page, 'device');
      await page.keyboard.press('ArrowRight');
      await press(page, 'terminal-day');
      await page.getByTestId('close-terminal-day').waitFor();
      await page.keyboard.press('F2');
      await page.locator('[data-code=terminalDayNotClosed]').waitFor();
      await page.getByTestId('close-terminal-day').waitFor();
      expect(await page.getByTestId('closed-day').count()).toBe(0);
    }));

  test.each(LANGUAGES)('fits at 1366 × 768 for a supervisor, every kind of terminal, in %s', (language) =>
    expectInWindow(`terminal&user=rauf&wants=strangers&lang=${language}`, async (page) => {
      await settings(page);
      for (let kinds = 0; kinds < 4; kinds += 1) {
        await press(page, 'terminal-search');
        await page.getByTestId('search-nothing').waitFor();
        expect(await overflowing(page), `searched, kind ${kinds}`).toEqual([]);
        await press(page, 'terminal-check');
        await page.getByTestId('checks').locator('li').nth(6).waitFor();
        expect(await overflowing(page), `checked, kind ${kinds}`).toEqual([]);
        await tabTo(page, 'terminal-kind');
        await page.keyboard.press('ArrowRight');
      }
    }),
  );
});
