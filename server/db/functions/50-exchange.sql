-- An instant as contracts/time.ts writes it.
create or replace function instant_text(p_at timestamptz) returns text language sql immutable as $$
  select to_char(p_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
$$;

-- Notes down which accounts of which district a statement changed, in handfuls of at most 500.
create or replace function biller_account_note_change() returns trigger language plpgsql as $$
begin
  insert into biller_account_change (district, changed_xid, biller_id, size, accounts)
  select g.district, g.changed_xid, g.biller_id, cardinality(g.accounts[i:i + 499]), g.accounts[i:i + 499]
  from (
    select f.district, f.changed_xid, f.biller_id, array_agg(f.account) as accounts
    from (select district, changed_xid, biller_id, account, row_number() over () / 5000 as part from fresh) f
    group by f.district, f.changed_xid, f.biller_id, f.part) g,
    generate_series(1, cardinality(g.accounts), 500) i;
  return null;
end $$;

create or replace trigger note_insert after insert on biller_account
  referencing new table as fresh for each statement execute function biller_account_note_change();
create or replace trigger note_update after update on biller_account
  referencing new table as fresh for each statement execute function biller_account_note_change();

-- A district that an account moved away from hears of it too.
create or replace function biller_account_note_departure() returns trigger language plpgsql as $$
begin
  insert into biller_account_change (district, changed_xid, biller_id, size, accounts)
  values (old.district, new.changed_xid, new.biller_id, 1, array[new.account]);
  return null;
end $$;
create or replace trigger note_departure after update of district on biller_account
  for each row when (old.district is distinct from new.district) execute function biller_account_note_departure();

-- The next accounts of a district that changed after the position (p_xid, p_chunk) in transactions before p_before
-- (the horizon), as contract ReplicaAccount objects, at most p_limit of them (500 at least). An account that changed
-- again later is left to that later place, so one pass over everything gives each account once; one that has moved away
-- comes as inactive. Start at ('0', 0);
-- when `more` is false everything below the horizon has been given and the next position is (p_before, 0).
create or replace function replica_account_page(p_district text, p_xid xid8, p_chunk bigint, p_before xid8, p_limit integer)
returns table (next_xid xid8, next_chunk bigint, more boolean, accounts jsonb) language sql stable as $$
  with ahead as materialized (
    select c.changed_xid, c.chunk, c.biller_id, c.accounts, c.size
    from biller_account_change c
    where c.district = p_district and (c.changed_xid, c.chunk) > (p_xid, p_chunk) and c.changed_xid < p_before
    order by c.changed_xid, c.chunk
    limit 501),
  taken as materialized (
    select a.changed_xid, a.chunk, a.biller_id, a.accounts
    from (select *, sum(size) over w as upto, row_number() over w as place from ahead window w as (order by changed_xid, chunk)) a
    where a.place = 1 or (a.upto <= p_limit and a.place <= 500)),
  last as (select t.changed_xid, t.chunk from taken t order by t.changed_xid desc, t.chunk desc limit 1)
  select coalesce(l.changed_xid, p_before), coalesce(l.chunk, 0), coalesce((select count(*) from ahead) > (select count(*) from taken), false),
    coalesce((
      select jsonb_agg(jsonb_build_object('billerId', b.biller_id, 'account', b.account, 'holder', b.holder, 'address', b.address,
        'phone', b.phone, 'active', b.active and b.district = p_district, 'asOf', instant_text(b.as_of),
        'paymentsThrough', instant_text(b.payments_through),
        'bills', case when b.district = p_district then b.bills else '[]' end))
      from taken t cross join lateral unnest(t.accounts) u(account)
      join biller_account b on b.biller_id = t.biller_id and b.account = u.account collate "C"
      where b.changed_xid = t.changed_xid or b.district <> p_district), '[]')
  from (select 1) one left join last l on true
$$;

-- Throws away the notes of changes that later changes have overtaken. Positions stay valid: an account that is noted
-- anew under its own transaction comes later in it.
create or replace function biller_account_change_compact(p_biller uuid) returns void language plpgsql as $$
begin
  with noted as (delete from biller_account_change where biller_id = p_biller returning district, changed_xid, accounts)
  insert into biller_account_change (district, changed_xid, biller_id, size, accounts)
  select g.district, g.changed_xid, p_biller, cardinality(g.accounts[i:i + 499]), g.accounts[i:i + 499]
  from (
    select f.district, f.changed_xid, array_agg(f.account) as accounts
    from (
      select district, changed_xid, account, row_number() over () / 5000 as part from biller_account where biller_id = p_biller
      union all
      select n.district, max(n.changed_xid), b.account, 0
      from noted n cross join lateral unnest(n.accounts) u(account)
      join biller_account b on b.biller_id = p_biller and b.account = u.account collate "C" and b.district <> n.district
      group by n.district, b.account) f
    group by f.district, f.changed_xid, f.part) g,
    generate_series(1, cardinality(g.accounts), 500) i;
end $$;

-- Compacts when most notes are overtaken, measured by the company's latest full list.
create or replace function biller_account_change_tidy(p_biller uuid) returns void language plpgsql as $$
begin
  if (select sum(size) from biller_account_change where biller_id = p_biller) > 4 * (
    select greatest(max(records), 1000) from (
      select records from biller_list where biller_id = p_biller and state = 'applied' and kind = 'full'
      order by seq desc limit 1) l) then
    perform biller_account_change_compact(p_biller);
  end if;
end $$;
