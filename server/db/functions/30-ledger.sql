-- The text of a journal that its hash covers: a head line and one line per entry. (STABLE, so that they are inlined.)
create or replace function ledger_head_text(p_journal uuid, p_kind text, p_date text, p_posted_ms bigint, p_reverses uuid, p_content_hash text)
returns text language sql stable as $$
  select p_journal || '|' || p_kind || '|' || p_date || '|' || p_posted_ms || '|' || coalesce(p_reverses::text, '-') || '|' || p_content_hash
$$;
create or replace function ledger_entry_text(p_line integer, p_account text, p_amount bigint, p_currency text)
returns text language sql stable as $$
  select p_line || '|' || p_account || '|' || p_amount || '|' || p_currency
$$;
create or replace function ledger_ms(p_at timestamptz) returns bigint language sql stable as $$
  select (extract(epoch from p_at) * 1000)::bigint
$$;

-- Postings hold the barrier shared until they commit. Who takes it alone knows that nothing posted before that moment is
-- still under way: that is how windows are closed and registers are cut.
create or replace function posting_barrier_shared() returns void language sql as $$ select pg_advisory_xact_lock_shared(7130003) $$;
create or replace function posting_barrier_alone() returns void language sql as $$ select pg_advisory_xact_lock(7130003) $$;

-- The window open for a business date. A date whose window is closed gets another: late facts are settled with the next
-- run, not lost.
create or replace function window_for(p_date date, p_now timestamptz) returns uuid language plpgsql as $$
declare
  v_window uuid;
begin
  loop
    select window_id into v_window from settlement_window where business_date = p_date and state = 'open';
    if found then
      return v_window;
    end if;
    insert into settlement_window (window_id, business_date, seq, opened_at)
    select gen_random_uuid(), p_date, coalesce(max(seq), 0) + 1, p_now from settlement_window where business_date = p_date
    on conflict do nothing; -- another posting may be opening it; then the next look finds that one
  end loop;
end $$;

-- Adds what a transaction moved to the balances, in key order, and seals its journals into the next block of the chain.
-- Called last: both are held until commit.
create or replace function ledger_seal(p_block uuid, p_now timestamptz, p_deltas ledger_delta[], p_seals ledger_seal[])
returns void language plpgsql as $$
#variable_conflict use_column
declare
  v_seq bigint;
  v_prev text;
begin
  -- One queue for the chain and the busy balances: waiting in it is cheaper than waiting for rows.
  perform pg_advisory_xact_lock(7130004);
  with moved as (
    insert into ledger_balance as b (account, currency, amount, entries)
    select d.account, d.currency, sum(d.amount)::bigint, sum(d.entries)::bigint from unnest(p_deltas) d
    group by d.account, d.currency order by d.account, d.currency
    on conflict (account, currency) do update set amount = b.amount + excluded.amount, entries = b.entries + excluded.entries
    returning account, xmax = 0 as opened)
  insert into ledger_account (account, kind, opened_at)
  select account, split_part(account, ':', 1), p_now from moved where opened on conflict do nothing;

  select seq, hash into v_seq, v_prev from ledger_block order by seq desc limit 1;
  v_seq := coalesce(v_seq, 0) + 1;
  v_prev := coalesce(v_prev, repeat('0', 64));
  insert into ledger_block (seq, block_id, prev_hash, hash, journals, sealed_at)
  select v_seq, p_block, v_prev, ledger_block_hash(v_seq, v_prev, string_agg(s.hash, ''::bytea order by s.journal_id)), count(*), p_now
  from unnest(p_seals) s;
end $$;

-- The hash of a block: its number, the previous hash, and the hashes of its journals in the order of their ids.
create or replace function ledger_block_hash(p_seq bigint, p_prev text, p_journals bytea) returns text language sql stable as $$
  select encode(sha256(convert_to(p_seq || '|' || p_prev || '|', 'UTF8') || p_journals), 'hex')
$$;

-- Writes one journal (not a payment's, which go in sets) and gives what it adds to balances and block through its
-- INOUT arrays. `p_entries` is [[account, amount], …]; amounts of zero are left out.
create or replace function ledger_write(
  p_block uuid, p_now timestamptz, p_journal uuid, p_kind text, p_date text, p_reverses uuid, p_content_hash text, p_entries jsonb,
  inout p_deltas ledger_delta[], inout p_seals ledger_seal[])
language plpgsql as $$
declare
  v_new ledger_delta[];
  v_text text;
begin
  insert into ledger_journal (journal_id, kind, business_date, posted_at, reverses, content_hash, block_id)
  values (p_journal, p_kind, p_date::date, p_now, p_reverses, p_content_hash, p_block);
  with entry as (
    select (ordinality - 1)::smallint as line_no, value->>0 as account, (value->>1)::bigint as amount
    from jsonb_array_elements(p_entries) with ordinality
    where (value->>1)::bigint <> 0),
  written as (
    insert into ledger_entry (journal_id, line_no, account, amount, currency)
    select p_journal, line_no, account, amount, 'AZN' from entry)
  select array_agg(row(account, 'AZN', amount, 1)::ledger_delta),
    string_agg(ledger_entry_text(line_no, account, amount, 'AZN'), E'\n' order by line_no)
  into v_new, v_text from entry;
  p_deltas := p_deltas || coalesce(v_new, '{}');
  p_seals := p_seals || row(p_journal, sha256(convert_to(
    ledger_head_text(p_journal, p_kind, p_date, ledger_ms(p_now), p_reverses, p_content_hash) || coalesce(E'\n' || v_text, ''), 'UTF8')))::ledger_seal;
end $$;
