-- What a company allows for the cards of its prepaid meters (server/vending/rules.ts says what the JSON holds).
create table meter_rules (
  biller_id uuid primary key references biller,
  rules jsonb not null,
  changed_at timestamptz not null default now()
);

-- The cards of prepaid meters, as the companies told us and as genuine readings showed them since.
create table meter_card (
  card_id text primary key check (card_id ~ '^[0-9A-F]{16}$'),
  biller_id uuid not null references biller,
  account text collate "C" not null,
  meter text not null check (meter ~ '^[A-Z0-9]{1,8}$'),
  unit text not null check (unit in ('money', 'litres', 'wattHours')),
  class text not null check (class in ('A', 'B')),
  key_revision smallint not null check (key_revision between 0 and 255),
  state text not null default 'active' check (state in ('active', 'blocked')),
  blocked_because text check (blocked_because in ('incident', 'writtenOff', 'office')),
  blocked_at timestamptz,
  -- What the card must show: how many loads it took, and which was the last (null: unknown, or none).
  counter bigint not null default 0 check (counter between 0 and 4294967295),
  last_load_id uuid,
  -- Credit given by the company, in units; the next load is less by it.
  credit_owed bigint not null default 0 check (credit_owed between 0 and 4294967295),
  -- What was bought in a calendar year before the card came to us, for the steps of the tariff.
  used_year smallint,
  used_units bigint not null default 0,
  -- The last genuine reading.
  read_at timestamptz,
  read_device uuid,
  read_known boolean,
  read_taken_through bigint,
  added_at timestamptz not null default now(),
  check ((state = 'blocked') = (blocked_because is not null))
);
create index meter_card_account on meter_card (biller_id, account);

-- Nonces and orders are numbered in one row: which came first does not depend on a clock.
create sequence meter_turn;

create table meter_nonce (
  nonce bytea primary key,
  device_id uuid not null,
  turn bigint not null default nextval('meter_turn'),
  issued_at timestamptz not null default clock_timestamp(),
  spent_at timestamptz
);
create index meter_nonce_device on meter_nonce (device_id, issued_at);

-- A load order. `counter` is the card's before the load, given with the first authorisation.
create table meter_load (
  load_id uuid primary key,
  card_id text not null references meter_card,
  biller_id uuid not null,
  account text collate "C" not null,
  amount bigint not null check (amount > 0),
  fee bigint not null check (fee >= 0),
  gross_units bigint not null check (gross_units between 1 and 4294967295),
  credit_deducted bigint not null check (credit_deducted >= 0 and credit_deducted < gross_units),
  units bigint generated always as (gross_units - credit_deducted) stored,
  tiers jsonb not null,
  quoted_at timestamptz not null default clock_timestamp(),
  expires_at timestamptz not null,
  quoted_device uuid not null,
  state text not null default 'quoted' check (state in ('quoted', 'paid', 'authorised', 'confirmed', 'cancelled', 'writtenOff')),
  -- The payment that pays for it: a line in the books.
  line_id uuid unique,
  payment_id uuid,
  paid_at timestamptz,
  paid_device uuid,
  business_date date,
  stornoed_at timestamptz,
  counter bigint check (counter between 0 and 4294967295),
  authorised_at timestamptz,
  authorised_turn bigint,
  authorised_device uuid,
  -- What the last order answered: asked again with the same, it is the same.
  request_hash text,
  ended_at timestamptz,
  -- A load that was written off and turned up on its card after all.
  found_at timestamptz,
  check (state in ('quoted', 'cancelled') or line_id is not null),
  check (state not in ('authorised', 'confirmed') or counter is not null)
);
-- One order at a time can be on its way to a card, and a counter is used once.
create unique index meter_load_authorised on meter_load (card_id) where state = 'authorised';
create unique index meter_load_counter on meter_load (card_id, counter) where state in ('authorised', 'confirmed');
create index meter_load_card on meter_load (card_id, quoted_at);
create index meter_load_account on meter_load (biller_id, account, quoted_at);
create index meter_load_open on meter_load (paid_at) where state in ('paid', 'authorised');
create index meter_load_paid_by on meter_load (payment_id) where payment_id is not null;

-- Every payment line that said it was for a load, whether an order took it or not.
create table meter_load_payment (
  line_id uuid primary key,
  load_id uuid not null,
  card_id text not null,
  payment_id uuid not null,
  device_id uuid not null,
  amount bigint not null check (amount > 0),
  -- Why no order took it; a case says the same to a person.
  stray text check (stray in ('unknown', 'differs', 'twice', 'ended', 'unallocated')),
  storno_id uuid,
  storno_line_id uuid unique
);
create index meter_load_payment_load on meter_load_payment (load_id);
create index meter_load_payment_payment on meter_load_payment (payment_id);

-- What happened to loads and cards, with the evidence. No key, code or order is in it.
create table meter_event (
  event_no bigint generated always as identity primary key,
  at timestamptz not null default clock_timestamp(),
  card_id text not null,
  load_id uuid,
  kind text not null,
  device_id uuid,
  detail jsonb not null default '{}'
);
create index meter_event_load on meter_event (load_id, event_no);
create index meter_event_card on meter_event (card_id, event_no);

-- Since when a part of the system is up or down.
create table health_since (
  part text not null,
  id text not null,
  state text not null check (state in ('up', 'down')),
  reason text,
  since timestamptz not null default clock_timestamp(),
  primary key (part, id)
);
