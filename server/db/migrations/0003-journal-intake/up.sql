-- The raw entries of every device, for ever: the exact text, chained and signed.
create table device_journal (
  device_id uuid not null,
  seq bigint not null,
  entry_id uuid,
  type text,
  prev_hash text not null,
  hash text not null,
  signature text not null,
  body text not null,
  -- The device's clock when it wrote the entry; null when the body could not be read.
  wall_time timestamptz,
  received_at timestamptz not null,
  outcome text not null check (outcome in ('posted', 'unallocated', 'case', 'recorded')),
  posted_at timestamptz,
  note text,
  -- The payment, storno or shift posting it became.
  journal_id uuid,
  primary key (device_id, seq)
);
