import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startFakePages, type FakePages } from './testing/fake-page.ts';
import { PASSWORD } from './testing/sample-data.ts';

/** Card operations looked back at, in a real Chromium over a core host in the page. */

let pages: FakePages;
beforeAll(async () => {
  pages = await startFakePages();
});
afterAll(() => pages?.close());

async function inWindow(
  query: string,
  act: (page: Page) => Promise<void>,
  options?: Parameters<FakePages['open']>[1],
): Promise<void> {
  const { page, complaints } = await pages.open(query, options);
  page.setDefaultTimeout(30_000);
  await act(page);
  expect(complaints).toEqual([]);
  expect(await page.evaluate(() => document.documentElement.dataset['fault'])).toBeUndefined();
  await page.close();
}

const type = (page: Page, text: string): Promise<void> => page.keyboard.type(text, { delay: 45 });
const focused = (page: Page): Promise<string | null> =>
  page.evaluate(() => document.activeElement?.getAttribute('data-testid') ?? null);
async function openArchive(page: Page): Promise<void> {
  await page.keyboard.press('F7');
  await page.getByTestId('to-cards').waitFor();
  await page.keyboard.press('F3');
  await page.getByTestId('card-search').waitFor();
}

test('an archive without operations, and a search without hits, say so in words', async () => {
  await inWindow('terminal', async (page) => {
    await openArchive(page);
    expect(await page.getByTestId('no-cards').innerText()).toContain('hələ kart əməliyyatı olmayıb');
  });
  await inWindow('terminal&cards', async (page) => {
    await openArchive(page);
    await page.getByTestId('card-row').first().waitFor();
    await type(page, 'yoxdur');
    expect(await page.getByTestId('no-cards').innerText()).toContain('tapılmadı');
    await page.keyboard.press('Escape');
    await page.getByTestId('card-row').first().waitFor();
    expect(await focused(page)).toBe('card-search');
  });
});

test('by kind and outcome; opened with Enter, and Esc leads back to the same row', () =>
  inWindow('terminal&cards', async (page) => {
    await openArchive(page);
    await page.getByTestId('card-row').nth(2).waitFor();
    await page.getByTestId('card-kind').getByText('Ödəniş').click();
    await expect.poll(() => page.getByTestId('card-row').count()).toBe(2);
    await page.getByTestId('card-outcome').getByText('oldu').click();
    await expect.poll(() => page.getByTestId('card-row').count()).toBe(1);
    await page.getByTestId('card-kind').getByText('Hamısı').click();
    await expect.poll(() => page.getByTestId('card-row').count()).toBe(2);
    await page.getByTestId('card-search').focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    const chosen = await page.evaluate(() => document.activeElement?.getAttribute('data-attempt'));
    await page.keyboard.press('Enter');
    await page.getByTestId('card-detail').waitFor();
    expect(await page.getByTestId('card-outcome-words').innerText()).toMatch(/^38,40.₼ kartdan çıxılıb\.$/);
    await page.keyboard.press('Escape');
    await page.getByTestId('card-row').first().waitFor();
    await expect
      .poll(() => page.evaluate(() => document.activeElement?.getAttribute('data-attempt')))
      .toBe(chosen);
    // The choices are still made.
    expect(await page.getByTestId('card-row').count()).toBe(2);
  }));

test('both papers stand side by side, letter for letter, and each is printed as a counted copy', () =>
  inWindow('terminal&cards', async (page) => {
    await openArchive(page);
    await page.getByTestId('card-row').last().click();
    const [customer, merchant] = [page.getByTestId('slip-customer'), page.getByTestId('slip-merchant')];
    await merchant.locator('pre').waitFor();
    expect(await customer.locator('pre').innerText()).toContain('Trace             000042');
    expect(await merchant.locator('pre').innerText()).toContain('      MAĞAZA NÜSXƏSİ');
    const [left, right] = [await customer.boundingBox(), await merchant.boundingBox()];
    expect(left?.y).toBe(right?.y);
    expect((left?.x ?? 0) + (left?.width ?? 0)).toBeLessThan(right?.x ?? 0);
    await page.keyboard.press('F2');
    await page.getByTestId('notice').getByText('№ 1').waitFor();
    await page.keyboard.press('F2');
    await page.getByTestId('notice').getByText('№ 2').waitFor();
    await page.keyboard.press('F3');
    await page.getByTestId('notice').getByText('№ 1').waitFor();
    await merchant.getByText('çap olunub: 2').waitFor();
  }));

