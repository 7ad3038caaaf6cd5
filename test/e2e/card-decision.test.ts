import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { formatAmount, type Qepik } from '../../contracts/money.ts';
import type { CardRow, TerminalState } from '../../contracts/ipw.ts';
import { must } from '../../main/demo/day/teller.ts';
import { stateWhere } from '../../main/demo/watch.ts';
import type { FaultWish } from '../../native-bridges/pos/simulator/faults.ts';
import { startSimulator, type Simulator } from '../../native-bridges/pos/simulator/simulator.ts';
import { PASSWORD, type Bill } from './demo.ts';
import { placeForTests } from './fixture.ts';
import { SOON, type Hands } from './hands.ts';
import { acceptedNo, logIn, paidAt, sell } from './selling.ts';

/**
 * What people decide about cards, by keyboard over the whole chain: an outcome that stays unknown while the terminal is
 * off, a storno, a stop, the terminal's settings. The simulator's bank is the truth that the centre's books are held to.
 */

const place = placeForTests();
const QUICK = { presentsAfterMs: 300, pinAfterMs: 300, takesCardAfterMs: 100 };
/** Longer than any test: it is switched on by hand. */
const OFF_MS = 600_000;
let terminal: Simulator;

beforeAll(async () => {
  terminal = await startSimulator({ tcp: { port: 0 }, customer: QUICK, terms: { times: { host: 300 } } });
});
afterAll(() => terminal?.stop());

let isSet = false;
beforeEach(async () => {
  terminal.clearFaults();
  terminal.customer(QUICK);
  if (!terminal.view().isOn) await terminal.powerCycle(0);
  if (isSet) return ready();
  isSet = true;
  const ask = place().ask();
  must('log-in', await ask['session.login']({ username: 'rauf', password: PASSWORD }));
  must('the terminal', await ask['terminal.set']({ settings: settings() }));
  must('leaving', await ask['session.logout']({}));
  return ready();
});

const settings = (password = '000000') =>
  ({ kind: 'zvtTcp', host: '127.0.0.1', port: terminal.port ?? 0, password }) as const;
const terminalWhere = (what: string, fits: (state: TerminalState) => boolean) =>
  stateWhere(place().ask().terminal, what, fits);
const ready = async (): Promise<void> =>
  void (await terminalWhere('the terminal ready', ({ state }) => state === 'ready'));
const medium = ({ amount }: Bill): boolean => amount > 2000 && amount < 15_000;
const net = (): number => terminal.bank().net;
/** The last card operations of this counter, newest first. */
const cards = async (limit: number): Promise<readonly CardRow[]> =>
  must('the cards', await place().ask()['card.list']({ text: '', limit })).rows;

/** From an empty field to the money of one bill. */
async function tendering(teller: Hands): Promise<Bill> {
  const bill = place().bill('ELEKTRIK', medium);
  await teller.scan(bill.barcode);
  await teller.sees('total', formatAmount(bill.amount));
  await teller.press('Enter');
  await teller.sees('pay-by-card');
  return bill;
}

/** The terminal loses its power in the middle of a sale, and stays off. */
async function lostInTheMiddle(teller: Hands, at: Pick<FaultWish, 'message' | 'at'>): Promise<Bill> {
  terminal.customer({ ...QUICK, presentsAfterMs: 2500 });
  const bill = await tendering(teller);
  await teller.press('F4');
  await teller.sees('live-word', 'Müştəri kartı təqdim edir');
  terminal.fault({ direction: 'fromTerminal', ...at, what: { kind: 'powerCycle', offMs: OFF_MS } });
  await teller.sees('unknown-attempt');
  return bill;
}

async function cashSale(teller: Hands): Promise<{ readonly receiptNo: string; readonly amount: Qepik }> {
  const bill = place().bill('QAZ', medium);
  await teller.scan(bill.barcode);
  await teller.sees('total', formatAmount(bill.amount));
  const receiptNo = await sell(teller);
  await teller.press('Enter');
  await teller.sees('find');
  return { receiptNo, amount: bill.amount };
}

