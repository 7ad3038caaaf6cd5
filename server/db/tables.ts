import type { ColumnType, Generated, JSONColumnType } from 'kysely';
import type { Localized } from '../../contracts/domain.ts';
import type { StatedBill } from '../../contracts/rules/owed.ts';

/** What the tables hold, as database.ts lets it out: BIGINT as number, instants and dates as ISO text. */

type Instant = ColumnType<string, string | Date | undefined, string | Date>;
type SetInstant = ColumnType<string, string | Date, string | Date>;
type NullableInstant = ColumnType<string | null, string | Date | null | undefined, string | Date | null>;
type Xid = ColumnType<string, never, never>;

export type Tables = {
  centre_meta: { name: string; value: string };
  participant: {
    participant_id: string;
    code: string;
    name: string;
    kind: 'biller' | 'bank' | 'post' | 'cardCentre' | 'kioskOwner';
    status: Generated<'onboarding' | 'live' | 'suspended' | 'closed'>;
    iban: string | null;
    created_at: Instant;
  };
  org_unit: {
    unit_id: string;
    participant_id: string;
    parent_id: string | null;
    kind: 'headOffice' | 'branch' | 'workstation';
    code: string;
    name: string;
    address: Generated<string>;
    district: string | null;
    channels: Generated<string[]>;
    policy: Generated<JSONColumnType<Record<string, number>>['__select__']>;
    created_at: Instant;
  };
  biller: {
    biller_id: string;
    participant_id: string;
    number: string;
    code: string;
    name: string;
    service: JSONColumnType<Localized>;
    status: Generated<'onboarding' | 'live' | 'suspended' | 'closed'>;
    fetch_mode: 'none' | 'optional' | 'mandatory';
    exactness: 'any' | 'exact' | 'up' | 'down';
    min_amount: number;
    max_amount: number;
    advance_allowed: boolean;
    account_mask: string;
    account_example: Generated<string>;
    offline: 'known' | 'mask' | 'none';
    priority: Generated<number>;
    created_at: Instant;
  };
  fee_rule: {
    fee_rule_id: string;
    biller_id: string;
    channel: 'counter' | 'portal' | 'atm' | 'kiosk' | 'bank';
    borne_by: 'payer' | 'company';
    fixed: number;
    basis_points: number;
    floor: number;
    cap: number | null;
    valid_from: string;
    valid_to: string | null;
  };
  app_user: {
    user_id: string;
    username: string;
    name: string;
    role: 'teller' | 'supervisor' | 'operator' | 'auditor' | 'administrator';
    participant_id: string | null;
    password_hash: string;
    status: Generated<'active' | 'blocked'>;
    failed_tries: Generated<number>;
    locked_until: NullableInstant;
    last_login_at: NullableInstant;
    created_at: Instant;
  };
  device: {
    device_id: string;
    unit_id: string;
    public_key: string;
    status: Generated<'active' | 'quarantined'>;
    quarantine_reason: string | null;
    head_seq: Generated<number>;
    head_hash: Generated<string>;
    clock_skew_ms: number | null;
    signatures_through: Generated<number>;
    enrolled_at: Instant;
    last_seen_at: NullableInstant;
  };
  enrolment_code: {
    code_hash: string;
    unit_id: string;
    created_at: Instant;
    expires_at: SetInstant;
    used_at: NullableInstant;
    device_id: string | null;
  };
  code_block: {
    lease_id: string;
    device_id: string;
    first_serial: number;
    last_serial: number;
    leased_at: Instant;
  };
  subscriber: {
    subscriber_id: string;
    code: string;
    name: string;
    address: string;
    phone: string | null;
    email: string | null;
    language: 'az' | 'en' | 'ru';
    district: string;
    device_id: string | null;
    registered_at: SetInstant;
    changed_xid: Xid;
  };
  subscriber_account: {
    subscriber_id: string;
    biller_id: string;
    account: string;
    label: string;
    bound_at: SetInstant;
  };
  audit_log: {
    seq: number;
    at: SetInstant;
    actor: string;
    action: string;
    subject: string;
    detail: JSONColumnType<Record<string, unknown>>;
    prev_hash: string;
    hash: string;
  };
  settlement_window: {
    window_id: string;
    business_date: string;
    seq: number;
    state: 'open' | 'closed';
    opened_at: SetInstant;
    closed_at: NullableInstant;
  };
  ledger_account: { account: string; kind: string; opened_at: SetInstant };
  ledger_journal: {
    journal_id: string;
    kind: string;
    business_date: string;
    posted_at: SetInstant;
    reverses: string | null;
    content_hash: string;
    block_id: string;
  };
  ledger_entry: { journal_id: string; line_no: number; account: string; amount: number; currency: string };
  ledger_balance: { account: string; currency: string; amount: number; entries: number };
  ledger_block: {
    seq: number;
    block_id: string;
    prev_hash: string;
    hash: string;
    journals: number;
    sealed_at: SetInstant;
  };
  payment: {
    payment_id: string;
    kind: 'payment' | 'storno';
    channel: string;
    device_id: string | null;
    participant_id: string;
    shift_id: string | null;
    business_date: string;
    receipt_no: string;
    subscriber_code: string | null;
    total: number;
    fees: number;
    currency: string;
    outcome: 'posted' | 'unallocated';
    taken_at: SetInstant;
    posted_at: SetInstant;
    request_hash: string;
    window_id: string;
    reverses: string | null;
    block_id: string;
  };
  payment_line: {
    line_id: string;
    payment_id: string;
    line_no: number;
    biller_id: string;
    account: string;
    district: string;
    amount: number;
    fee: number;
    bill_no: string | null;
    placed: 'payable' | 'unallocated';
    posted_at: SetInstant;
    reverses_line_id: string | null;
    changed_xid: Xid;
  };
  case_file: {
    case_id: string;
    kind: string;
    state: Generated<'open' | 'closed'>;
    opened_at: SetInstant;
    event_key: string;
    device_id: string | null;
    payment_id: string | null;
    journal_id: string | null;
    amount: number | null;
    detail: JSONColumnType<Record<string, unknown>>;
    owner: string | null;
    resolution: string | null;
    closed_at: NullableInstant;
  };
  device_journal: {
    device_id: string;
    seq: number;
    entry_id: string | null;
    type: string | null;
    prev_hash: string;
    hash: string;
    signature: string;
    body: string;
    wall_time: NullableInstant;
    received_at: SetInstant;
    outcome: 'posted' | 'unallocated' | 'case' | 'recorded';
    posted_at: NullableInstant;
    note: string | null;
    journal_id: string | null;
  };
  /** Owned by exchange/: one row per account on a company's list (migration 0010). */
  biller_account: {
    biller_id: string;
    account: string;
    holder: string;
    address: string;
    phone: string | null;
    district: string;
    active: Generated<boolean>;
    folded: string;
    bills: JSONColumnType<readonly StatedBill[]>;
    stated_total: number;
    as_of: SetInstant;
    payments_through: SetInstant;
    list_id: string;
    changed_xid: Xid;
  };
  biller_list_state: {
    biller_id: string;
    last_seq: number;
    full_as_of: NullableInstant;
    full_payments_through: NullableInstant;
    changed_xid: Xid;
  };
};
