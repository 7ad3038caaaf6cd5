import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { billBarcode } from '../../contracts/rules/bill-code.ts';
import { startFakePages, type FakePages } from './testing/fake-page.ts';
import { PASSWORD } from './testing/sample-data.ts';

/** Meter cards at the counter, in a real Chromium over a core host in the page. */

const BILL = billBarcode({ billerNo: '001', account: '1104552018' });

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
const putIn = (page: Page, name: string | null): Promise<void> =>
  page.evaluate((card) => window.fake.meterCard(card), name);
const focused = (page: Page): Promise<string | null> =>
  page.evaluate(() => document.activeElement?.getAttribute('data-testid') ?? null);
const phase = (page: Page, name: string) => page.locator(`[data-testid=load-view][data-phase=${name}]`);
const caseOf = (page: Page, name: string) => page.locator(`[data-testid=card-panel][data-case=${name}]`);

/** Ten manat priced and taken in exact cash, by the keys alone. */
async function payTen(page: Page): Promise<void> {
  await page.getByTestId('load-amount-field').waitFor();
  await page.keyboard.press('*');
  await page.getByTestId('to-tender').waitFor();
  await page.keyboard.press('Enter');
  await page.getByTestId('received').waitFor();
  await page.keyboard.press('Enter');
}

test('a card put in opens its screen; two keys and an Enter more load it, and the focus is home again', () =>
  inWindow('', async (page) => {
    await page.getByTestId('find').waitFor();
    await putIn(page, 'ready');
    await page.getByTestId('load-amount-field').waitFor();
    expect(await focused(page)).toBe('load-amount-field');
    expect(await page.getByTestId('card-number').innerText()).toBe('7730 0141 0802 2617');
    expect(await page.getByTestId('card-holder').innerText()).toContain('Məmmədov Elşən');
    await payTen(page);
    await phase(page, 'working').waitFor();
    expect(await page.getByTestId('load-word').innerText()).toContain('Kartı oxuyucudan çıxarmayın');
    await phase(page, 'done').waitFor();
    await page.locator('[data-testid=load-step-checked][data-state=done]').waitFor();
    expect(await page.getByTestId('load-units').innerText()).toBe('75,0 m³');
    // What was read before the load is not shown beside it as if it were true.
    await expect.poll(() => page.getByTestId('fact-balance').innerText()).toBe('75,0 m³');
    expect(await page.getByTestId('fact-last').innerText()).toBe('75,0 m³ · sayğac götürməyib');
    expect(await page.getByTestId('fact-credit').innerText()).toBe('yoxdur');
    expect(await page.getByTestId('card-warning').count()).toBe(0);
    await page.keyboard.press('Enter');
    await page.getByTestId('find').waitFor();
    expect(await focused(page)).toBe('find');
    // The card is still in, and has been dealt with: no banner asks for it.
    expect(await page.getByTestId('banner-meter-card').count()).toBe(0);
    await page.keyboard.press('F7');
    expect(await page.getByTestId('load-of-payment').innerText()).toBe('sayğac kartı · 75,0 m³');
  }));

test('a card never takes the screen from somebody who types: a banner says the key', () =>
  inWindow('', async (page) => {
    await page.getByTestId('find').fill('1104');
    await putIn(page, 'ready');
    await page.getByTestId('banner-meter-card').getByText('Sayğac kartı: F5').waitFor();
    expect(await focused(page)).toBe('find');
    expect(await page.getByTestId('find').inputValue()).toBe('1104');
    await page.keyboard.press('F5');
    await page.getByTestId('load-amount-field').waitFor();
    await page.keyboard.press('F1');
    await page.getByTestId('find').waitFor();
    expect(await page.getByTestId('banner-meter-card').count()).toBe(0);
  }));

