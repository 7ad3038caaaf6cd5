import { expect, test } from 'vitest';
import { z } from 'zod';
import { formatAmount, qepik } from '../../contracts/money.ts';
import { PASSWORD } from './demo.ts';
import { placeForTests } from './fixture.ts';
import { SOON, type Hands } from './hands.ts';
import { logIn, logOut, paidAt, sell } from './selling.ts';

/** The people at the counter and their drawers: logging in, the shift from its float to its Z, storno. */

const place = placeForTests();

/** Counts pieces into the grid: `{ 2000: 3 }` is three notes of 20. */
async function count(hands: Hands, pieces: Readonly<Record<number, number>>): Promise<void> {
  for (const denomination of [20_000, 10_000, 5000, 2000, 1000, 500, 100, 50, 20, 10, 5, 3, 1]) {
    await expect.poll(hands.focused, SOON).toBe(`piece-${denomination}`);
    const number = pieces[denomination];
    if (number !== undefined) await hands.type(String(number));
    await hands.press('Enter');
  }
}

async function sellOne(hands: Hands): Promise<{ readonly receiptNo: string; readonly total: number }> {
  const bill = place().bill('ELEKTRIK');
  await hands.scan(bill.barcode);
  await hands.sees('total', formatAmount(bill.amount));
  const receiptNo = await sell(hands);
  await hands.press('Enter');
  await hands.sees('find');
  return { receiptNo, total: bill.amount };
}

test('log-in: a wrong password is told and asked again; the float is counted by denomination', async () => {
  const hands = await place().atLogin('orxan');
  await hands.sees('login');
  await hands.shot('login');

  await logIn(hands, 'orxan', 'yanlış');
  await hands.page.locator('[data-code=loginWrong]').waitFor();
  await hands.shot('login-wrong');
  await expect.poll(hands.focused, SOON).toBe('password');
  expect(await hands.at('password').inputValue()).toBe('');
  await hands.type(PASSWORD);
  await hands.press('Enter');
  await hands.sees('open-shift');

  // A scanner has nothing to say here.
  await hands.scan(place().household('ELEKTRIK').barcode);
  expect(await hands.at('piece-20000').inputValue()).toBe('');
  await count(hands, { 2000: 2, 1000: 3, 100: 12, 50: 4, 20: 5, 10: 10, 1: 7 });
  await hands.sees('counted-total', '86,07');
  await hands.shot('shift-open');
  await hands.press('Enter');
  await hands.sees('find');
  const { shift } = await place().session();
  expect(shift).toMatchObject({ floatTotal: 8607, paymentCount: 0 });
  expect(shift?.drawer).toContainEqual({ denomination: 1, count: 7 });
});

test('logging out keeps the shift, and a second teller has one of their own', async () => {
  const hands = await place().atCounter({ user: 'aygun' });
  const first = await sellOne(hands);
  const { shift: hers } = await place().session();
  await hands.scan(place().bill('QAZ').barcode);
  await hands.sees('basket-line');
  await logOut(hands);

  await logIn(hands, 'leyla');
  if ((await place().session()).shift === null) {
    await hands.sees('open-shift');
    await hands.type('1');
    await hands.press('F2');
  }
  await hands.sees('find');
  // What her colleague left in the basket is not hers to sell.
  expect(await hands.at('basket-line').count()).toBe(0);
  const second = await sellOne(hands);
  const { shift: other } = await place().session();
  expect(other?.shiftId).not.toBe(hers?.shiftId);
  // She cannot cancel what her colleague took.
  await hands.press('F8');
  await hands.sees('payment-row', second.receiptNo);
  expect(await hands.at('payment-row').filter({ hasText: first.receiptNo }).count()).toBe(0);
  await logOut(hands);

  await logIn(hands, 'aygun');
  await hands.sees('find');
  await hands.press('F9');
  await hands.sees('shift-payments', '1');
  await hands.sees('shift-total', formatAmount(qepik(first.total)));
  await hands.shot('shift');
  expect((await place().session()).shift?.shiftId).toBe(hers?.shiftId);
  const numbers = [first, second].map(({ receiptNo }) => Number(receiptNo.split('-').at(-1)));
  expect((numbers[1] ?? 0) - (numbers[0] ?? 0)).toBe(1);
});

