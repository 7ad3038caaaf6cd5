import { expect, test } from 'vitest';
import type { EntryBody } from '../../../contracts/journal.ts';
import { holds, judgeDay, type DayFacts } from './invariants.ts';

const line = { billerId: 'b', account: '1104552018' };

/** Only what the judge reads; the rest of an entry is the journal's business. */
const entry = (type: EntryBody['type'], payload: object): EntryBody =>
  ({ type, payload }) as unknown as EntryBody;

const opened = entry('shift.opened', { shiftId: 's', floatTotal: 10_000 });
const paid = (id: string, serial: number, total: number): EntryBody =>
  entry('payment.accepted', { shiftId: 's', paymentId: id, receiptNo: `WS07-20261123-000${serial}`, total });
const stornoed = (id: string, serial: number, total: number): EntryBody =>
  entry('payment.stornoed', { shiftId: 's', stornoId: id, receiptNo: `WS07-20261123-000${serial}`, total });
const closed = (expectedTotal: number, countedTotal = expectedTotal, difference = 0): EntryBody =>
  entry('shift.closed', { shiftId: 's', shiftNo: 1, expectedTotal, countedTotal, difference });

const good: DayFacts = {
  answered: [
    {
      kind: 'payment',
      id: 'p1',
      receiptNo: 'WS07-20261123-0001',
      total: 3840,
      lines: [{ ...line, amount: 3840 }],
    },
    {
      kind: 'payment',
      id: 'p2',
      receiptNo: 'WS07-20261123-0002',
      total: 500,
      lines: [{ ...line, amount: 500 }],
    },
    {
      kind: 'storno',
      id: 's2',
      receiptNo: 'WS07-20261123-0003',
      total: 500,
      lines: [{ ...line, amount: 500 }],
    },
  ],
  journal: [opened, paid('p1', 1, 3840), paid('p2', 2, 500), stornoed('s2', 3, 500), closed(13_840)],
  waiting: 0,
  posted: [
    { paymentId: 'p1', receiptNo: 'WS07-20261123-0001', kind: 'payment', total: 3840, outcome: 'posted' },
    { paymentId: 'p2', receiptNo: 'WS07-20261123-0002', kind: 'payment', total: 500, outcome: 'posted' },
    { paymentId: 's2', receiptNo: 'WS07-20261123-0003', kind: 'storno', total: -500, outcome: 'posted' },
  ],
  proof: { ok: true, checks: [{ says: 'x', wrong: 0 }] },
  ledgerSum: 0,
  owedBefore: [{ ...line, owed: 3840 }],
  owedAfter: [{ ...line, owed: 0 }],
  receipts: [{ receiptNo: 'WS07-20261123-0001', genuine: true, state: 'posted' }],
  codes: [{ code: '4071882365', known: true }],
};

const broken = (facts: DayFacts): string[] =>
  judgeDay(facts)
    .filter((one) => one.broken.length > 0)
    .map(({ name }) => name);

test('a good day holds', () => {
  expect(broken(good)).toEqual([]);
  expect(holds(judgeDay(good))).toBe(true);
});

const [first, second, third] = good.posted;
const [p1, p2, s2] = good.answered;
if (!first || !second || !third || !p1 || !p2 || !s2) throw new Error('the good day has three of each');

test.each<[string, Partial<DayFacts>, RegExp]>([
  ['a payment lost on the way', { posted: [first, third] }, /posted exactly once/],
  ['a payment posted twice', { posted: [first, second, second, third] }, /posted exactly once/],
  [
    'a payment posted with another amount',
    { posted: [{ ...first, total: 3841 }, second, third] },
    /posted exactly once/,
  ],
  [
    'a payment posted under another receipt',
    { posted: [{ ...first, receiptNo: 'X' }, second, third] },
    /posted exactly once/,
  ],
  [
    'a posting from nowhere',
    { posted: [...good.posted, { ...first, paymentId: 'ghost' }] },
    /nothing else is posted/,
  ],
  [
    'an answer that is in no journal',
    { journal: [opened, paid('p1', 1, 3840), closed(13_840)] },
    /is in the journal/,
  ],
  ['an entry nobody was answered for', { answered: [p1, s2] }, /is in the journal/],
  ['an answer with another amount', { answered: [{ ...p1, total: 1 }, p2, s2] }, /is in the journal/],
  ['an entry that still waits', { waiting: 1 }, /reached the centre/],
  ['a gap in the numbers', { journal: [opened, paid('p1', 2, 3840)] }, /no gap/],
  ['a number twice', { journal: [opened, paid('p1', 1, 1), paid('p2', 1, 1)] }, /no gap/],
  ['a drawer that expects too little', { journal: [opened, paid('p1', 1, 3840), closed(10_000)] }, /drawer/],
  ['a difference that is not told', { journal: [opened, closed(10_000, 9_000, 0)] }, /drawer/],
  ['a debt not lowered', { owedAfter: [{ ...line, owed: 3840 }] }, /owed after/],
  ['a debt lowered twice', { owedAfter: [{ ...line, owed: -3840 }] }, /owed after/],
  ['an account nobody looked at before', { owedBefore: [], owedAfter: [] }, /owed after/],
  ['a ledger that does not sum', { ledgerSum: 1 }, /ledger/],
  ['a proof that fails', { proof: { ok: false, checks: [{ says: 'x', wrong: 2 }] } }, /verify/],
  ['a proof that fails without saying why', { proof: { ok: false, checks: [] } }, /verify/],
  ['a forged receipt', { receipts: [{ receiptNo: 'r', genuine: false, state: 'unknown' }] }, /genuine/],
  [
    'a receipt the centre does not know',
    { receipts: [{ receiptNo: 'r', genuine: true, state: 'notYetArrived' }] },
    /genuine/,
  ],
  [
    'a subscriber the centre does not have',
    { codes: [{ code: '4071882365', known: false }] },
    /registration code/,
  ],
])('%s is found', (_name, change, name) => {
  expect(broken({ ...good, ...change }).join('; ')).toMatch(name);
});