test('with a bill in the basket the card waits behind its banner, and joins the basket when it is asked for', () =>
  inWindow('', async (page) => {
    await page.getByTestId('find').fill(BILL);
    await page.keyboard.press('Enter');
    await page.getByTestId('basket-line').waitFor();
    await putIn(page, 'ready');
    await page.getByTestId('banner-meter-card').waitFor();
    await page.keyboard.press('F5');
    await page.getByTestId('load-amount-field').waitFor();
    await type(page, '10');
    await page.keyboard.press('Enter');
    await page.getByTestId('to-tender').waitFor();
    expect(await page.getByTestId('quote-others').innerText()).toMatch(/48,40/);
    await page.keyboard.press('F1');
    await page.getByTestId('load-of-line').first().waitFor();
    expect(await page.getByTestId('basket-line').count()).toBe(2);
    // What the centre has priced is not typed over here.
    expect(await page.getByTestId('line-amount').count()).toBe(1);
  }));

test('what the centre says is shown: steps of the tariff, the credit taken off, and its refusals in words', () =>
  inWindow('meter=ready', async (page) => {
    await page.getByTestId('load-amount-field').waitFor();
    await page.keyboard.press('+');
    await page.getByTestId('to-tender').waitFor();
    expect(await page.getByTestId('quote-units').innerText()).toBe('325,25 m³');
    expect(await page.getByTestId('quote-credit').innerText()).toContain('330,25 m³ − 5,0 m³');
    expect(await page.getByTestId('quote-tiers').locator('tr').count()).toBe(2);
    await type(page, '500');
    // Another amount has no price yet.
    await expect.poll(() => page.getByTestId('quote').count()).toBe(0);
    await page.keyboard.press('Enter');
    await page.getByTestId('notice').getByText('200,00').waitFor();
    expect(await page.getByTestId('to-tender').count()).toBe(0);
    // Esc takes the priced line out again before it leaves.
    await page.keyboard.press('Escape');
    await page.getByTestId('leave-meter-card').getByText('Ödənişlərə qayıt').waitFor();
    await page.keyboard.press('Escape');
    await page.getByTestId('find').waitFor();
    expect(await page.getByTestId('basket-line').count()).toBe(0);
  }));

test('while the card is written no key leads away; the change to give is told there', () =>
  inWindow('meter=ready', async (page) => {
    await page.getByTestId('load-amount-field').waitFor();
    await page.keyboard.press('*');
    await page.getByTestId('to-tender').waitFor();
    await page.keyboard.press('Enter');
    await page.getByTestId('received').waitFor();
    await type(page, '20');
    await page.keyboard.press('Enter');
    await phase(page, 'working').waitFor();
    for (const key of ['F1', 'F7', 'Escape', 'Enter']) await page.keyboard.press(key);
    expect(await page.getByTestId('load-view').count()).toBe(1);
    expect(await page.getByTestId('load-change').innerText()).toMatch(/10,00/);
    await phase(page, 'done').waitFor();
  }));

test('paid by bank card at the terminal it is the same load', () =>
  inWindow('meter=ready&terminal', async (page) => {
    await page.getByTestId('load-amount-field').waitFor();
    await page.keyboard.press('*');
    await page.getByTestId('to-tender').waitFor();
    await page.keyboard.press('Enter');
    await page.getByTestId('pay-by-card').waitFor();
    await page.keyboard.press('F4');
    await phase(page, 'done').waitFor();
    expect(await page.getByTestId('load-change').count()).toBe(0);
    await page.keyboard.press('Enter');
    await page.getByTestId('find').waitFor();
    await page.keyboard.press('F7');
    expect(await page.getByTestId('paid-by').innerText()).toContain('kart');
    expect(await page.getByTestId('load-of-payment').count()).toBe(1);
  }));

