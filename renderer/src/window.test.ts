import { expect, test } from 'vitest';
import { billBarcode, subscriberBarcode } from '../../contracts/rules/bill-code.ts';
import { registrationCode } from '../../contracts/rules/damm.ts';
import { focused, scan, type, windowForTests } from './testing/window-hands.ts';

/** The window in a real Chromium over a core host in the page, under a policy stricter than any shell's. */

const CODE = registrationCode(407_188_236);
const CARD = subscriberBarcode(CODE);
const BILL = billBarcode({ billerNo: '001', account: '1104552018' });
const OTHER_BILL = billBarcode({ billerNo: '003', account: '30881204' });

const expectInWindow = windowForTests();

test('a scanned bill in exact cash is one scan and three keys, and the focus is home again', () =>
  expectInWindow('', async (page) => {
    await scan(page, BILL);
    await page.getByTestId('tender-cash').waitFor();
    expect(await page.getByTestId('total').textContent()).toContain('38,40');
    await page.keyboard.press('Enter');
    await page.getByTestId('received').waitFor();
    await page.keyboard.press('Enter');
    await page.getByTestId('receipt').waitFor();
    expect(await page.getByTestId('receipt-no').textContent()).toMatch(/WS07-\d{8}-0128/);
    await page.keyboard.press('Enter');
    await page.getByTestId('find').waitFor();
    expect(await focused(page)).toBe('find');
    expect(await page.getByTestId('find').inputValue()).toBe('');
    expect(await page.getByTestId('basket-line').count()).toBe(0);
  }));

test('a scan never lands in an amount: the field keeps what it held and the bill waits', () =>
  expectInWindow('', async (page) => {
    await scan(page, BILL);
    await page.getByTestId('tender-cash').waitFor();
    await page.keyboard.press('F2');
    await page.getByTestId('received').waitFor();
    await type(page, '50');
    await scan(page, OTHER_BILL);
    expect(await page.getByTestId('received').inputValue()).toBe('50');
    await page.getByTestId('notice').getByText('Oxunan kod gözləyir').waitFor();
    expect(await page.getByTestId('change-amount').textContent()).toContain('11,60');
  }));

test('a scan into the amount of a line goes to the basket instead', () =>
  expectInWindow('', async (page) => {
    await scan(page, BILL);
    await page.getByTestId('line-amount').focus();
    await scan(page, OTHER_BILL);
    await page.getByTestId('basket-line').nth(1).waitFor();
    expect(await page.locator('[data-account="1104552018"]').getByTestId('line-amount').inputValue()).toBe(
      '38,40',
    );
    expect(await page.getByTestId('total').textContent()).toContain('47,50');
  }));

test('Enter right behind a scan waits for what the scan brings', () =>
  expectInWindow('', async (page) => {
    await scan(page, BILL);
    await page.keyboard.press('Enter');
    await page.getByTestId('received').waitFor();
  }));

test('a name without its marks is found, arrows and Enter open it, Space and digits work in the rows', () =>
  expectInWindow('', async (page) => {
    await type(page, 'agayeva ulv');
    await page.getByTestId('hit').first().waitFor();
    expect(await page.getByTestId('hit').count()).toBe(2);
    await page.keyboard.press('Enter');
    await page.getByTestId('offered-row').waitFor();
    expect(await focused(page)).toBe('find');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Space');
    await page.getByTestId('line-amount').waitFor();
    expect(await focused(page)).toBe('offered-row');
    await type(page, '20,5');
    await page.keyboard.press('Enter');
    expect(await focused(page)).toBe('find');
    await page.getByTestId('total').getByText('20,50').waitFor();
  }));

test('an amount against the rules says why in words, and Enter leads back to it', () =>
  expectInWindow('', async (page) => {
    await scan(page, OTHER_BILL);
    await page.getByTestId('line-amount').fill('5');
    await page.getByTestId('line-amount').press('Enter');
    await page.getByTestId('line-problem').getByText('9,10').waitFor();
    expect(await page.getByTestId('tender-cash').count()).toBe(0);
    await page.keyboard.press('Enter');
    expect(await focused(page)).toBe('line-amount');
  }));

