import type { CardTender, EntryBody, PosConcluded } from '../../../contracts/journal.ts';
import type { PosTotals } from '../../../contracts/pos.ts';
import type { Invariant } from './invariants.ts';
import { cardIn } from './tenders.ts';

/** What must hold at the end of a day of whatever was paid by card. Part of invariants.ts. */

/** A charge that holds, by the bank's own book. */
export type BankCharge = { readonly trace: string; readonly amount: number };

export type CardFacts = {
  /** What the bank took from cards less what it gave back, and each charge that holds. */
  readonly bank: { readonly net: number; readonly charges: readonly BankCharge[] };
  /** Σ of the centre's balances of clearing with card centres (`pos:…`). */
  readonly clearing: number;
  /** Card operations that the centre shows as open: no last word, or not in the books. */
  readonly openAtCentre: readonly string[];
  /** Operations at the terminal whose answer the day let get lost. */
  readonly lostOnPurpose: number;
};

/** A day on which nobody had a terminal. */
export const NO_CARDS: CardFacts = {
  bank: { net: 0, charges: [] },
  clearing: 0,
  openAtCentre: [],
  lostOnPurpose: 0,
};

/** The three sums of the same money. */
export function bankAndBooks(journal: readonly EntryBody[], { bank, clearing }: CardFacts): Invariant {
  let [journals, tenders] = [0, 0];
  for (const body of journal) {
    if (body.type !== 'payment.accepted' && body.type !== 'payment.stornoed') continue;
    const card = cardIn(body.payload.tenders);
    journals += body.type === 'payment.accepted' ? card : -card;
    tenders += card === 0 ? 0 : 1;
  }
  const same = bank.net === journals && journals === clearing;
  return {
    name: 'what cards were charged is what the payments carry is what the centre has on clearing',
    checked: tenders,
    broken: same ? [] : [`the bank has ${bank.net}, the journal ${journals}, the centre ${clearing}`],
  };
}

/** Sums might hide a charge without a payment behind a payment without a charge. */
export function bankAgrees(journal: readonly EntryBody[], { bank }: CardFacts): Invariant {
  const name = ({ trace, amount }: { trace: string | null; amount: number }): string =>
    `${trace} over ${amount}`;
  const held = bank.charges.map(name);
  const carried = [...standing(journal).values()].map(name);
  return {
    name: 'each charge that holds is one payment’s, each card payment that holds is charged once',
    checked: held.length,
    broken: [
      ...without(held, carried).map((one) => `the card was charged with ${one}, and no payment carries it`),
      ...without(carried, held).map((one) => `a payment carries ${one}, and no card was charged`),
    ],
  };
}

/** Card tenders of payments that were not cancelled, by payment. */
function standing(journal: readonly EntryBody[]): ReadonlyMap<string, CardTender> {
  const left = new Map<string, CardTender>();
  for (const body of journal) {
    if (body.type === 'payment.accepted') {
      const tender = body.payload.tenders.find(({ kind }) => kind === 'card');
      if (tender?.kind === 'card') left.set(body.payload.paymentId, tender);
    } else if (body.type === 'payment.stornoed') left.delete(body.payload.paymentId);
  }
  return left;
}

/** What is in one list and not in the other, twice where it is there once more. */
function without(list: readonly string[], other: readonly string[]): readonly string[] {
  const left = [...other];
  return list.filter((one) => {
    const at = left.indexOf(one);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}

/** Every attempt at the terminal has one last word, the terminal's own, and the record it asks for. */
export function outcomesKnown(journal: readonly EntryBody[], { openAtCentre }: CardFacts): Invariant {
  const words = new Map<string, PosConcluded[]>();
  const recorded = new Set<string>();
  for (const body of journal) {
    if (body.type === 'pos.prepared') words.set(body.payload.attemptId, []);
    else if (body.type === 'pos.concluded') words.get(body.payload.attemptId)?.push(body.payload);
    else if (body.type === 'payment.accepted') recorded.add(body.payload.paymentId);
    else if (body.type === 'payment.stornoed') recorded.add(body.payload.stornoId);
  }
  const broken = [...words].flatMap(([attemptId, said]) => {
    const [word] = said;
    if (!word || said.length !== 1) return [`attempt ${attemptId} has ${said.length} last words`];
    if (word.outcome === 'manual') return [`attempt ${attemptId} was given up`];
    return word.recordedAs === null || recorded.has(word.recordedAs)
      ? []
      : [`attempt ${attemptId} was made for ${word.recordedAs}, which is in no journal`];
  });
  return {
    name: 'no card is left whose outcome nobody knows, here or at the centre',
    checked: words.size,
    broken: [...broken, ...openAtCentre.map((attemptId) => `attempt ${attemptId} is open at the centre`)],
  };
}

/** A trouble that never struck would prove nothing: behind each lost answer the terminal was asked, and nobody guessed. */
export function lostAnswersAsked(journal: readonly EntryBody[], { lostOnPurpose }: CardFacts): Invariant {
  const asked = journal.filter(
    (body) => body.type === 'pos.concluded' && body.payload.by === 'resolve',
  ).length;
  return {
    name: 'every answer of the terminal that was lost was asked after',
    checked: lostOnPurpose,
    broken: asked < lostOnPurpose ? [`${lostOnPurpose} were lost, ${asked} asked after`] : [],
  };
}

/** Each of the terminal's days agrees with the attempts since the one before, and none is left open over a shift's end. */
export function terminalDays(journal: readonly EntryBody[]): Invariant {
  const broken: string[] = [];
  let days = 0;
  let since = { count: 0, sum: 0 };
  const told = ({ count, sum }: { count: number; sum: number }): string => `${count} over ${sum}`;
  const differs = (totals: PosTotals): boolean => totals.count !== since.count || totals.sum !== since.sum;
  for (const body of journal) {
    if (body.type === 'pos.concluded' && body.payload.outcome === 'done') {
      const { kind, amount } = body.payload;
      since = {
        count: since.count + (kind === 'reversal' ? -1 : 1),
        sum: since.sum + (kind === 'sale' ? amount : -amount),
      };
    } else if (body.type === 'pos.dayClosed') {
      const { terminal, journal: own } = body.payload;
      days += 1;
      if (terminal === null || differs(terminal) || differs(own)) {
        const counted = terminal === null ? 'nothing that is known' : told(terminal);
        broken.push(
          `day ${days} of the terminal: it counted ${counted}, the journal ${told(own)}, the entries make ${told(since)}`,
        );
      }
      since = { count: 0, sum: 0 };
    } else if (body.type === 'shift.closed' && (since.count !== 0 || since.sum !== 0)) {
      broken.push(`shift ${body.payload.shiftNo} closed before the terminal’s day of ${told(since)}`);
    }
  }
  if (since.count !== 0 || since.sum !== 0)
    broken.push(`${told(since)} by card are in no day of the terminal`);
  return {
    name: 'every day of the terminal closed without a difference, before its shift',
    checked: days,
    broken,
  };
}
