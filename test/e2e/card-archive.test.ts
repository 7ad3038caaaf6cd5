import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { CardRow, TerminalState } from '../../contracts/ipw.ts';
import { formatAmount, qepik } from '../../contracts/money.ts';
import { must } from '../../main/demo/day/teller.ts';
import { stateWhere } from '../../main/demo/watch.ts';
import { TEST_CARDS } from '../../native-bridges/pos/simulator/cards.ts';
import { startSimulator, type Simulator } from '../../native-bridges/pos/simulator/simulator.ts';
import { PASSWORD, type Bill } from './demo.ts';
import { placeForTests } from './fixture.ts';
import { SOON, type Hands } from './hands.ts';
import { acceptedNo, logIn } from './selling.ts';

/** Card operations looked back at: the terminal's own papers, its frames for support, what is open; all by keyboard. */

const place = placeForTests();
const HASTE = { presentsAfterMs: 100, pinAfterMs: 100, takesCardAfterMs: 50 } as const;
const TERMINAL_PASSWORD = '481516';
let terminal: Simulator;

beforeAll(async () => {
  // The terminal prints the card's number in the clear: masking it is ours.
  terminal = await startSimulator({
    tcp: { port: 0 },
    customer: HASTE,
    terms: { times: { host: 100 }, panInClear: true, password: TERMINAL_PASSWORD },
  });
});
afterAll(() => terminal.stop());

/** Longer than a terminal without power and the pauses between questions. */
const PATIENCE_MS = 120_000;
const terminalWhere = (what: string, fits: (state: TerminalState) => boolean) =>
  stateWhere(place().ask().terminal, what, fits, PATIENCE_MS);

/** The first test of the file finds no terminal set. */
async function setTerminal(): Promise<void> {
  const ask = place().ask();
  must('log-in', await ask['session.login']({ username: 'rauf', password: PASSWORD }));
  const settings = {
    kind: 'zvtTcp' as const,
    host: '127.0.0.1',
    port: terminal.port ?? 0,
    password: TERMINAL_PASSWORD,
  };
  must('the terminal', await ask['terminal.set']({ settings }));
  must('leaving', await ask['session.logout']({}));
  await terminalWhere('the terminal ready', ({ state }) => state === 'ready');
}

let isSet = false;
beforeEach(async () => {
  terminal.clearFaults();
  terminal.mode('auto');
  terminal.customer(HASTE);
  if (isSet) return;
  isSet = true;
  await setTerminal();
});

const medium = ({ amount }: Bill): boolean => amount > 2000 && amount < 15_000;

async function tendering(teller: Hands): Promise<Bill> {
  const bill = place().bill('ELEKTRIK', medium);
  await teller.scan(bill.barcode);
  await teller.sees('total', formatAmount(bill.amount));
  await teller.press('Enter');
  await teller.sees('pay-by-card');
  return bill;
}

/** One bill by card. Answers our receipt's number. */
async function sold(teller: Hands): Promise<{ readonly receiptNo: string; readonly bill: Bill }> {
  const bill = await tendering(teller);
  await teller.press('F4');
  await teller.sees('receipt');
  const receiptNo = await acceptedNo(teller);
  await teller.press('Enter');
  await teller.sees('find');
  return { receiptNo, bill };
}

async function stornoed(receiptNo: string): Promise<void> {
  const ask = place().ask();
  const { rows } = must('the receipts', await ask['receipts.list']({ text: receiptNo, limit: 1 }));
  const made = await ask['storno.make']({
    stornoId: place().mintId(),
    paymentId: rows[0]?.paymentId ?? '',
    reason: 'payerRefused',
    note: '',
    cardBack: 'reversal',
    supervisor: 'rauf',
    password: PASSWORD,
  });
  must('the storno', made);
}

async function rowOf(receiptNo: string, kind: CardRow['kind']): Promise<CardRow> {
  const { rows } = must(
    'the archive',
    await place().ask()['card.list']({ text: receiptNo, kind, limit: 10 }),
  );
  const [row] = rows;
  if (!row || rows.length > 1) throw new Error(`${rows.length} operations of ${receiptNo}`);
  return row;
}

async function openArchive(hands: Hands): Promise<void> {
  await hands.press('F7');
  await hands.sees('receipt-search');
  await hands.press('F3');
  await hands.sees('card-search');
}

/** Opens the one operation that a search finds. */
async function open(hands: Hands, text: string): Promise<void> {
  await expect.poll(hands.focused, SOON).toBe('card-search');
  await hands.type(text);
  await expect.poll(() => hands.at('card-row').count(), SOON).toBe(1);
  await hands.press('ArrowDown', 'Enter');
  await hands.sees('card-detail');
  await hands.sees('card-outcome-words');
}

/** Every way a card number might stand in bytes: its letters, and its digits two a byte, from either half. */
const hasPan = (hex: string, pan: string): boolean =>
  hex.includes(Buffer.from(pan).toString('hex')) || hex.includes(pan);

