import { beforeEach, expect, test } from 'vitest';
import { foldJournal } from '../fold.ts';
import { posReason } from '../../contracts/pos-reasons.ts';
import { bankNet, type MemoryPos } from '../testing/pos.ts';
import { AYGUN, PASSWORD, POWER, RAUF } from '../testing/samples.ts';
import { unsound } from '../testing/soundness.ts';
import { charge, logIn, openCounter, pay, payByCard, type Workbench } from '../testing/workbench.ts';

const LIGHT = { billerId: POWER.id, account: '1104552018' };
const supervisor = { supervisor: RAUF.username, password: PASSWORD };

let bench: Workbench;
let pos: MemoryPos;
beforeEach(async () => {
  bench = await openCounter();
  pos = bench.ports.pos;
});

const types = (): string[] =>
  [...bench.journal.read(1)].map(({ body }) => body.type).filter((type) => type.startsWith('p'));
const facts = () => foldJournal(bench.journal.read(1));
const code = (answer: { ok: boolean; error?: { code: string } }): string =>
  answer.ok ? 'ok' : (answer.error?.code ?? '');
const taken = () =>
  [...facts().attempts.values()].map((one) => `${one.kind} ${one.concluded?.outcome ?? 'open'}`);
/** Charges at the bank are what the books say: card tenders less those given back, and what is owed to payers. */
function booksAreTrue(): void {
  expect(unsound(bench.journal.read(1))).toEqual([]);
  let recorded = 0;
  for (const { body } of bench.journal.read(1)) {
    if (body.type === 'payment.accepted' || body.type === 'payment.stornoed') {
      const sign = body.type === 'payment.accepted' ? 1 : -1;
      for (const tender of body.payload.tenders) if (tender.kind === 'card') recorded += sign * tender.amount;
    } else if (
      body.type === 'pos.concluded' &&
      body.payload.outcome === 'done' &&
      body.payload.recordedAs === null
    )
      recorded += body.payload.kind === 'sale' ? body.payload.amount : -body.payload.amount;
  }
  expect(bankNet(pos)).toBe(recorded);
  for (const times of pos.sent.values()) expect(times).toBe(1);
}

test('a bill by card: written before a byte leaves, stored before the terminal’s yes, paid at its last word', async () => {
  const paid = await payByCard(bench, LIGHT, { amount: 3800 });
  expect(paid.ok && 'payment' in paid.value && paid.value.payment).toMatchObject({
    total: 3800,
    tenders: [{ kind: 'card', amount: 3800, maskedPan: '416973******1234', authCode: '123456' }],
  });
  expect(types()).toEqual(['pos.prepared', 'pos.authorised', 'pos.concluded', 'payment.accepted']);
  expect(bench.seen.counter?.stage).toBe('accepted');
  expect(bench.seen.counter?.accepted).toMatchObject({ byCard: 3800, change: 0, cardName: 'Visa' });
  const text = JSON.stringify(bench.ports.printer.printed.at(-1)?.document.blocks);
  for (const words of ['Kartla ödənildi', '416973******1234', 'MÜŞTƏRİ NÜSXƏSİ'])
    expect(text).toContain(words);
  expect(text).not.toContain('TƏŞKİLAT');
  const rows = await bench.client['card.list']({ text: '1234', limit: 10 });
  expect(rows.ok && rows.value.rows[0]?.receipts.merchant).toEqual(['TƏŞKİLAT NÜSXƏSİ']);
  booksAreTrue();
});

test('cash and card in one basket: the drawer moves by the cash alone', async () => {
  const before = bench.seen.session?.shift?.paymentTotal;
  const cash = [...facts().shifts.values()][0]?.cash ?? 0;
  const paid = await payByCard(bench, LIGHT, { amount: 3800, cash: 1000 });
  expect(paid.ok && 'payment' in paid.value && paid.value.payment.tenders).toMatchObject([
    { kind: 'cash', amount: 1000, change: 0 },
    { kind: 'card', amount: 2800 },
  ]);
  expect(before).toBe(0);
  const [shift] = facts().shifts.values();
  expect([shift?.cash, shift?.paymentTotal, shift?.cards.charged]).toEqual([cash + 1000, 3800, 2800]);
  booksAreTrue();
});

