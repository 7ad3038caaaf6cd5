import type { EntryBody } from '../../../contracts/journal.ts';
import { parseReceiptNumber } from '../../../contracts/rules/receipt-number.ts';
import {
  bankAgrees,
  bankAndBooks,
  lostAnswersAsked,
  outcomesKnown,
  terminalDays,
  type CardFacts,
} from './invariants-cards.ts';
import { cardIn, cashIn } from './tenders.ts';

/**
 * What must hold at the end of a day, judged from independent sides: what the teller was answered, what the device's
 * journal holds, what the centre's books say, what the cards' bank has taken. Pure: the facts are gathered by whoever asks.
 */

/** A payment or storno the teller was told is done. */
export type Answered = {
  readonly kind: 'payment' | 'storno';
  readonly id: string;
  readonly receiptNo: string;
  readonly total: number;
  /** The card's part of the total. */
  readonly card: number;
  readonly lines: readonly { readonly billerId: string; readonly account: string; readonly amount: number }[];
};

/** A row of the centre's payments. Stornos have a negative total. */
export type Posted = {
  readonly paymentId: string;
  readonly receiptNo: string | null;
  readonly kind: string;
  readonly total: number;
  readonly outcome: string;
};

export type AccountFigures = { readonly billerId: string; readonly account: string; readonly owed: number };

export type DayFacts = {
  readonly answered: readonly Answered[];
  readonly journal: readonly EntryBody[];
  readonly waiting: number;
  readonly posted: readonly Posted[];
  /** `komis verify`. */
  readonly proof: {
    readonly ok: boolean;
    readonly checks: readonly { readonly says: string; readonly wrong: number }[];
  };
  /** Σ of all balances of the centre's ledger. */
  readonly ledgerSum: number;
  readonly owedBefore: readonly AccountFigures[];
  readonly owedAfter: readonly AccountFigures[];
  /** Receipts' codes as printed, and what the centre says of them. */
  readonly receipts: readonly {
    readonly receiptNo: string;
    readonly genuine: boolean;
    readonly state: string;
  }[];
  /** Registration codes given out, and whether the centre has a subscriber under them. */
  readonly codes: readonly { readonly code: string; readonly known: boolean }[];
  readonly cards: CardFacts;
};

export type Invariant = {
  readonly name: string;
  readonly checked: number;
  /** What does not hold, in words. Empty: it holds. */
  readonly broken: readonly string[];
};

/** Judges a day. */
export function judgeDay(facts: DayFacts): readonly Invariant[] {
  return [
    eachOnce(facts),
    noneElse(facts),
    answersInJournal(facts),
    nothingWaits(facts),
    receiptNumbers(facts.journal),
    drawers(facts.journal),
    bankAndBooks(facts.journal, facts.cards),
    bankAgrees(facts.journal, facts.cards),
    outcomesKnown(facts.journal, facts.cards),
    lostAnswersAsked(facts.journal, facts.cards),
    terminalDays(facts.journal),
    debts(facts),
    ledger(facts),
    proof(facts),
    receiptsGenuine(facts),
    registrations(facts),
  ];
}

export const holds = (invariants: readonly Invariant[]): boolean =>
  invariants.every(({ broken }) => broken.length === 0);

type MoneyEntry = {
  readonly id: string;
  readonly kind: 'payment' | 'storno';
  readonly receiptNo: string;
  /** Signed: a storno takes out. */
  readonly total: number;
  readonly card: number;
};

/** Payments and stornos in the journal, in its order. */
function moneyIn(journal: readonly EntryBody[]): readonly MoneyEntry[] {
  return journal.flatMap((body): MoneyEntry[] => {
    if (body.type === 'payment.accepted') {
      const { paymentId, receiptNo, total, tenders } = body.payload;
      return [{ id: paymentId, kind: 'payment', receiptNo, total, card: cardIn(tenders) }];
    }
    if (body.type !== 'payment.stornoed') return [];
    const { stornoId, receiptNo, total, tenders } = body.payload;
    return [{ id: stornoId, kind: 'storno', receiptNo, total: -total, card: -cardIn(tenders) }];
  });
}

function eachOnce({ journal, posted }: DayFacts): Invariant {
  const money = moneyIn(journal);
  const broken = money.flatMap(({ id, receiptNo, total }) => {
    const rows = posted.filter((row) => row.paymentId === id);
    if (rows.length !== 1) return [`${receiptNo} is posted ${rows.length} times`];
    const [row] = rows;
    if (row?.total !== total) return [`${receiptNo} over ${total} is posted as ${row?.total}`];
    return row.receiptNo === receiptNo ? [] : [`${receiptNo} is posted under ${row.receiptNo}`];
  });
  return {
    name: 'every payment and storno of the journal is posted exactly once',
    checked: money.length,
    broken,
  };
}

function noneElse({ journal, posted }: DayFacts): Invariant {
  const known = new Set(moneyIn(journal).map(({ id }) => id));
  const broken = posted
    .filter(({ paymentId }) => !known.has(paymentId))
    .map(({ receiptNo, paymentId }) => `${receiptNo ?? paymentId} is posted and in no journal`);
  return { name: 'and nothing else is posted', checked: posted.length, broken };
}