async function downloaded(hands: Hands, act: () => Promise<void>) {
  const [download] = await Promise.all([hands.page.waitForEvent('download'), act()]);
  return { name: download.suggestedFilename(), text: await readFile(await download.path(), 'utf8') };
}

function framesOf(text: string): { readonly head: string; readonly hex: readonly string[] } {
  const lines = text.trimEnd().split('\n');
  return {
    head: lines.filter((line) => line.startsWith('# ')).join('\n'),
    hex: lines.filter((line) => !line.startsWith('#')).map((line) => line.split(' ').at(-1) ?? ''),
  };
}

test('a sale and its storno: found by trace number, papers side by side, printed again, tied to the payment', async () => {
  const teller = await place().atCounter();
  const { receiptNo, bill } = await sold(teller);
  await stornoed(receiptNo);
  const sale = await rowOf(receiptNo, 'sale');
  const trace = sale.result?.trace ?? '';
  expect(trace).toMatch(/^\d+$/);

  await openArchive(teller);
  await teller.sees('card-row');
  await teller.shot('card-archive');
  await open(teller, trace);
  await teller.sees('card-amount', formatAmount(bill.amount));
  await teller.sees('card-outcome-words', 'kartdan çıxılıb');
  await teller.sees('related-card', 'Ləğv');
  await teller.sees('card-detail', 'Ödəniş ləğv edilib');
  for (const step of ['Ödəniş jurnala yazıldı', 'Bankın təsdiqi jurnala yazıldı', 'Terminal təsdiq etdi'])
    await teller.sees('card-detail', step);
  const [customer, merchant] = [teller.at('slip-customer'), teller.at('slip-merchant')];
  const papers = [
    [customer, sale.receipts.customer, 'MÜŞTƏRİ NÜSXƏSİ'],
    [merchant, sale.receipts.merchant, 'MAĞAZA NÜSXƏSİ'],
  ] as const;
  for (const [paper, lines, title] of papers) {
    expect((await paper.locator('pre').textContent())?.split('\n')).toEqual(lines);
    expect(lines.join('\n')).toContain(title);
    expect(lines.join('\n')).not.toContain(TEST_CARDS.visa.pan);
  }
  const [left, right] = [await customer.boundingBox(), await merchant.boundingBox()];
  expect(left?.y).toBe(right?.y);
  expect((left?.x ?? 0) + (left?.width ?? 0)).toBeLessThan(right?.x ?? 0);
  await teller.shot('card-detail');

  const before = place().paper.mark();
  await teller.press('F2');
  await teller.sees('notice', 'Surət № 1');
  await teller.press('F3');
  await teller.sees('notice', 'Surət № 1');
  await teller.sees('slip-merchant', 'çap olunub: 1');
  const printed = place().paper.since(before).text;
  // The money went back since: nobody may take the slip for money paid.
  for (const words of ['Təşkilat nüsxəsi', 'MAĞAZA NÜSXƏSİ', 'Müştəri nüsxəsi', 'MÜŞTƏRİ NÜSXƏSİ'])
    expect(printed).toContain(words);
  expect(printed.match(/SURƏT № 1/g)).toHaveLength(2);
  expect(printed.match(/PUL KARTA QAYTARILIB/g)).toHaveLength(2);
  expect(printed).not.toContain(TEST_CARDS.visa.pan);

  await teller.press('Enter');
  await teller.sees('payment-row', receiptNo);
  await teller.sees('paid-by', `kart •••• ${TEST_CARDS.visa.pan.slice(-4)}`);
  await teller.shot('card-receipt-row');
  await teller.press('F4');
  await teller.sees('card-detail', trace);
  await teller.press('Escape');
  await teller.sees('payment-row', receiptNo);
});

test('receipts say cash, card or both, and are found by the card’s last digits', async () => {
  const teller = await place().atCounter();
  const bill = await tendering(teller);
  await teller.type('10');
  await teller.sees('pay-by-card', formatAmount(qepik(bill.amount - 1000)));
  await teller.press('F4');
  await teller.sees('receipt');
  const mixed = await acceptedNo(teller);
  await teller.press('Enter');
  await teller.sees('find');
  await tendering(teller);
  await teller.press('Enter');
  await teller.sees('receipt');
  const cash = await acceptedNo(teller);
  await teller.press('F7');
  const row = (receiptNo: string) => teller.at('payment-row').filter({ hasText: receiptNo });
  await row(cash).getByText('nağd', { exact: true }).waitFor();
  await row(mixed).getByText('nağd + kart').waitFor();
  await teller.type(TEST_CARDS.visa.pan.slice(-4));
  await expect.poll(() => row(cash).count(), SOON).toBe(0);
  await row(mixed).waitFor();
});

