import type { CalendarDate } from '../../contracts/time.ts';
import type { Transaction } from '../db/database.ts';
import { closeCase, openCase } from '../intake/cases.ts';
import type { ReadEntry } from '../intake/journal-items.ts';
import { refusedData } from '../intake/post-batch.ts';
import type { Device } from '../registry/workstations.ts';
import { note } from './rows.ts';
import { owedKey, stornoedKey } from './settle.ts';

/**
 * How the books tell loads that they are paid, and that their payment was taken back: in the transaction that posts the
 * journal. Only what was posted counts. Cash is a fact: what fits no order is kept, and a person gets a case; no journal is refused
 * for what its loads are.
 */

type Paying = {
  readonly line: string;
  readonly load: string;
  readonly card: string;
  readonly payment: string;
  readonly biller: string;
  readonly account: string;
  readonly amount: number;
};
type Outcomes = readonly { readonly outcome: string }[];

/** After the entries are posted; `outcomes` are theirs, in their order. Without loads it reads nothing. */
export async function noteLoadPayments(
  transaction: Transaction,
  device: Device,
  fresh: readonly ReadEntry[],
  outcomes: Outcomes,
): Promise<void> {
  const posted = fresh.filter((_, i) => ['posted', 'unallocated'].includes(outcomes[i]?.outcome ?? ''));
  const paying = posted.flatMap(({ body }) =>
    body?.type === 'payment.accepted' ? linesOf(body.payload) : [],
  );
  const stornos = posted.flatMap(({ body }) =>
    body?.type === 'payment.stornoed' ? [body.payload.stornoId] : [],
  );
  if (paying.length === 0 && stornos.length === 0) return;
  const { client, db } = transaction;
  await client.query('savepoint loads');
  try {
    if (paying.length > 0) await markPaid(transaction, device, paying);
    if (stornos.length > 0) await markStornoed(transaction, device, stornos);
  } catch (error) {
    if (!refusedData(error)) throw error;
    await client.query('rollback to savepoint loads');
    const seq = posted[0]?.entry.seq ?? 0;
    await openCase(db, {
      kind: 'notPostable',
      eventKey: `loads:${device.deviceId}:${seq}`,
      deviceId: device.deviceId,
      detail: { seq, reason: 'loads', workstation: device.workstation.code },
    });
  }
}

const linesOf = ({
  paymentId,
  lines,
}: {
  readonly paymentId: string;
  readonly lines: readonly {
    readonly lineId: string;
    readonly billerId: string;
    readonly account: string;
    readonly amount: number;
    readonly load?: { readonly loadId: string; readonly cardId: string } | undefined;
  }[];
}): Paying[] =>
  lines.flatMap(({ lineId, billerId, account, amount, load }) =>
    load
      ? [
          {
            line: lineId,
            load: load.loadId,
            card: load.cardId,
            payment: paymentId,
            biller: billerId,
            account,
            amount,
          },
        ]
      : [],
  );

type Stray = 'unknown' | 'differs' | 'twice' | 'ended' | 'unallocated';
type OrderRow = {
  readonly load_id: string;
  readonly card_id: string;
  readonly biller_id: string;
  readonly account: string;
  readonly amount: number;
  readonly state: string;
  readonly line_id: string | null;
};