test('a card that was declined has its reason, no paper, and nothing to print', () =>
  inWindow('terminal&cards', async (page) => {
    await openArchive(page);
    await page.getByTestId('card-row').first().click();
    expect(await page.getByTestId('card-outcome-words').innerText()).toContain('vəsait');
    expect(await page.getByTestId('card-detail').innerText()).toContain('mətn göndərməyib');
    expect(await page.getByTestId('print-merchant').count()).toBe(0);
    await page.keyboard.press('F2');
    expect(await page.getByTestId('notice').innerText()).toBe('');
  }));

test('the terminal’s last slip is asked for anew, where the terminal can say it', async () => {
  await inWindow('terminal&cards', async (page) => {
    await openArchive(page);
    await page.keyboard.press('F4');
    await page.getByTestId('slip-customer').locator('pre').waitFor();
    await page.keyboard.press('F3');
    await page.getByTestId('notice').getByText('son qəbzi çapa göndərildi').waitFor();
    await page.keyboard.press('Escape');
    await page.getByTestId('card-search').waitFor();
  });
  await inWindow('cards', async (page) => {
    await openArchive(page);
    expect(await page.getByTestId('last-slip').count()).toBe(0);
  });
});

test('several open attempts: all in one list, each opened, and back to the list', () =>
  inWindow('terminal&two-open', async (page) => {
    await page.getByTestId('see-attempts').click();
    await page.getByTestId('open-card').nth(1).waitFor();
    const words = await page.getByTestId('open-cards').innerText();
    for (const said of [
      '38,40',
      '17,75',
      'Terminaldan soruşulur',
      'geri qaytarılır',
      'Kartı bir də tutmayın',
    ])
      expect(words).toContain(said);
    // The banner says it no second time.
    expect(await page.getByTestId('open-attempts').count()).toBe(0);
    await expect.poll(() => focused(page)).toBe('open-card');
    await page.keyboard.press('Enter');
    await page.getByTestId('unknown-attempt').waitFor();
    expect(await page.getByTestId('charging-amount').innerText()).toContain('38,40');
    await page.keyboard.press('Escape');
    await page.getByTestId('open-cards').waitFor();
    await page.keyboard.press('Escape');
    await page.getByTestId('find').waitFor();
    await page.getByTestId('open-attempts').waitFor();
  }));

test.each([
  ['az', 'F12 Ayarlar'],
  ['en', 'F12 Settings'],
  ['ru', 'F12 Настройки'],
])('in %s: the card key where no terminal is set says where whoever may sets it', (lang, where) =>
  inWindow(`lang=${lang}`, async (page) => {
    await page.getByTestId('find').waitFor();
    await page.keyboard.press('F4');
    await expect.poll(() => page.getByTestId('notice').innerText()).toContain(where);
  }),
);

test('a supervisor is told where to choose the terminal, not whom to ask; with one set the key says nothing', async () => {
  await inWindow('at=login', async (page) => {
    await type(page, 'rauf');
    await page.keyboard.press('Enter');
    await type(page, PASSWORD);
    await page.keyboard.press('Enter');
    await page.getByTestId('open-shift').waitFor();
    await page.keyboard.press('F2');
    await page.getByTestId('find').waitFor();
    await page.keyboard.press('F4');
    const notice = page.getByTestId('notice');
    await notice.getByText('Seçmək üçün').waitFor();
    expect(await notice.innerText()).not.toContain('nəzarətçi');
  });
  await inWindow('terminal', async (page) => {
    await page.getByTestId('find').waitFor();
    await page.keyboard.press('F4');
    expect(await page.getByTestId('notice').innerText()).toBe('');
  });
});

test('a support file of the last minutes is a download of what the core host made', () =>
  inWindow('terminal', async (page) => {
    await page.keyboard.press('F12');
    await page.getByTestId('device').getByText('POS').click();
    await page.getByTestId('terminal-recording').click();
    await page.getByTestId('recording-save').waitFor();
    const [download] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('F2')]);
    expect(download.suggestedFilename()).toBe('komis-terminal-WS07-20261123-060000.txt');
    await page.getByTestId('notice').getByText('yükləndi').waitFor();
  }));

test.each(['az', 'ru'])('at 200 % zoom in %s nothing of an opened operation is cut off sideways', (lang) =>
  inWindow(
    `terminal&cards&lang=${lang}`,
    async (page) => {
      await openArchive(page);
      await page.getByTestId('card-row').last().click();
      await page.getByTestId('slip-merchant').locator('pre').waitFor();
      const over = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      expect(over).toBe(0);
    },
    { zoom: 2 },
  ),
);
