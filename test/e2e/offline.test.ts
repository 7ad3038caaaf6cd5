import { expect, test } from 'vitest';
import { formatAmount, qepik } from '../../contracts/money.ts';
import { parseReceiptNumber } from '../../contracts/rules/receipt-number.ts';
import { placeForTests } from './fixture.ts';
import { SOON, type Hands } from './hands.ts';
import { acceptedNo, logIn, logOut, paidAt, rowWith, sell, setAmount } from './selling.ts';

/** What a counter must survive: a line that is cut, a window that is reloaded, a process that is killed. */

const place = placeForTests();

/** Rings up a bill and takes exact cash. */
async function sellBill(teller: Hands): Promise<string> {
  const bill = place().bill('ELEKTRIK');
  await teller.scan(bill.barcode);
  await teller.sees('total', formatAmount(bill.amount));
  return sell(teller);
}

const serial = (receiptNo: string): number => parseReceiptNumber(receiptNo)?.serial ?? Number.NaN;

const offline = () => place().status('the line is missed', ({ centre }) => centre.link === 'offline');

test('the line is cut: the counter sells on and says so; when it is back everything arrives, once, by itself', async () => {
  const teller = await place().atCounter();
  const first = await sellBill(teller);
  await teller.press('Enter');
  await paidAt(place(), first);

  place().line.cut();
  const mark = place().paper.mark();
  const second = await sellBill(teller);
  await teller.sees('state-centre', /əlaqəsizdir: \S.* · \d+ gözləyir, ilki \d\d:\d\d/);
  expect(await teller.at('state-centre').getAttribute('class')).toContain('state-warning');
  await teller.sees('accepted-total');
  await teller.shot('offline-accepted');
  await teller.press('Enter');
  const third = await sellBill(teller);
  const waiting = (await offline()).centre.waiting;
  expect(waiting).toBeGreaterThanOrEqual(4);
  await teller.sees('state-centre', `${waiting} gözləyir`);
  expect([serial(second) - serial(first), serial(third) - serial(second)]).toEqual([1, 1]);

  // A receipt printed alone can be verified by anybody all the same.
  const [address = ''] = place().paper.since(mark).codes;
  const verdict = async (): Promise<string> => {
    const context = await place().browser.newContext({ ignoreHTTPSErrors: true });
    const page = await context.newPage();
    await page.goto(`${address}?lang=en`);
    const seen = await page.locator('main').getAttribute('class');
    await context.close();
    return seen ?? '';
  };
  expect(address).toMatch(/^https:/);
  expect(await verdict()).toBe('notYetArrived');

  // Nobody is at the window when the line comes back.
  await teller.page.goto('about:blank');
  place().line.restore();
  const online = await place().status('the journal drained', ({ centre }) => centre.waiting === 0);
  expect(online.centre.link).toBe('online');
  for (const receiptNo of [first, second, third])
    expect(await paidAt(place(), receiptNo)).toMatchObject([{ outcome: 'posted' }]);
  expect(await verdict()).toBe('posted');
});

test('answers lost on the way: nothing is doubled', async () => {
  const teller = await place().atCounter();
  place().line.loseAnswers();
  const first = await sellBill(teller);
  await teller.press('Enter');
  const second = await sellBill(teller);
  await offline();
  place().line.restore();
  for (const receiptNo of [first, second])
    expect(await paidAt(place(), receiptNo)).toMatchObject([{ outcome: 'posted' }]);
});

