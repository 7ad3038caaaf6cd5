import { expect, test } from 'vitest';
import { formatAmount, sum } from '../../contracts/money.ts';
import { formatRegistrationCode } from '../../contracts/rules/damm.ts';
import type { Bill } from './demo.ts';
import { placeForTests } from './fixture.ts';
import { SOON, type Hands } from './hands.ts';
import { paidAt, rowWith, sell } from './selling.ts';

/** Registration: one code for the accounts of all companies, bound and unbound, with the centre there or away. */

const place = placeForTests();

/** Goes to the company list of the account form and chooses by the first letters. */
async function chooseCompany(teller: Hands, name: string): Promise<void> {
  await teller.tabTo('bind-company');
  await teller.press('Enter');
  const option = teller.page.getByRole('option', { name });
  await option.waitFor();
  for (let n = 0; n < 6 && !(await option.evaluate((one) => one === document.activeElement)); n += 1)
    await teller.press('ArrowDown');
  await teller.press('Enter');
  await teller.sees('bind-company', name);
}

/** Registers a person with the accounts of these bills. Answers the code. */
async function register(teller: Hands, name: string, bills: readonly Bill[]): Promise<string> {
  await teller.press('F6');
  await expect.poll(teller.focused, SOON).toBe('subscriber-name');
  await teller.type(name);
  for (const [index, bill] of bills.entries()) {
    await teller.scan(bill.barcode);
    await teller.at('bound-account').nth(index).waitFor();
  }
  await teller.press('F2');
  await teller.sees('subscriber-code');
  return (await teller.at('subscriber-code').innerText()).replace(/\D/g, '');
}

test('a subscriber: several companies, two accounts of one, a card, found by the code, paid at once', async () => {
  const teller = await place().atCounter();
  const [electricity, gas, water] = [
    place().household('ELEKTRIK'),
    place().household('QAZ'),
    place().household('SU'),
  ];
  await teller.press('F6');
  // The name is asked for before anything is registered.
  await teller.press('F2');
  await teller.page.getByText('Adı tam yazın').waitFor();
  await teller.scan(electricity.barcode);
  await teller.sees('bound-account', electricity.account);
  // The list knows whose account it is.
  await expect.poll(() => teller.at('subscriber-name').inputValue(), SOON).toBe(electricity.holder);
  await teller.scan(gas.barcode);
  await teller.at('bound-account').nth(1).waitFor();
  await teller.scan(water.barcode);
  await teller.at('bound-account').nth(2).waitFor();
  await teller.scan(water.barcode);
  await teller.sees('notice', 'Bu hesab artıq siyahıdadır');

  await chooseCompany(teller, 'Su Kanal');
  await teller.press('Tab');
  await expect.poll(teller.focused, SOON).toBe('bind-account');
  await teller.type('99');
  await teller.press('Enter');
  await teller.page.getByText('Belə yazılır: 30881204').waitFor();
  await teller.press('Backspace', 'Backspace');
  await teller.type('30904117');
  await teller.press('Tab');
  await teller.type('Mənzil 52');
  await teller.press('Enter');
  await teller.at('bound-account').nth(3).waitFor();
  await teller.shot('subscriber-register');

  await teller.press('F2');
  await teller.sees('subscriber-code');
  const code = (await teller.at('subscriber-code').innerText()).replace(/\D/g, '');
  expect(code).toMatch(/^\d{10}$/);
  const mark = place().paper.mark();
  await teller.press('F2');
  await teller.sees('notice', 'Kart çapa göndərildi');
  await teller.shot('subscriber-card');
  const card = place().paper.since(mark);
  expect(card.codes).toEqual([`KR1${code}`]);
  expect(card.text).toContain(formatRegistrationCode(code).replaceAll('\u00a0', ' '));
  for (const account of ['1104552018', '0801417730', '30881204', '30904117'])
    expect(card.text).toContain(account);

  await teller.press('F2');
  await teller.sees('take-debts');
  expect(await teller.at('offered-row').count()).toBe(4);
  await teller.page.getByText('Mənzil 52').waitFor();
  await teller.press('Enter');
  await teller.at('basket-line').nth(2).waitFor();
  const total = sum([electricity.amount, gas.amount, water.amount]);
  await teller.sees('total', formatAmount(total));
  await teller.shot('subscriber-counter');
  const paper = place().paper.mark();
  const receiptNo = await sell(teller);
  expect(place().paper.since(paper).text).toContain(code.slice(0, 4));
  expect(await paidAt(place(), receiptNo)).toMatchObject([{ total, outcome: 'posted' }]);

  // By the code typed, and by the card.
  await teller.press('Enter');
  await teller.sees('find');
  await teller.type(code);
  await teller.sees('find-hint', 'qeydiyyat kodu ✓');
  await teller.press('Enter');
  await rowWith(teller, '30904117').waitFor();
  expect(await teller.at('offered-row').count()).toBe(4);
  expect(await teller.words()).not.toContain(formatAmount(electricity.amount));
  await teller.press('Escape');
  await teller.misses('offered-row');
  await teller.scan(`KR1${code}`);
  await rowWith(teller, '0801417730').waitFor();
});

