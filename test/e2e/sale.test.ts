import { expect, test } from 'vitest';
import { z } from 'zod';
import { add, formatAmount, qepik, subtract, sum, type Qepik } from '../../contracts/money.ts';
import { registrationCode } from '../../contracts/rules/damm.ts';
import { placeForTests } from './fixture.ts';
import { SOON, type Hands } from './hands.ts';
import { acceptedNo, paidAt, rowWith, sell, setAmount } from './selling.ts';

/** Taking money at the counter, by keyboard and scanner alone, with the centre on the line. */

const place = placeForTests();
const manat = (amount: number): Qepik => qepik(amount * 100);

test('a scanned bill in exact cash: one scan and three keys, and the centre has posted it', async () => {
  const teller = await place().atCounter();
  const bill = place().bill('ELEKTRIK');
  const before = place().paper.mark();

  await teller.scan(bill.barcode);
  await teller.sees('total', formatAmount(bill.amount));
  await teller.press('Enter');
  await teller.sees('received');
  await teller.press('Enter');
  await teller.sees('receipt');
  const receiptNo = await acceptedNo(teller);
  await teller.shot('sale-accepted');
  await teller.press('Enter');
  await teller.sees('find');
  expect(teller.pressed()).toBe(3);
  await expect.poll(teller.focused, SOON).toBe('find');
  expect(await teller.at('find').inputValue()).toBe('');

  expect(place().paper.since(before).text).toContain(receiptNo);
  expect(await paidAt(place(), receiptNo)).toMatchObject([
    { total: bill.amount, outcome: 'posted', kind: 'payment' },
  ]);
});

test('the QR of a bill does as well as its barcode', async () => {
  const teller = await place().atCounter();
  const bill = place().bill('QAZ');
  await teller.scan(bill.qr);
  await teller.sees('total', formatAmount(bill.amount));
  expect(await teller.at('basket-line').count()).toBe(1);
});

test('several bills on one receipt: part, more, exact and in advance, each by its company’s rule', async () => {
  const teller = await place().atCounter();
  const [electricity, gas, water, telephone] = (['ELEKTRIK', 'QAZ', 'SU', 'TELEFON'] as const).map(
    (company) => place().bill(company, ({ amount }) => amount > 200 && amount < 15_000),
  );
  if (!electricity || !gas || !water || !telephone) throw new Error('a bill of each company');
  for (const [index, bill] of [electricity, gas, water, telephone].entries()) {
    await teller.scan(bill.barcode);
    await teller.at('basket-line').nth(index).waitFor();
  }

  const part = subtract(electricity.amount, qepik(100));
  await setAmount(teller, electricity.account, formatAmount(part));
  const more = add(gas.amount, manat(10));
  await setAmount(teller, gas.account, formatAmount(subtract(gas.amount, qepik(1))));
  await teller.sees('line-problem', `borcdan az qəbul etmir: ${formatAmount(gas.amount)}`);
  await teller.sees('basket-problem', gas.companyName);
  expect(await teller.at('tender-cash').count()).toBe(0);
  // Enter leads to what has to be corrected.
  await teller.press('Enter');
  await expect.poll(teller.focused, SOON).toBe('line-amount');
  await teller.type(formatAmount(more));
  await teller.press('Enter');
  await teller.misses('line-problem');

  await setAmount(teller, water.account, formatAmount(add(water.amount, manat(1))));
  await teller.sees('line-problem', `yalnız tam borcu qəbul edir: ${formatAmount(water.amount)}`);
  await teller.shot('sale-rule-exact');
  await setAmount(teller, water.account, formatAmount(water.amount));
  await teller.misses('line-problem');

  await setAmount(teller, telephone.account, formatAmount(add(telephone.amount, qepik(1))));
  await teller.sees('line-problem', `Məbləğ borcdan çoxdur: ${formatAmount(telephone.amount)}`);
  await setAmount(teller, telephone.account, formatAmount(telephone.amount));
  await teller.misses('line-problem');

  // Nothing is owed there: the amount is asked for at once.
  await teller.type('30904117');
  await teller.sees('hit', '30904117');
  await teller.press('Enter');
  await rowWith(teller, '30904117').waitFor();
  await teller.press('ArrowDown', 'Space');
  await expect.poll(teller.focused, SOON).toBe('line-amount');
  await teller.type('5');
  await teller.press('Enter');

  // The telephone company lets the payer pay for the service; it is shown before anything is paid.
  await teller.sees('fees', '0,20');
  const total = sum([part, more, water.amount, telephone.amount, manat(5), qepik(20)]);
  await teller.sees('total', formatAmount(total));
  await teller.shot('sale-basket');
  const receiptNo = await sell(teller);

  const paid = await place().komis(
    ['payments', 'show', receiptNo],
    z.object({
      total: z.number(),
      lines: z.array(z.object({ account: z.string(), amount: z.number(), placed: z.string() })),
      entries: z.array(z.object({ amount: z.number() })),
    }),
  );
  expect(paid.total).toBe(total);
  expect(paid.lines.map(({ account, amount, placed }) => [account, amount, placed])).toEqual([
    [electricity.account, part, 'payable'],
    [gas.account, more, 'payable'],
    [water.account, water.amount, 'payable'],
    [telephone.account, telephone.amount, 'payable'],
    ['30904117', 500, 'payable'],
  ]);
  expect(sum(paid.entries.map(({ amount }) => qepik(amount)))).toBe(0);

  // What was paid in part is owed on.
  await teller.press('Enter');
  await teller.scan(electricity.barcode);
  await teller.sees('total', '1,00');
});

