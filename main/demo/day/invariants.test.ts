import { expect, test } from 'vitest';
import type { EntryBody } from '../../../contracts/journal.ts';
import { holds, judgeDay, type DayFacts } from './invariants.ts';

const line = { billerId: 'b', account: '1104552018' };

/** Only what the judge reads; the rest of an entry is the journal's business. */
const entry = (type: EntryBody['type'], payload: object): EntryBody =>
  ({ type, payload }) as unknown as EntryBody;

const opened = entry('shift.opened', { shiftId: 's', floatTotal: 10_000 });
/** `byCard` of the total is the card's, the rest lies in the drawer. */
const tenders = (total: number, byCard: number, trace: string): object[] => [
  ...(total > byCard ? [{ kind: 'cash', amount: total - byCard }] : []),
  ...(byCard > 0 ? [{ kind: 'card', amount: byCard, trace }] : []),
];
const paid = (id: string, serial: number, total: number, byCard = 0, trace = '000001'): EntryBody =>
  entry('payment.accepted', {
    shiftId: 's',
    paymentId: id,
    receiptNo: `WS07-20261123-000${serial}`,
    total,
    tenders: tenders(total, byCard, trace),
  });
const stornoed = (id: string, of: string, serial: number, total: number, byCard = 0): EntryBody =>
  entry('payment.stornoed', {
    shiftId: 's',
    stornoId: id,
    paymentId: of,
    receiptNo: `WS07-20261123-000${serial}`,
    total,
    tenders: tenders(total, byCard, '000003'),
  });
const closed = (expectedTotal: number, countedTotal = expectedTotal, difference = 0): EntryBody =>
  entry('shift.closed', { shiftId: 's', shiftNo: 1, expectedTotal, countedTotal, difference });
const prepared = (attemptId: string): EntryBody => entry('pos.prepared', { attemptId });
const ended = (
  attemptId: string,
  amount: number,
  recordedAs: string | null,
  more: { kind?: string; outcome?: string; by?: string } = {},
): EntryBody =>
  entry('pos.concluded', {
    attemptId,
    kind: 'sale',
    outcome: 'done',
    by: 'terminal',
    amount,
    recordedAs,
    ...more,
  });
const sold = (attemptId: string, amount: number, as: string): EntryBody[] => [
  prepared(attemptId),
  ended(attemptId, amount, as),
];
const dayOf = (sum: number, count: number, told: object | null = { count, sum }): EntryBody =>
  entry('pos.dayClosed', { terminal: told, journal: { count, sum } });

/** One payment in cash and card, one in cash and one by card that are cancelled again. */
const inJournal: readonly EntryBody[] = [
  opened,
  ...sold('a1', 2840, 'p1'),
  paid('p1', 1, 3840, 2840, '000001'),
  paid('p2', 2, 500),
  stornoed('s2', 'p2', 3, 500),
  ...sold('a3', 700, 'p3'),
  paid('p3', 4, 700, 700, '000002'),
  prepared('a4'),
  ended('a4', 700, 's3', { kind: 'reversal', by: 'resolve' }),
  stornoed('s3', 'p3', 5, 700, 700),
  dayOf(2840, 1),
  closed(11_000),
];

const answer = (kind: 'payment' | 'storno', id: string, serial: number, total: number, card: number) => ({
  kind,
  id,
  receiptNo: `WS07-20261123-000${serial}`,
  total,
  card,
  lines: [{ ...line, amount: total }],
});
const post = (paymentId: string, serial: number, total: number) => ({
  paymentId,
  receiptNo: `WS07-20261123-000${serial}`,
  kind: total < 0 ? 'storno' : 'payment',
  total,
  outcome: 'posted',
});

const [p1, p2, s2, p3, s3] = [
  answer('payment', 'p1', 1, 3840, 2840),
  answer('payment', 'p2', 2, 500, 0),
  answer('storno', 's2', 3, 500, 0),
  answer('payment', 'p3', 4, 700, 700),
  answer('storno', 's3', 5, 700, 700),
];
const first = post('p1', 1, 3840);
const others = [post('p2', 2, 500), post('s2', 3, -500), post('p3', 4, 700), post('s3', 5, -700)];
const charge = { trace: '000001', amount: 2840 };

const good: DayFacts = {
  answered: [p1, p2, s2, p3, s3],
  journal: inJournal,
  waiting: 0,
  posted: [first, ...others],
  proof: { ok: true, checks: [{ says: 'x', wrong: 0 }] },
  ledgerSum: 0,
  owedBefore: [{ ...line, owed: 3840 }],
  owedAfter: [{ ...line, owed: 0 }],
  receipts: [{ receiptNo: 'WS07-20261123-0001', genuine: true, state: 'posted' }],
  codes: [{ code: '4071882365', known: true }],
  cards: { bank: { net: 2840, charges: [charge] }, clearing: 2840, openAtCentre: [], lostOnPurpose: 1 },
};

const broken = (facts: DayFacts): string[] =>
  judgeDay(facts)
    .filter((one) => one.broken.length > 0)
    .map(({ name }) => name);

