import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { formatAmount, qepik } from '../../contracts/money.ts';
import type { TerminalState } from '../../contracts/ipw.ts';
import { must } from '../../main/demo/day/teller.ts';
import { stateWhere } from '../../main/demo/watch.ts';
import { TEST_CARDS } from '../../native-bridges/pos/simulator/cards.ts';
import { startSimulator, type Simulator } from '../../native-bridges/pos/simulator/simulator.ts';
import { PASSWORD, type Bill } from './demo.ts';
import { placeForTests } from './fixture.ts';
import { SOON, type Hands } from './hands.ts';
import { acceptedNo, logIn, paidAt } from './selling.ts';

/** Cards at the counter: a real window, a real core host, the ZVT terminal's simulator on a TCP line, the centre's books. */

const place = placeForTests();
let terminal: Simulator;

beforeAll(async () => {
  terminal = await startSimulator({
    tcp: { port: 0 },
    customer: { presentsAfterMs: 300, pinAfterMs: 300, takesCardAfterMs: 100 },
    terms: { times: { host: 300 } },
  });
});
afterAll(() => terminal.stop());

let isSet = false;
beforeEach(async () => {
  terminal.clearFaults();
  terminal.customer({ presentsAfterMs: 300, pinAfterMs: 300, takesCardAfterMs: 100 });
  if (isSet) return;
  isSet = true;
  const ask = place().ask();
  must('log-in', await ask['session.login']({ username: 'rauf', password: PASSWORD }));
  const settings = {
    kind: 'zvtTcp' as const,
    host: '127.0.0.1',
    port: terminal.port ?? 0,
    password: '000000',
  };
  must('the terminal', await ask['terminal.set']({ settings }));
  must('leaving', await ask['session.logout']({}));
  await terminalWhere('the terminal ready', ({ state }) => state === 'ready');
});

const terminalWhere = (what: string, fits: (state: TerminalState) => boolean) =>
  stateWhere(place().ask().terminal, what, fits);
const medium = ({ amount }: Bill): boolean => amount > 2000 && amount < 15_000;

/** From an empty field to the money of one bill. */
async function tendering(teller: Hands): Promise<Bill> {
  const bill = place().bill('ELEKTRIK', medium);
  await teller.scan(bill.barcode);
  await teller.sees('total', formatAmount(bill.amount));
  await teller.press('Enter');
  await teller.sees('received');
  await teller.sees('pay-by-card');
  return bill;
}

const net = (): number => terminal.bank().net;
const postedByCard = async (): Promise<number> =>
  (
    await place().komis(
      ['ledger', 'balances', '--kind', 'pos'],
      z.array(z.object({ account: z.string(), balance: z.number() })),
    )
  ).reduce((sum, { balance }) => sum + balance, 0);

async function booksAreTrue(): Promise<void> {
  await terminalWhere('nothing open', ({ open, attempt }) => open.length === 0 && attempt === null);
  await place().status('the journal drained', ({ centre }) => centre.waiting === 0);
  expect(await postedByCard()).toBe(net());
}

test('a bill by card: one scan and three keys, live words, the receipt with the terminal’s slip', async () => {
  const teller = await place().atCounter();
  const before = place().paper.mark();
  const bill = await tendering(teller);
  await teller.shot('card-tender');
  await teller.press('F4');
  await teller.sees('charging');
  await teller.sees('charging-amount', formatAmount(bill.amount));
  await teller.sees('live-word');
  await teller.shot('card-charging');
  await teller.sees('receipt');
  const receiptNo = await acceptedNo(teller);
  await teller.shot('card-accepted');
  await teller.press('Enter');
  await teller.sees('find');
  expect(teller.pressed()).toBe(3);
  const paper = place().paper.since(before).text;
  for (const words of [receiptNo, 'Kartla ödənildi', 'VISA']) expect(paper).toContain(words);
  expect(paper).not.toContain(TEST_CARDS.visa.pan);
  expect(await paidAt(place(), receiptNo)).toMatchObject([{ total: bill.amount, outcome: 'posted' }]);
  await booksAreTrue();
});