test('change is told piece by piece, and what the drawer cannot make is said before money is taken', async () => {
  const teller = await place().atCounter({
    float: [
      { denomination: 1000, count: 1 },
      { denomination: 100, count: 2 },
      { denomination: 20, count: 3 },
    ],
  });
  const bill = place().bill('ELEKTRIK', ({ amount }) => amount > 500 && amount < 4000 && amount % 20 !== 0);
  await teller.scan(bill.barcode);
  await setAmount(teller, bill.account, '7,40');
  await teller.press('Enter');
  await teller.sees('received');

  await teller.type('5');
  await teller.sees('missing', '2,40');
  await teller.press('Enter');
  await teller.page.locator('[data-code=tenderTooSmall]').getByText('2,40').waitFor();
  await teller.press('Backspace');

  await teller.type('20');
  await teller.sees('change-amount', '12,60');
  // What was wrong before is not said any longer.
  await teller.page.locator('[data-code]').waitFor({ state: 'detached' });
  await expect
    .poll(() => teller.at('change-pieces').locator('li').allInnerTexts(), SOON)
    .toEqual(['10\u00a0₼', '1\u00a0₼ ×2', '20\u00a0q ×3']);
  await teller.shot('sale-change');

  await teller.press('Backspace', 'Backspace');
  await teller.type('8');
  await teller.sees('change-amount', '0,60');
  await teller.misses('drawer-short');
  await teller.press('Backspace');
  await teller.type('50');
  await teller.sees('drawer-short', '42,60');
  await teller.shot('sale-drawer-short');

  await teller.press('Backspace', 'Backspace');
  await teller.type('20');
  await teller.sees('change-amount', '12,60');
  await teller.press('Enter');
  await teller.sees('accepted-change', '12,60');
  const { shift } = await place().session();
  expect(shift?.drawer).toEqual([{ denomination: 2000, count: 1 }]);
});

test('cash is counted note by note with the keyboard, and a proposed sum is one key', async () => {
  const teller = await place().atCounter();
  const bill = place().bill('ELEKTRIK', ({ amount }) => amount > 1300);
  await teller.scan(bill.barcode);
  await setAmount(teller, bill.account, '12,30');
  await teller.press('Enter');
  await teller.sees('received');
  await teller.press('+');
  const proposed = await teller.at('received').inputValue();
  expect(Number(proposed.replace(',', '.'))).toBeGreaterThan(12.3);
  await teller.tabTo('note-1000');
  await teller.press('Enter');
  await teller.sees('missing', '2,30');
  await teller.tabTo('note-500');
  await teller.press('Space');
  await teller.sees('change-amount', '2,70');
  await expect.poll(teller.focused, SOON).toBe('received');
  await teller.press('Enter');
  await teller.sees('accepted-change', '2,70');
});

test('an account that is not of the district is asked of the centre; one on no list goes by its company’s policy', async () => {
  const teller = await place().atCounter();
  const choose = async (account: string): Promise<void> => {
    await teller.type(account);
    await teller.sees('hit', 'Siyahıda yoxdur');
    await teller.press('Enter');
  };
  const far = place().farBill('SU');
  await choose(far.account);
  await rowWith(teller, far.account).waitFor();
  await teller.page.getByText(far.holder).first().waitFor();
  await teller.sees('debts-as-of', 'mərkəzdən');
  await teller.press('Enter');
  await teller.sees('total', formatAmount(far.amount));
  expect(await paidAt(place(), await sell(teller))).toMatchObject([{ total: far.amount, outcome: 'posted' }]);
  await teller.press('Enter');
  await teller.sees('find');

  // The water company knows its people; the electricity company takes whatever looks like an account of its own.
  await choose('39000001');
  await teller.page.locator('[data-code=accountUnknown]').waitFor();
  expect(await teller.at('offered-row').count()).toBe(0);
  await choose('1199000011');
  await rowWith(teller, '1199000011').waitFor();
  await teller.press('Enter');
  await expect.poll(teller.focused, SOON).toBe('line-amount');
  await teller.type('12,5');
  await teller.press('Enter');
  await teller.sees('total', '12,50');
  expect(await paidAt(place(), await sell(teller))).toMatchObject([{ total: 1250, outcome: 'posted' }]);
});

