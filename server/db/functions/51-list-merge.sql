-- Takes a staged list into biller_account in one statement, in the caller's transaction. The stage (list-stage.ts) holds
-- one row per record: action 'u' (state), 'r' (removed), 'b' (bad: the account keeps what it has); no account twice. p_good counts the rows that are not bad.
--
-- A full list touches only rows that it changes; what it confirms becomes true with biller_list_state.full_*. That
-- must not happen to an account whose record was bad: where a full list leaves such an account (or, with records
-- whose account could not be read, a missing one) as it was, every row it confirms gets the list's times of its own
-- instead, and full_* stays where it is.
create or replace function list_merge(
  p_stage regclass, p_biller uuid, p_list uuid, p_kind text, p_as_of timestamptz, p_through timestamptz, p_seq bigint,
  p_good bigint, p_bad boolean, p_unreadable boolean)
returns table (inserted bigint, updated bigint, unchanged bigint, deactivated bigint) language plpgsql as $$
declare
  v_full boolean := p_kind = 'full';
  v_touch_all boolean := p_kind = 'delta';
  v_source text;
begin
  if v_full and p_bad then
    execute format('select exists (select from %s s join biller_account e on e.biller_id = $1 and e.account = s.account
      where s.action = ''b'' and e.active)', p_stage) into v_touch_all using p_biller;
    if p_unreadable and not v_touch_all then
      execute format('select exists (select from biller_account e where e.biller_id = $1 and e.active
        and not exists (select from %s s where s.account = e.account))', p_stage) into v_touch_all using p_biller;
    end if;
  end if;

  -- One pass over both sides finds what there is to do; unchanged rows end here.
  v_source := format(case when v_full then
    'select s.*, e.account as known from %s s
     full join (select account, holder, address, phone, district, active, bills from biller_account where biller_id = $1) e on e.account = s.account
     where case when s.account is null then e.active and not $7
       when s.action = ''b'' then false
       when e.account is null then true
       else $6 or (e.holder, e.address, e.phone, e.district, e.active, e.bills) is distinct from (s.holder, s.address, s.phone, s.district, true, s.bills) end'
  else
    'select s.*, e.account as known from %s s
     left join biller_account e on e.biller_id = $1 and e.account = s.account
     where s.action = ''u'' or (s.action = ''r'' and e.active)'
  end, p_stage);

  return query execute format($sql$
    with merged as (
      merge into biller_account t using (%s) s on t.biller_id = $1 and t.account = s.known
      when matched and s.action = 'u' then update set
        holder = s.holder, address = s.address, phone = s.phone, district = s.district, active = true, folded = s.folded,
        bills = s.bills, stated_total = s.stated_total, as_of = $3, payments_through = $4, list_id = $2,
        changed_xid = pg_current_xact_id()
      when matched then update set
        active = false, bills = '[]', stated_total = 0, as_of = $3, payments_through = $4, list_id = $2,
        changed_xid = pg_current_xact_id()
      when not matched then insert (
        biller_id, account, holder, address, phone, district, folded, bills, stated_total, as_of, payments_through, list_id)
        values ($1, s.account, s.holder, s.address, s.phone, s.district, s.folded, s.bills, s.stated_total, $3, $4, $2)
      returning merge_action() as act, t.active)
    select count(*) filter (where act = 'INSERT'), count(*) filter (where act = 'UPDATE' and active),
      $5 - count(*) filter (where active or not $8), count(*) filter (where not active)
    from merged $sql$, v_source)
  using p_biller, p_list, p_as_of, p_through, p_good, v_touch_all, p_unreadable, v_full;

  insert into biller_list_state as st (biller_id, last_seq, full_as_of, full_payments_through)
  values (p_biller, p_seq, case when v_full and not v_touch_all then p_as_of end, case when v_full and not v_touch_all then p_through end)
  on conflict (biller_id) do update set last_seq = excluded.last_seq,
    full_as_of = coalesce(excluded.full_as_of, st.full_as_of),
    full_payments_through = coalesce(excluded.full_payments_through, st.full_payments_through),
    changed_xid = pg_current_xact_id();
end $$;
