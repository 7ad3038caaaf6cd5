import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { z } from 'zod';
import type { StatusState } from '../../contracts/ipw.ts';
import { add, formatAmount, formatMoney, qepik } from '../../contracts/money.ts';
import { parseReceiptCode, receiptCodePayload } from '../../contracts/rules/receipt-code.ts';
import { stateWhere } from '../../main/demo/watch.ts';
import type { Workstation } from '../../main/demo/workstation.ts';
import { PASSWORD } from './demo.ts';
import { placeForTests, type Place } from './fixture.ts';
import { SOON, keepShot, openHands, type Hands } from './hands.ts';
import { logIn, paidAt, sell } from './selling.ts';

/** What leaves the counter: receipts, their copies, and what anybody can learn from the code on them. */

const place = placeForTests();

async function sellBill(teller: Hands) {
  const bill = place().bill('ELEKTRIK');
  await teller.scan(bill.barcode);
  await teller.sees('total', formatAmount(bill.amount));
  const mark = place().paper.mark();
  const receiptNo = await sell(teller);
  const paper = place().paper.since(mark);
  await teller.press('Enter');
  await teller.sees('find');
  return { bill, receiptNo, paper };
}

test('receipts are found by number, account, name and amount; each copy says which one it is', async () => {
  const teller = await place().atCounter();
  const [first, second] = [await sellBill(teller), await sellBill(teller)];
  expect(second.paper.text).not.toContain('SURƏT');
  await paidAt(place(), second.receiptNo);
  await teller.press('F7');
  const rows = teller.at('payment-row');
  // The latest stands first, with its paper beside it.
  await teller.sees('payment-row', first.receiptNo);
  expect(await rows.first().innerText()).toContain(second.receiptNo);
  await teller.sees('receipt', second.receiptNo);

  const only = async (text: string): Promise<void> => {
    await expect.poll(teller.focused, SOON).toBe('receipt-search');
    await teller.type(text);
    await expect.poll(() => rows.count(), SOON).toBe(1);
    await teller.sees('payment-row', first.receiptNo);
    await teller.press('Escape');
    await expect.poll(() => rows.count(), SOON).toBeGreaterThan(1);
  };
  await only(first.receiptNo.slice(-8));
  await only(first.bill.account);
  await only(formatAmount(first.bill.amount));
  await only(first.bill.holder.toLowerCase().replaceAll('ə', 'e').replaceAll('ı', 'i'));

  // The code on a receipt finds it, too.
  await teller.scan(first.paper.codes[0] ?? '');
  await expect.poll(() => rows.count(), SOON).toBe(1);
  await teller.sees('receipt', first.receiptNo);
  for (const copy of [1, 2]) {
    const mark = place().paper.mark();
    await teller.press('F2');
    await teller.sees('notice', `Surət № ${copy}`);
    const { text } = place().paper.since(mark);
    expect(text).toContain(`SURƏT № ${copy}`);
    expect(text).toContain(first.receiptNo);
    expect(text).toContain('Aygün Məmmədova');
  }
  await teller.sees('payment-row', 'surət: 2');
  await teller.shot('receipts-copy');

  const download = teller.page.waitForEvent('download');
  await teller.tabTo('receipt-pdf');
  await teller.press('Enter');
  const saved = await (await download).path();
  expect((await readFile(saved)).subarray(0, 5).toString()).toBe('%PDF-');
  await teller.sees('payment-row', 'surət: 3');
});

test('a printer that is away never stops a payment; the receipt is printed when it is back', async () => {
  const teller = await place().atCounter();
  const ask = place().ask();
  const { path } = place().paper;
  await ask['session.logout']({});
  await ask['session.login']({ username: 'rauf', password: PASSWORD });
  await ask['printer.set']({ kind: 'tcp', host: '127.0.0.1', port: 9 });
  await ask['session.logout']({});
  await logIn(teller, 'aygun');
  await teller.sees('find');
  const bill = place().bill('ELEKTRIK');
  await teller.scan(bill.barcode);
  await teller.sees('total', formatAmount(bill.amount));
  const receiptNo = await sell(teller);
  await teller.sees('print-failed');
  await teller.shot('print-failed');
  expect(await paidAt(place(), receiptNo)).toMatchObject([{ total: bill.amount }]);

  await ask['session.logout']({});
  await ask['session.login']({ username: 'rauf', password: PASSWORD });
  await ask['printer.set']({ kind: 'file', path });
  await ask['session.logout']({});
  await logIn(teller, 'aygun');
  await teller.sees('find');
  const mark = place().paper.mark();
  await teller.press('F7');
  await teller.sees('receipt', receiptNo);
  await teller.press('F2');
  await expect.poll(() => place().paper.since(mark).text, SOON).toContain(receiptNo);
});

