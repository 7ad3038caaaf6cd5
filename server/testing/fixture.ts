import { sql } from 'kysely';
import type { Biller, Channel, FeeRule } from '../../contracts/domain.ts';
import type { StatedBill } from '../../contracts/rules/owed.ts';
import type { Database } from '../db/database.ts';
import { mintId } from '../registry/identity.ts';
import { addBiller, addParticipant, addUnit, type NewBiller } from '../registry/participants.ts';
import { findDevice, type Device } from '../registry/workstations.ts';
import { testDeviceKey, type TestKey } from './device.ts';

/** Two companies, a bank with one branch, and enrolled workstations: enough to take money. */
export type Fixture = {
  readonly bankId: string;
  readonly branchId: string;
  readonly district: string;
  /** Live; known accounts only when offline. */
  readonly electricity: string;
  /** Live; any account that fits its mask. */
  readonly water: string;
  /** Closed: what is paid to it is unallocated. */
  readonly closed: string;
};

const RULES = {
  fetch: 'optional',
  exactness: 'any',
  minAmount: 1,
  maxAmount: 100_000_000,
  advanceAllowed: true,
  accountExample: '',
  priority: 100,
} as const;

const unwrap = (result: { ok: true; value: string } | { ok: false; error: { code: string } }): string => {
  if (!result.ok) throw new Error(result.error.code);
  return result.value;
};

/** Fills an empty test database with the registry part of a system. Codes carry `suffix`, for a second bank. */
export async function fillRegistry({ db }: Database, suffix = '1', district = 'Nərimanov'): Promise<Fixture> {
  const bankId = unwrap(
    await addParticipant(
      db,
      {
        code: `BANK${suffix}`,
        name: 'Bank',
        kind: 'bank',
        status: 'live',
        iban: 'AZ21NABZ00000000137010001944',
      },
      'test',
    ),
  );
  const headId = unwrap(
    await addUnit(
      db,
      {
        participantId: bankId,
        parentId: null,
        kind: 'headOffice',
        code: `HO${suffix}`,
        name: 'Baş ofis',
        address: '',
        district: null,
      },
      'test',
    ),
  );
  const branchId = unwrap(
    await addUnit(
      db,
      {
        participantId: bankId,
        parentId: headId,
        kind: 'branch',
        code: `BR${suffix}`,
        name: `${district} filialı`,
        address: 'Bakı',
        district,
      },
      'test',
    ),
  );
  const billerIds: string[] = [];
  for (const [index, [code, offline, status, mask]] of (
    [
      ['ELEKTRIK', 'known', 'live', '^\\d{10}$'],
      ['SU', 'mask', 'live', '^9\\d{7}$'],
      ['KOHNE', 'known', 'closed', '^\\d{5}$'],
    ] as const
  ).entries()) {
    const participantId = unwrap(
      await addParticipant(
        db,
        {
          code: `${code}${suffix}`,
          name: code,
          kind: 'biller',
          status: 'live',
          iban: 'AZ21NABZ00000000137010001944',
        },
        'test',
      ),
    );
    billerIds.push(
      unwrap(
        await addBiller(
          db,
          biller(participantId, `${code}${suffix}`, `${suffix}0${index}`, status, offline, mask),
          'test',
        ),
      ),
    );
  }
  const [electricity = '', water = '', closed = ''] = billerIds;
  return { bankId, branchId, district, electricity, water, closed };
}

function biller(
  participantId: string,
  code: string,
  number: string,
  status: Biller['status'],
  offline: Biller['offline'],
  accountMask: string,
): NewBiller {
  const fee = {
    channel: 'counter',
    borneBy: 'payer',
    fixed: 0,
    basisPoints: 100,
    floor: 10,
    cap: 200,
    validFrom: '2020-01-01',
    validTo: null,
  };
  return {
    ...RULES,
    participantId,
    number: number.padStart(3, '0').slice(-3),
    code,
    name: code,
    service: { az: code, en: code, ru: code },
    status,
    offline,
    accountMask,
    fees: [fee as Omit<FeeRule, 'id'>],
  } as unknown as NewBiller; // numbers of the fixture are amounts
}

/** Enrols one more workstation of the branch, past the one-time code. */
export async function addDevice(
  { db }: Database,
  fixture: Fixture,
  code: string,
  channels: readonly Channel[] = ['counter'],
): Promise<{ device: Device; key: TestKey }> {
  const unitId = unwrap(
    await addUnit(
      db,
      {
        participantId: fixture.bankId,
        parentId: fixture.branchId,
        kind: 'workstation',
        code,
        name: code,
        address: '',
        district: null,
        channels,
      },
      'test',
    ),
  );
  const key = testDeviceKey();
  await db
    .insertInto('device')
    .values({
      device_id: key.deviceId,
      unit_id: unitId,
      public_key: key.publicKey,
      quarantine_reason: null,
      clock_skew_ms: null,
    })
    .execute();
  const device = await findDevice(db, key.deviceId);
  if (!device) throw new Error('a device was just added');
  return { device, key };
}

/** Puts an account on a company's list as if a list had brought it. */
export async function putAccount(
  { db }: Database,
  account: {
    billerId: string;
    account: string;
    district: string;
    bills?: readonly StatedBill[];
    paymentsThrough?: string;
    active?: boolean;
  },
): Promise<void> {
  const bills = account.bills ?? [];
  const through = account.paymentsThrough ?? '2026-01-01T00:00:00.000Z';
  await sql`insert into biller_account (biller_id, account, holder, address, phone, district, active, folded, bills, stated_total, as_of, payments_through, list_id)
    values (${account.billerId}, ${account.account}, 'Əliyev Vüqar', 'Bakı, Nizami 1', null, ${account.district}, ${account.active ?? true}, 'eliyev vuqar',
      ${JSON.stringify(bills)}::jsonb, ${bills.reduce((total, bill) => total + bill.amount, 0)}, ${through}, ${through}, ${mintId()})
    on conflict (biller_id, account) do update set district = excluded.district, active = excluded.active, bills = excluded.bills,
      stated_total = excluded.stated_total, as_of = excluded.as_of, payments_through = excluded.payments_through, changed_xid = pg_current_xact_id()`.execute(
    db,
  );
}