test('a registration code is judged while it is typed', () =>
  expectInWindow('', async (page) => {
    await type(page, CODE);
    await page.getByTestId('find-hint').getByText('qeydiyyat kodu ✓').waitFor();
    await page.keyboard.press('Backspace');
    await type(page, String((Number(CODE.at(-1)) + 1) % 10));
    await page.getByTestId('find-hint').getByText('yoxlama rəqəmi').waitFor();
  }));

test('an account on no list is paid by its number at the company it fits', () =>
  expectInWindow('', async (page) => {
    await type(page, '30999999');
    await page.getByTestId('hit').getByText('Siyahıda yoxdur').waitFor();
    await page.keyboard.press('Enter');
    await page.getByTestId('offered-row').waitFor();
    await page.keyboard.press('Enter');
    await page.getByTestId('line-amount').waitFor();
    // Nothing is known to be owed: the amount is the next thing to type.
    await expect.poll(() => focused(page)).toBe('line-amount');
    await type(page, '12');
    await page.keyboard.press('Enter');
    await page.getByTestId('total').getByText('12,00').waitFor();
  }));

test('a subscriber’s card opens all accounts; Enter takes the debts; change comes by pieces', () =>
  expectInWindow('', async (page) => {
    await scan(page, CARD);
    await page.getByTestId('take-debts').waitFor();
    expect(await page.getByTestId('offered-row').count()).toBe(5);
    await page.keyboard.press('Enter');
    await page.getByTestId('basket-line').nth(3).waitFor();
    await page.keyboard.press('F2');
    await page.getByTestId('received').waitFor();
    await page.keyboard.press('+');
    await page.getByTestId('change-pieces').waitFor();
    expect(await page.getByTestId('change-amount').textContent()).toContain('26,35');
    expect(await page.getByTestId('change-pieces').locator('li').allTextContents()).toEqual([
      '20\u00a0₼',
      '5\u00a0₼',
      '1\u00a0₼',
      '20\u00a0q',
      '10\u00a0q',
      '5\u00a0q',
    ]);
    await page.keyboard.press('Escape');
    await page.getByTestId('tender-cash').waitFor();
  }));

test('a drawer that cannot make the change is said before the money is taken; too little money is refused', () =>
  expectInWindow('empty-drawer', async (page) => {
    await scan(page, BILL);
    await page.keyboard.press('Enter');
    await page.getByTestId('received').fill('40');
    await page.getByTestId('drawer-short').waitFor();
    await page.getByTestId('received').fill('10');
    await page.getByTestId('missing').waitFor();
    await page.keyboard.press('Enter');
    await page.locator('[data-code=tenderTooSmall]').waitFor();
    expect(await page.getByTestId('received').count()).toBe(1);
  }));

test('Esc asks before it empties a basket', () =>
  expectInWindow('', async (page) => {
    await scan(page, BILL);
    await page.getByTestId('basket-line').waitFor();
    await page.keyboard.press('Escape');
    await page.getByTestId('notice').getByText('Səbət boşaldılsın?').waitFor();
    expect(await page.getByTestId('basket-line').count()).toBe(1);
    await page.keyboard.press('Escape');
    await page.getByTestId('basket-line').waitFor({ state: 'detached' });
  }));

test('a journal that cannot be written stops the money in red words', () =>
  expectInWindow('journal=unwritable', async (page) => {
    await scan(page, BILL);
    await page.getByTestId('basket-line').waitFor();
    await page.getByTestId('banner-journal').getByText('PUL QƏBUL ETMƏYİN').waitFor();
    expect(await page.getByTestId('tender-cash').count()).toBe(0);
    await page.keyboard.press('F2');
    expect(await page.getByTestId('received').count()).toBe(0);
  }));

