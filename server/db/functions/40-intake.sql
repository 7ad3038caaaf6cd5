-- Posts a batch: payments in sets, then stornos, floats, closes and what could not be placed, all in the caller's
-- transaction and one block of the chain. Idempotent by id: an item that is there already gets its first answer.
--
-- p_batch (all lists may be absent; amounts in minor units; `i` numbers the items of the whole batch):
--   payments    [{i, id, entry, hash, channel, device, participant, shift, date, receipt, code, total, fees, currency, taken, debit, district}]
--   lines       [{i, n, id, b, a, m, f, bill}]                    company, account, amount, fee of payment item i
--   stornos     [{i, id, entry, hash, of, device, participant, shift, date, receipt, total, taken, credit}]
--   stornoLines [{i, n, id, r, m, f}]                             r is the line it reverses
--   shifts      [{i, id, kind, hash, date, entries: [[account, amount], …]}]
--   unplaced    [{i, id, hash, date, cash, amount, reason, device, payment, detail}]   signed cash movement nobody can place
-- `entry` is the device journal entry an item comes from; without it (other channels) a conflict posts nothing.
create or replace function intake_post(p_batch jsonb)
returns table (i integer, outcome text, posted_at timestamptz, note text, journal_id uuid, conflict boolean)
language plpgsql as $$
#variable_conflict use_column
declare
  v_now timestamptz;
  v_block uuid := gen_random_uuid();
  v_deltas ledger_delta[] := '{}';
  v_seals ledger_seal[] := '{}';
  v_more ledger_delta[];
  v_more_seals ledger_seal[];
  v_unplaced uuid[];
  v_item record;
  v_reason text;
  v_extra jsonb := '[]';
