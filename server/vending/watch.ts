import type { Logger } from 'pino';
import type { Database } from '../db/database.ts';
import { mintId } from '../registry/identity.ts';
import { healthBoard } from './health.ts';
import type { Vending } from './read-card.ts';
import { owedKey } from './settle.ts';

/** A load that is paid for and not known to be on its card after this waits for a person too. */
export const OWED_AFTER_MINUTES = 60;
const LOOK_MS = 60_000;

/** Opens a case for every load that has been owed too long; the case closes when the load ends. */
export async function openOverdueCases({ pool }: Database, minutes = OWED_AFTER_MINUTES): Promise<number> {
  const { rows } = await pool.query<{
    load_id: string;
    card_id: string;
    amount: number;
    state: string;
    payment_id: string;
  }>(
    `select l.load_id, l.card_id, l.amount, l.state, l.payment_id from meter_load l
     where l.state in ('paid', 'authorised') and l.paid_at < now() - make_interval(mins => $1)
       and not exists (select from case_file c where c.event_key = 'loadOwed:' || l.load_id and c.state = 'open') limit 1000`,
    [minutes],
  );
  let opened = 0;
  for (const { load_id: loadId, card_id: cardId, amount, state, payment_id: paymentId } of rows) {
    // In one statement with the look at the load, so that one which has just ended gets no case.
    const { rowCount } = await pool.query(
      `insert into case_file (case_id, kind, opened_at, event_key, payment_id, amount, detail)
       select $1, 'loadOwed', now(), $2, $3, $4, $5 from meter_load
       where load_id = $6 and state in ('paid', 'authorised') for update
       on conflict (event_key) do nothing`,
      [mintId(), owedKey(loadId), paymentId, amount, JSON.stringify({ loadId, cardId, state }), loadId],
    );
    opened += rowCount ?? 0;
  }
  return opened;
}

/**
 * Looks every minute, until stopped, for loads that wait too long and for what has stopped or is back: since when is known then,
 * whoever asks later. A look that fails is logged; the next one comes anyway.
 */
export function startWatch(vending: Vending, log: Logger): { stop(): Promise<void> } {
  let looking: Promise<unknown> = Promise.resolve();
  const look = (): void => {
    looking = Promise.all([openOverdueCases(vending.database), healthBoard(vending)]).catch(
      (error: unknown) => log.error({ err: error }, 'vendingWatch'),
    );
  };
  const timer = setInterval(look, LOOK_MS);
  look();
  return {
    async stop() {
      clearInterval(timer);
      await looking;
    },
  };
}