test('a core host that goes away leaves everything where it is, and comes back to it', () =>
  expectInWindow('', async (page) => {
    await scan(page, BILL);
    await page.keyboard.press('F2');
    await page.getByTestId('received').waitFor();
    await page.evaluate(() => window.fake.cut());
    await page.getByTestId('banner-reconnecting').waitFor();
    expect(await page.getByTestId('to-pay').textContent()).toContain('38,40');
    expect(await page.getByTestId('accept').count()).toBe(0);
    await page.evaluate(() => window.fake.mend());
    await page.getByTestId('banner-reconnecting').waitFor({ state: 'detached' });
    await page.getByTestId('received').press('Enter');
    await page.getByTestId('receipt').waitFor();
  }));

test('offline is said calmly, with how many wait and since when', () =>
  expectInWindow('offline', async (page) => {
    expect(await page.getByTestId('state-centre').textContent()).toMatch(
      /əlaqəsizdir: 6 dəq\. · 14 gözləyir, ilki \d\d:\d\d/,
    );
  }));

test('log-in by keyboard alone; a wrong password is told and asked again', () =>
  expectInWindow('at=login', async (page) => {
    expect(await focused(page)).toBe('username');
    await type(page, 'aygun');
    await page.keyboard.press('Enter');
    expect(await focused(page)).toBe('password');
    await type(page, 'yox');
    await page.keyboard.press('Enter');
    await page.locator('[data-code=loginWrong]').waitFor();
    expect(await focused(page)).toBe('password');
    await type(page, 'Novbe-2026');
    await page.keyboard.press('Enter');
    await page.getByTestId('open-shift').waitFor();
    expect(await focused(page)).toBe('piece-20000');
  }));

test('a shift is opened with a counted float, counted blind twice, and closed with its Z', () =>
  expectInWindow('at=open', async (page) => {
    await type(page, '1');
    await page.keyboard.press('Enter');
    expect(await focused(page)).toBe('piece-10000');
    await type(page, '2');
    expect(await page.getByTestId('counted-total').textContent()).toContain('400,00');
    await page.keyboard.press('F2');
    await page.getByTestId('find').waitFor();
    await page.keyboard.press('F9');
    await page.getByTestId('count-shift').waitFor();
    // What the drawer should hold is nowhere on the screen.
    await page.keyboard.press('F2');
    await page.getByTestId('close-shift').waitFor();
    expect(await page.locator('body').textContent()).not.toContain('400,00');
    await type(page, '1');
    await page.keyboard.press('F2');
    await page.getByTestId('count-reason').waitFor();
    expect(await page.getByTestId('piece-20000').inputValue()).toBe('');
    await type(page, '1');
    await page.getByTestId('count-reason').fill('Qaytarılan pul səhv sayılıb');
    await page.keyboard.press('F2');
    await page.getByTestId('z-title').waitFor();
    expect(await page.getByTestId('z-difference').textContent()).toContain('−200,00');
  }));

test('storno: choose by arrows, say why, a supervisor approves; one’s own approval is refused', () =>
  expectInWindow('', async (page) => {
    await scan(page, BILL);
    await page.keyboard.press('Enter');
    await page.getByTestId('received').press('Enter');
    await page.getByTestId('receipt').waitFor();
    await page.keyboard.press('F8');
    await page.getByTestId('payment-row').waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.getByTestId('supervisor').fill('aygun');
    await page.getByTestId('supervisor-password').fill('Novbe-2026');
    await page.keyboard.press('F2');
    await page.locator('[data-code=ownApproval]').waitFor();
    await page.getByTestId('supervisor').fill('rauf');
    await page.getByTestId('supervisor-password').fill('Novbe-2026');
    await page.keyboard.press('Enter');
    await page.getByTestId('storno-total').getByText('38,40').waitFor();
    await page.getByText('STORNO', { exact: true }).waitFor();
    await page.keyboard.press('F7');
    await page.getByTestId('payment-row').getByText('storno edilib').waitFor();
  }));

