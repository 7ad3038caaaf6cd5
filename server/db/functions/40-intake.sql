-- Posts a batch: payments in sets, then stornos, floats, closes and what could not be placed, all in the caller's
-- transaction and one block of the chain. Idempotent by id: an item that is there already gets its first answer.
--
-- p_batch (all lists may be absent; amounts in minor units; `i` numbers the items of the whole batch):
--   payments    [{i, id, entry, hash, channel, device, participant, shift, date, receipt, code, total, fees, currency, taken, debit,
--                card, cardAccount}]                        card: the part of the total that came into cardAccount instead of debit
--   lines       [{i, p, n, id, b, a, m, f, bill, d}]      of payment p: company, account, amount, fee, district if on no list
--   stornos     [{i, id, entry, hash, of, device, participant, shift, date, receipt, total, taken, credit, card, cardAccount}]
--   stornoLines [{i, n, id, r, m, f}]                  r is the line it reverses
--   shifts      [{i, id, kind, hash, date, reason, device, entries: [[account, amount], …]}]   reason: a person looks at it
--   unplaced    [{i, id, hash, date, cash, amount, reason, device, payment, detail, card, cardAccount}]   signed movement nobody can place
-- `entry` is the device journal entry an item comes from; without it (other channels) a conflict posts nothing. An entry's
-- id is the device's word: where it is taken by something else, what the entry moved is posted under an id of ours.
drop function if exists intake_post(jsonb, boolean);
drop function if exists intake_seal();
create or replace function intake_post(p_batch jsonb)
returns table (i integer, outcome text, posted_at timestamptz, note text, journal_id uuid, conflict boolean)
language plpgsql
-- The statements are the same for every batch: planning them again for each costs more than any better plan gives.
set plan_cache_mode = force_generic_plan
as $$
#variable_conflict use_column
declare
  v_now timestamptz;
  v_ms bigint;
  v_block uuid := gen_random_uuid();
  v_deltas ledger_delta[] := '{}';
  v_seals ledger_seal[] := '{}';
  v_payments jsonb := p_batch->'payments';
  v_lines jsonb := p_batch->'lines';
  v_cards jsonb;
  v_windows jsonb;
  v_known jsonb;
  v_unplaced jsonb := coalesce(p_batch->'unplaced', '[]');
  v_unplaced_lines uuid[];
  v_unplaced_payments uuid[];
  v_item record;
  v_reason text;
  v_first boolean;
  v_journal uuid;