test('the frames of one operation are a file that says what it is, free of card number and password', async () => {
  const teller = await place().atCounter();
  const { receiptNo } = await sold(teller);
  const sale = await rowOf(receiptNo, 'sale');
  await openArchive(teller);
  await open(teller, sale.result?.trace ?? '');
  const { name, text } = await downloaded(teller, () => teller.press('F4'));
  await teller.sees('notice', name);
  expect(name).toMatch(/^komis-terminal-WS07-\d{8}-\d{6}\.txt$/);
  const { head, hex } = framesOf(text);
  for (const words of ['POS terminalla yazışma', 'WS07', sale.attemptId, `127.0.0.1:${terminal.port}`])
    expect(head).toContain(words);
  // An authorisation (06 01) went out, and the paper with the card on it came back.
  expect(hex.some((frame) => frame.startsWith('0601'))).toBe(true);
  const masked = Buffer.from(TEST_CARDS.visa.pan.slice(0, 6)).toString('hex');
  expect(hex.some((frame) => frame.includes(masked))).toBe(true);
  for (const { pan } of Object.values(TEST_CARDS)) expect(hasPan(hex.join('\n'), pan)).toBe(false);
  // Every authorisation and registration begins with it, two digits a byte.
  expect(text).not.toContain(TERMINAL_PASSWORD);
});

test('the frames of the last minutes, from the terminal’s settings', async () => {
  const teller = await place().atCounter();
  await sold(teller);
  await teller.press('F12');
  await teller.sees('device');
  await teller.tabTo('device');
  await teller.press('ArrowRight');
  await teller.sees('terminal-recording');
  await teller.tabTo('terminal-recording');
  await teller.press('Enter');
  await teller.sees('recording-save');
  const { text } = await downloaded(teller, () => teller.press('F2'));
  await teller.shot('card-recording');
  const { head, hex } = framesOf(text);
  expect(head).toContain('Son 15 dəqiqə');
  // The registration is among them, which begins with the password.
  expect(hex.some((frame) => frame.startsWith('0600'))).toBe(true);
  expect(text).not.toContain(TERMINAL_PASSWORD);
  for (const { pan } of Object.values(TEST_CARDS)) expect(hasPan(hex.join('\n'), pan)).toBe(false);
});

test('the last slip is asked of the terminal itself and comes out as a copy', async () => {
  const teller = await place().atCounter();
  const { receiptNo } = await sold(teller);
  const { trace } = (await rowOf(receiptNo, 'sale')).result ?? { trace: null };
  await openArchive(teller);
  await teller.sees('last-slip');
  await teller.press('F4');
  await teller.sees('slip-merchant', trace ?? '—');
  await teller.shot('card-last-slip');
  const before = place().paper.mark();
  await teller.press('F2');
  await teller.sees('notice', 'son qəbzi çapa göndərildi');
  const printed = place().paper.since(before).text;
  for (const words of ['SURƏT', 'MAĞAZA NÜSXƏSİ', trace ?? '—']) expect(printed).toContain(words);
  expect(printed).not.toContain(TEST_CARDS.visa.pan);
});

test('an attempt whose answer is lost: the banner leads to it, the archive has it as open, and then what became of it', async () => {
  const teller = await place().atCounter();
  terminal.customer({ ...HASTE, presentsAfterMs: 2500 });
  await tendering(teller);
  await teller.press('F4');
  await teller.sees('live-word', 'Müştəri kartı təqdim edir');
  terminal.fault({
    direction: 'fromTerminal',
    message: 'completion',
    at: 'before',
    what: { kind: 'powerCycle', offMs: 600_000 },
  });
  await teller.sees('unknown-attempt');
  await teller.press('F1');
  await teller.sees('see-attempt');
  await teller.tabTo('see-attempt');
  await teller.press('Enter');
  await teller.sees('unknown-attempt');
  await teller.press('Escape');
  await teller.sees('find');
  await openArchive(teller);
  await teller.sees('card-row', 'bilinmir');
  await teller.press('ArrowDown', 'Enter');
  await teller.sees('card-outcome-words', 'Nəticə hələ bilinmir');
  await teller.shot('card-open-detail');
  await terminal.powerCycle(0);
  await terminalWhere('nothing open', ({ open: still }) => still.length === 0);
  await teller.sees('card-outcome-words', 'kartdan çıxılıb');
  await teller.sees('card-detail', 'Terminalda əməliyyat tapıldı');
  const { rows } = must('the archive', await place().ask()['card.list']({ text: '', limit: 1 }));
  expect(rows).toMatchObject([{ outcome: 'done', kind: 'sale' }]);
});

test('a supervisor looks back, too', async () => {
  const supervisor = await place().atLogin('rauf');
  await logIn(supervisor, 'rauf');
  await supervisor.sees('person');
  await openArchive(supervisor);
  await supervisor.sees('card-row');
  await supervisor.press('ArrowDown', 'Enter');
  await supervisor.sees('card-outcome-words');
  expect(await supervisor.at('slip-customer').count()).toBe(1);
});