test('a subscriber is registered with a scanned bill, gets a code and a card, and pays', () =>
  expectInWindow('', async (page) => {
    await page.keyboard.press('F6');
    await page.getByTestId('subscriber-name').fill('Əliyeva Çinarə');
    await scan(page, OTHER_BILL);
    await page.getByTestId('bound-account').waitFor();
    expect(await page.getByTestId('subscriber-name').inputValue()).toBe('Əliyeva Çinarə');
    expect(await page.getByTestId('subscriber-address').inputValue()).toContain('Təbriz');
    await page.keyboard.press('F2');
    await page.getByTestId('subscriber-code').waitFor();
    await page.keyboard.press('F2');
    await page.getByTestId('receipt').locator('canvas').waitFor();
    await page.keyboard.press('F2');
    await page.getByTestId('take-debts').waitFor();
  }));

test('what was typed and counted is still there after a look at another screen', () =>
  expectInWindow('at=open', async (page) => {
    await type(page, '3');
    await page.keyboard.press('F10');
    await page.getByTestId('send-now').waitFor();
    await page.keyboard.press('F1');
    await page.getByTestId('open-shift').waitFor();
    expect(await page.getByTestId('piece-20000').inputValue()).toBe('3');
    await page.keyboard.press('F2');
    await page.getByTestId('find').waitFor();
    await page.keyboard.press('F6');
    await page.getByTestId('subscriber-name').fill('Əliyeva Çinarə');
    await page.keyboard.press('F7');
    await page.getByTestId('receipt-search').waitFor();
    await page.keyboard.press('F6');
    expect(await page.getByTestId('subscriber-name').inputValue()).toBe('Əliyeva Çinarə');
  }));

test('a scan on any screen leads to the counter with the bill in the basket', () =>
  expectInWindow('', async (page) => {
    await page.keyboard.press('F10');
    await page.getByTestId('send-now').waitFor();
    await scan(page, BILL);
    await page.getByTestId('basket-line').waitFor();
    expect(await page.getByTestId('total').textContent()).toContain('38,40');
    await page.keyboard.press('Enter');
    await page.getByTestId('received').press('Enter');
    await page.getByTestId('receipt').waitFor();
    // After a payment the next bill begins the next customer.
    await scan(page, OTHER_BILL);
    await page.getByTestId('basket-line').waitFor();
    expect(await page.getByTestId('total').textContent()).toContain('9,10');
  }));

test('a copy on paper is counted, and the language of the screens changes at once', () =>
  expectInWindow('', async (page) => {
    await scan(page, BILL);
    await page.keyboard.press('Enter');
    await page.getByTestId('received').press('Enter');
    await page.getByTestId('receipt').waitFor();
    await page.keyboard.press('F7');
    await page.getByTestId('receipt-print').click();
    await page.getByTestId('receipt').getByText('SURƏT № 1').waitFor();
    await page.getByTestId('person').click();
    await page.getByRole('menuitemradio', { name: 'Русский' }).click();
    await page.getByTestId('key-receipts').getByText('Квитанции').waitFor();
    expect(await page.evaluate(() => document.documentElement.lang)).toBe('ru');
  }));

test('at 200 % zoom nothing is cut off sideways and the next step stays in sight', () =>
  expectInWindow(
    '',
    async (page) => {
      await scan(page, CARD);
      await page.getByTestId('take-debts').waitFor();
      await page.keyboard.press('Enter');
      await page.getByTestId('tender-cash').waitFor();
      expect(
        await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth),
      ).toBeLessThanOrEqual(0);
      const box = await page.getByTestId('tender-cash').boundingBox();
      expect(box && box.y + box.height).toBeLessThanOrEqual(384);
    },
    { zoom: 2 },
  ));

test('at 1366 × 768 no screen scrolls', () =>
  expectInWindow('', async (page) => {
    await scan(page, CARD);
    await page.getByTestId('take-debts').waitFor();
    for (const key of ['F1', 'F6', 'F7', 'F8', 'F9', 'F10', 'F12']) {
      await page.keyboard.press(key);
      const over = await page.evaluate(() => ({
        down: document.documentElement.scrollHeight - window.innerHeight,
        right: document.documentElement.scrollWidth - window.innerWidth,
        inside: [...document.querySelectorAll('main')].map((main) => main.scrollHeight - main.clientHeight),
      }));
      expect(over, key).toEqual({ down: 0, right: 0, inside: [0] });
    }
  }));