test('a torn write says what to do, heals when the card is back, and nothing is paid again', () =>
  inWindow('meter=ready&write=tear', async (page) => {
    await payTen(page);
    await phase(page, 'torn').waitFor();
    const words = await page.getByTestId('load-word').innerText();
    expect(words).toContain('kart yazılarkən çıxarıldı');
    expect(words).toContain('istənilən kassada');
    expect(await page.getByTestId('load-step-written').getAttribute('data-state')).toBe('doubt');
    await page.keyboard.press('Enter');
    await page.getByTestId('notice').getByText('Oxuyucuda sayğac kartı yoxdur').waitFor();
    await putIn(page, 'ready');
    await phase(page, 'done').waitFor();
    await page.keyboard.press('Enter');
    await page.getByTestId('find').waitFor();
    await page.keyboard.press('F7');
    await page.getByTestId('payment-row').first().waitFor();
    expect(await page.getByTestId('payment-row').count()).toBe(1);
  }));

test('a torn load that was put away heals under the teller’s eyes when its card comes back', () =>
  inWindow('meter=ready&write=tear', async (page) => {
    await payTen(page);
    await phase(page, 'torn').waitFor();
    await page.keyboard.press('F1');
    await page.getByTestId('banner-open-loads').getByText('Karta çatmamış yükləmə: 1').waitFor();
    await putIn(page, 'ready');
    await page.getByTestId('load-healed').getByText('75,0 m³').waitFor();
    await caseOf(page, 'ready').waitFor();
    await page.keyboard.press('F1');
    await page.getByTestId('find').waitFor();
    expect(await page.getByTestId('banner-open-loads').count()).toBe(0);
  }));

test('what could not be written stays owed: Enter writes it again', () =>
  inWindow('meter=ready&write=away', async (page) => {
    await payTen(page);
    await phase(page, 'owed').waitFor();
    expect(await page.getByTestId('load-word').innerText()).toContain('açar anbarı');
    await page.keyboard.press('Enter');
    await phase(page, 'done').waitFor();
  }));

test('a load of another till is found on the card, and one key finishes it', () =>
  inWindow('meter=found', async (page) => {
    await caseOf(page, 'found').waitFor();
    const words = await page.getByTestId('found-word').innerText();
    expect(words).toContain('WS03');
    expect(words).toContain('23.11.2026');
    await page.keyboard.press('Enter');
    await phase(page, 'done').waitFor();
  }));

test('a load whose payment was taken back is not written, whatever is pressed', () =>
  inWindow('meter=stornoed', async (page) => {
    await caseOf(page, 'found').waitFor();
    expect(await page.getByTestId('found-word').innerText()).toContain('storno');
    await page.keyboard.press('Enter');
    await page.keyboard.press('F2');
    expect(await page.getByTestId('load-view').count()).toBe(0);
    expect(await page.getByTestId('finish-found').count()).toBe(0);
  }));

test.each([
  ['foreign', 'failed', 'sayğac kartı deyil', 'abunəçi kodu ilə'],
  ['codeTries', 'failed', 'risk edilmir', 'pul almayın'],
  ['unknown', 'refused', 'qeydiyyatda yoxdur', 'Pul almayın'],
  ['incident', 'refused', 'bloklandı', 'nəzarətçini çağırın'],
  ['strange', 'refused', '777', 'Pul almayın'],
  ['here', 'here', 'Mərkəz cavab vermir', 'adi qaydada'],
  ['blocked', 'blocked', 'bloklanıb', 'yeni kart'],
  ['noLoads', 'noLoads', 'yükləmə qəbul etmir', 'Pul almayın'],
  ['noService', 'noService', 'Kart xidməti', 'dəstəyi çağırın'],
  ['noReader', 'noReader', 'qoşulmayıb', 'Kabeli yoxlayın'],
  ['readerTaken', 'taken', 'başqa proqram', 'bağlayın'],
  ['readerMute', 'mute', 'cavab vermir', 'çipini'],
])('%s: says what it is and what to do instead, and takes no money', async (name, kind, what, instead) => {
  await inWindow(`meter=${name}`, async (page) => {
    await page.keyboard.press('F5');
    await caseOf(page, kind).waitFor();
    const words = await page.getByTestId('card-panel').innerText();
    expect(words).toContain(what);
    expect(words).toContain(instead);
    expect(await page.getByTestId('load-amount-field').count()).toBe(0);
    expect(await focused(page)).toBe('card-panel');
  });
});