test('a good day holds', () => {
  expect(broken(good)).toEqual([]);
  expect(holds(judgeDay(good))).toBe(true);
});

/** The journal with one entry for another, or without it. */
const instead = (was: EntryBody, now: readonly EntryBody[]): Partial<DayFacts> => {
  const at = inJournal.findIndex((body) => JSON.stringify(body) === JSON.stringify(was));
  if (at < 0) throw new Error('the good day has no such entry');
  return { journal: inJournal.toSpliced(at, 1, ...now) };
};
const cards = (change: Partial<DayFacts['cards']>): Partial<DayFacts> => ({
  cards: { ...good.cards, ...change },
});

test.each<[string, Partial<DayFacts>, RegExp]>([
  ['a payment lost on the way', { posted: others }, /posted exactly once/],
  ['a payment posted twice', { posted: [first, first, ...others] }, /posted exactly once/],
  [
    'a payment posted with another amount',
    { posted: [{ ...first, total: 3841 }, ...others] },
    /posted exactly once/,
  ],
  [
    'a payment posted under another receipt',
    { posted: [{ ...first, receiptNo: 'X' }, ...others] },
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
  ['an entry nobody was answered for', { answered: [p1, s2, p3, s3] }, /is in the journal/],
  ['an answer with another amount', { answered: [{ ...p1, total: 1 }, p2, s2, p3, s3] }, /is in the journal/],
  [
    'an answer with another part by card',
    { answered: [{ ...p1, card: 2841 }, p2, s2, p3, s3] },
    /is in the journal/,
  ],
  ['an entry that still waits', { waiting: 1 }, /reached the centre/],
  ['a gap in the numbers', { journal: [opened, paid('p1', 2, 3840)] }, /no gap/],
  ['a number twice', { journal: [opened, paid('p1', 1, 1), paid('p2', 1, 1)] }, /no gap/],
  ['a drawer that expects too little', instead(closed(11_000), [closed(10_000)]), /drawer/],
  ['a drawer that expects what the card paid', instead(closed(11_000), [closed(13_840)]), /drawer/],
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
  [
    'a charge that no payment carries',
    cards({ bank: { net: 2840, charges: [charge, charge] } }),
    /charge that holds/,
  ],
  [
    'a payment that no card was charged for',
    cards({ bank: { net: 2840, charges: [] } }),
    /charge that holds/,
  ],
  [
    'a charge over another amount',
    cards({ bank: { net: 2840, charges: [{ ...charge, amount: 2841 }] } }),
    /charge that holds/,
  ],
  [
    'one charge for another',
    cards({ bank: { net: 2840, charges: [{ ...charge, trace: '000002' }] } }),
    /charge that holds/,
  ],
  ['a bank that took more', cards({ bank: { net: 2841, charges: [charge] } }), /what cards were charged/],
  ['a centre that has less on clearing', cards({ clearing: 2839 }), /what cards were charged/],
  [
    'a storno that gave no card its money back',
    instead(stornoed('s3', 'p3', 5, 700, 700), [stornoed('s3', 'p3', 5, 700, 0)]),
    /what cards were charged/,
  ],
  ['an attempt without a last word', instead(ended('a1', 2840, 'p1'), []), /outcome nobody knows/],
  [
    'an attempt with two last words',
    instead(ended('a1', 2840, 'p1'), [ended('a1', 2840, 'p1'), ended('a1', 2840, 'p1')]),
    /outcome nobody knows/,
  ],
  [
    'an attempt that was given up',
    { journal: [...inJournal, prepared('a9'), ended('a9', 100, null, { outcome: 'manual' })] },
    /outcome nobody knows/,
  ],
  [
    'a charge whose payment was never written down',
    instead(paid('p3', 4, 700, 700, '000002'), []),
    /outcome nobody knows/,
  ],
  ['an operation open at the centre', cards({ openAtCentre: ['a1'] }), /outcome nobody knows/],
  ['a lost answer that nobody asked after', cards({ lostOnPurpose: 2 }), /asked after/],
  [
    'a terminal that counted another sum',
    instead(dayOf(2840, 1), [dayOf(2840, 1, { count: 1, sum: 2841 })]),
    /day of the terminal/,
  ],
  [
    'a terminal that counted once more',
    instead(dayOf(2840, 1), [dayOf(2840, 1, { count: 2, sum: 2840 })]),
    /day of the terminal/,
  ],
  ['a terminal that told nothing', instead(dayOf(2840, 1), [dayOf(2840, 1, null)]), /day of the terminal/],
  [
    'a terminal and a journal that are wrong together',
    instead(dayOf(2840, 1), [dayOf(2841, 1)]),
    /day of the terminal/,
  ],
  ['a terminal’s day that was never closed', instead(dayOf(2840, 1), []), /day of the terminal/],
  [
    'a terminal’s day closed after its shift',
    { journal: [...inJournal.filter(({ type }) => type !== 'pos.dayClosed'), dayOf(2840, 1)] },
    /day of the terminal/,
  ],
])('%s is found', (_name, change, name) => {
  expect(broken({ ...good, ...change }).join('; ')).toMatch(name);
});