test('cash that covers everything needs no card', async () => {
  expect(code(await payByCard(bench, LIGHT, { amount: 3800, cash: 3800 }))).toBe('cashCoversAll');
  expect(pos.sent.size).toBe(0);
});

test('declined: the reason in words, the basket back at the money, the cash held told, another tender taken', async () => {
  pos.acts = ['decline'];
  const refused = await payByCard(bench, LIGHT, { amount: 3800, cash: 1000 });
  expect(refused).toMatchObject({ ok: false, error: { code: 'cardDeclined' } });
  expect(bench.seen.counter).toMatchObject({
    stage: 'tendering',
    cardRefused: { amount: 2800, cashHeld: 1000, reason: { code: 'insufficientFunds' } },
  });
  expect((await charge(bench)).ok).toBe(true);
  expect(bench.seen.counter?.cardRefused).toBeNull();
  expect(taken()).toEqual(['sale declined', 'sale done']);
  booksAreTrue();
});

test('nothing reached the terminal: the card was not charged, and that is certain', async () => {
  pos.acts = ['notSent'];
  expect(code(await payByCard(bench, LIGHT))).toBe('cardNotCharged');
  expect(taken()).toEqual(['sale notDone']);
  booksAreTrue();
});

test.each([
  ['lostBefore', 'sale notDone', 0],
  ['lostReversed', 'sale notDone', 0],
  ['lostCharged', 'sale done', 1],
  ['throws', 'sale notDone', 0],
] as const)('the answer is lost (%s): asked by itself until it is known', async (act, end, payments) => {
  pos.acts = [act];
  pos.unknowing = 3;
  const lost = await payByCard(bench, LIGHT, { amount: 3800 });
  expect(code(lost)).toBe('cardOutcomeUnknown');
  expect(bench.seen.counter?.stage).toBe('charging');
  expect(bench.seen.terminal?.open).toMatchObject([{ stage: 'unknown', amount: 3800 }]);
  // Nothing is to be done twice meanwhile.
  expect(code(await charge(bench))).toBe('basketChanged');
  expect(code(await bench.client['basket.tender']({ back: true }))).toBe('ok');
  expect(bench.seen.counter?.stage).toBe('charging');
  await bench.machine.advance(60_000);
  expect(taken()).toEqual([end]);
  expect(facts().payments.size).toBe(payments);
  expect(bench.seen.counter?.stage).toBe(payments === 1 ? 'accepted' : 'tendering');
  booksAreTrue();
});

test('another amount than was asked for is refused before the terminal’s yes, and nothing is booked', async () => {
  pos.acts = ['otherAmount'];
  expect(code(await payByCard(bench, LIGHT, { amount: 3800 }))).toBe('cardDeclined');
  expect(bankNet(pos)).toBe(0);
  booksAreTrue();
});

test('a disk that is full at the terminal’s approval: it gets a no, and nothing stays charged', async () => {
  pos.takesMs = 1000;
  const paying = payByCard(bench, LIGHT, { amount: 3800 });
  await bench.machine.advance(400);
  bench.journal.broken = true;
  await bench.machine.advance(1000);
  bench.journal.broken = false;
  await bench.machine.advance(60_000);
  await paying;
  expect(bankNet(pos)).toBe(0);
  expect(facts().openAttempts.size).toBe(0);
  booksAreTrue();
});

test('a disk that fills up after the charge: written down as soon as there is room', async () => {
  pos.acts = ['lostCharged'];
  pos.unknowing = 1;
  await payByCard(bench, LIGHT, { amount: 3800 });
  bench.journal.broken = true;
  await bench.machine.advance(120_000);
  expect(facts().payments.size).toBe(0);
  bench.journal.broken = false;
  await bench.machine.advance(120_000);
  expect(facts().payments.size).toBe(1);
  booksAreTrue();
});