test('warnings are in the centre’s order, and the meter’s word is on screen', () =>
  inWindow('meter=warned', async (page) => {
    await page.getByTestId('card-warning').first().waitFor();
    const order = await page
      .getByTestId('card-warning')
      .evaluateAll((all) => all.map((one) => one.getAttribute('data-warning')));
    expect(order[0]).toBe('tamper');
    expect(order.at(-1)).toBe('creditOwed');
    expect(await page.getByTestId('fact-health').innerText()).toBe('zəif · pozulub');
    expect(await page.getByTestId('fact-last').innerText()).toContain('götürməyib');
    expect(await page.getByTestId('fact-consumption').innerText()).toBe('4\u00a0118,4 m³');
  }));

test('units are written as each card counts them, in each language', async () => {
  await inWindow('meter=energy&lang=en', async (page) => {
    await page.getByTestId('fact-remaining').waitFor();
    expect(await page.getByTestId('fact-remaining').innerText()).toBe('3.2 kWh');
    expect(await page.getByTestId('tier-now').innerText()).toContain('1 kWh = 7 q');
  });
  await inWindow('meter=money&lang=ru', async (page) => {
    await page.getByTestId('fact-balance').waitFor();
    expect(await page.getByTestId('fact-balance').innerText()).toBe('1,50\u00a0₼');
    expect(await page.getByTestId('tier-now').count()).toBe(0);
  });
});

test('virtual readers are labelled wherever they are shown, real ones are not', async () => {
  const onBoard = async (page: Page): Promise<string> => {
    await page.keyboard.press('F11');
    await page.locator('[data-testid=health-part][data-part=reader]').waitFor();
    return page.locator('[data-testid=health-part][data-part=reader]').innerText();
  };
  await inWindow('meter=ready', async (page) => {
    await page.getByTestId('card-virtual').waitFor();
    expect(await page.getByTestId('card-virtual').innerText()).toBe('VİRTUAL');
    expect(await page.getByTestId('reader-chip').innerText()).toContain('VİRTUAL');
    expect(await onBoard(page)).toContain('VİRTUAL');
  });
  await inWindow('meter=real', async (page) => {
    await page.getByTestId('card-class').waitFor();
    expect(await page.getByTestId('card-virtual').count()).toBe(0);
    expect(await page.getByTestId('reader-chip').innerText()).not.toContain('VİRTUAL');
    expect(await onBoard(page)).not.toContain('VİRTUAL');
  });
});

test('owed loads: arrows choose, a supervisor cancels on the card’s evidence or writes off, nobody for himself', () =>
  inWindow('open-loads', async (page) => {
    await page.getByTestId('see-open-loads').click();
    await page.getByTestId('open-load').first().waitFor();
    expect(await page.getByTestId('open-load').count()).toBe(4);
    expect(await focused(page)).toBe('open-load');
    await page.keyboard.press('ArrowDown');
    await page.getByTestId('open-load-side').getByText('WS07-20261126-0044').waitFor();
    await page.keyboard.press('F4');
    await page.getByTestId('end-note').waitFor();
    expect(await focused(page)).toBe('end-note');
    await type(page, 'kart itib');
    await page.keyboard.press('Enter');
    expect(await focused(page)).toBe('supervisor');
    await page.getByTestId('supervisor').fill('aygun');
    await page.getByTestId('supervisor-password').fill(PASSWORD);
    await page.keyboard.press('F2');
    await page.locator('[data-code=ownApproval]').waitFor();
    await page.getByTestId('supervisor').fill('rauf');
    await page.getByTestId('supervisor-password').fill(PASSWORD);
    await page.keyboard.press('F2');
    await page.getByTestId('notice').getByText('Yükləmə silindi').waitFor();
    await expect.poll(() => page.getByTestId('open-load').count()).toBe(3);
    expect(await focused(page)).toBe('open-load');
    // A cancelling needs the card itself.
    await page.keyboard.press('F3');
    await page.getByTestId('end-note').fill('sahibi imtina etdi');
    await page.getByTestId('supervisor').fill('rauf');
    await page.getByTestId('supervisor-password').fill(PASSWORD);
    await page.keyboard.press('F2');
    await page.locator('[data-code=evidenceNeeded]').waitFor();
    await page.keyboard.press('Escape');
    await page.getByTestId('open-load-side').waitFor();
  }));

