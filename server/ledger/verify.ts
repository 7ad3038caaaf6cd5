import type pg from 'pg';
import type { Database } from '../db/database.ts';
import { FINDINGS_MAX, type Check, type SqlCheck } from './check.ts';
import { verifyAttempts } from './verify-attempts.ts';
import { verifyDeviceJournals } from './verify-journals.ts';
import { LOAD_CHECKS, verifyLoadPayments } from './verify-loads.ts';

export type Proof = { readonly ok: boolean; readonly checks: readonly Check[] };

/**
 * Proves the books from the raw rows: nothing stored as a result is believed. Reads one snapshot, so it can run while
 * payments come in.
 */
export async function verifyLedger(database: Database): Promise<Proof> {
  const client = await database.pool.connect();
  try {
    await client.query('begin isolation level repeatable read read only');
    const checks: Check[] = [];
    for (const check of [...SQL_CHECKS, ...LOAD_CHECKS]) checks.push(await runCheck(client, check));
    checks.push(
      ...(await verifyDeviceJournals(client)),
      await verifyAttempts(client),
      await verifyLoadPayments(client),
    );
    await client.query('commit');
    return { ok: checks.every((check) => check.wrong === 0), checks };
  } catch (error) {
    await client.query('rollback');
    throw error;
  } finally {
    client.release();
  }
}

async function runCheck(client: pg.PoolClient, check: SqlCheck): Promise<Check> {
  const counted = await client.query<{ n: number }>(`select (${check.count}) as n`);
  const wrong = await client.query<{ finding: string; n: number }>(
    `select finding, count(*) over () as n from (${check.wrong}) w(finding) limit ${FINDINGS_MAX}`,
  );
  return {
    name: check.name,
    says: check.says,
    checked: counted.rows[0]?.n ?? 0,
    wrong: wrong.rows[0]?.n ?? 0,
    findings: wrong.rows.map((row) => row.finding),
  };
}

