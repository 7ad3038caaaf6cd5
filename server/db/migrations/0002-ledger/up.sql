-- A cut-off window. One is open per business date; a posting belongs to the one open when it commits.
create table settlement_window (
  window_id uuid primary key,
  business_date date not null,
  seq integer not null,
  state text not null default 'open' check (state in ('open', 'closed')),
  opened_at timestamptz not null,
  closed_at timestamptz,
  unique (business_date, seq)
);
create unique index settlement_window_open on settlement_window (business_date) where state = 'open';

-- The chart of accounts. Codes say what they are: `cash:shift:<shift>`, `vault:<branch>`, `clearing:<channel>:<participant>`,
-- `payable:<company>`, `commission:<company>`, `unallocated`, `suspense:storno`, `over-short:<branch>`.
create table ledger_account (
  account text collate "C" primary key,
  kind text not null,
  opened_at timestamptz not null
);

-- One posting: a payment, a storno, a float, a close. Its entries sum to zero per currency.
create table ledger_journal (
  journal_id uuid primary key,
  kind text not null,
  business_date date not null,
  posted_at timestamptz not null,
  reverses uuid,
  -- The hash of the request or journal entry this posting comes from: the block chain covers it.
  content_hash text not null,
  block_id uuid not null
);
create unique index ledger_journal_reverses on ledger_journal (reverses) where reverses is not null;

-- Debit positive, credit negative, in minor units.
create table ledger_entry (
  journal_id uuid not null,
  line_no smallint not null,
  account text collate "C" not null,
  amount bigint not null check (amount <> 0),
  currency text not null,
  primary key (journal_id, line_no)
);

create table ledger_balance (
  account text collate "C" not null,
  currency text not null,
  amount bigint not null,
  entries bigint not null,
  primary key (account, currency)
) with (fillfactor = 50);

-- The journals of one transaction, sealed: hash = SHA-256 over the previous hash and the text of the journals.
create table ledger_block (
  seq bigint primary key,
  block_id uuid not null unique,
  prev_hash text not null,
  hash text not null,
  journals integer not null,
  sealed_at timestamptz not null
);

-- Accepted payments and their stornos, from every channel. Never changed: a storno is a row of its own.
create table payment (
  payment_id uuid primary key,
  kind text not null check (kind in ('payment', 'storno')),
  channel text not null,
  device_id uuid,
  participant_id uuid not null,
  shift_id uuid,
  business_date date not null,
  receipt_no text not null,
  subscriber_code text,
  -- Signed: a storno's total is negative. Includes the fees.
  total bigint not null,
  fees bigint not null,
  currency text not null,
  outcome text not null check (outcome in ('posted', 'unallocated')),
  taken_at timestamptz not null,
  posted_at timestamptz not null,
  request_hash text not null,
  window_id uuid not null,
  reverses uuid,
  block_id uuid not null
);
create unique index payment_reverses on payment (reverses) where reverses is not null;
create index payment_receipt on payment (receipt_no);

create table payment_line (
  line_id uuid primary key,
  payment_id uuid not null,
  line_no smallint not null,
  biller_id uuid not null,
  account text collate "C" not null,
  -- Of the account, or of the branch that took the money where the account is not on a list.
  district text not null,
  -- Signed: a payment's line is positive, its storno's negative.
  amount bigint not null check (amount <> 0),
  fee bigint not null,
  bill_no text,
  placed text not null check (placed in ('payable', 'unallocated')),
  posted_at timestamptz not null,
  reverses_line_id uuid,
  changed_xid xid8 not null default pg_current_xact_id()
);
create index payment_line_payment on payment_line (payment_id);
create index payment_line_account on payment_line (biller_id, account, posted_at);
create index payment_line_changed on payment_line (district, changed_xid, line_id);

-- What one transaction adds to an account, and the hash of one of its journals, on their way to balances and block.
create type ledger_delta as (account text, currency text, amount bigint, entries bigint);
create type ledger_seal as (journal_id uuid, hash bytea);

-- What waits for a person at the centre.
create table case_file (
  case_id uuid primary key,
  kind text not null,
  state text not null default 'open' check (state in ('open', 'closed')),
  opened_at timestamptz not null,
  -- One case per event: the same trouble told twice opens no second one.
  event_key text not null unique,
  device_id uuid,
  payment_id uuid,
  journal_id uuid,
  amount bigint,
  detail jsonb not null default '{}',
  owner text,
  resolution text,
  closed_at timestamptz
);
create index case_file_open on case_file (opened_at) where state = 'open';
