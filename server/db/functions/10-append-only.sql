-- Facts are added, never changed: updates, deletes and truncation of the ledger and of journals are refused.
create or replace function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'rows of % are never changed or removed', tg_table_name using errcode = 'restrict_violation';
end $$;

-- A payment line may be moved to the district its account moved to; nothing else of it changes.
create or replace function refuse_line_change() returns trigger language plpgsql as $$
begin
  if (new.line_id, new.payment_id, new.line_no, new.biller_id, new.account, new.amount, new.fee, new.bill_no, new.placed,
      new.posted_at, new.reverses_line_id)
     is distinct from
     (old.line_id, old.payment_id, old.line_no, old.biller_id, old.account, old.amount, old.fee, old.bill_no, old.placed,
      old.posted_at, old.reverses_line_id) then
    raise exception 'rows of payment_line are never changed' using errcode = 'restrict_violation';
  end if;
  return new;
end $$;

do $$
declare t text;
begin
  foreach t in array array['ledger_journal', 'ledger_entry', 'ledger_block', 'payment', 'device_journal', 'audit_log', 'meter_event'] loop
    execute format('create or replace trigger append_only before update or delete or truncate on %I execute function refuse_change()', t);
  end loop;
end $$;
create or replace trigger append_only before delete or truncate on payment_line execute function refuse_change();
create or replace trigger append_only_fields before update on payment_line for each row execute function refuse_line_change();

-- Every journal written by a statement sums to zero per currency.
create or replace function refuse_unbalanced() returns trigger language plpgsql as $$
declare bad uuid;
begin
  select journal_id into bad from written group by journal_id, currency having sum(amount) <> 0 limit 1;
  if bad is not null then
    raise exception 'journal % does not sum to zero', bad using errcode = 'check_violation';
  end if;
  return null;
end $$;
create or replace trigger balanced after insert on ledger_entry
  referencing new table as written for each statement execute function refuse_unbalanced();

-- Whoever changes a subscriber makes the replicas take it again.
create or replace function touch_changed() returns trigger language plpgsql as $$
begin
  new.changed_xid := pg_current_xact_id();
  return new;
end $$;
create or replace trigger touch before update on subscriber for each row execute function touch_changed();