/** What a payer sees who opens the address on a receipt. */
async function opened(address: string, what: string) {
  const context = await place().browser.newContext({
    ignoreHTTPSErrors: true,
    viewport: { width: 390, height: 700 },
  });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => complaints.push(message.text()));
  const answer = await page.goto(`${address}?lang=en`);
  await page.locator('main h1').waitFor();
  const kind = (await page.locator('main').getAttribute('class')) ?? '';
  const words = await page.locator('main').innerText();
  await page.evaluate(() => document.fonts.ready);
  await keepShot(page, `receipt-page-${what}`);
  await context.close();
  // Chromium itself complains of a page that is "not found"; there must be nothing else.
  const status = answer?.status();
  expect(complaints).toHaveLength(status === 404 ? 1 : 0);
  return { kind, words, status };
}

test('anybody can verify a receipt at the centre; an altered one is not genuine, a cancelled one says so', async () => {
  const teller = await place().atCounter();
  const { bill, receiptNo, paper } = await sellBill(teller);
  await paidAt(place(), receiptNo);
  const [address = ''] = paper.codes;
  // The line between counter and centre has a port of its own; the address on paper is the centre's.
  expect(address.startsWith(`${place().centreUrl}/q/`)).toBe(true);
  const good = await opened(address, 'posted');
  expect(good).toMatchObject({ kind: 'posted', status: 200 });
  for (const words of [receiptNo, formatMoney(bill.amount), 'genuine', 'Nərimanov filialı'])
    expect(good.words).toContain(words);

  const code = parseReceiptCode(address);
  if (!code) throw new Error('no receipt code in the address');
  const more = receiptCodePayload({ ...code.facts, total: add(code.facts.total, qepik(1000)) });
  const forged = await opened(`${place().centreUrl}/q/${more}.${code.signature}`, 'forged');
  expect(forged).toMatchObject({ kind: 'notGenuine', status: 404 });
  expect(forged.words).not.toContain(receiptNo);
  const { signature } = code;
  const other = signature.startsWith('A') ? 'B' : 'A';
  const damaged = await opened(
    `${place().centreUrl}/q/${code.payload}.${other}${signature.slice(1)}`,
    'damaged',
  );
  expect(damaged.kind).toBe('notGenuine');
  expect((await opened(`${place().centreUrl}/q/nothing`, 'nothing')).kind).toBe('notGenuine');

  await stornoLast(place(), code.facts.paymentId);
  expect((await opened(address, 'stornoed')).kind).toBe('stornoed');
});

async function stornoLast(at: Place, paymentId: string): Promise<void> {
  const made = await at.ask()['storno.make']({
    stornoId: at.mintId(),
    paymentId,
    reason: 'payerRefused',
    note: '',
    supervisor: 'rauf',
    password: PASSWORD,
  });
  expect(made).toMatchObject({ ok: true });
  await at.status('the journal drained', ({ centre }) => centre.waiting === 0);
}

const stateOf = (station: Workstation): Promise<StatusState> =>
  stateWhere(station.ask().status, 'its state', () => true);

test('a new workstation is enrolled from its window with a one-time code, and only once', async () => {
  const fresh = await place().newWorkstation();
  const hands = await openHands(place().browser, fresh.url());
  try {
    await hands.sees('centre-url');
    await expect.poll(hands.focused, SOON).toBe('centre-url');
    await hands.shot('setup');
    await hands.type(place().centreUrl.replace('https://', ''));
    await hands.press('Tab');
    await hands.type('WRONG-CODE-1');
    await hands.press('Enter');
    await hands.page.locator('[data-code=enrolmentCodeWrong]').waitFor();
    await hands.shot('setup-wrong');
    const { code } = await place().komis(
      ['workstations', 'enrol-code', 'WS08'],
      z.object({ code: z.string() }),
    );
    await hands.tabTo('enrolment-code');
    await hands.page.keyboard.press('Control+A');
    // Written down by hand, in small letters.
    await hands.type(code.toLowerCase());
    await hands.press('Enter');
    // The screen of the enrolment stays until the debts are there; then nothing disturbs who logs in.
    await hands.sees('username');
    await hands.page.getByText('WS08').first().waitFor();
    expect(await hands.at('notice').innerText()).toBe('');
    expect((await stateOf(fresh)).replica.accounts).toBeGreaterThan(0);
    await logIn(hands, 'leyla');
    await hands.sees('open-shift');
    const spent = await place().newWorkstation();
    const second = await openHands(place().browser, spent.url());
    await second.type(place().centreUrl.replace('https://', ''));
    await second.press('Tab');
    await second.type(code);
    await second.press('Enter');
    await second.page.locator('[data-code=enrolmentCodeWrong]').waitFor();
    expect([...hands.complaints(), ...second.complaints()]).toEqual([]);
    await second.page.context().close();
  } finally {
    await hands.page.context().close();
  }
});