test('an account is bound and unbound later; a damaged code is told', async () => {
  const teller = await place().atCounter();
  const [first, later] = [place().bill('ELEKTRIK'), place().bill('SU')];
  const code = await register(teller, 'Sınaq Abunəçi', [first]);
  await place().status('the journal drained', ({ centre }) => centre.waiting === 0);
  await teller.press('F1', 'Escape');
  await teller.misses('offered-row');

  const wrong = `${code.slice(0, -1)}${(Number(code.at(-1)) + 1) % 10}`;
  await teller.press('F6');
  await teller.tabTo('open-code');
  await teller.type(wrong);
  await teller.page.getByText('yoxlama rəqəmi uyğun gəlmir').waitFor();
  await teller.press('Backspace');
  await teller.type(code.slice(-1));
  await teller.press('Enter');
  await teller.sees('subscriber-code', formatRegistrationCode(code));

  await teller.scan(later.barcode);
  await teller.at('bound-account').nth(1).waitFor();
  await teller.sees('notice', 'bağlandı');
  await teller.scan(later.barcode);
  await teller.page.locator('[data-code=accountAlreadyBound]').waitFor();

  await teller.tabTo('unbind');
  await teller.press('Enter');
  await teller.sees('dialogue-act');
  await teller.shot('subscriber-unbind');
  await teller.press('Escape');
  await teller.misses('dialogue-act');
  expect(await teller.at('bound-account').count()).toBe(2);
  await teller.tabTo('unbind');
  await teller.press('Enter');
  await teller.sees('dialogue-act');
  await teller.press('F2');
  await expect.poll(() => teller.at('bound-account').count(), SOON).toBe(1);
  await teller.press('F1');
  await expect.poll(() => teller.at('offered-row').count(), SOON).toBe(1);
  const kept = await teller.at('offered-row').getAttribute('data-account');
  expect([first.account, later.account]).toContain(kept);
});

test('registration without the centre: the code is good at once, and arrives when the line is back', async () => {
  const teller = await place().atCounter();
  const bill = place().bill('SU');
  place().line.cut();
  await teller.press('F10', 'F2');
  await teller.sees('state-centre', 'əlaqəsiz');
  await teller.press('F1');
  const code = await register(teller, 'Əlaqəsiz Abunəçi', [bill]);
  await teller.press('F1');
  await teller.press('Escape');
  await teller.misses('offered-row');
  await teller.scan(`KR1${code}`);
  await rowWith(teller, bill.account).waitFor();
  await teller.press('Enter');
  await teller.sees('total', formatAmount(bill.amount));
  const receiptNo = await sell(teller);
  place().line.restore();
  expect(await paidAt(place(), receiptNo)).toMatchObject([{ total: bill.amount, outcome: 'posted' }]);
  const rows = await place().ask()['journal.list']({ before: null, limit: 50, waitingOnly: false });
  const registered = rows.ok ? rows.value.rows.filter(({ type }) => type === 'subscriber.registered') : [];
  expect(registered[0]).toMatchObject({ sync: 'acknowledged', outcome: 'recorded', note: null });
});
