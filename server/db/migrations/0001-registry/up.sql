-- What the centre knows about itself: small values, and secrets that never leave it.
create table centre_meta (
  name text primary key,
  value text not null
);

create table participant (
  participant_id uuid primary key,
  code text not null unique check (code ~ '^[A-Z0-9-]{2,20}$'),
  name text not null,
  kind text not null check (kind in ('biller', 'bank', 'post', 'cardCentre', 'kioskOwner')),
  status text not null default 'onboarding' check (status in ('onboarding', 'live', 'suspended', 'closed')),
  iban text check (iban ~ '^[A-Z]{2}[0-9]{2}[A-Z0-9]{10,30}$'),
  created_at timestamptz not null default now(),
  constraint live_needs_iban check (status <> 'live' or iban is not null)
);

-- Head office, its branches, their workstations. A district belongs to a branch; its workstations share it.
create table org_unit (
  unit_id uuid primary key,
  participant_id uuid not null references participant,
  parent_id uuid references org_unit,
  kind text not null check (kind in ('headOffice', 'branch', 'workstation')),
  code text not null unique check (code ~ '^[A-Z0-9-]{2,20}$'),
  name text not null,
  address text not null default '',
  district text,
  -- What a unit of kind workstation may submit: 'counter' through its journal, other channels one payment at a time.
  channels text[] not null default '{counter}',
  -- Departures from the centre's counter policy; null keys mean the centre's value.
  policy jsonb not null default '{}',
  created_at timestamptz not null default now(),
  constraint tree_shape check (
    (kind = 'headOffice' and parent_id is null) or (kind <> 'headOffice' and parent_id is not null)),
  constraint branch_has_district check (kind <> 'branch' or district is not null)
);
create index org_unit_parent on org_unit (parent_id);

create table biller (
  biller_id uuid primary key,
  participant_id uuid not null references participant,
  number text not null unique check (number ~ '^[0-9]{3}$'),
  code text not null unique check (code ~ '^[A-Z0-9-]{2,20}$'),
  name text not null,
  service jsonb not null,
  status text not null default 'onboarding' check (status in ('onboarding', 'live', 'suspended', 'closed')),
  fetch_mode text not null check (fetch_mode in ('none', 'optional', 'mandatory')),
  exactness text not null check (exactness in ('any', 'exact', 'up', 'down')),
  min_amount bigint not null check (min_amount >= 0),
  max_amount bigint not null check (max_amount >= min_amount),
  advance_allowed boolean not null,
  account_mask text not null,
  account_example text not null default '',
  offline text not null check (offline in ('known', 'mask', 'none')),
  priority integer not null default 100 check (priority between 0 and 999),
  created_at timestamptz not null default now()
);

create table fee_rule (
  fee_rule_id uuid primary key,
  biller_id uuid not null references biller,
  channel text not null check (channel in ('counter', 'portal', 'atm', 'kiosk', 'bank')),
  borne_by text not null check (borne_by in ('payer', 'company')),
  fixed bigint not null check (fixed >= 0),
  basis_points integer not null check (basis_points between 0 and 10000),
  floor bigint not null check (floor >= 0),
  cap bigint check (cap >= floor),
  valid_from date not null,
  valid_to date check (valid_to >= valid_from)
);
create index fee_rule_biller on fee_rule (biller_id);

create table app_user (
  user_id uuid primary key,
  username text not null unique check (username = lower(username) and length(username) between 1 and 60),
  name text not null,
  role text not null check (role in ('teller', 'supervisor', 'operator', 'auditor', 'administrator')),
  participant_id uuid references participant,
  password_hash text not null,
  status text not null default 'active' check (status in ('active', 'blocked')),
  failed_tries integer not null default 0,
  locked_until timestamptz,
  last_login_at timestamptz,
  created_at timestamptz not null default now()
);

create table device (
  device_id uuid primary key,
  unit_id uuid not null references org_unit,
  public_key text not null,
  status text not null default 'active' check (status in ('active', 'quarantined')),
  quarantine_reason text,
  -- The last entry of its journal that the centre has.
  head_seq bigint not null default 0,
  head_hash text not null default repeat('0', 64),
  -- The device's wall clock minus ours when it last sent, in milliseconds; positive is ahead.
  clock_skew_ms bigint,
  enrolled_at timestamptz not null default now(),
  last_seen_at timestamptz
);
create index device_unit on device (unit_id);

create table enrolment_code (
  code_hash text primary key,
  unit_id uuid not null references org_unit,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  used_at timestamptz,
  device_id uuid references device
);

-- Blocks of registration codes leased to workstations, so that they can register subscribers while the centre is away.
create table code_block (
  lease_id uuid primary key,
  device_id uuid not null references device,
  first_serial bigint not null unique,
  last_serial bigint not null check (last_serial >= first_serial),
  leased_at timestamptz not null default now()
);
create index code_block_device on code_block (device_id);

create table subscriber (
  subscriber_id uuid primary key,
  code text not null unique check (code ~ '^[0-9]{10}$'),
  name text not null,
  address text not null,
  phone text,
  email text,
  language text not null check (language in ('az', 'en', 'ru')),
  -- The district of the branch that registered the subscriber.
  district text not null,
  device_id uuid references device,
  registered_at timestamptz not null,
  changed_xid xid8 not null default pg_current_xact_id()
);
create index subscriber_changed on subscriber (district, changed_xid, subscriber_id);

create table subscriber_account (
  subscriber_id uuid not null references subscriber,
  biller_id uuid not null references biller,
  account text collate "C" not null,
  label text not null,
  bound_at timestamptz not null,
  primary key (subscriber_id, biller_id, account)
);
create index subscriber_account_account on subscriber_account (biller_id, account);

-- Who did what at the centre, each row chained to the one before.
create table audit_log (
  seq bigint primary key,
  at timestamptz not null,
  actor text not null,
  action text not null,
  subject text not null,
  detail jsonb not null,
  prev_hash text not null,
  hash text not null
);