test('what is on its card already can neither be cancelled nor written off', () =>
  inWindow('open-loads', async (page) => {
    await page.getByTestId('see-open-loads').click();
    await page.locator('[data-testid=open-load][data-stage=written]').click();
    for (const key of ['F3', 'F4', 'Enter']) await page.keyboard.press(key);
    expect(await page.getByTestId('end-load').count()).toBe(0);
    expect(await page.getByTestId('cancel-load').count()).toBe(0);
    await page.getByTestId('open-load-side').getByText('kartdadır').first().waitFor();
  }));

test('F11 tells who has stopped, over a text that stays as it was typed', () =>
  inWindow('meter=readerTaken', async (page) => {
    await page.getByTestId('find').fill('1104');
    await page.keyboard.press('F11');
    await page.getByTestId('health-part').first().waitFor();
    expect(await page.getByTestId('health-summary').innerText()).toBe('Dayanan: 3');
    const reader = page.locator('[data-testid=health-part][data-part=reader]');
    expect(await reader.innerText()).toContain('başqa proqram tutub');
    expect(await reader.innerText()).toContain('12 dəq.');
    await page.keyboard.press('Escape');
    await expect.poll(() => page.getByTestId('health-board').count()).toBe(0);
    expect(await page.getByTestId('find').inputValue()).toBe('1104');
    await expect.poll(() => focused(page)).toBe('find');
  }));

test('a window opened in mid-load shows the load', () =>
  inWindow('meter=ready&load=writing', async (page) => {
    await phase(page, 'working').waitFor();
    expect(await page.getByTestId('load-step-written').getAttribute('data-state')).toBe('now');
  }));

const STATES = [
  'meter=ready',
  'meter=warned',
  'meter=foreign',
  'meter=here',
  'meter=strange',
  'meter=found',
  'meter=noService',
  'load=writing&meter=ready',
  'load=torn',
  'load=owed&meter=ready',
  'load=written&meter=ready',
];
const CUT = () => ({
  down: Math.max(0, document.documentElement.scrollHeight - window.innerHeight),
  right: Math.max(0, document.documentElement.scrollWidth - window.innerWidth),
  inside: [...document.querySelectorAll('main, main section')]
    .filter((one) => one.scrollHeight > one.clientHeight + 1 || one.scrollWidth > one.clientWidth + 1)
    .map((one) => one.className),
});

test.each(['az', 'en', 'ru'])('in %s at 1366 × 768 no state of a card scrolls', async (lang) => {
  for (const state of STATES)
    await inWindow(`${state}&lang=${lang}`, async (page) => {
      await page.keyboard.press('F5');
      await page.locator('.meter-panel').waitFor();
      expect(await page.evaluate(CUT), state).toEqual({ down: 0, right: 0, inside: [] });
    });
});

test('at 200 % zoom in Russian nothing is cut off sideways and the next step stays in sight', async () => {
  for (const state of STATES)
    await inWindow(
      `${state}&lang=ru`,
      async (page) => {
        await page.keyboard.press('F5');
        await page.locator('.meter-panel').waitFor();
        const { right, inside } = await page.evaluate(CUT);
        expect({ right, inside }, state).toEqual({ right: 0, inside: [] });
        const next = page.locator('.meter-next .button').last();
        if ((await next.count()) === 0) return;
        const box = await next.boundingBox();
        expect(box && box.y + box.height, state).toBeLessThanOrEqual(384);
      },
      { zoom: 2 },
    );
});
