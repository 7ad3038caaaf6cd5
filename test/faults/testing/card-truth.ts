import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { StoredEntry } from '../../../core/ports/journal.ts';
import { unsound } from '../../../core/testing/soundness.ts';
import { drained } from '../../../main/demo/day/teller.ts';
import { totalsOf } from '../../../native-bridges/pos/simulator/transactions.ts';
import { openDatabase } from '../../../server/db/database.ts';
import type { CardCounter } from './card-counter.ts';
import type { FaultPlace } from './fault-place.ts';

/** Whether the bank, the journal and the centre's books say the same of a counter's cards. */

export type CardBooks = {
  /** What the ledger has on a terminal's account, qəpik. */
  onCards(terminalId: string): Promise<number>;
  close(): Promise<void>;
};

const runtimeSchema = z.object({ pgUrl: z.string() });

/** The centre's ledger, read in its database: its command line would cost each look a process. */
export function openCardBooks({ centre }: FaultPlace): CardBooks {
  const runtime = readFileSync(join(centre.dataDir, 'centre', 'runtime.json'), 'utf8');
  const { pool, close } = openDatabase(runtimeSchema.parse(JSON.parse(runtime)).pgUrl, 2);
  return {
    async onCards(terminalId) {
      const { rows } = await pool.query<{ sum: number }>(
        `select coalesce(sum(amount), 0)::bigint as sum from ledger_balance where account like 'pos:%:' || $1`,
        [terminalId],
      );
      return rows[0]?.sum ?? Number.NaN;
    },
    close,
  };
}

/** What does not hold of a counter whose attempts all have their last word, in words. Drains its journal first. */
export async function brokenCards(counter: CardCounter, books: CardBooks): Promise<readonly string[]> {
  await drained(counter.ask);
  const journal = counter.journal();
  const { charges, net } = counter.terminal.bank();
  const written = cardsIn(journal);
  const posted = await books.onCards(counter.terminalId);
  const { sum: counted } = totalsOf(counter.terminal.durable().memory.batch);
  return [
    ...unsound(journal),
    ...(written.open.length > 0 ? [`without a last word: ${written.open.join()}`] : []),
    ...differ(
      'charges at the bank',
      charges.map((one) => one.amount),
      'card payments',
      written.standing,
    ),
    ...differ('the bank’s net', [net], 'the card tenders', [written.net]),
    ...differ('the bank’s net', [net], 'the ledger', [posted]),
    ...differ('the terminal’s day', [counted], 'the journal’s', [written.day]),
  ];
}

const differ = (one: string, a: readonly number[], other: string, b: readonly number[]): string[] => {
  const [left, right] = [a, b].map((amounts) => amounts.toSorted((x, y) => x - y));
  const only = (these: readonly number[] = [], those: readonly number[] = []): string =>
    these.filter((amount) => !those.includes(amount)).join('+');
  return left?.join() === right?.join()
    ? []
    : [`${one} and ${other} differ: ${only(left, right)} against ${only(right, left)}`];
};

/** What a journal says of cards, counted from its entries alone. */
function cardsIn(journal: readonly StoredEntry[]) {
  const standing = new Map<string, number>();
  const open = new Set<string>();
  let [net, day] = [0, 0];
  for (const { body } of journal) {
    switch (body.type) {
      case 'pos.prepared':
        open.add(body.payload.attemptId);
        break;
      case 'pos.concluded': {
        const { attemptId, outcome, kind, amount } = body.payload;
        open.delete(attemptId);
        if (outcome === 'done') day += kind === 'sale' ? amount : -amount;
        break;
      }
      case 'payment.accepted':
      case 'payment.stornoed': {
        const { paymentId, tenders } = body.payload;
        const card = tenders.find(({ kind }) => kind === 'card');
        if (!card) break;
        const isPaid = body.type === 'payment.accepted';
        if (isPaid) standing.set(paymentId, card.amount);
        else standing.delete(paymentId);
        net += isPaid ? card.amount : -card.amount;
        break;
      }
      case 'pos.dayClosed':
        day = 0;
        break;
      default:
        break;
    }
  }
  return { standing: [...standing.values()], net, open: [...open], day };
}