test('people are found by name without its marks, by telephone, and by company and account', async () => {
  const teller = await place().atCounter();
  const find = async (text: string, account: string): Promise<void> => {
    await teller.type(text);
    await teller.sees('hit', account);
    await teller.press('Enter');
    await rowWith(teller, account).waitFor();
    await teller.press('Escape');
    await teller.misses('offered-row');
  };
  // Məmmədov Elşən İlqar oğlu, as somebody types who has no Azerbaijani keyboard.
  await teller.type('memmedov elsen ilqar');
  await teller.sees('hit', '1104552018');
  await teller.shot('find-by-name');
  await teller.press('Escape');
  await find('qaz 0801417730', '0801417730');
  await find('001 1104552018', '1104552018');
  await find('30881204', '30881204');
  await teller.type('050 212 41 71');
  await teller.sees('hit', 'Məmmədov Elşən');
  expect(await teller.at('hit').filter({ hasText: 'Məmmədov Elşən' }).count()).toBe(5);
});

test('wrong codes are told as they are typed or scanned, and nothing is put into the basket', async () => {
  const teller = await place().atCounter();
  const code = registrationCode(407_188_236);
  const wrong = `${code.slice(0, -1)}${(Number(code.at(-1)) + 1) % 10}`;
  await teller.type(wrong);
  await teller.sees('find-hint', 'yoxlama rəqəmi uyğun gəlmir');
  await teller.press('Escape');
  await teller.scan(`KR1${wrong}`);
  await teller.page.locator('[data-code=codeDamaged]').waitFor();
  await teller.shot('find-damaged-code');

  const bill = place().bill('SU');
  const digit = (Number(bill.barcode.at(-1)) + 1) % 10;
  await teller.scan(`${bill.barcode.slice(0, -1)}${digit}`);
  await teller.page.locator('[data-code=codeDamaged]').waitFor();
  expect(await teller.at('basket-line').count()).toBe(0);

  // A right code that nobody has.
  await teller.scan(`KR1${code}`);
  await teller.page.locator('[data-code=subscriberUnknown]').waitFor();
  // Mended by the next scan.
  await teller.scan(bill.barcode);
  await teller.sees('basket-line');
  await teller.page.locator('[data-code]').waitFor({ state: 'detached' });
});

test('letters do not get into amounts, and an amount that is none is told in words', async () => {
  const teller = await place().atCounter();
  const bill = place().bill('ELEKTRIK', ({ amount }) => amount > 1300);
  await teller.scan(bill.barcode);
  await rowWith(teller, bill.account).waitFor();
  await setAmount(teller, bill.account, '1a2b,c3');
  await teller.sees('total', '12,30');
  await setAmount(teller, bill.account, '1,2,3');
  await teller.sees('line-problem', 'Məbləği belə yazın');
  await teller.press('Escape');
  await teller.misses('line-problem');
  await teller.sees('total', '12,30');
  await teller.press('F2');
  await teller.sees('received');
  await teller.type('-2x0e1');
  expect(await teller.at('received').inputValue()).not.toMatch(/[^\d.,\s]/);
});

test('a scan never lands in an amount, whichever field has the focus', async () => {
  const teller = await place().atCounter();
  const [bill, other, third] = [place().bill('QAZ'), place().bill('SU'), place().bill('TELEFON')];
  await teller.scan(bill.barcode);
  await rowWith(teller, bill.account).waitFor();
  await teller.press('ArrowDown', '7');
  await expect.poll(teller.focused, SOON).toBe('line-amount');
  // In the midst of typing an amount: the scan goes to the basket, and the amount keeps the key that was typed.
  await teller.scan(other.barcode);
  await teller.at('basket-line').nth(1).waitFor();
  await teller.sees('basket-lines', other.account);
  expect(await amountsOf(teller)).not.toContain(other.barcode.replace(/\D/g, ''));
  await setAmount(teller, bill.account, formatAmount(bill.amount));

  await teller.press('Enter');
  await teller.sees('received');
  await teller.type('50');
  await teller.scan(third.barcode);
  await teller.sees('notice', 'Oxunan kod gözləyir');
  expect(await teller.at('received').inputValue()).toBe('50');
  // A number that is none of our codes is no sum of money either.
  await teller.scan('4760012345678');
  expect(await teller.at('received').inputValue()).toBe('50');
  await teller.shot('scan-into-amount');
});

const amountsOf = (teller: Hands): Promise<string> =>
  teller
    .at('line-amount')
    .evaluateAll((fields) =>
      fields.map((field) => (field instanceof HTMLInputElement ? field.value : '')).join(' '),
    );