/** From the banner to a supervisor's word, by keyboard alone. */
async function decide(teller: Hands, shot: string): Promise<void> {
  await teller.tabTo('see-attempt');
  await teller.press('Enter');
  await teller.sees('unknown-attempt');
  // Not found out by asking: it is off.
  await teller.press('Enter');
  await teller.sees('unknown-attempt');
  await teller.press('F3');
  await teller.sees('decision-make');
  await teller.tabTo('decision-note');
  await teller.type('terminal sönüb, müştəri gözləmir');
  await teller.tabTo('supervisor');
  await teller.type('rauf');
  await teller.tabTo('supervisor-password');
  await teller.type(PASSWORD);
  await teller.shot(shot);
  await teller.press('F2');
  await teller.misses('decision-make');
}

const balance = async (prefix: string): Promise<number> =>
  (
    await place().komis(
      ['ledger', 'balances', '--kind', 'pos'],
      z.array(z.object({ account: z.string(), balance: z.number() })),
    )
  )
    .filter(({ account }) => account.startsWith(prefix))
    .reduce((sum, one) => sum + one.balance, 0);

async function booksAreTrue(): Promise<void> {
  await terminalWhere('nothing open', ({ open, attempt }) => open.length === 0 && attempt === null);
  await place().status('the journal drained', ({ centre }) => centre.waiting === 0);
  expect(await balance('pos:')).toBe(net());
}

test('charged after all: the next customer is served, a supervisor decides, and the terminal that is back takes the charge back', async () => {
  const teller = await place().atCounter();
  const before = net();
  // It will have got our yes, and lose its power before its last word.
  const bill = await lostInTheMiddle(teller, { message: 'completion', at: 'before' });
  await teller.press('F1');
  await teller.sees('find');
  await teller.sees('open-attempts');
  const meanwhile = await cashSale(teller);
  await decide(teller, 'card-decision');
  // The customer pays the same bill in cash; cards wait.
  await teller.press('Escape');
  await teller.sees('find');
  await teller.scan(bill.barcode);
  await teller.sees('total', formatAmount(bill.amount));
  const paidInCash = await sell(teller);
  await teller.press('Enter');
  expect(net() - before).toBe(bill.amount);
  expect((await cards(1))[0]).toMatchObject({ kind: 'sale', outcome: null, decided: true });

  await terminal.powerCycle(0);
  await terminalWhere('taken back', ({ ended }) =>
    ended.some(({ kind, outcome }) => kind === 'reversal' && outcome === 'done'),
  );
  await booksAreTrue();
  expect(net()).toBe(before);
  const [reversal, sale] = await cards(2);
  expect(sale).toMatchObject({ kind: 'sale', outcome: 'done', amount: bill.amount, receiptNo: null });
  expect(reversal).toMatchObject({ kind: 'reversal', outcome: 'done', amount: bill.amount });
  // What is said of it is true: no payment was recorded for that card.
  await teller.page.getByTestId('ended-attempt').getByText('terminal geri qaytarır').waitFor();
  await teller.page.getByTestId('ended-attempt').getByText('karta qaytarıldı').waitFor();
  await teller.shot('card-decision-charged');
  for (const receiptNo of [meanwhile.receiptNo, paidInCash])
    expect(await paidAt(place(), receiptNo)).toMatchObject([{ outcome: 'posted', stornoedBy: null }]);
  for (const left of [1, 0]) {
    await teller.tabTo('seen-attempt');
    await teller.press('Enter');
    await expect.poll(() => teller.at('ended-attempt').count()).toBe(left);
  }
});