test('asked again with the same attempt: the same answer, after a restart too; another payment is a conflict', async () => {
  const attemptId = bench.machine.mintId();
  const first = await payByCard(bench, LIGHT, { amount: 3800, attemptId });
  if (!first.ok || !('payment' in first.value)) throw new Error('paid');
  const asked = { paymentId: first.value.payment.paymentId, revision: 1, attemptId, cash: null };
  const again = await bench.answer(bench.client['card.pay'](asked));
  expect(again.ok && again.value.payment).toEqual(first.value.payment);
  await bench.restart();
  const after = await bench.answer(bench.client['card.pay'](asked));
  expect(after.ok && after.value.payment).toEqual(first.value.payment);
  const other = await bench.answer(bench.client['card.pay']({ ...asked, paymentId: bench.machine.mintId() }));
  expect(code(other)).toBe('idempotencyConflict');
  booksAreTrue();
});

test('the next customer is served in cash while the terminal is asked; the charge is recorded behind the teller’s back', async () => {
  pos.acts = ['lostCharged'];
  pos.unknowing = 6;
  await payByCard(bench, LIGHT, { amount: 3800 });
  expect(code(await bench.client['basket.clear']({}))).toBe('ok');
  await bench.machine.settle();
  expect(bench.seen.counter?.stage).toBe('draft');
  const next = await pay(bench, LIGHT, 500);
  expect(next.ok).toBe(true);
  expect(code(await payByCard(bench, LIGHT, { amount: 700 }))).toBe('cardAttemptOpen');
  await bench.machine.advance(300_000);
  expect(facts().payments.size).toBe(2);
  expect(bench.seen.terminal?.ended).toMatchObject([{ outcome: 'done', amount: 3800 }]);
  booksAreTrue();
});

test('the process dies at every append of a card sale: one charge, one payment', async () => {
  for (let at = 1; at <= 4; at += 1) {
    bench = await openCounter({ seed: at });
    pos = bench.ports.pos;
    let left = at;
    bench.journal.afterAppend = () => {
      left -= 1;
      if (left > 0) return;
      bench.journal.broken = true;
      throw new Error('killed');
    };
    await payByCard(bench, LIGHT, { amount: 3800 }).catch(() => undefined);
    await bench.restart();
    await logIn(bench, AYGUN.username);
    await bench.machine.advance(120_000);
    expect(facts().openAttempts.size, `append ${at}`).toBe(0);
    expect(facts().unrecorded.size, `append ${at}`).toBe(0);
    expect(facts().payments.size, `append ${at}`).toBe(pos.bank.length);
    booksAreTrue();
  }
});

test('a supervisor lets the payer pay otherwise: a charge that turns up is reversed, and the shift may close', async () => {
  pos.acts = ['lostCharged'];
  pos.setHealth({ state: 'away' });
  pos.setHealth({ state: 'ready' });
  pos.unknowing = 50;
  const attemptId = bench.machine.mintId();
  await payByCard(bench, LIGHT, { amount: 3800, attemptId });
  await bench.client['basket.clear']({});
  expect(code(await bench.client['shift.count']({ cancel: false }))).toBe('shiftHasOpenWork');
  const decide = { attemptId, decision: 'otherTender' as const, note: 'terminal donub', ...supervisor };
  const own = await bench.answer(bench.client['card.decide']({ ...decide, supervisor: AYGUN.username }));
  expect(code(own)).toBe('ownApproval');
  expect(code(await bench.answer(bench.client['card.decide'](decide)))).toBe('ok');
  expect(code(await pay(bench, LIGHT, 3800))).toBe('ok');
  expect(code(await bench.client['shift.count']({ cancel: false }))).toBe('ok');
  await bench.client['shift.count']({ cancel: true });
  pos.unknowing = 0;
  await bench.machine.advance(300_000);
  expect(taken()).toEqual(['sale done', 'reversal done']);
  expect(facts().payments.size).toBe(1);
  expect(bankNet(pos)).toBe(0);
  booksAreTrue();
});

