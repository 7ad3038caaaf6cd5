-- What counters did at their POS terminals, for reconciliation with the card centre: one row an attempt, filled from the
-- devices' journals. An attempt is the device's word: two devices may use the same id.
create table card_attempt (
  device_id uuid not null,
  attempt_id uuid not null,
  participant_id uuid not null,
  kind text not null check (kind in ('sale', 'reversal', 'refund')),
  driver text,
  amount bigint not null check (amount > 0),
  -- The sale that is taken back.
  original_id uuid,
  payment_id uuid,
  prepared_at timestamptz,
  authorised_at timestamptz,
  decision text,
  concluded_at timestamptz,
  outcome text check (outcome in ('done', 'declined', 'notDone', 'manual')),
  -- The payment or storno that follows in the journal; null where none does.
  recorded_as uuid,
  -- The ledger journal the money is in.
  booked_journal uuid,
  ledger_account text,
  terminal_id text,
  receipt_no text,
  trace text,
  auth_code text,
  card_name text,
  masked_pan text check (masked_pan ~ '^\d{0,6}\*+\d{0,4}$'),
  reason text,
  primary key (device_id, attempt_id)
);
create index card_attempt_payment on card_attempt (payment_id);
create index card_attempt_journal on card_attempt (booked_journal) where booked_journal is not null;

-- A terminal's end of day, its totals beside the journal's.
create table card_day (
  device_id uuid not null,
  closing_id uuid not null,
  terminal_id text,
  business_date date not null,
  closed_at timestamptz,
  terminal_count integer,
  terminal_sum bigint,
  journal_count integer not null,
  journal_sum bigint not null,
  primary key (device_id, closing_id)
);
