import type pg from 'pg';
import { parseEntryBody } from '../../contracts/journal.ts';
import { FINDINGS_MAX, type Check, type SqlCheck } from './check.ts';

/** What is held of meter cards against the books and against the counters' journals. */

const CASE_OF = (key: string): string => `exists (select from case_file c where c.event_key = ${key})`;

export const LOAD_CHECKS: readonly SqlCheck[] = [
  {
    name: 'loads',
    says: 'what was paid for each load is on its card, or owed, or given back: once, and nothing beside',
    count: `select count(*) from meter_load where line_id is not null`,
    wrong: `with load as (
        select l.*, p.amount as paid, p.placed, p.biller_id as paid_to, p.account as paid_for, r.line_id as back
        from meter_load l left join payment_line p on p.line_id = l.line_id and p.payment_id = l.payment_id
        left join payment_line r on r.reverses_line_id = l.line_id
        where l.line_id is not null),
      share as (
        select load.*, case when state = 'confirmed' or found_at is not null then amount else 0 end as on_card,
          case when back is not null then amount else 0 end as refunded,
          case when back is null and found_at is null and state in ('paid', 'authorised', 'cancelled', 'writtenOff') then amount else 0 end as owed
        from load)
      select 'load ' || load_id || ': ' || coalesce(paid, 0) || ' paid, ' || on_card || ' on its card, ' || owed || ' owed, ' || refunded || ' given back'
      from share where on_card + owed + refunded is distinct from paid
        and not (state = 'confirmed' and ${CASE_OF(`'loadStornoed:' || load_id || ':written'`)})
        and not (found_at is not null and ${CASE_OF(`'loadFound:' || load_id`)})
      union all
      select 'load ' || load_id || ' is paid by a line that is not its own'
      from share where paid is not null and (paid <> amount or placed <> 'payable' or paid_to <> biller_id or paid_for <> account)
      union all
      select 'load ' || load_id || case when back is null then ' is said to be given back, and is not' else ' is given back, and is ' || state end
      from share where (back is null) <> (stornoed_at is null) or (back is not null and state in ('quoted', 'paid'))
      union all
      select 'load ' || load_id || ' is ordered of its card and given back, and there is no case'
      from share where back is not null and state = 'authorised' and not ${CASE_OF(`'loadStornoed:' || load_id || ':open'`)}
      union all
      select 'load ' || load_id || ' was written off, and there is no case'
      from share where state = 'writtenOff' and not ${CASE_OF(`'loadWrittenOff:' || load_id`)}
      union all
      select 'load ' || load_id || ' is ' || state || ', and nothing says how it came to be'
      from meter_load l where state in ('confirmed', 'cancelled', 'writtenOff') and not exists (
        select from meter_event e where e.load_id = l.load_id
          and e.kind = any (case l.state when 'cancelled' then array['cancelled', 'stornoed'] else array[l.state] end))
      union all
      select 'load ' || load_id || ' was cancelled after an order, without the card’s word'
      from meter_event e where kind = 'cancelled' and detail->>'from' = 'authorised' and detail->>'status' is null`,
  },
  {
    name: 'meterCards',
    says: 'every card counts as its loads do, and its last load is the last',
    count: 'select count(*) from meter_card',
    wrong: `with taken as (
        select distinct on (card_id) card_id, counter, load_id, count(*) over (partition by card_id) as loads,
          count(*) over (partition by card_id, counter) as at_once
        from meter_load where state = 'confirmed' or found_at is not null order by card_id, counter desc),
      accepted as (
        select distinct on (card_id) card_id, (detail->>'counter')::bigint as counter from meter_event where kind = 'accepted' order by card_id, event_no desc)
      select 'card ' || c.card_id || ' counts ' || c.counter || ', its loads come to ' || (t.counter + 1)
      from meter_card c join taken t using (card_id) left join accepted a using (card_id)
      where t.at_once > 1 or t.loads > c.counter or case when a.counter > t.counter then c.counter <> a.counter
        else c.counter <> t.counter + 1 or c.last_load_id is distinct from t.load_id end`,
  },
];

/** How many entries are held at once. */
const PAGE = 1000;

type EntryRow = { readonly device_id: string; readonly seq: number; readonly body: string };
type Noted = {
  readonly line_id: string;
  readonly load_id: string;
  readonly card_id: string;
  readonly stray: string | null;
};

/**
 * Holds the payments of loads against the journals they came from: every line that said it was for a load is noted with that
 * load and card, none was made up, and each that no order took has its case.
 */
export async function verifyLoadPayments(client: pg.PoolClient): Promise<Check> {
  const findings: string[] = [];
  const seen = new Set<string>();
  let after: readonly [string, number] = ['00000000-0000-0000-0000-000000000000', 0];
  for (;;) {
    const { rows } = await client.query<EntryRow>(
      `select device_id, seq, body from device_journal
       where type = 'payment.accepted' and outcome in ('posted', 'unallocated') and body like '%"loadId":%' and (device_id, seq) > ($1, $2)
       order by device_id, seq limit ${PAGE}`,
      [...after],
    );
    const said = rows.flatMap(linesOf);
    const { rows: noted } = await client.query<Noted>(
      'select line_id, load_id, card_id, stray from meter_load_payment where line_id = any ($1)',
      [said.map(({ line }) => line)],
    );
    const byLine = new Map(noted.map((row) => [row.line_id, row]));
    for (const { line, load, card } of said) {
      seen.add(line);
      const row = byLine.get(line);
      if (!row) findings.push(`line ${line} paid for load ${load}, and is not noted`);
      else if (row.load_id !== load || row.card_id !== card)
        findings.push(`line ${line} paid for load ${load}, and is noted for ${row.load_id}`);
    }
    const last = rows.at(-1);
    if (!last || rows.length < PAGE) break;
    after = [last.device_id, last.seq];
  }
  const { rows: all } = await client.query<Noted & { cased: boolean; taken: boolean }>(
    `select n.line_id, n.load_id, n.card_id, n.stray, ${CASE_OF(`'loadPayment:' || n.line_id`)} as cased,
       exists (select from meter_load l where l.load_id = n.load_id and l.line_id = n.line_id) as taken
     from meter_load_payment n`,
  );
  for (const { line_id: line, stray, cased, taken } of all) {
    if (!seen.has(line)) findings.push(`line ${line} is noted as paying for a load, and no journal says so`);
    if (stray === null ? !taken : taken || !cased)
      findings.push(
        `line ${line} ${stray === null ? 'pays for a load that does not know it' : 'is taken by no order, and there is no case'}`,
      );
  }
  return {
    name: 'loadPayments',
    says: 'every payment for a load is noted as its workstation’s journal tells it, and none was made up',
    checked: all.length,
    wrong: findings.length,
    findings: findings.slice(0, FINDINGS_MAX),
  };
}

function linesOf({ body }: EntryRow): { line: string; load: string; card: string }[] {
  const read = parseEntryBody(body); // it was posted, so it could be read
  return read.type === 'payment.accepted'
    ? read.payload.lines.flatMap(({ lineId, load }) =>
        load ? [{ line: lineId, load: load.loadId, card: load.cardId }] : [],
      )
    : [];
}