test('a terminal that never comes back: a supervisor signs, and the attempt is people’s from there', async () => {
  pos.acts = ['lostBefore'];
  pos.unknowing = 1000;
  const attemptId = bench.machine.mintId();
  await payByCard(bench, LIGHT, { amount: 3800, attemptId });
  const decide = { attemptId, decision: 'manual' as const, note: 'terminal yanıb', ...supervisor };
  expect(code(await bench.answer(bench.client['card.decide'](decide)))).toBe('ok');
  expect(taken()).toEqual(['sale manual']);
  expect(code(await bench.answer(bench.client['card.decide'](decide)))).toBe('cardAttemptConcluded');
  expect((await payByCard(bench, LIGHT, { amount: 500 })).ok).toBe(true);
  booksAreTrue();
});

async function storno(cardBack: 'reversal' | 'refund' = 'reversal', stornoId = bench.machine.mintId()) {
  const [payment] = [...facts().payments.values()];
  return bench.answer(
    bench.client['storno.make']({
      stornoId,
      paymentId: payment?.paymentId ?? '',
      reason: 'wrongAmount',
      note: '',
      cardBack,
      ...supervisor,
    }),
  );
}

test('storno: the terminal gives the card its money back first, the drawer the cash part', async () => {
  const cash = [...facts().shifts.values()][0]?.cash ?? 0;
  await payByCard(bench, LIGHT, { amount: 3800, cash: 1000 });
  const made = await storno();
  expect(made.ok && made.value.storno.tenders).toMatchObject([
    { kind: 'cash', amount: 1000 },
    { kind: 'card', amount: 2800 },
  ]);
  expect(bankNet(pos)).toBe(0);
  const [shift] = facts().shifts.values();
  expect([shift?.cash, shift?.cards.reversed]).toEqual([cash, 2800]);
  booksAreTrue();
});

test('storno: a terminal that will not reverse leaves the payment as it is, and the card may be refunded', async () => {
  await payByCard(bench, LIGHT, { amount: 3800 });
  pos.acts = ['decline'];
  const stornoId = bench.machine.mintId();
  expect(code(await storno('reversal', stornoId))).toBe('cardReversalDeclined');
  expect(facts().stornos.size).toBe(0);
  expect((await storno('refund', stornoId)).ok).toBe(true);
  expect(bankNet(pos)).toBe(0);
  expect(taken()).toEqual(['sale done', 'reversal declined', 'refund done']);
  booksAreTrue();
});

test.each(['lostCharged', 'lostBefore'] as const)(
  'storno whose answer is lost (%s) ends by itself',
  async (act) => {
    await payByCard(bench, LIGHT, { amount: 3800 });
    pos.acts = [act];
    pos.unknowing = 2;
    expect(code(await storno())).toBe('cardOutcomeUnknown');
    expect(code(await storno())).toBe('cardAttemptOpen');
    await bench.machine.advance(60_000);
    expect(facts().stornos.size).toBe(act === 'lostCharged' ? 1 : 0);
    expect(bankNet(pos)).toBe(act === 'lostCharged' ? 0 : 3800);
    booksAreTrue();
  },
);

test('an exchanged terminal: another one’s receipt number is somebody else’s, so nothing is reversed there', async () => {
  const paid = await payByCard(bench, LIGHT, { amount: 3800 });
  const paymentId = paid.ok && 'payment' in paid.value ? paid.value.payment.paymentId : '';
  const charged = pos.health().terminalId;
  pos.setHealth({ terminalId: '52009999' });
  const storno = { paymentId, reason: 'other' as const, note: '', ...supervisor };
  const reversed = await bench.answer(
    bench.client['storno.make']({ ...storno, stornoId: bench.machine.mintId(), cardBack: 'reversal' }),
  );
  expect(code(reversed)).toBe('terminalOther');
  expect(taken()).toEqual(['sale done']);
  // A charge that nobody takes waits for its own terminal; cards go on at this one meanwhile.
  pos.setHealth({ terminalId: charged });
  pos.acts = ['lostCharged'];
  pos.unknowing = 50;
  const attemptId = bench.machine.mintId();
  await payByCard(bench, LIGHT, { amount: 1200, attemptId });
  await bench.client['basket.clear']({});
  const decide = { attemptId, decision: 'otherTender' as const, note: 'terminal donub', ...supervisor };
  expect(code(await bench.answer(bench.client['card.decide'](decide)))).toBe('ok');
  pos.unknowing = 0;
  pos.setHealth({ terminalId: '52009999' });
  await bench.machine.advance(300_000);
  expect(taken()).toEqual(['sale done', 'sale done']);
  expect(code(await payByCard(bench, LIGHT, { amount: 700 }))).toBe('ok');
  pos.setHealth({ terminalId: charged });
  await bench.machine.advance(60_000);
  expect(taken()).toContain('reversal done');
  booksAreTrue();
});