async function markPaid({ client, db }: Transaction, device: Device, all: readonly Paying[]): Promise<void> {
  // The line as it was posted; one that was noted before has its answer.
  const { rows: lines } = await client.query<{ line: string; placed: string; date: CalendarDate }>(
    `select l.line_id as line, l.placed, p.business_date as date
     from json_to_recordset($1::json) as x(line uuid, payment uuid)
     join payment_line l on l.line_id = x.line and l.payment_id = x.payment join payment p on p.payment_id = l.payment_id
     where not exists (select from meter_load_payment n where n.line_id = l.line_id)`,
    [JSON.stringify(all.map(({ line, payment }) => ({ line, payment })))],
  );
  const postedLines = new Map(lines.map((row) => [row.line, row]));
  const { rows: orders } = await client.query<OrderRow>(
    `select load_id, card_id, biller_id, account, amount, state, line_id from meter_load where load_id = any ($1)
     order by load_id for update`,
    [[...new Set(all.map(({ load }) => load))]],
  );
  const known = new Map(orders.map((row) => [row.load_id, row]));
  const taken = new Set<string>();
  const seen = new Set<string>();
  const rows: (Paying & { readonly stray: Stray | null; readonly date: CalendarDate })[] = [];
  for (const one of all) {
    const line = postedLines.get(one.line);
    if (!line || seen.has(one.line)) continue;
    seen.add(one.line);
    const stray = strayOf(one, known.get(one.load), line.placed, taken.has(one.load));
    if (stray === null) taken.add(one.load);
    rows.push({ ...one, stray, date: line.date });
  }
  if (rows.length === 0) return;
  await client.query(
    `with given as (select * from json_to_recordset($1::json) as x(line uuid, load uuid, card text, payment uuid, amount bigint, stray text, date date)),
     noted as (
       insert into meter_load_payment (line_id, load_id, card_id, payment_id, device_id, amount, stray)
       select line, load, card, payment, $2, amount, stray from given)
     update meter_load l set state = 'paid', line_id = g.line, payment_id = g.payment, paid_at = clock_timestamp(), paid_device = $2,
       business_date = g.date
     from given g where g.load = l.load_id and g.stray is null`,
    [JSON.stringify(rows), device.deviceId],
  );
  for (const { stray, ...one } of rows) {
    await note(client, {
      cardId: one.card,
      loadId: one.load,
      kind: stray === null ? 'paid' : 'paidStray',
      deviceId: device.deviceId,
      detail: { payment: one.payment, amount: one.amount, ...(stray === null ? {} : { stray }) },
    });
    if (stray !== null)
      await openCase(db, {
        kind: 'loadPaymentStray',
        eventKey: strayKey(one.line),
        deviceId: device.deviceId,
        paymentId: one.payment,
        amount: one.amount,
        detail: { reason: stray, loadId: one.load, cardId: one.card, workstation: device.workstation.code },
      });
  }
}

const strayKey = (line: string): string => `loadPayment:${line}`;

/** Why no order takes this money; null: its order is paid by it. */
function strayOf(one: Paying, order: OrderRow | undefined, placed: string, takenNow: boolean): Stray | null {
  if (!order) return 'unknown';
  const same =
    order.card_id === one.card &&
    order.biller_id === one.biller &&
    order.account === one.account &&
    order.amount === one.amount;
  if (!same) return 'differs';
  if (takenNow || order.line_id !== null) return 'twice';
  if (order.state !== 'quoted') return 'ended';
  return placed === 'payable' ? null : 'unallocated';
}

type BackRow = {
  readonly line_id: string;
  readonly load_id: string;
  readonly card_id: string;
  readonly stray: string | null;
  readonly payment_id: string;
  readonly amount: number;
  readonly storno_id: string;
  readonly storno_line_id: string;
};

/** A payment that was posted back takes the money from its loads. What was ordered of a card by then may be on it. */
async function markStornoed(
  { client, db }: Transaction,
  device: Device,
  stornos: readonly string[],
): Promise<void> {
  const { rows } = await client.query<BackRow>(
    `select n.line_id, n.load_id, n.card_id, n.stray, n.payment_id, n.amount, s.payment_id as storno_id, r.line_id as storno_line_id
     from payment s join meter_load_payment n on n.payment_id = s.reverses join payment_line r on r.reverses_line_id = n.line_id and r.payment_id = s.payment_id
     where s.payment_id = any ($1) and s.kind = 'storno' and n.storno_id is null order by n.load_id`,
    [stornos],
  );
  for (const back of rows) {
    await client.query(
      'update meter_load_payment set storno_id = $2, storno_line_id = $3 where line_id = $1',
      [back.line_id, back.storno_id, back.storno_line_id],
    );
    if (back.stray !== null) {
      await closeCase(db, strayKey(back.line_id), 'refunded');
      continue;
    }
    const { rows: held } = await client.query<{ state: string }>(
      'select state from meter_load where load_id = $1 for update',
      [back.load_id],
    );
    const state = held[0]?.state ?? '';
    await client.query(
      `update meter_load set stornoed_at = clock_timestamp(), ended_at = case when state = 'paid' then clock_timestamp() else ended_at end,
         state = case when state = 'paid' then 'cancelled' else state end where load_id = $1`,
      [back.load_id],
    );
    await note(client, {
      cardId: back.card_id,
      loadId: back.load_id,
      kind: 'stornoed',
      deviceId: device.deviceId,
      detail: { storno: back.storno_id, state },
    });
    if (state === 'paid') await closeCase(db, owedKey(back.load_id), 'refunded');
    if (state === 'authorised' || state === 'confirmed')
      await openCase(db, {
        kind: state === 'confirmed' ? 'loadStornoedWritten' : 'loadStornoedOpen',
        eventKey: stornoedKey(back.load_id, state === 'confirmed' ? 'written' : 'open'),
        deviceId: device.deviceId,
        paymentId: back.payment_id,
        amount: back.amount,
        detail: { loadId: back.load_id, cardId: back.card_id, workstation: device.workstation.code },
      });
  }
}
