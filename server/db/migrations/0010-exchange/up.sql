-- What a company's lists need to be taken in (docs/formats/list.md). Without a row: signed lists only, none accepted
-- before a certificate is there.
create table biller_exchange (
  biller_id uuid primary key references biller,
  -- PEM, pinned: a list is signed with one of these or it is refused. Two while a company changes its key.
  certificates text[] not null default '{}',
  unsigned_allowed boolean not null default false,
  -- Bad records a list may hold, in basis points of its records, rounded up.
  bad_tolerance integer not null default 100 check (bad_tolerance between 0 and 10000)
);

-- One row per account on a company's list; its bills stand in the row, so that a list is one merge. Half of each page
-- stays free and no index holds what a list changes: the new version of a row goes beside the old one and the indexes
-- are left alone (HOT), which makes a list that changes every debt three times as fast.
create table biller_account (
  biller_id uuid not null,
  account text collate "C" not null,
  holder text not null,
  address text not null,
  phone text,
  district text not null,
  active boolean not null default true,
  -- Holder and address for search (contracts/rules/fold-text.ts).
  folded text not null,
  -- [{billNo, period, amount, dueDate}], as the company stated them, amounts in minor units.
  bills jsonb not null,
  stated_total bigint not null,
  as_of timestamptz not null,
  payments_through timestamptz not null,
  list_id uuid not null,
  changed_xid xid8 not null default pg_current_xact_id(),
  primary key (biller_id, account)
) with (fillfactor = 50);

-- Which accounts of a district a transaction changed, in handfuls: how replicas find them (replica_account_page).
create table biller_account_change (
  district text not null,
  changed_xid xid8 not null,
  chunk bigint not null generated always as identity,
  biller_id uuid not null,
  size integer not null,
  accounts text[] not null,
  primary key (district, changed_xid, chunk)
);
create index biller_account_change_biller on biller_account_change (biller_id);

-- Every list that came, whatever became of it.
create table biller_list (
  list_id uuid primary key,
  biller_id uuid not null references biller,
  state text not null check (state in ('applied', 'refused')),
  -- Null where the list was refused before its head could be read.
  seq bigint,
  kind text check (kind in ('full', 'delta')),
  as_of timestamptz,
  payments_through timestamptz,
  records bigint,
  bad bigint not null default 0,
  inserted bigint not null default 0,
  updated bigint not null default 0,
  unchanged bigint not null default 0,
  deactivated bigint not null default 0,
  file_name text not null,
  file_bytes bigint not null,
  file_hash text,
  -- Contract failure {code, detail} of a refused list.
  refusal jsonb,
  -- The signed answer as it was first given, and its detached signature.
  acknowledgement text not null,
  acknowledgement_signature text,
  received_at timestamptz not null default now(),
  constraint applied_is_whole check (state = 'refused' or
    (seq is not null and kind is not null and as_of is not null and payments_through is not null and records is not null and file_hash is not null))
);
create unique index biller_list_applied on biller_list (biller_id, seq) where state = 'applied';
create index biller_list_received on biller_list (biller_id, received_at);

-- Where a company's sequence stands. An active account is true as of the later of its own times and the full list's:
-- rows that a full list confirms are not touched.
create table biller_list_state (
  biller_id uuid primary key references biller,
  last_seq bigint not null,
  full_as_of timestamptz,
  full_payments_through timestamptz,
  changed_xid xid8 not null default pg_current_xact_id()
);