test('not charged: the same decision, and there is nothing to take back', async () => {
  const teller = await place().atCounter();
  const before = net();
  // Before its approval reached us: it never gets our yes.
  const bill = await lostInTheMiddle(teller, { message: 'statusInformation', at: 'before' });
  await teller.press('F1');
  await teller.sees('find');
  await cashSale(teller);
  await decide(teller, 'card-decision-not-charged');
  await teller.press('Escape');
  await terminal.powerCycle(0);
  await terminalWhere('known', ({ ended }) => ended.some(({ outcome }) => outcome === 'notDone'));
  await booksAreTrue();
  expect(net()).toBe(before);
  expect((await cards(1))[0]).toMatchObject({ kind: 'sale', outcome: 'notDone', amount: bill.amount });
  await teller.page.getByTestId('ended-attempt').getByText('kartdan çıxılmayıb').waitFor();
  await teller.tabTo('seen-attempt');
  await teller.press('Enter');
  await teller.misses('ended-attempt');
});

test('a storno of a card payment by keyboard: the terminal gives it back, no cash is asked for, the bill is owed again', async () => {
  const teller = await place().atCounter();
  const before = net();
  const bill = await tendering(teller);
  await teller.press('F4');
  await teller.sees('receipt');
  const receiptNo = await acceptedNo(teller);
  expect(net() - before).toBe(bill.amount);
  await teller.press('F8');
  await teller.sees('payment-row', receiptNo);
  await teller.press('ArrowDown', 'Enter');
  await teller.sees('card-back', formatAmount(bill.amount));
  await teller.tabTo('supervisor');
  await teller.type('rauf');
  await teller.tabTo('supervisor-password');
  await teller.type(PASSWORD);
  await teller.shot('card-storno-form');
  await teller.press('F2');
  await teller.sees('storno-back', 'Nağd pul verməyin');
  await teller.sees('storno-card', formatAmount(bill.amount));
  expect(await teller.at('storno-total').count()).toBe(0);
  await teller.shot('card-storno');
  expect(net()).toBe(before);
  await booksAreTrue();
  expect(await paidAt(place(), receiptNo)).toMatchObject([{ outcome: 'posted' }]);
  expect((await paidAt(place(), receiptNo))[0]?.stornoedBy).not.toBeNull();
  await teller.press('Enter');
  await teller.sees('storno-search');
  await teller.press('F1');
  await teller.sees('next-customer');
  await teller.press('Enter');
  await teller.sees('find');
  await teller.scan(bill.barcode);
  await teller.sees('total', formatAmount(bill.amount));
});

test('a stop that was asked for is known after a reload, and the terminal’s word ends it', async () => {
  terminal.mode('hand');
  const teller = await place().atCounter();
  const before = net();
  // The terminal takes its time over its last word.
  terminal.fault({
    direction: 'fromTerminal',
    message: 'aborted',
    at: 'before',
    what: { kind: 'delay', ms: 15_000 },
  });
  await tendering(teller);
  await teller.press('F4');
  await teller.sees('live-word', 'Müştəri kartı təqdim edir');
  await teller.press('Escape');
  await teller.sees('dialogue-act');
  await teller.press('F2');
  await teller.sees('cancelling');
  await teller.page.reload();
  await teller.sees('cancelling');
  expect(await teller.at('cancel-card').count()).toBe(0);
  await teller.sees('card-refused');
  expect(net()).toBe(before);
  await booksAreTrue();
});

test('a supervisor’s wrong password for the terminal is told before anything is saved', async () => {
  const supervisor = await place().atLogin('rauf');
  await logIn(supervisor, 'rauf');
  // Keys are heard from when the focus is where it belongs.
  await expect.poll(supervisor.focused, SOON).toBe('piece-20000');
  await supervisor.press('F12');
  await supervisor.sees('device');
  await supervisor.tabTo('device');
  await supervisor.press('ArrowRight');
  await supervisor.sees('terminal-password');
  await supervisor.at('terminal-password').fill('999999');
  await supervisor.press('F2');
  await supervisor.sees('notice', 'parolu qəbul etmir');
  await supervisor.shot('card-settings-password');
  expect((await terminalWhere('as before', () => true)).settings).toEqual(settings());
  // It was let go for the try, and is ours again.
  await ready();
  await supervisor.at('terminal-password').fill('000000');
  await supervisor.press('F2');
  await supervisor.sees('notice', 'yadda saxlanıldı');
});
