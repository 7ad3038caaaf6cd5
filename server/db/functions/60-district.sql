-- A payment line lies in the district of its account, so that the district's replicas get it.

-- An account that moves to another district takes its payment lines along.
create or replace function payment_line_follow() returns trigger language plpgsql as $$
begin
  update payment_line set district = new.district, changed_xid = pg_current_xact_id()
  where biller_id = new.biller_id and account = new.account and district <> new.district;
  return null;
end $$;
create or replace trigger follow_district after update of district on biller_account
  for each row when (old.district is distinct from new.district) execute function payment_line_follow();

-- What was paid on an account before any list had it lies where it was paid, until a list says where the account is.
create or replace function payment_line_join() returns trigger language plpgsql as $$
begin
  update payment_line l set district = f.district, changed_xid = pg_current_xact_id()
  from fresh f where l.biller_id = f.biller_id and l.account = f.account and l.district <> f.district;
  return null;
end $$;
create or replace trigger join_district after insert on biller_account
  referencing new table as fresh for each statement execute function payment_line_join();