test('what may be taken alone is the centre’s policy, said before the money is counted', async () => {
  const teller = await place().atCounter();
  place().line.cut();
  await teller.press('F10', 'F2');
  await teller.sees('state-centre', 'əlaqəsiz');
  await teller.press('F1');

  // The electricity company takes what looks like an account of its own, up to the cap of one payment.
  await teller.type('1199000022');
  await teller.sees('hit');
  await teller.press('Enter');
  await rowWith(teller, '1199000022').waitFor();
  await teller.press('Enter');
  await expect.poll(teller.focused, SOON).toBe('line-amount');
  await teller.type('1500');
  await teller.press('Enter');
  await teller.sees('total', '1 500,00');
  await teller.press('F2');
  await teller.page.locator('[data-code=offlinePaymentCap]').getByText('1 000,00').waitFor();
  await teller.shot('offline-cap');
  await setAmount(teller, '1199000022', '15');
  await teller.sees('total', '15,00');
  const receiptNo = await sell(teller);
  await teller.press('Enter');
  await teller.sees('find');

  // The water company knows its people, and this one is not among those known here.
  await teller.type(place().farBill('SU').account);
  await teller.sees('hit');
  await teller.press('Enter');
  await teller.page.locator('[data-code=accountUnknown]').waitFor();
  place().line.restore();
  expect(await paidAt(place(), receiptNo)).toMatchObject([{ total: 1500 }]);
});

test('the journal screen tells each entry’s state and why; F2 sends now', async () => {
  const teller = await place().atCounter();
  await place().status('the journal drained', ({ centre }) => centre.waiting === 0);
  place().line.cut();
  const receiptNo = await sellBill(teller);
  await offline();
  await teller.press('Enter', 'F10');
  const payment = teller.at('journal-row').filter({ hasText: receiptNo }).filter({ hasText: 'Ödəniş' });
  // It was sent when the line broke, and nobody knows how far it came: it waits like one never sent.
  await payment.getByText('gözləyir').waitFor();
  await payment.getByText('mərkəz əlaqəsizdir').waitFor();
  await teller.sees('journal-waiting', '2');
  await teller.shot('journal-waiting');
  await teller.tabTo('journal-filter');
  await teller.press('ArrowRight');
  await expect.poll(() => teller.at('journal-row').count(), SOON).toBe(2);

  place().line.restore();
  await teller.press('F2');
  await teller.page.getByText('Gözləyən yoxdur').waitFor();
  await teller.sees('journal-waiting', '0');
  await teller.tabTo('journal-filter');
  await teller.press('ArrowLeft');
  await payment.getByText('hesaba keçib').waitFor();
  await teller.sees('state-centre', 'əlaqədə');
  await teller.shot('journal-sent');
});

test('people who were here lately log in without the centre, others are told why not', async () => {
  const teller = await place().atCounter();
  const { shift } = await place().session();
  await logOut(teller);
  place().line.cut();
  await logIn(teller, 'orxan');
  await teller.page.locator('[data-code=loginNeedsCentre]').waitFor();
  await teller.shot('offline-login-refused');
  await teller.page.reload();
  await logIn(teller, 'aygun', 'yanlış');
  await teller.page.locator('[data-code=loginWrong]').waitFor();
  await teller.page.reload();
  await logIn(teller, 'aygun');
  await teller.sees('find');
  await teller.sees('person', 'əlaqəsiz giriş');
  expect((await place().session()).shift?.shiftId).toBe(shift?.shiftId);
});

test('the window is reloaded in the middle of a payment: it stands where it stood, and is paid once', async () => {
  const teller = await place().atCounter();
  const bill = place().bill('QAZ');
  await teller.scan(bill.barcode);
  await teller.sees('basket-line');
  await teller.page.reload();
  await teller.sees('basket-line', bill.account);
  await teller.press('Enter');
  await teller.sees('to-pay', formatAmount(bill.amount));
  await teller.page.reload();
  await teller.sees('to-pay', formatAmount(bill.amount));
  await expect.poll(teller.focused, SOON).toBe('received');
  // In the very moment the money is taken: nobody waits for the answer.
  await teller.page.keyboard.down('Enter');
  await teller.page.reload();
  await teller.page.keyboard.up('Enter');
  await teller.page.locator('[data-testid=received], [data-testid=receipt]').first().waitFor();
  if ((await teller.at('received').count()) > 0) await teller.press('Enter');
  await teller.sees('receipt');
  const receiptNo = await acceptedNo(teller);
  await teller.page.reload();
  await teller.sees('receipt');
  expect(await acceptedNo(teller)).toBe(receiptNo);
  await teller.press('Enter');
  await teller.sees('find');
  expect((await place().session()).shift?.paymentCount).toBe(1);
  const [posted] = await paidAt(place(), receiptNo);
  expect(posted).toMatchObject({ total: bill.amount, outcome: 'posted' });
  expect((await place().payments()).filter(({ total }) => total === bill.amount)).toHaveLength(1);
});