const SQL_CHECKS: readonly SqlCheck[] = [
  {
    name: 'journals',
    says: 'every journal sums to zero per currency',
    count: 'select count(*) from ledger_journal',
    wrong: `select 'journal ' || journal_id || ' sums to ' || sum(amount) || ' ' || currency
      from ledger_entry group by journal_id, currency having sum(amount) <> 0
      union all
      select 'entry of journal ' || e.journal_id || ', which is not there'
      from ledger_entry e left join ledger_journal j using (journal_id) where j.journal_id is null`,
  },
  {
    name: 'balances',
    says: 'every balance is the sum of its entries',
    count: 'select count(*) from ledger_balance',
    wrong: `select 'balance of ' || account || ' is ' || coalesce(b.amount::text, 'absent') || ', its entries sum to ' || coalesce(e.amount, 0)
      from ledger_balance b
      full join (select account, currency, sum(amount)::bigint as amount, count(*) as entries from ledger_entry group by account, currency) e
        using (account, currency)
      where b.amount is distinct from coalesce(e.amount, 0) or b.entries is distinct from coalesce(e.entries, 0)`,
  },
  {
    name: 'blocks',
    says: 'the chain of blocks covers every journal, unbroken and unaltered',
    count: 'select count(*) from ledger_block',
    wrong: `with journal as (
        select j.block_id, j.journal_id, sha256(convert_to(
          ledger_head_text(j.journal_id, j.kind, to_char(j.business_date, 'YYYY-MM-DD'), ledger_ms(j.posted_at), j.reverses, j.content_hash)
            || coalesce(E'\\n' || e.entries, ''), 'UTF8')) as hash
        from ledger_journal j
        left join (
          select journal_id, string_agg(ledger_entry_text(line_no, account, amount, currency), E'\\n' order by line_no) as entries
          from ledger_entry group by journal_id) e using (journal_id)),
      sealed as (
        select block_id, string_agg(hash, ''::bytea order by journal_id) as hashes, count(*) as journals from journal group by block_id),
      chained as (
        select b.*, lag(b.hash, 1, repeat('0', 64)) over (order by b.seq) as before, row_number() over (order by b.seq) as place from ledger_block b)
      select 'block ' || coalesce(c.seq::text, 'of ' || s.block_id || ' missing') ||
        case when c.seq is null then '' when c.seq <> c.place then ' is not number ' || c.place when c.prev_hash <> c.before then ' does not follow the one before'
          when s.journals is distinct from c.journals then ' has ' || coalesce(s.journals, 0) || ' journals, sealed ' || c.journals else ' was altered' end
      from chained c full join sealed s using (block_id)
      where c.seq is null or c.seq <> c.place or c.prev_hash <> c.before or s.journals is distinct from c.journals
        or c.hash <> ledger_block_hash(c.seq, c.prev_hash, s.hashes)`,
  },
  {
    name: 'payments',
    says: 'every payment and storno is posted exactly once, as its lines say',
    count: 'select count(*) from payment',
    wrong: `select coalesce(p.kind, j.kind) || ' ' || coalesce(p.payment_id, j.journal_id) || case
          when j.journal_id is null then ' has no journal' when p.payment_id is null then ' has a journal and no payment' else ' differs from its journal' end
      from payment p full join (select * from ledger_journal where kind in ('payment', 'storno')) j on j.journal_id = p.payment_id
      where p.payment_id is null or j.journal_id is null
        or (p.kind, p.request_hash, p.posted_at, p.block_id, p.business_date) is distinct from (j.kind, j.content_hash, j.posted_at, j.block_id, j.business_date)
        or p.reverses is distinct from j.reverses
      union all
      select p.kind || ' ' || p.payment_id || ' of ' || p.total || ' has lines of ' || coalesce(l.total, 0)
      from payment p left join (
        select payment_id, sum(amount + fee) as total, sum(fee) as fees from payment_line group by payment_id) l using (payment_id)
      where l.total is distinct from p.total or l.fees is distinct from p.fees
      union all
      select 'line ' || l.line_id || ' of a payment that is not there'
      from payment_line l left join payment p using (payment_id) where p.payment_id is null`,
  },
  {
    name: 'entries',
    says: 'the entries of every payment are those its lines call for',
    count: 'select count(*) from payment_line',
    wrong: `with wanted as (
        select payment_id, account, sum(amount)::bigint as amount from (
          select payment_id, case placed when 'payable' then 'payable:' || biller_id else 'unallocated' end as account, -amount as amount from payment_line
          union all
          select payment_id, 'commission:' || biller_id, -fee from payment_line where fee <> 0) e
        group by payment_id, account),
      booked as (
        select e.journal_id as payment_id, e.account, sum(e.amount)::bigint as amount
        from ledger_entry e join ledger_journal j using (journal_id)
        where j.kind in ('payment', 'storno') and e.account !~ '^(cash|clearing|pos):' group by e.journal_id, e.account)
      select 'payment ' || payment_id || ': ' || account || ' has ' || coalesce(b.amount, 0) || ' instead of ' || coalesce(w.amount, 0)
      from wanted w full join booked b using (payment_id, account)
      where w.amount is distinct from b.amount`,
  },
  {
    name: 'stornos',
    says: 'every storno reverses one whole payment, line by line',
    count: `select count(*) from payment where kind = 'storno'`,
    wrong: `select 'storno ' || s.payment_id || ' does not reverse ' || coalesce(s.reverses::text, 'anything')
      from payment s left join payment p on p.payment_id = s.reverses and p.kind = 'payment'
      where s.kind = 'storno' and (p.payment_id is null or p.total <> -s.total or exists (
        select from (select * from payment_line where payment_id = p.payment_id) o
        full join (select * from payment_line where payment_id = s.payment_id) r on r.reverses_line_id = o.line_id
        where o.line_id is null or r.line_id is null or o.amount <> -r.amount or o.fee <> -r.fee or o.placed <> r.placed))`,
  },
  {
    name: 'counters',
    says: 'what the counters recorded and what was posted for them is the same',
    count: `select count(*) from device_journal where outcome in ('posted', 'unallocated')`,
    wrong: `select 'entry ' || d.seq || ' of device ' || d.device_id || ' (' || d.type || ') is answered ' || d.outcome || ' and not posted'
      from device_journal d left join ledger_journal j on j.journal_id = d.journal_id
      where d.outcome in ('posted', 'unallocated') and (j.journal_id is null or j.posted_at <> d.posted_at)
      union all
      select p.kind || ' ' || p.payment_id || ' of the counter is in no journal of its device'
      from payment p left join device_journal d on d.journal_id = p.payment_id and d.device_id = p.device_id
      where p.channel = 'counter' and d.seq is null
      union all
      select j.kind || ' ' || j.journal_id || ' is in no journal of a device'
      from ledger_journal j left join device_journal d on d.journal_id = j.journal_id
      where j.kind in ('cardCharge', 'cardReturn') and d.seq is null
      union all
      select 'entry ' || d.seq || ' of device ' || d.device_id || ' waits for a person, and there is no case'
      from device_journal d
      where d.outcome = 'case' and not exists (
        select from case_file c where c.event_key in ('entry:' || d.journal_id, 'entry:' || d.device_id || ':' || d.seq))`,
  },
  {
    name: 'cards',
    says: 'every card charged or given back in the books rests on an attempt at that terminal, and on one only',
    count: `select count(*) from ledger_entry where account like 'pos:%'`,
    wrong: `with booked as (
        select journal_id, account, sum(amount)::bigint as amount from ledger_entry where account like 'pos:%' group by journal_id, account),
      made as (
        select booked_journal as journal_id, ledger_account as account, sum(case kind when 'sale' then amount else -amount end)::bigint as amount
        from card_attempt where outcome = 'done' and booked_journal is not null group by booked_journal, ledger_account)
      select 'journal ' || journal_id || ' has ' || coalesce(b.amount, 0) || ' on ' || account || ', the attempts made ' || coalesce(m.amount, 0)
      from booked b full join made m using (journal_id, account)
      where b.amount is distinct from m.amount
        and not exists (select from case_file c where c.event_key = 'card:' || coalesce(b.journal_id, m.journal_id))
      union all
      select 'attempt ' || a.attempt_id || ' is booked by an entry that is not its device’s'
      from card_attempt a left join device_journal d on d.journal_id = a.booked_journal and d.device_id = a.device_id
      where a.booked_journal is not null and d.seq is null`,
  },
  {
    name: 'refundsDue',
    says: 'what is owed to payers is the charges that no payment takes, less those given back',
    count: `select count(*) from ledger_journal where kind in ('cardCharge', 'cardReturn')`,
    wrong: `with owed as (
        select 'refunds-due:' || participant_id as account, sum(case kind when 'sale' then -amount else amount end)::bigint as amount
        from card_attempt where outcome = 'done' and recorded_as is null group by participant_id),
      booked as (
        select account, sum(amount)::bigint as amount from ledger_entry e
        where account like 'refunds-due:%' and not exists (select from case_file c where c.event_key = 'card:' || e.journal_id)
        group by account)
      select account || ' is ' || coalesce(b.amount, 0) || ', the attempts come to ' || coalesce(o.amount, 0)
      from owed o full join booked b using (account) where coalesce(o.amount, 0) <> coalesce(b.amount, 0)`,
  },
  {
    name: 'audit',
    says: 'the audit log is unbroken and unaltered',
    count: 'select count(*) from audit_log',
    wrong: `select 'audit row ' || seq || case when seq <> place then ' is not number ' || place else ' was altered' end
      from (select a.*, lag(hash, 1, repeat('0', 64)) over (order by seq) as before, row_number() over (order by seq) as place from audit_log a) a
      where seq <> place or prev_hash <> before
        or hash <> encode(sha256(convert_to(prev_hash || E'\\n' || audit_text(seq, at, actor, action, subject, detail), 'UTF8')), 'hex')`,
  },
];