test('the blind count: nothing expected on screen, a difference is counted twice and explained, then the Z', async () => {
  const hands = await place().atCounter({ float: [{ denomination: 2000, count: 5 }] });
  const { total } = await sellOne(hands);
  const expected = qepik(10_000 + total);
  await hands.press('F9');
  await hands.sees('count-shift');
  expect(await hands.words()).not.toContain(formatAmount(expected));
  await hands.press('F2');
  await hands.sees('close-shift');
  expect(await hands.words()).not.toContain(formatAmount(expected));
  expect((await place().session()).shift?.drawer).toEqual([]);

  // No money is taken meanwhile.
  await hands.press('F1');
  await hands.page.getByText('Ödəniş qəbul edilmir').waitFor();
  await hands.press('F9');

  await hands.type('100');
  await hands.shot('shift-count');
  await hands.press('F2');
  await hands.sees('count-reason');
  expect(await hands.words()).not.toContain(formatAmount(expected));
  await expect.poll(hands.focused, SOON).toBe('piece-20000');
  await hands.type('100');
  await hands.shot('shift-count-again');
  await hands.press('F2');
  await hands.sees('notice', 'Fərqin səbəbini');
  expect(await hands.at('z-title').count()).toBe(0);
  await expect.poll(hands.focused, SOON).toBe('count-reason');
  await hands.type('Sayım sınağı');
  // A second count that is not the first is no proof of anything: it is counted again.
  await hands.tabTo('piece-20000');
  await hands.type('101');
  await hands.press('F2');
  await hands.page.locator('[data-code=countDiffers]').waitFor();
  await expect.poll(hands.focused, SOON).toBe('piece-20000');
  expect(await hands.at('piece-20000').inputValue()).toBe('');
  await hands.type('101');
  await hands.press('F2');
  await hands.sees('z-title');
  await hands.sees('z-expected', formatAmount(expected));
  await hands.sees('z-counted', '20 200,00');
  await hands.sees('z-difference', formatAmount(qepik(2_020_000 - expected)));
  await hands.shot('shift-z-over');
  await hands.press('F2');
  await hands.sees('username');
  expect((await place().session()).shift).toBeNull();
});

test('an exact count closes at once; the Z stands and the next shift is a new one', async () => {
  const hands = await place().atCounter({ float: [{ denomination: 100, count: 30 }] });
  const before = (await place().session()).shift;
  await hands.press('F9');
  await hands.sees('count-shift');
  await hands.press('F2');
  await count(hands, { 100: 30 });
  await hands.sees('counted-total', '30,00');
  await hands.press('F2');
  await hands.sees('z-difference', '0,00');
  await hands.shot('shift-z');
  await hands.tabTo('z-again');
  await hands.press('Enter');
  await hands.sees('open-shift');
  await hands.press('F2');
  await hands.sees('find');
  const after = (await place().session()).shift;
  expect(after?.shiftNo).toBe((before?.shiftNo ?? 0) + 1);
  expect(after?.floatTotal).toBe(0);
});

test('storno: own approval and a wrong password are refused; a supervisor and a reason make a linked record', async () => {
  const hands = await place().atCounter();
  const { receiptNo, total } = await sellOne(hands);
  await paidAt(place(), receiptNo);
  await hands.press('F8');
  await hands.sees('payment-row', receiptNo);
  await hands.press('ArrowDown', 'Enter');
  await hands.sees('storno-make');
  await expect
    .poll(() => hands.page.evaluate(() => document.activeElement?.getAttribute('type')), SOON)
    .toBe('radio');
  // The fourth reason along: paid twice.
  await hands.press('ArrowRight', 'ArrowRight');
  await hands.tabTo('storno-note');
  await hands.type('Iki dəfə vurulub');
  await hands.press('Tab');
  await expect.poll(hands.focused, SOON).toBe('supervisor');

  await hands.type('aygun');
  await hands.press('Tab');
  await hands.type(PASSWORD);
  await hands.press('Enter');
  await hands.page.locator('[data-code=ownApproval]').waitFor();
  await hands.shot('storno-own');

  await hands.page.keyboard.press('Shift+Tab');
  await expect.poll(hands.focused, SOON).toBe('supervisor');
  await hands.page.keyboard.press('Control+A');
  await hands.type('rauf');
  await hands.press('Tab');
  await hands.type('yanlış');
  await hands.press('Enter');
  await hands.page.locator('[data-code=loginWrong]').waitFor();
  expect((await place().session()).shift?.stornoCount).toBe(0);

  await hands.tabTo('supervisor-password');
  await hands.type(PASSWORD);
  await hands.press('Enter');
  await hands.sees('storno-total', formatAmount(qepik(total)));
  await hands.page.getByText('STORNO', { exact: true }).waitFor();
  await hands.shot('storno-done');
  await hands.press('Enter');

  const [posted] = await paidAt(place(), receiptNo);
  expect(posted).toMatchObject({ total, outcome: 'posted' });
  const stornoNo = posted?.stornoedBy ?? '';
  expect(await paidAt(place(), stornoNo)).toMatchObject([
    { total: -total, kind: 'storno', outcome: 'posted' },
  ]);
  // Nothing is left to cancel, and the receipt says so.
  await hands.sees('storno-search');
  expect(await hands.at('payment-row').filter({ hasText: receiptNo }).count()).toBe(0);
  await hands.press('F7');
  await hands.at('payment-row').filter({ hasText: receiptNo }).getByText('storno edilib').waitFor();
  await hands.press('F9');
  await hands.sees('shift-stornos', '1');
  const { ok } = await place().komis(['verify'], z.object({ ok: z.boolean() }));
  expect(ok).toBe(true);
});
