import type { Kysely } from 'kysely';
import { qepik, type Qepik } from '../../contracts/money.ts';
import { parseReceiptCode } from '../../contracts/rules/receipt-code.ts';
import type { Instant } from '../../contracts/time.ts';
import type { Tables } from '../db/tables.ts';
import { devicePublicKey, signatureFits } from './identity.ts';
import { findDevice } from './workstations.ts';

export type VerifiedReceipt = {
  readonly genuine: boolean;
  readonly receiptNo: string | null;
  readonly total: Qepik | null;
  readonly takenAt: Instant | null;
  readonly branchName: string | null;
  readonly state: 'posted' | 'stornoed' | 'notYetArrived' | 'unknown';
};

const NOT_GENUINE: VerifiedReceipt = {
  genuine: false,
  receiptNo: null,
  total: null,
  takenAt: null,
  branchName: null,
  state: 'unknown',
};

/**
 * Is this receipt one of ours, and what has become of its payment? Genuine: a device enrolled here signed it, even while
 * the centre was away. `unknown` with a genuine receipt: the payment arrived, but a person is looking at it.
 */
export async function verifyReceipt(db: Kysely<Tables>, code: string): Promise<VerifiedReceipt> {
  const parsed = parseReceiptCode(code);
  const device = parsed ? await findDevice(db, parsed.facts.deviceId) : undefined;
  const key = device ? devicePublicKey(device.publicKey) : undefined;
  if (
    !parsed ||
    !device ||
    !key ||
    !(await signatureFits(key, Buffer.from(parsed.payload, 'utf8'), parsed.signature))
  )
    return NOT_GENUINE;
  const { facts } = parsed;
  const [payment, storno, inCase] = await Promise.all([
    db
      .selectFrom('payment')
      .select(['receipt_no', 'total', 'device_id'])
      .where('payment_id', '=', facts.paymentId)
      .executeTakeFirst(),
    db.selectFrom('payment').select('payment_id').where('reverses', '=', facts.paymentId).executeTakeFirst(),
    db
      .selectFrom('case_file')
      .select('case_id')
      .where('payment_id', '=', facts.paymentId)
      .where('device_id', '=', facts.deviceId)
      .executeTakeFirst(),
  ]);
  const same =
    payment?.receipt_no === facts.receiptNo &&
    payment.total === facts.total &&
    payment.device_id === facts.deviceId;
  return {
    genuine: true,
    receiptNo: facts.receiptNo,
    total: qepik(facts.total),
    takenAt: facts.takenAt,
    branchName: device.workstation.branchName,
    state: same ? (storno ? 'stornoed' : 'posted') : payment || inCase ? 'unknown' : 'notYetArrived',
  };
}