test('cash and card in one basket', async () => {
  const teller = await place().atCounter();
  const bill = await tendering(teller);
  await teller.type('10');
  await teller.sees('pay-by-card', formatAmount(qepik(bill.amount - 1000)));
  await teller.shot('card-mixed');
  await teller.press('F4');
  await teller.sees('receipt');
  const receiptNo = await acceptedNo(teller);
  await paidAt(place(), receiptNo);
  const paid = await place().komis(
    ['payments', 'show', receiptNo],
    z.object({ entries: z.array(z.object({ account: z.string(), amount: z.number() })) }),
  );
  const on = (prefix: string): number =>
    paid.entries
      .filter(({ account }) => account.startsWith(prefix))
      .reduce((sum, one) => sum + one.amount, 0);
  expect([on('cash:'), on('pos:')]).toEqual([1000, bill.amount - 1000]);
  await booksAreTrue();
});

test('declined: why, in words; a hurried Enter takes no cash that nobody gave, and what was given is typed', async () => {
  terminal.customer({ card: 'poor', presentsAfterMs: 300, pinAfterMs: 300, takesCardAfterMs: 100 });
  const teller = await place().atCounter();
  const before = net();
  const bill = await tendering(teller);
  await teller.press('F4');
  await teller.sees('live-word', 'Müştəri kartı təqdim edir');
  // Meant for nothing: neither stops the terminal nor becomes cash.
  await teller.press('Enter', 'Space');
  await teller.sees('card-refused', 'vəsait');
  await teller.shot('card-declined');
  expect(net()).toBe(before);
  await teller.press('Enter');
  await teller.sees('notice', 'Nağd alınan məbləği yazın');
  await teller.type(formatAmount(bill.amount));
  await teller.press('Enter');
  await teller.sees('receipt');
  await booksAreTrue();
});

test('a mixed payment whose card is declined: the cash in hand is still counted, the next card pays the rest', async () => {
  terminal.customer({ card: 'poor', presentsAfterMs: 300, pinAfterMs: 300, takesCardAfterMs: 100 });
  const teller = await place().atCounter();
  const before = net();
  const bill = await tendering(teller);
  await teller.type('10');
  await teller.sees('pay-by-card', formatAmount(qepik(bill.amount - 1000)));
  await teller.press('F4');
  await teller.sees('card-refused', '10,00');
  expect(await teller.at('received').inputValue()).toBe('10,00');
  await teller.sees('pay-by-card', formatAmount(qepik(bill.amount - 1000)));
  await teller.shot('card-mixed-declined');
  terminal.customer({ presentsAfterMs: 300, pinAfterMs: 300, takesCardAfterMs: 100 });
  await teller.press('F4');
  await teller.sees('receipt');
  await booksAreTrue();
  expect(net() - before).toBe(bill.amount - 1000);
});

test('the customer changes their mind: cancelled by the teller, on the terminal’s word', async () => {
  terminal.mode('hand');
  const teller = await place().atCounter();
  const before = net();
  await tendering(teller);
  await teller.press('F4');
  await teller.sees('charging');
  await teller.sees('live-word', 'Müştəri kartı təqdim edir');
  await teller.press('Escape');
  await teller.sees('dialogue-act');
  await teller.shot('card-stop-question');
  await teller.press('F2');
  await teller.sees('card-refused');
  expect(net()).toBe(before);
  await booksAreTrue();
});

