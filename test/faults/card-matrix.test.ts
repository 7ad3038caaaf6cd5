import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Result } from '../../contracts/result.ts';
import { must, prepareSale } from '../../main/demo/day/teller.ts';
import { PASSWORD } from '../e2e/demo.ts';
import { cardCounter, type CardCounter } from './testing/card-counter.ts';
import { mishapsOf, placesOf, type Mishap, type Place } from './testing/card-faults.ts';
import { brokenCards, openCardBooks, type CardBooks } from './testing/card-truth.ts';
import { placeForFaults } from './testing/fault-place.ts';
import { report } from './testing/report.ts';
import { mintId } from './testing/script.ts';
import { billsOf, type Bills } from './testing/short-day.ts';

/**
 * Every mishap at every message of a card operation, from the terminal to the books of a real centre. The messages are
 * learned from an operation that went well. After each case, without anybody asking again: the bank's charges are the
 * journal's card payments are the ledger's balance, the terminal's day is the journal's, no attempt is open, and the journal
 * is sound. Several counters with a terminal each go through the cases side by side, since most of a case is waiting.
 */

/** One supervisor signs at all of them, and the centre takes five log-ins of theirs at once for guessing. */
const WORKSTATIONS = ['WS07', 'WS08', 'WS31', 'WS32'] as const;
/** T3 is 50 ms, T4 1.8 s. */
const SPEED = 100;
const LIMIT_MS = 900_000;

const place = placeForFaults();
const counters: CardCounter[] = [];
let bills: Bills;
let books: CardBooks;

beforeAll(async () => {
  bills = await billsOf(place());
  books = openCardBooks(place());
  for (const [n, code] of WORKSTATIONS.entries())
    counters.push(await cardCounter(place(), code, { terminalId: String(99_000_001 + n), speed: SPEED }));
  // A terminal that holds no transaction yet answers otherwise than ever after.
  for (const counter of counters) await paid(counter);
}, 300_000);
afterAll(async () => {
  for (const counter of counters) await counter.stop();
  await books.close();
});

/** Brings a counter to where an operation begins. Answers the operation: what is done under a fault. */
type Operation = (counter: CardCounter) => Promise<() => Promise<Result<unknown>>>;

/** No two payments have one amount: one that is booked for another is seen. */
let amount = 10_000;

async function sale({ ask }: CardCounter) {
  amount += 1;
  const { paymentId, revision } = must('the sale', await prepareSale(ask, [bills.any(amount)]));
  const attemptId = mintId();
  return () => ask()['card.pay']({ paymentId, revision, attemptId, cash: null });
}

/** A payment by card that goes well. Answers its id. */
async function paid(counter: CardCounter): Promise<string> {
  for (;;) {
    const pay = await sale(counter);
    const answer = await pay();
    await counter.free();
    if (answer.ok) return answer.value.payment.paymentId;
    // The line of the case before may break only now: then nothing was sent.
    if (answer.error.code !== 'terminalAway') must('a payment', answer);
  }
}

async function storno(counter: CardCounter) {
  const paymentId = await paid(counter);
  const signed = { supervisor: 'rauf', password: PASSWORD };
  const asked = { stornoId: mintId(), paymentId, reason: 'wrongAmount', note: '', ...signed } as const;
  return () => counter.ask()['storno.make'](asked);
}

async function endOfDay(counter: CardCounter) {
  await paid(counter);
  const closingId = mintId();
  return () => counter.ask()['terminal.endOfDay']({ closingId });
}

/** The messages of an operation, both ways, from one that went well. */
async function learn(counter: CardCounter, operation: Operation): Promise<readonly Place[]> {
  for (;;) {
    await counter.free();
    const act = await operation(counter);
    const before = counter.terminal.transcript().at(-1);
    must('an operation without a fault', await act());
    await counter.free();
    const all = counter.terminal.transcript();
    const said = all.slice(before === undefined ? 0 : all.lastIndexOf(before) + 1);
    // A terminal that nobody uses is asked now and then whether it is there: that is no part of the operation.
    if (!said.some(({ name }) => name === 'statusEnquiry')) return placesOf(said);
  }
}

type Case = { readonly at: Place; readonly mishap: Mishap };
const inWords = ({ at, mishap }: Case): string =>
  `${mishap.name}: ${at.message} ${at.nth}, ${at.direction === 'toTerminal' ? 'ours' : 'the terminal’s'}`;

const TRIES = 5;
/** The centre takes sixty log-ins a minute from one counter, and a fast machine makes more stornos than that. */
const LOGINS_AGAIN_MS = 5_000;

/** Does an operation with a mishap in it and waits until everything is known; nobody asks for anything again. */
async function underFault(
  counter: CardCounter,
  operation: Operation,
  { at, mishap }: Case,
): Promise<Result<unknown>> {
  const { direction, message, nth } = at;
  let tries = 0;
  for (;;) {
    await counter.free();
    const act = await operation(counter);
    counter.terminal.fault({ direction, message, nth, at: mishap.at, what: mishap.what });
    const answer = await act();
    await counter.free();
    const hasStruck = counter.terminal.faultsLeft() === 0;
    counter.terminal.clearFaults();
    if (hasStruck) return answer;
    if (!answer.ok && answer.error.code === 'loginLocked') {
      await wait(LOGINS_AGAIN_MS);
      continue;
    }
    // As above; a question whether the terminal is there may have come between, too.
    tries += 1;
    if (tries === TRIES) throw new Error(`it found no occasion: ${JSON.stringify(answer).slice(0, 200)}`);
  }
}

test.each<[string, Operation]>([
  ['a sale', sale],
  ['a storno', storno],
  ['an end of day', endOfDay],
])(
  '%s: whatever becomes of any of its messages, everybody has the same money',
  async (name, operation) => {
    const [first] = counters;
    if (!first) throw new Error('there is no counter');
    const places = await learn(first, operation);
    const cases = places.flatMap((at) => mishapsOf(at).map((mishap): Case => ({ at, mishap })));
    const broken: string[] = [];
    const answers = new Map<string, number>();
    // Each counter has always the same cases: what a terminal's faults leave to chance depends on those before.
    const goThrough = async (counter: CardCounter, n: number): Promise<void> => {
      for (const one of cases.filter((_, i) => i % counters.length === n)) {
        try {
          const answer = await underFault(counter, operation, one);
          const word = answer.ok ? 'done' : answer.error.code;
          answers.set(word, (answers.get(word) ?? 0) + 1);
          for (const what of await brokenCards(counter, books))
            broken.push(`${inWords(one)} (${word}): ${what}`);
        } catch (error) {
          // A counter that never comes free goes through no other case; the others say whether it is alone.
          broken.push(`${inWords(one)}: ${String(error)}`);
          return;
        }
      }
    };
    await Promise.all(counters.map(goThrough));
    expect(broken).toEqual([]);
    const told = [...answers].map(([word, count]) => `${count} ${word}`).join(', ');
    expect(answers.get('done')).toBeGreaterThan(0);
    report(`${name} by card: ${cases.length} faults at ${places.length} messages: ${told}`);
  },
  LIMIT_MS,
);