test('two windows on one counter show one payment', async () => {
  const one = await place().atCounter();
  const two = await place().open();
  const bill = place().bill('SU');
  await one.scan(bill.barcode);
  await two.sees('basket-line', bill.account);
  await two.press('Enter');
  await one.sees('to-pay', formatAmount(bill.amount));
  // Both press at once: it is the same payment.
  await Promise.all([one.press('Enter'), two.press('Enter')]);
  await Promise.all([one.sees('receipt'), two.sees('receipt')]);
  expect(await acceptedNo(one)).toBe(await acceptedNo(two));
  expect((await place().session()).shift?.paymentCount).toBe(1);
});

test('the program is killed while money is being counted: nothing was taken, and the shift goes on', async () => {
  const teller = await place().atCounter();
  const before = await sellBill(teller);
  await teller.press('Enter');
  const bill = place().bill('ELEKTRIK');
  await teller.scan(bill.barcode);
  await teller.sees('total', formatAmount(bill.amount));
  await teller.press('Enter');
  await teller.sees('to-pay', formatAmount(bill.amount));
  const { shift } = await place().session();
  teller.expects(/WebSocket connection/);
  await place().workstation.kill();
  await teller.sees('banner-reconnecting');
  await teller.shot('program-killed');
  // What is on screen cannot be paid: nobody is there to write it down.
  expect(await teller.at('accept').count()).toBe(0);

  // The window finds the way back by itself, and asks who is there.
  await place().workstation.start();
  await teller.misses('banner-reconnecting');
  await logIn(teller, 'aygun');
  await teller.sees('find');
  expect(await teller.at('basket-line').count()).toBe(0);
  expect((await place().session()).shift).toMatchObject({ shiftId: shift?.shiftId, paymentCount: 1 });
  await teller.scan(bill.barcode);
  await teller.sees('total', formatAmount(bill.amount));
  const receiptNo = await sell(teller);
  expect(serial(receiptNo) - serial(before)).toBe(1);
  expect(await paidAt(place(), receiptNo)).toMatchObject([{ total: bill.amount, outcome: 'posted' }]);
});

test('the program is killed right after a payment was written down: it stands, is shown again, and is printed once', async () => {
  const opened = await place().atCounter();
  await opened.page.goto('about:blank');
  await place().workstation.stop();
  // The log-in is the first entry of this process, the payment the second.
  await place().workstation.start({ KOMIS_TEST_KILL_AFTER_APPENDS: '2' });
  const teller = await place().open();
  teller.expects(/WebSocket connection/);
  await logIn(teller, 'aygun');
  await teller.sees('find');
  const mark = place().paper.mark();
  const bill = place().bill('ELEKTRIK');
  await teller.scan(bill.barcode);
  await teller.sees('total', formatAmount(bill.amount));
  await teller.press('Enter');
  await teller.sees('received');
  await teller.type(formatAmount(qepik(bill.amount + 100)));
  await teller.press('Enter');
  expect((await place().workstation.running().exited).signal).toBe('SIGKILL');
  await teller.sees('banner-reconnecting');
  expect(place().paper.since(mark).text).toBe('');
  await place().workstation.kill();

  await place().workstation.start();
  await teller.misses('banner-reconnecting');
  await logIn(teller, 'aygun');
  // The teller has the payer's money in hand and must know that it was taken, and what to give back.
  await teller.sees('accepted-change', '1,00');
  const receiptNo = await acceptedNo(teller);
  await teller.shot('payment-taken-up');
  await teller.press('Enter');
  await teller.sees('find');
  expect((await place().session()).shift?.paymentCount).toBe(1);
  expect(await paidAt(place(), receiptNo)).toMatchObject([{ total: bill.amount, outcome: 'posted' }]);
  await teller.scan(bill.barcode);
  await rowWith(teller, bill.account).getByText('0,00').first().waitFor();
});
