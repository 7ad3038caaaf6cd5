import { beforeEach, expect, test } from 'vitest';
import { foldJournal } from '../fold.ts';
import type { MemoryPos } from '../testing/pos.ts';
import { PASSWORD, POWER, RAUF } from '../testing/samples.ts';
import { logIn, openCounter, payByCard, type Workbench } from '../testing/workbench.ts';

/** What the screens ask of the terminal beside payments: what became of cards meanwhile, its days, its settings. */

const LIGHT = { billerId: POWER.id, account: '1104552018' };
const supervisor = { supervisor: RAUF.username, password: PASSWORD };

let bench: Workbench;
let pos: MemoryPos;
beforeEach(async () => {
  bench = await openCounter();
  pos = bench.ports.pos;
});

const facts = () => foldJournal(bench.journal.read(1));
const code = (answer: { ok: boolean; error?: { code: string } }): string =>
  answer.ok ? 'ok' : (answer.error?.code ?? '');

test('what ended behind the teller’s back names its receipt, and leaves the screen when it was read', async () => {
  pos.acts = ['lostCharged'];
  pos.unknowing = 3;
  const attemptId = bench.machine.mintId();
  await payByCard(bench, LIGHT, { amount: 3800, attemptId });
  await bench.client['basket.clear']({});
  await bench.machine.advance(60_000);
  const [ended] = bench.seen.terminal?.ended ?? [];
  const [payment] = facts().payments.values();
  expect(ended).toMatchObject({ attemptId, outcome: 'done', receiptNo: payment?.receiptNo });
  expect(code(await bench.client['card.seen']({ attemptId: bench.machine.mintId() }))).toBe(
    'cardAttemptUnknown',
  );
  expect(bench.seen.terminal?.ended).toHaveLength(1);
  expect(code(await bench.client['card.seen']({ attemptId }))).toBe('ok');
  await bench.machine.settle();
  expect(bench.seen.terminal?.ended).toEqual([]);
  expect(code(await bench.client['card.seen']({ attemptId }))).toBe('cardAttemptUnknown');
});

test.each(['approve', 'decline'] as const)(
  'a charge that no payment takes is taken back by itself; how that ended is told: %s',
  async (act) => {
    pos.acts = ['lostCharged'];
    pos.unknowing = 3;
    const attemptId = bench.machine.mintId();
    await payByCard(bench, LIGHT, { amount: 3800, attemptId });
    const decide = { attemptId, decision: 'otherTender', note: 'terminal susur', ...supervisor } as const;
    await bench.answer(bench.client['card.decide'](decide));
    pos.acts = [act];
    await bench.machine.advance(120_000);
    const outcome = act === 'approve' ? 'done' : 'declined';
    expect(bench.seen.terminal?.ended).toMatchObject([
      { kind: 'reversal', outcome, receiptNo: null },
      // Charged after all; no payment was recorded for it.
      { attemptId, kind: 'sale', outcome: 'done', decided: true, receiptNo: null },
    ]);
  },
);

test('a closed day is seen again, with what may explain its difference, the latest first', async () => {
  const days = async () => {
    const answer = await bench.client['terminal.closedDays']({ limit: 5 });
    return answer.ok ? answer.value.days : [];
  };
  expect(await days()).toEqual([]);
  await payByCard(bench, LIGHT, { amount: 700 });
  const first = bench.machine.mintId();
  await bench.answer(bench.client['terminal.endOfDay']({ closingId: first }));
  pos.acts = ['lostCharged'];
  pos.unknowing = 1000;
  const attemptId = bench.machine.mintId();
  await payByCard(bench, LIGHT, { amount: 3800, attemptId });
  const decide = { attemptId, decision: 'otherTender', note: 'terminal susur', ...supervisor } as const;
  await bench.answer(bench.client['card.decide'](decide));
  const totals = await bench.answer(bench.client['terminal.totals']({}));
  // It is of no day of the journal's yet, and all the same it may be what the terminal counts.
  expect(totals.ok && totals.value.rows.map((row) => row.attemptId)).toEqual([attemptId]);
  const second = bench.machine.mintId();
  await bench.answer(bench.client['terminal.endOfDay']({ closingId: second }));
  const closed = await days();
  expect(closed.map((day) => day.closed.closingId)).toEqual([second, first]);
  expect(closed[0]).toMatchObject({
    closed: { terminal: { count: 1, sum: 3800 }, journal: { count: 0, sum: 0 } },
    suspects: [{ attemptId, amount: 3800 }],
  });
  expect(closed[1]?.suspects).toEqual([]);
});

test('a terminal is tried before it is saved: the password, and who may', async () => {
  const settings = { kind: 'zvtTcp', host: '127.0.0.1', port: 20_007, password: '000000' } as const;
  expect(code(await bench.client['terminal.try']({ settings }))).toBe('notAllowed');
  pos.password = '123456';
  await logIn(bench, RAUF.username);
  expect(await bench.client['terminal.try']({ settings })).toMatchObject({
    ok: true,
    value: { state: 'refused', reason: { code: 'passwordWrong' } },
  });
  const right = { ...settings, password: '123456' };
  expect(await bench.client['terminal.try']({ settings: right })).toMatchObject({
    ok: true,
    value: { state: 'ready', simulator: true },
  });
  expect(code(await bench.client['terminal.try']({ settings: { kind: 'none' } }))).toBe('terminalNotSet');
  expect(pos.settings()).toEqual(settings);
});