function answersInJournal({ answered, journal }: DayFacts): Invariant {
  const money = moneyIn(journal);
  const broken = answered.flatMap(({ id, receiptNo, total, card, kind }) => {
    const entries = money.filter((entry) => entry.id === id);
    const [entry] = entries;
    if (!entry || entries.length !== 1)
      return [`${receiptNo} was answered and is ${entries.length} times in the journal`];
    const same =
      entry.receiptNo === receiptNo &&
      entry.kind === kind &&
      Math.abs(entry.total) === total &&
      Math.abs(entry.card) === card;
    const inJournal = `${entry.receiptNo} over ${entry.total}, ${entry.card} of it by card`;
    return same
      ? []
      : [`${receiptNo} over ${total}, ${card} of it by card, is in the journal as ${inJournal}`];
  });
  const ids = new Set(answered.map(({ id }) => id));
  const unknown = money
    .filter(({ id }) => !ids.has(id))
    .map(({ receiptNo }) => `nobody was answered for ${receiptNo}`);
  return {
    name: 'what the teller was answered is in the journal, and nothing else is',
    checked: answered.length,
    broken: [...broken, ...unknown],
  };
}

function nothingWaits({ waiting, journal }: DayFacts): Invariant {
  return {
    name: 'every entry of the journal has reached the centre',
    checked: journal.length,
    broken: waiting === 0 ? [] : [`${waiting} entries still wait`],
  };
}

/** Receipt numbers run from 1 without a gap, in the order of the journal, per workstation and date. */
export function receiptNumbers(journal: readonly EntryBody[]): Invariant {
  const last = new Map<string, number>();
  const broken: string[] = [];
  const money = moneyIn(journal);
  for (const { receiptNo } of money) {
    const parts = parseReceiptNumber(receiptNo);
    if (!parts) {
      broken.push(`${receiptNo} is no receipt number`);
      continue;
    }
    const series = `${parts.workstation} ${parts.businessDate}`;
    const wanted = (last.get(series) ?? 0) + 1;
    if (parts.serial !== wanted) broken.push(`${receiptNo} where number ${wanted} was due`);
    last.set(series, parts.serial);
  }
  return { name: 'receipt numbers have no gap', checked: money.length, broken };
}

/** What each closed shift expected and counted is its float, plus the cash of its payments, less that of its stornos. */
export function drawers(journal: readonly EntryBody[]): Invariant {
  const should = new Map<string, number>();
  const broken: string[] = [];
  let closed = 0;
  for (const body of journal) {
    if (body.type === 'shift.opened') should.set(body.payload.shiftId, body.payload.floatTotal);
    else if (body.type === 'payment.accepted')
      add(should, body.payload.shiftId, cashIn(body.payload.tenders));
    else if (body.type === 'payment.stornoed')
      add(should, body.payload.shiftId, -cashIn(body.payload.tenders));
    else if (body.type === 'shift.closed') {
      const { shiftId, shiftNo, expectedTotal, countedTotal, difference } = body.payload;
      const sum = should.get(shiftId);
      closed += 1;
      if (expectedTotal !== sum)
        broken.push(`shift ${shiftNo} expected ${expectedTotal}, its entries make ${sum}`);
      if (countedTotal - expectedTotal !== difference)
        broken.push(`shift ${shiftNo} counted ${countedTotal} of ${expectedTotal} and says ${difference}`);
    }
  }
  return { name: 'every drawer holds what its shift’s entries make in cash', checked: closed, broken };
}

const add = (sums: Map<string, number>, key: string, amount: number): void =>
  void sums.set(key, (sums.get(key) ?? 0) + amount);

const keyOf = ({ billerId, account }: { billerId: string; account: string }): string =>
  `${billerId} ${account}`;

function debts({ answered, owedBefore, owedAfter }: DayFacts): Invariant {
  const paid = new Map<string, number>();
  for (const { kind, lines } of answered)
    for (const line of lines) add(paid, keyOf(line), kind === 'payment' ? line.amount : -line.amount);
  const after = new Map(owedAfter.map((figures) => [keyOf(figures), figures.owed]));
  const broken = owedBefore.flatMap((figures) => {
    const should = figures.owed - (paid.get(keyOf(figures)) ?? 0);
    const is = after.get(keyOf(figures));
    return is === should
      ? []
      : [`${figures.account} owed ${figures.owed}, should owe ${should} and owes ${is}`];
  });
  const known = new Set(owedBefore.map(keyOf));
  const unseen = [...paid.keys()]
    .filter((key) => !known.has(key))
    .map((key) => `nobody looked at ${key} before`);
  return {
    name: 'owed after = owed before − paid',
    checked: owedBefore.length,
    broken: [...broken, ...unseen],
  };
}

function ledger({ ledgerSum }: DayFacts): Invariant {
  return {
    name: 'the ledger sums to zero',
    checked: 1,
    broken: ledgerSum === 0 ? [] : [`its balances sum to ${ledgerSum}`],
  };
}

function proof({ proof: { ok, checks } }: DayFacts): Invariant {
  const wrong = checks
    .filter((check) => check.wrong > 0)
    .map((check) => `${check.says}: ${check.wrong} wrong`);
  return {
    name: 'komis verify',
    checked: checks.length,
    broken: ok || wrong.length > 0 ? wrong : ['it says no'],
  };
}

function receiptsGenuine({ receipts }: DayFacts): Invariant {
  return {
    name: 'the codes on the receipts are genuine, and the centre knows their payments',
    checked: receipts.length,
    broken: receipts
      .filter(({ genuine, state }) => !genuine || (state !== 'posted' && state !== 'stornoed'))
      .map(
        ({ receiptNo, genuine, state }) => `${receiptNo} is ${genuine ? 'genuine' : 'not genuine'}, ${state}`,
      ),
  };
}

function registrations({ codes }: DayFacts): Invariant {
  return {
    name: 'every registration code given out leads to its subscriber at the centre',
    checked: codes.length,
    broken: codes.filter(({ known }) => !known).map(({ code }) => `${code} is not known there`),
  };
}