begin
  perform pg_advisory_xact_lock_shared(7130003); -- posting_barrier_shared
  v_now := date_trunc('milliseconds', clock_timestamp());
  v_ms := ledger_ms(v_now);
  select jsonb_object_agg(d.date, window_for(d.date::date, v_now)) into v_windows from (
    select distinct x->>'date' as date from jsonb_array_elements(coalesce(v_payments, '[]') || coalesce(p_batch->'stornos', '[]')) x) d;

  -- What is there already gets its first answer, and leaves the batch.
  if v_payments is not null then
    select jsonb_agg(x) into v_known from jsonb_array_elements(v_payments) x
    where exists (select from payment p where p.payment_id = (x->>'id')::uuid);
  end if;
  if v_known is not null then
    return query select x.i, p.outcome, p.posted_at, null::text, p.payment_id, not is_first_answer(p, x.hash, x.participant, x.device)
      from jsonb_to_recordset(v_known) as x(i integer, id uuid, hash text, entry uuid, participant uuid, device uuid)
      join payment p on p.payment_id = x.id
      where x.entry is null or is_first_answer(p, x.hash, x.participant, x.device);
    -- A device's journal cannot be refused: what it took under an id that means something else waits for a person.
    select v_unplaced || coalesce(jsonb_agg(jsonb_build_object('i', x.i, 'id', x.entry, 'hash', x.hash, 'date', x.date, 'cash', x.debit,
        'amount', x.total, 'reason', 'idempotencyConflict', 'device', x.device, 'payment', x.id, 'card', x.card, 'cardAccount', x."cardAccount")), '[]')
      into v_unplaced
    from jsonb_to_recordset(v_known) as x(i integer, id uuid, entry uuid, hash text, date text, debit text, total bigint, participant uuid, device uuid,
      card bigint, "cardAccount" text)
    join payment p on p.payment_id = x.id
    where x.entry is not null and not is_first_answer(p, x.hash, x.participant, x.device);
    select jsonb_agg(x) into v_payments from jsonb_array_elements(v_payments) x
    where x->'id' not in (select k->'id' from jsonb_array_elements(v_known) k);
    select jsonb_agg(x) into v_lines from jsonb_array_elements(v_lines) x
    where x->'p' not in (select k->'id' from jsonb_array_elements(v_known) k);
  end if;

  -- From here on every payment is new. If another transaction posts one of them at this very moment, the unique index
  -- refuses ours, and the caller posts it again: then it is known.
  if v_payments is not null then
    -- Payments in cash alone are not read a second time.
    v_cards := case when jsonb_path_exists(v_payments, '$[*].card') then v_payments end;
    with lined as (
      insert into payment_line (line_id, payment_id, line_no, biller_id, account, district, amount, fee, bill_no, placed, posted_at)
      select l.id, l.p, l.n, l.b, l.a, coalesce(ba.district, l.d), l.m, l.f, l.bill,
        case when bi.status = 'live' and (ba.active or (bi.offline = 'mask' and l.a ~ bi.account_mask)) then 'payable' else 'unallocated' end,
        v_now
      from jsonb_to_recordset(v_lines) as l(id uuid, p uuid, n smallint, b uuid, a text, m bigint, f bigint, bill text, d text)
      left join biller bi on bi.biller_id = l.b
      left join biller_account ba on ba.biller_id = l.b and ba.account = l.a
      order by l.p, l.n -- two batches that share payments meet in the same order, and do not wait for each other
      returning line_id, payment_id, placed)
    select array_agg(line_id), array_agg(payment_id) into v_unplaced_lines, v_unplaced_payments from lined where placed = 'unallocated';

    insert into payment (payment_id, kind, channel, device_id, participant_id, shift_id, business_date, receipt_no, subscriber_code,
      total, fees, currency, outcome, taken_at, posted_at, request_hash, window_id, block_id)
    select x.id, 'payment', x.channel, x.device, x.participant, x.shift, x.date::date, x.receipt, x.code, x.total, x.fees, x.currency,
      case when x.id = any (v_unplaced_payments) then 'unallocated' else 'posted' end, x.taken, v_now, x.hash, (v_windows->>x.date)::uuid, v_block
    from jsonb_to_recordset(v_payments) as x(id uuid, hash text, channel text, device uuid, participant uuid, shift uuid, date text,
      receipt text, code text, total bigint, fees bigint, currency text, taken timestamptz);

    insert into ledger_journal (journal_id, kind, business_date, posted_at, content_hash, block_id)
    select x.id, 'payment', x.date, v_now, x.hash, v_block
    from jsonb_to_recordset(v_payments) as x(id uuid, hash text, date date);

    with entry as materialized (
      select x.id as journal_id, 0::smallint as line_no, x.debit as account, x.total - coalesce(x.card, 0) as amount, x.currency,
        ledger_head_text(x.id, 'payment', x.date, v_ms, null, x.hash) || E'\n'
          || ledger_entry_text(0, x.debit, x.total - coalesce(x.card, 0), x.currency) as text
      from jsonb_to_recordset(v_payments) as x(id uuid, hash text, date text, total bigint, currency text, debit text, card bigint)
      union all
      -- Behind the lines of the longest payment.
      select x.id, 1000::smallint, x."cardAccount", x.card, x.currency, ledger_entry_text(1000, x."cardAccount", x.card, x.currency)
      from jsonb_to_recordset(v_cards) as x(id uuid, currency text, card bigint, "cardAccount" text) where x.card is not null
      union all
      select c.p, c.line_no, c.account, c.amount, 'AZN', ledger_entry_text(c.line_no, c.account, c.amount, 'AZN')
      from (
        select l.p, (2 * l.n - 1)::smallint as line_no, -l.m as amount,
          case when l.id = any (v_unplaced_lines) then 'unallocated' else 'payable:' || l.b end as account
        from jsonb_to_recordset(v_lines) as l(id uuid, p uuid, n smallint, b uuid, m bigint)
        union all
        select l.p, (2 * l.n)::smallint, -l.f, 'commission:' || l.b
        from jsonb_to_recordset(v_lines) as l(p uuid, n smallint, b uuid, f bigint) where l.f <> 0) c),
    entered as (
      insert into ledger_entry (journal_id, line_no, account, amount, currency)
      select e.journal_id, e.line_no, e.account, e.amount, e.currency from entry e),
    delta as (
      select row(e.account, e.currency, sum(e.amount)::bigint, count(*))::ledger_delta as delta from entry e group by e.account, e.currency),
    seal as (
      select row(e.journal_id, sha256(convert_to(string_agg(e.text, E'\n' order by e.line_no), 'UTF8')))::ledger_seal as seal
      from entry e group by e.journal_id)
    select (select array_agg(delta) from delta), (select array_agg(seal) from seal) into v_deltas, v_seals;

    if v_unplaced_payments is not null then
      insert into case_file (case_id, kind, opened_at, event_key, device_id, payment_id, journal_id, amount, detail)
      select gen_random_uuid(), 'unallocatedPayment', v_now, 'payment:' || p.payment_id, p.device_id, p.payment_id, p.payment_id,
        sum(l.amount), jsonb_build_object('receiptNo', p.receipt_no, 'lines', jsonb_agg(jsonb_build_object(
          'billerId', l.biller_id, 'account', l.account, 'amount', l.amount) order by l.line_no))
      from payment p join payment_line l using (payment_id)
      where p.payment_id = any (v_unplaced_payments) and l.placed = 'unallocated'
      group by p.payment_id
      on conflict (event_key) do nothing;
    end if;

    return query select x.i, case when x.id = any (v_unplaced_payments) then 'unallocated' else 'posted' end, v_now, null::text, x.id, false
      from jsonb_to_recordset(v_payments) as x(i integer, id uuid);
  end if;

  if p_batch->'stornos' is not null then
    for v_item in
      select * from jsonb_to_recordset(p_batch->'stornos') as x(
        i integer, id uuid, entry uuid, hash text, "of" uuid, device uuid, participant uuid, shift uuid, date text, receipt text,
        total bigint, taken timestamptz, credit text, card bigint, "cardAccount" text)
      order by x.i
    loop
      v_reason := storno_refusal(v_item.id, v_item.hash, v_item."of", v_item.participant, v_item.device, v_item.total,
        (select jsonb_agg(l) from jsonb_array_elements(p_batch->'stornoLines') l where (l->>'i')::integer = v_item.i));
      if v_reason is null then
        insert into payment (payment_id, kind, channel, device_id, participant_id, shift_id, business_date, receipt_no, subscriber_code,
          total, fees, currency, outcome, taken_at, posted_at, request_hash, window_id, reverses, block_id)
        select v_item.id, 'storno', p.channel, v_item.device, v_item.participant, v_item.shift, v_item.date::date, v_item.receipt, p.subscriber_code,
          -p.total, -p.fees, p.currency, p.outcome, v_item.taken, v_now, v_item.hash, (v_windows->>v_item.date)::uuid, p.payment_id, v_block
        from payment p where p.payment_id = v_item."of"
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
          (select jsonb_build_array(jsonb_build_array(v_item.credit, coalesce(v_item.card, 0) - v_item.total))
             || jsonb_agg(jsonb_build_array(t.account, t.amount) order by t.n, t.part)
             || jsonb_build_array(jsonb_build_array(v_item."cardAccount", -coalesce(v_item.card, 0)))
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
        v_unplaced := v_unplaced || jsonb_build_array(jsonb_build_object('i', v_item.i, 'id', v_item.entry, 'hash', v_item.hash, 'date', v_item.date,
          'cash', v_item.credit, 'amount', -v_item.total, 'reason', v_reason, 'device', v_item.device, 'payment', v_item."of",
          'card', -v_item.card, 'cardAccount', v_item."cardAccount"));
      end if;
    end loop;
  end if;

  if p_batch->'shifts' is not null then
    for v_item in
      select * from jsonb_to_recordset(p_batch->'shifts') as x(i integer, id uuid, kind text, hash text, date text, reason text, device uuid, entries jsonb)
      order by x.i
    loop
      select j.kind = v_item.kind and j.content_hash = v_item.hash into v_first from ledger_journal j where j.journal_id = v_item.id;
      if v_first then
        return query select v_item.i, case when v_item.reason is null then 'posted' else 'case' end, j.posted_at, v_item.reason, j.journal_id, false
          from ledger_journal j where j.journal_id = v_item.id;
        continue;
      end if;
      v_reason := case when v_first is null then v_item.reason else 'idempotencyConflict' end;
      v_journal := case when v_first is null then v_item.id else id_of_ours(v_item.id, v_item.kind, v_item.hash, v_item.device) end;
      if exists (select from ledger_journal j where j.journal_id = v_journal) then
        return query select v_item.i, 'case'::text, j.posted_at, v_reason, j.journal_id, true from ledger_journal j where j.journal_id = v_journal;
        continue;
      end if;
      select w.p_deltas, w.p_seals into v_deltas, v_seals from ledger_write(
        v_block, v_now, v_journal, v_item.kind, v_item.date, null, v_item.hash, v_item.entries, v_deltas, v_seals) w;
      if v_reason is null then
        return query select v_item.i, 'posted'::text, v_now, null::text, v_journal, false;
      else
        insert into case_file (case_id, kind, opened_at, event_key, device_id, journal_id, detail)
        values (gen_random_uuid(), v_reason, v_now, 'entry:' || v_journal, v_item.device, v_journal,
          jsonb_build_object('type', v_item.kind, 'id', v_item.id));
        return query select v_item.i, 'case'::text, v_now, v_reason, v_journal, true;
      end if;
    end loop;
  end if;

  -- Where the cash went is a fact even when its reason cannot be placed: it is posted, and a person decides.
  if v_unplaced <> '[]' then
    for v_item in
      select * from jsonb_to_recordset(v_unplaced) as x(
        i integer, id uuid, hash text, date text, cash text, amount bigint, reason text, device uuid, payment uuid, detail jsonb,
        card bigint, "cardAccount" text)
      order by x.i
    loop
      select j.kind = 'unplaced' and j.content_hash = v_item.hash
          and exists (select from case_file c where c.event_key = 'entry:' || v_item.id and c.device_id = v_item.device)
        into v_first from ledger_journal j where j.journal_id = v_item.id;
      v_journal := case when v_first is distinct from false then v_item.id else id_of_ours(v_item.id, 'unplaced', v_item.hash, v_item.device) end;
      if v_first is not true and not exists (select from ledger_journal j where j.journal_id = v_journal) then
        select w.p_deltas, w.p_seals into v_deltas, v_seals from ledger_write(
          v_block, v_now, v_journal, 'unplaced', v_item.date, null, v_item.hash,
          jsonb_build_array(jsonb_build_array(v_item.cash, v_item.amount - coalesce(v_item.card, 0)),
            jsonb_build_array(v_item."cardAccount", coalesce(v_item.card, 0)),
            jsonb_build_array(case when v_item.amount > 0 then 'unallocated' else 'suspense:storno' end, -v_item.amount)),
          v_deltas, v_seals) w;
        insert into case_file (case_id, kind, opened_at, event_key, device_id, payment_id, journal_id, amount, detail)
        values (gen_random_uuid(), v_item.reason, v_now, 'entry:' || v_journal, v_item.device, v_item.payment, v_journal, v_item.amount,
          coalesce(v_item.detail, '{}'));
      end if;
      return query select v_item.i, 'case'::text, v_now, v_item.reason, v_journal, true;
    end loop;
  end if;

  if cardinality(v_seals) > 0 then
    perform ledger_seal(v_block, v_now, v_deltas, v_seals);
  end if;
end $$;

-- Under which id an act is posted whose own id something else has: the same one however often the act is told.
create or replace function id_of_ours(p_id uuid, p_kind text, p_hash text, p_device uuid) returns uuid language sql immutable as $$
  select substr(encode(sha256(convert_to(concat_ws(' ', p_id, p_kind, p_hash, p_device), 'UTF8')), 'hex'), 1, 32)::uuid
$$;

-- Whether a payment (or storno) that is there is the very one told now: the same content from the same participant, at a
-- counter from the same device. Anything else under its id is money of its own.
create or replace function is_first_answer(p payment, p_hash text, p_participant uuid, p_device uuid)
returns boolean language sql immutable as $$
  select p.request_hash = p_hash and p.participant_id = p_participant and (p.channel <> 'counter' or p.device_id = p_device)
$$;

-- Why a storno cannot be posted; null when it can, 'first' when it is there already. Its lines must reverse the whole
-- payment, which must be of the same device, not stornoed, and in a window that is still open.
drop function if exists storno_refusal(uuid, text, uuid, uuid, bigint, jsonb);
create or replace function storno_refusal(
  p_id uuid, p_hash text, p_of uuid, p_participant uuid, p_device uuid, p_total bigint, p_lines jsonb)
returns text language plpgsql as $$
declare
  v_payment payment;
begin
  select * into v_payment from payment where payment_id = p_id;
  if found then
    return case when is_first_answer(v_payment, p_hash, p_participant, p_device) then 'first' else 'idempotencyConflict' end;
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