test('the line is cut after the approval: unknown is a story, no second try, the next customer is served, and it ends by itself', async () => {
  const teller = await place().atCounter();
  const before = net();
  terminal.customer({ presentsAfterMs: 2500, pinAfterMs: 300, takesCardAfterMs: 100 });
  const bill = await tendering(teller);
  await teller.press('F4');
  await teller.sees('live-word', 'Müştəri kartı təqdim edir');
  // It will have got our yes, and lose its power before its last word: charged, and nobody knows.
  terminal.fault({
    direction: 'fromTerminal',
    message: 'completion',
    at: 'before',
    what: { kind: 'powerCycle', offMs: 20_000 },
  });
  await teller.sees('unknown-attempt');
  await teller.shot('card-unknown');
  // Enter asks, and does nothing else; there is nothing that would charge again.
  expect(await teller.at('pay-by-card').count()).toBe(0);
  expect(await teller.at('ask-now').count()).toBe(1);
  await teller.press('F1');
  await teller.sees('find');
  await teller.sees('open-attempts');
  const next = place().bill('QAZ', medium);
  await teller.scan(next.barcode);
  await teller.sees('total', formatAmount(next.amount));
  await teller.press('Enter');
  await teller.sees('received');
  await teller.shot('card-unknown-next-customer');
  await teller.press('Enter');
  await teller.sees('receipt');
  await booksAreTrue();
  await teller.shot('card-found');
  expect(net() - before).toBe(bill.amount);
});

test('the window is reloaded while the card is charged: it finds its way back to the same attempt', async () => {
  terminal.customer({ presentsAfterMs: 4000, pinAfterMs: 300, takesCardAfterMs: 100 });
  const teller = await place().atCounter();
  await tendering(teller);
  await teller.press('F4');
  await teller.sees('charging');
  const charging = await terminalWhere('charging', ({ attempt }) => attempt !== null);
  await teller.page.reload();
  await teller.sees('charging');
  await teller.sees('receipt');
  const rows = must('the attempts', await place().ask()['card.list']({ text: '', limit: 1 })).rows;
  expect(rows).toMatchObject([{ attemptId: charging.attempt?.attemptId, outcome: 'done' }]);
  await booksAreTrue();
});

test('storno of a card payment: the terminal gives the money back, the bill is owed again', async () => {
  const teller = await place().atCounter();
  const before = net();
  const bill = await tendering(teller);
  await teller.press('F4');
  await teller.sees('receipt');
  const receiptNo = await acceptedNo(teller);
  expect(net() - before).toBe(bill.amount);
  const rows = must('the receipts', await place().ask()['receipts.list']({ text: receiptNo, limit: 1 }));
  const made = await place()
    .ask()
    ['storno.make']({
      stornoId: place().mintId(),
      paymentId: rows.rows[0]?.paymentId ?? '',
      reason: 'payerRefused',
      note: '',
      cardBack: 'reversal',
      supervisor: 'rauf',
      password: PASSWORD,
    });
  must('the storno', made);
  expect(net()).toBe(before);
  await booksAreTrue();
});

test('the terminal’s end of day: its totals are the journal’s', async () => {
  const teller = await place().atCounter();
  const bill = await tendering(teller);
  await teller.press('F4');
  await teller.sees('receipt');
  await booksAreTrue();
  const totals = must('the totals', await place().ask()['terminal.totals']({}));
  expect(totals.terminal).toEqual(totals.journal);
  expect(totals.journal.sum).toBeGreaterThanOrEqual(bill.amount);
  const closed = must('the close', await place().ask()['terminal.endOfDay']({ closingId: place().mintId() }));
  expect(closed.closed.terminal).toEqual(closed.closed.journal);
});

test('the supervisor checks the terminal step by step and sees its day beside the journal’s', async () => {
  const supervisor = await place().atLogin('rauf');
  await logIn(supervisor, 'rauf');
  await expect.poll(supervisor.focused, SOON).toBe('piece-20000');
  await supervisor.press('F12');
  await supervisor.sees('device');
  await supervisor.tabTo('device');
  await supervisor.press('ArrowRight');
  await supervisor.sees('terminal-save');
  expect(await supervisor.at('terminal-port').inputValue()).toBe(String(terminal.port));
  await supervisor.tabTo('terminal-check');
  await supervisor.press('Enter');
  await supervisor.sees('checks', 'Valyuta');
  await supervisor.sees('checks', 'Son əməliyyatı soruşmaq');
  await supervisor.shot('card-settings');
  await supervisor.tabTo('terminal-day');
  await supervisor.press('Enter');
  await supervisor.sees('day-difference', 'düz gəlir');
  await supervisor.shot('card-day');
  await supervisor.press('F2');
  await supervisor.sees('terminal-totals', 'Terminalın günü bağlandı');
});