test('the terminal’s day: its totals beside the journal’s, once, and not over an open attempt', async () => {
  await payByCard(bench, LIGHT, { amount: 3800 });
  await payByCard(bench, LIGHT, { amount: 700 });
  const totals = await bench.answer(bench.client['terminal.totals']({}));
  expect(totals.ok && [totals.value.terminal, totals.value.journal, totals.value.suspects]).toEqual([
    { count: 2, sum: 4500 },
    { count: 2, sum: 4500 },
    [],
  ]);
  pos.acts = ['lostCharged'];
  pos.unknowing = 1;
  await payByCard(bench, LIGHT, { amount: 100 });
  const closingId = bench.machine.mintId();
  expect(code(await bench.answer(bench.client['terminal.endOfDay']({ closingId })))).toBe('cardAttemptOpen');
  await bench.machine.advance(60_000);
  pos.acts = ['lostCharged'];
  const closed = await bench.answer(bench.client['terminal.endOfDay']({ closingId }));
  expect(closed.ok && [closed.value.closed.terminal, closed.value.closed.journal]).toEqual([
    { count: 3, sum: 4600 },
    { count: 3, sum: 4600 },
  ]);
  const again = await bench.answer(bench.client['terminal.endOfDay']({ closingId }));
  expect(again).toEqual(closed);
  expect(facts().posDay.totals).toEqual({ count: 0, sum: 0 });
});

/** Until it is asked once more the terminal does not answer. */
function deafOnce(what: 'totals', after: number): void {
  const asked = pos[what];
  let left = after;
  pos[what] = async () => {
    left -= 1;
    if (left >= 0) return asked();
    pos[what] = asked;
    return { kind: 'failed', reason: posReason('lineLost') };
  };
}

test('a day that the terminal closed while the line was down for longer is found closed, not closed again', async () => {
  await payByCard(bench, LIGHT, { amount: 1500 });
  await payByCard(bench, LIGHT, { amount: 3000 });
  const closingId = bench.machine.mintId();
  pos.acts = ['lostCharged'];
  deafOnce('totals', 1);
  const asked = bench.client['terminal.endOfDay']({ closingId });
  expect(code(await bench.answer(asked))).toBe('terminalDayNotClosed');
  const closed = await bench.answer(bench.client['terminal.endOfDay']({ closingId }));
  const two = { count: 2, sum: 4500 };
  expect(closed.ok && [closed.value.closed.terminal, closed.value.closed.journal]).toEqual([two, two]);
  expect(closed.ok && closed.value.closed.suspects).toEqual([]);
  booksAreTrue();
});

test('another day that the terminal closed is not taken for this one', async () => {
  await payByCard(bench, LIGHT, { amount: 1500 });
  pos.bank.push({ attemptId: 'at the keypad', kind: 'sale', amount: 700 });
  await pos.endOfDay();
  const closed = await bench.answer(bench.client['terminal.endOfDay']({ closingId: bench.machine.mintId() }));
  expect(closed.ok && [closed.value.closed.terminal?.sum, closed.value.closed.journal.sum]).toEqual([
    0, 1500,
  ]);
  // Nothing by card since: whatever the terminal closed before is no day of ours.
  const empty = await bench.answer(bench.client['terminal.endOfDay']({ closingId: bench.machine.mintId() }));
  expect(empty.ok && [empty.value.closed.terminal?.sum, empty.value.closed.journal.sum]).toEqual([0, 0]);
});

