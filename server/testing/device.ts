import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import {
  GENESIS_HASH,
  hashInput,
  type EntryPayload,
  type EntryType,
  type PaymentAccepted,
  type SignedEntry,
} from '../../contracts/journal.ts';
import { mintId } from '../registry/identity.ts';

/** A device key in memory. */
export type TestKey = {
  readonly deviceId: string;
  readonly publicKey: string;
  signHash(hash: string): string;
  signText(text: string): string;
};

export function testDeviceKey(): TestKey {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const jwk = publicKey.export({ format: 'jwk' });
  return {
    deviceId: mintId(),
    publicKey: jwk.x ?? '',
    signHash: (hash) => sign(null, Buffer.from(hash, 'hex'), privateKey).toString('base64url'),
    signText: (text) => sign(null, Buffer.from(text, 'utf8'), privateKey).toString('base64url'),
  };
}

/** A journal in memory: chains and signs what it is given, as a workstation does. */
export type TestJournal = {
  readonly entries: readonly SignedEntry[];
  append<T extends EntryType>(type: T, payload: EntryPayload<T>, wallTime?: string): SignedEntry;
  /** Appends a body as it is, readable or not. */
  appendRaw(body: string): SignedEntry;
};

export function testJournal(key: TestKey, past: readonly SignedEntry[] = []): TestJournal {
  const entries: SignedEntry[] = [...past];
  const bootId = mintId();
  const appendRaw = (body: string): SignedEntry => {
    const entry = chained(key, entries.length + 1, entries.at(-1)?.hash ?? GENESIS_HASH, body);
    entries.push(entry);
    return entry;
  };
  return {
    entries,
    appendRaw,
    append: (type, payload, wallTime = new Date().toISOString()) =>
      appendRaw(
        JSON.stringify({ entryId: mintId(), type, payload, wallTime, bootId, monotonicMs: entries.length }),
      ),
  };
}

/** One entry, hashed and signed. */
export function chained(key: TestKey, seq: number, prevHash: string, body: string): SignedEntry {
  const hash = createHash('sha256')
    .update(hashInput(key.deviceId, seq, prevHash, body))
    .digest('hex');
  return { seq, prevHash, hash, signature: key.signHash(hash), body };
}

/** A shift at a test counter, with the numbers that its entries carry. */
export function testShift(workstation = 'WS01', businessDate = '2026-11-23') {
  const shiftId = mintId();
  let serial = 0;
  const context = {
    shiftId,
    shiftNo: 1,
    businessDate,
    workstation,
    teller: { userId: mintId(), name: 'Aygün' },
  };
  const nextReceipt = (): string =>
    `${workstation}-${businessDate.replaceAll('-', '')}-${String((serial += 1)).padStart(4, '0')}`;
  return { context, nextReceipt };
}
export type TestShift = ReturnType<typeof testShift>;

export type TestLine = {
  readonly billerId: string;
  readonly account: string;
  readonly amount: number;
  readonly fee?: number;
};

/** A cash payment of lines, as the counter records it. */
export function testPayment(shift: TestShift, lines: readonly TestLine[]): PaymentAccepted {
  const total = lines.reduce((sum, line) => sum + line.amount + (line.fee ?? 0), 0);
  return {
    ...shift.context,
    paymentId: mintId(),
    receiptNo: shift.nextReceipt(),
    currency: 'AZN',
    online: true,
    language: 'az',
    subscriberCode: null,
    payerName: null,
    lines: lines.map((line) => ({
      lineId: mintId(),
      billerId: line.billerId,
      billerName: 'Şirkət',
      account: line.account,
      holder: 'Əliyev',
      period: null,
      billNo: null,
      amount: line.amount,
      fee: line.fee ?? 0,
      feeRuleId: null,
      owedShown: 0,
      owedAsOf: null,
      known: true,
    })),
    tenders: [
      {
        kind: 'cash',
        tenderId: mintId(),
        amount: total,
        received: total,
        change: 0,
        receivedPieces: null,
        changePieces: null,
      },
    ],
    total,
  } as unknown as PaymentAccepted; // plain numbers of a test are amounts
}

/** The storno of a payment, with its lines reversed. */
export function testStorno(shift: TestShift, payment: PaymentAccepted): EntryPayload<'payment.stornoed'> {
  return {
    ...shift.context,
    stornoId: mintId(),
    receiptNo: shift.nextReceipt(),
    paymentId: payment.paymentId,
    originalReceiptNo: payment.receiptNo,
    currency: 'AZN',
    reason: 'payerRefused',
    note: '',
    approvedBy: { userId: mintId(), name: 'Rauf' },
    approvedOffline: false,
    language: 'az',
    lines: payment.lines.map((line) => ({ ...line, lineId: mintId(), reversesLineId: line.lineId })),
    tenders: payment.tenders.map((tender) => ({ ...tender, tenderId: mintId() })),
    total: payment.total,
  };
}
