import { expect, test } from 'vitest';
import { formatAmount } from '../../contracts/money.ts';
import { placeForTests } from './fixture.ts';

/** Taking money at the counter, by keyboard and scanner alone, with the centre on the line. */

const place = placeForTests();

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
  await teller.shot('sale-accepted');
  const receiptNo = (await teller.at('receipt-no').innerText()).split(' ').at(-1) ?? '';
  await teller.press('Enter');
  await teller.sees('find');
  expect(teller.pressed()).toBe(3);
  await expect.poll(teller.focused).toBe('find');

  const printed = place().paper.since(before);
  expect(printed.text).toContain(receiptNo);
  await place().status('the journal drained', ({ centre }) => centre.waiting === 0);
  const posted = (await place().payments()).filter((one) => one.receiptNo === receiptNo);
  expect(posted).toMatchObject([{ total: bill.amount, outcome: 'posted', kind: 'payment' }]);
});