test('a charge that the journal does not know shows in the totals, and what may explain it is named', async () => {
  pos.acts = ['lostCharged'];
  pos.unknowing = 1000;
  const attemptId = bench.machine.mintId();
  await payByCard(bench, LIGHT, { amount: 3800, attemptId });
  await bench.answer(
    bench.client['card.decide']({ attemptId, decision: 'manual', note: 'yoxlanılır', ...supervisor }),
  );
  const totals = await bench.answer(bench.client['terminal.totals']({}));
  expect(totals.ok && [totals.value.terminal?.sum, totals.value.journal.sum, totals.value.suspects]).toEqual([
    3800,
    0,
    [attemptId],
  ]);
});

test('only a supervisor chooses the terminal, and not while an outcome is unknown', async () => {
  const settings = { kind: 'none' } as const;
  expect(code(await bench.client['terminal.set']({ settings }))).toBe('notAllowed');
  pos.acts = ['lostBefore'];
  pos.unknowing = 1000;
  await payByCard(bench, LIGHT);
  await logIn(bench, RAUF.username);
  expect(code(await bench.client['terminal.set']({ settings }))).toBe('cardAttemptOpen');
});

test('a terminal that is away, busy or not there: said before anything is written', async () => {
  for (const [state, said] of [
    ['away', 'terminalAway'],
    ['busy', 'terminalBusy'],
  ] as const) {
    pos.setHealth({ state });
    expect(code(await payByCard(bench, LIGHT))).toBe(said);
    expect(bench.seen.counter?.stage).toBe('tendering');
    await bench.client['basket.tender']({ back: true });
    await bench.client['basket.clear']({});
  }
  pos.setHealth({ state: 'ready' });
  await pos.set({ kind: 'none' });
  expect(code(await payByCard(bench, LIGHT))).toBe('terminalNotSet');
  expect(types()).not.toContain('pos.prepared');
});

test('a teller who leaves while the card is charged finds the paid receipt on the desk at the next log-in', async () => {
  pos.takesMs = 5000;
  const paying = await charging();
  expect(bench.seen.terminal?.attempt).toMatchObject({ stage: 'sent', amount: 3800 });
  expect(code(await bench.client['basket.clear']({}))).toBe('ok');
  await bench.machine.settle();
  expect(bench.seen.counter?.stage).toBe('charging');
  expect(code(await bench.client['session.logout']({}))).toBe('ok');
  await bench.machine.advance(10_000);
  await paying.answer;
  await logIn(bench, AYGUN.username);
  await bench.machine.settle();
  expect(bench.seen.counter).toMatchObject({ stage: 'accepted', accepted: { byCard: 3800 } });
  booksAreTrue();
});

test('the customer’s cancel is asked of the terminal, whose word decides', async () => {
  pos.takesMs = 5000;
  const attemptId = bench.machine.mintId();
  const paying = await charging(attemptId);
  const unknown = await bench.client['card.cancel']({ attemptId: bench.machine.mintId() });
  expect(code(unknown)).toBe('cardAttemptUnknown');
  expect(bench.seen.terminal?.attempt?.stopAsked).toBe(false);
  expect(code(await bench.client['card.cancel']({ attemptId }))).toBe('ok');
  await bench.machine.settle();
  // A window that is opened now must see it, too.
  expect(bench.seen.terminal?.attempt).toMatchObject({ attemptId, stopAsked: true });
  expect(bench.seen.terminal?.attempt?.steps.at(-1)).toMatchObject({ what: 'stopAsked' });
  expect(bench.seen.counter?.stage).toBe('charging');
  await bench.machine.advance(10_000);
  expect(code(await paying.answer)).toBe('cardDeclined');
  expect(bank()).toBe(0);
  booksAreTrue();
});

const bank = (): number => bankNet(pos);

/** A sale that is at the terminal; its answer comes when time passes. */
async function charging(attemptId = bench.machine.mintId()) {
  const { client, machine } = bench;
  const added = await bench.answer(client['basket.add'](LIGHT));
  if (!added.ok) throw new Error('added');
  await client['basket.amount']({ lineId: added.value.lineId, amount: 3800 });
  await bench.answer(client['basket.tender']({ back: false }));
  await machine.settle();
  const { paymentId = '', revision = 0 } = bench.seen.counter ?? {};
  const answer = client['card.pay']({ paymentId, revision, attemptId, cash: null });
  await machine.settle();
  return { answer };
}