begin
  perform posting_barrier_shared();
  v_now := date_trunc('milliseconds', clock_timestamp());
  perform window_ensure(d.date, v_now) from (
    select distinct (x->>'date')::date as date from jsonb_array_elements(
      coalesce(p_batch->'payments', '[]') || coalesce(p_batch->'stornos', '[]')) x order by 1) d;

  if jsonb_array_length(coalesce(p_batch->'payments', '[]')) > 0 then
    with item as materialized (
      select distinct on (x.id) x.* from jsonb_to_recordset(p_batch->'payments') as x(
        i integer, id uuid, hash text, channel text, device uuid, participant uuid, shift uuid, date date, receipt text, code text,
        total bigint, fees bigint, currency text, taken timestamptz, debit text, district text)
      order by x.id, x.i),
    line as materialized (
      select l.i, l.n, l.id, l.b, l.a, l.m, l.f, l.bill, ba.district,
        coalesce(bi.status = 'live' and (ba.active or (bi.offline = 'mask' and l.a ~ bi.account_mask)), false) as payable
      from jsonb_to_recordset(p_batch->'lines') as l(i integer, n smallint, id uuid, b uuid, a text, m bigint, f bigint, bill text)
      left join biller bi on bi.biller_id = l.b
      left join biller_account ba on ba.biller_id = l.b and ba.account = l.a),
    placement as (select l.i, bool_and(l.payable) as payable from line l group by l.i),
    paid as (
      insert into payment (payment_id, kind, channel, device_id, participant_id, shift_id, business_date, receipt_no, subscriber_code,
        total, fees, currency, outcome, taken_at, posted_at, request_hash, window_id, block_id)
      select it.id, 'payment', it.channel, it.device, it.participant, it.shift, it.date, it.receipt, it.code,
        it.total, it.fees, it.currency, case when p.payable then 'posted' else 'unallocated' end, it.taken, v_now, it.hash, w.window_id, v_block
      from item it join placement p on p.i = it.i
      join settlement_window w on w.business_date = it.date and w.state = 'open'
      order by it.id
      on conflict (payment_id) do nothing
      returning payment_id, outcome, total, currency, business_date, request_hash),
    fresh as materialized (
      select it.i, it.debit, it.district, p.* from paid p join item it on it.id = p.payment_id),
    lined as (
      insert into payment_line (line_id, payment_id, line_no, biller_id, account, district, amount, fee, bill_no, placed, posted_at)
      select l.id, f.payment_id, l.n, l.b, l.a, coalesce(l.district, f.district), l.m, l.f, l.bill,
        case when l.payable then 'payable' else 'unallocated' end, v_now
      from fresh f join line l on l.i = f.i),
    entry as materialized (
      select f.payment_id, 0::smallint as line_no, f.debit as account, f.total as amount, f.currency from fresh f
      union all
      select f.payment_id, (2 * l.n - 1)::smallint, case when l.payable then 'payable:' || l.b else 'unallocated' end, -l.m, f.currency
      from fresh f join line l on l.i = f.i
      union all
      select f.payment_id, (2 * l.n)::smallint, 'commission:' || l.b, -l.f, f.currency
      from fresh f join line l on l.i = f.i where l.f > 0),
    journaled as (
      insert into ledger_journal (journal_id, kind, business_date, posted_at, content_hash, block_id)
      select f.payment_id, 'payment', f.business_date, v_now, f.request_hash, v_block from fresh f),
    entered as (
      insert into ledger_entry (journal_id, line_no, account, amount, currency)
      select e.payment_id, e.line_no, e.account, e.amount, e.currency from entry e),
    delta as (
      select e.account, e.currency, sum(e.amount)::bigint as amount, count(*) as entries from entry e group by e.account, e.currency),
    entry_text as (
      select e.payment_id, string_agg(ledger_entry_text(e.line_no, e.account, e.amount, e.currency), E'\n' order by e.line_no) as entries
      from entry e group by e.payment_id),
    seal as (
      select f.payment_id, sha256(convert_to(
        ledger_head_text(f.payment_id, 'payment', f.business_date, v_now, null, f.request_hash) || E'\n' || t.entries, 'UTF8')) as hash
      from fresh f join entry_text t using (payment_id))
    select (select array_agg(row(d.account, d.currency, d.amount, d.entries)::ledger_delta) from delta d),
      (select array_agg(row(s.payment_id, s.hash)::ledger_seal) from seal s),
      (select array_agg(f.payment_id) from fresh f where f.outcome = 'unallocated')
    into v_more, v_more_seals, v_unplaced;
    v_deltas := v_deltas || coalesce(v_more, '{}');
    v_seals := v_seals || coalesce(v_more_seals, '{}');

    if v_unplaced is not null then
      insert into case_file (case_id, kind, opened_at, event_key, device_id, payment_id, journal_id, amount, detail)
      select gen_random_uuid(), 'unallocatedPayment', v_now, 'payment:' || p.payment_id, p.device_id, p.payment_id, p.payment_id,
        sum(l.amount), jsonb_build_object('receiptNo', p.receipt_no, 'lines', jsonb_agg(jsonb_build_object(
          'billerId', l.biller_id, 'account', l.account, 'amount', l.amount) order by l.line_no))
      from payment p join payment_line l using (payment_id)
      where p.payment_id = any (v_unplaced) and l.placed = 'unallocated'
      group by p.payment_id
      on conflict (event_key) do nothing;
    end if;

    return query
      select x.i, p.outcome, p.posted_at, null::text, p.payment_id, p.request_hash <> x.hash
      from jsonb_to_recordset(p_batch->'payments') as x(i integer, id uuid, hash text, entry uuid)
      join payment p on p.payment_id = x.id
      where x.entry is null or p.request_hash = x.hash;
    -- A device's journal cannot be refused: what it took under an id that means something else waits for a person.
    select coalesce(jsonb_agg(jsonb_build_object('i', x.i, 'id', x.entry, 'hash', x.hash, 'date', x.date, 'cash', x.debit,
        'amount', x.total, 'reason', 'idempotencyConflict', 'device', x.device, 'payment', x.id)), '[]') into v_extra
    from jsonb_to_recordset(p_batch->'payments') as x(
      i integer, id uuid, entry uuid, hash text, date date, debit text, total bigint, device uuid)
    join payment p on p.payment_id = x.id
    where x.entry is not null and p.request_hash <> x.hash;
  end if;

  for v_item in
    select * from jsonb_to_recordset(coalesce(p_batch->'stornos', '[]')) as x(
      i integer, id uuid, entry uuid, hash text, "of" uuid, device uuid, participant uuid, shift uuid, date date, receipt text,
      total bigint, taken timestamptz, credit text)
    order by x.i
  loop
    v_reason := storno_refusal(v_item.id, v_item.hash, v_item."of", v_item.device, v_item.total,
      (select jsonb_agg(l) from jsonb_array_elements(p_batch->'stornoLines') l where (l->>'i')::integer = v_item.i));
    if v_reason is null then
      insert into payment (payment_id, kind, channel, device_id, participant_id, shift_id, business_date, receipt_no, subscriber_code,
        total, fees, currency, outcome, taken_at, posted_at, request_hash, window_id, reverses, block_id)
      select v_item.id, 'storno', p.channel, v_item.device, v_item.participant, v_item.shift, v_item.date, v_item.receipt, p.subscriber_code,
        -p.total, -p.fees, p.currency, p.outcome, v_item.taken, v_now, v_item.hash, w.window_id, p.payment_id, v_block
      from payment p join settlement_window w on w.business_date = v_item.date and w.state = 'open'
      where p.payment_id = v_item."of"
      on conflict do nothing;
      if not found then
        v_reason := 'paymentAlreadyStornoed'; -- another transaction was first
      end if;
    end if;
    if v_reason is null then
      insert into payment_line (line_id, payment_id, line_no, biller_id, account, district, amount, fee, bill_no, placed, posted_at, reverses_line_id)
      select x.id, v_item.id, x.n, o.biller_id, o.account, o.district, -o.amount, -o.fee, o.bill_no, o.placed, v_now, o.line_id
      from jsonb_to_recordset(p_batch->'stornoLines') as x(i integer, n smallint, id uuid, r uuid)
      join payment_line o on o.line_id = x.r where x.i = v_item.i;
      select w.p_deltas, w.p_seals into v_deltas, v_seals from ledger_write(
        v_block, v_now, v_item.id, 'storno', v_item.date, v_item."of", v_item.hash,
        (select jsonb_build_array(jsonb_build_array(v_item.credit, -v_item.total)) || jsonb_agg(jsonb_build_array(t.account, t.amount) order by t.n, t.part)
         from (
           select l.line_no as n, 1 as part, case l.placed when 'payable' then 'payable:' || l.biller_id else 'unallocated' end as account, -l.amount as amount
           from payment_line l where l.payment_id = v_item.id
           union all
           select l.line_no, 2, 'commission:' || l.biller_id, -l.fee from payment_line l where l.payment_id = v_item.id) t),
        v_deltas, v_seals) w;
    end if;
    if v_reason is null or v_reason = 'first' then
      return query select v_item.i, p.outcome, p.posted_at, null::text, p.payment_id, false from payment p where p.payment_id = v_item.id;
    else
      v_extra := v_extra || jsonb_build_array(jsonb_build_object('i', v_item.i, 'id', v_item.entry, 'hash', v_item.hash, 'date', v_item.date,
        'cash', v_item.credit, 'amount', -v_item.total, 'reason', v_reason, 'device', v_item.device, 'payment', v_item."of"));
    end if;
  end loop;

  for v_item in
    select * from jsonb_to_recordset(coalesce(p_batch->'shifts', '[]')) as x(
      i integer, id uuid, kind text, hash text, date date, entries jsonb)
    order by x.i
  loop
    if not exists (select from ledger_journal j where j.journal_id = v_item.id) then
      select w.p_deltas, w.p_seals into v_deltas, v_seals from ledger_write(
        v_block, v_now, v_item.id, v_item.kind, v_item.date, null, v_item.hash, v_item.entries, v_deltas, v_seals) w;
    end if;
    return query select v_item.i, 'posted'::text, j.posted_at, null::text, j.journal_id, j.content_hash <> v_item.hash
      from ledger_journal j where j.journal_id = v_item.id;
  end loop;

  -- Where the cash went is a fact even when its reason cannot be placed: it is posted, and a person decides.
  for v_item in
    select * from jsonb_to_recordset(coalesce(p_batch->'unplaced', '[]') || v_extra) as x(
      i integer, id uuid, hash text, date date, cash text, amount bigint, reason text, device uuid, payment uuid, detail jsonb)
    order by x.i
  loop
    if not exists (select from ledger_journal j where j.journal_id = v_item.id) then
      select w.p_deltas, w.p_seals into v_deltas, v_seals from ledger_write(
        v_block, v_now, v_item.id, 'unplaced', v_item.date, null, v_item.hash,
        jsonb_build_array(jsonb_build_array(v_item.cash, v_item.amount),
          jsonb_build_array(case when v_item.amount > 0 then 'unallocated' else 'suspense:storno' end, -v_item.amount)),
        v_deltas, v_seals) w;
      insert into case_file (case_id, kind, opened_at, event_key, device_id, payment_id, journal_id, amount, detail)
      values (gen_random_uuid(), v_item.reason, v_now, 'entry:' || v_item.id, v_item.device, v_item.payment, v_item.id, v_item.amount,
        coalesce(v_item.detail, '{}'))
      on conflict (event_key) do nothing;
    end if;
    return query select v_item.i, 'case'::text, v_now, v_item.reason, v_item.id, true;
  end loop;

  if cardinality(v_seals) > 0 then
    perform ledger_add(v_deltas, v_now);
    perform ledger_seal_block(v_block, v_seals, v_now);
  end if;
end $$;

-- Why a storno cannot be posted; null when it can, 'first' when it is there already. Its lines must reverse the whole
-- payment, which must be of the same device, not stornoed, and in a window that is still open.
create or replace function storno_refusal(p_id uuid, p_hash text, p_of uuid, p_device uuid, p_total bigint, p_lines jsonb)
returns text language plpgsql as $$
declare
  v_payment payment;
begin
  select * into v_payment from payment where payment_id = p_id;
  if found then
    return case when v_payment.request_hash = p_hash then 'first' else 'idempotencyConflict' end;
  end if;
  select * into v_payment from payment where payment_id = p_of and kind = 'payment';
  if not found then
    return 'receiptUnknown';
  end if;
  if exists (select from payment where reverses = p_of) then
    return 'paymentAlreadyStornoed';
  end if;
  if v_payment.device_id is distinct from p_device then
    return 'stornoNotOwnShift';
  end if;
  if not exists (select from settlement_window where window_id = v_payment.window_id and state = 'open') then
    return 'stornoAfterSettlement';
  end if;
  if v_payment.total <> p_total or exists (
    select from jsonb_to_recordset(p_lines) as x(r uuid, m bigint, f bigint)
    full join (select * from payment_line where payment_id = p_of) o on o.line_id = x.r
    where x.r is null or o.line_id is null or x.m <> o.amount or x.f <> o.fee)
    or (select count(*) <> count(distinct x.r) from jsonb_to_recordset(p_lines) as x(r uuid)) then
    return 'stornoDiffers';
  end if;
  return null;
end $$;

-- An account that moves to another district takes its payment lines along, so that the district's replicas get them.
create or replace function payment_line_follow() returns trigger language plpgsql as $$
begin
  update payment_line set district = new.district, changed_xid = pg_current_xact_id()
  where biller_id = new.biller_id and account = new.account and district <> new.district;
  return null;
end $$;
do $$
begin
  if to_regclass('biller_account') is not null then
    create or replace trigger follow_district after update of district on biller_account
      for each row when (old.district is distinct from new.district) execute function payment_line_follow();
  end if;
end $$;
