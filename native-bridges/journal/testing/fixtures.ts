import { generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { uuidv7 } from '../../../contracts/ids.ts';
import type { EntryPayload } from '../../../contracts/journal.ts';
import { qepik } from '../../../contracts/money.ts';
import { openJournal, type Journal, type JournalOptions } from '../journal.ts';
import type { Signer } from '../signatures.ts';

export const mintId = (): string => uuidv7(Date.now(), randomBytes(10));

/** A device key in memory, made anew or taken from its PKCS #8 text so that a child process signs with the same. */
export type TestDevice = {
  readonly deviceId: string;
  readonly publicKey: string;
  readonly pem: string;
  readonly signer: Signer;
};

export function testDevice(): TestDevice {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const { x } = publicKey.export({ format: 'jwk' });
  return {
    deviceId: mintId(),
    publicKey: x ?? '',
    pem: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
    signer: signWith(privateKey),
  };
}

export const signWith = (privateKey: KeyObject): Signer => ({
  signHash: (hashHex) => sign(null, Buffer.from(hashHex, 'hex'), privateKey).toString('base64url'),
  signText: (text) => sign(null, Buffer.from(text), privateKey).toString('base64url'),
});

/** A folder that lives as long as the test: `onEnd` is vitest's onTestFinished. */
export function temporaryFolder(onEnd: (clean: () => void) => void): string {
  const folder = mkdtempSync(join(tmpdir(), 'komis-journal-'));
  onEnd(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export const journalOptions = (path: string, device: TestDevice): JournalOptions => ({
  path,
  holder: 'test',
  identity: () => device,
  signer: device.signer,
  machine: {
    nowMs: Date.now,
    monotonicMs: () => performance.now(),
    mintId,
    log: () => undefined,
  },
});

/** Opens a journal that must open. */
export function opened(options: JournalOptions): Journal {
  const journal = openJournal(options);
  if (!journal.ok) throw new Error(`not opened: ${JSON.stringify(journal.error)}`);
  return journal.value;
}

/** A payment of one bill in cash, about as long as a real one. */
export function payment(amount = 3840): EntryPayload<'payment.accepted'> {
  return {
    shiftId: mintId(),
    shiftNo: 1,
    businessDate: '2026-11-23',
    workstation: 'WS07',
    teller: { userId: mintId(), name: 'Aygün Məmmədova' },
    paymentId: mintId(),
    receiptNo: 'WS07-20261123-0042',
    currency: 'AZN',
    online: false,
    language: 'az',
    subscriberCode: null,
    payerName: null,
    lines: [
      {
        lineId: mintId(),
        billerId: mintId(),
        billerName: 'Elektrik Şəbəkəsi',
        account: '120045671',
        holder: 'Əliyev Rəşad İlqar oğlu',
        period: '2026-10',
        billNo: 'E-2026-10-120045671',
        amount: qepik(amount),
        fee: qepik(0),
        feeRuleId: null,
        owedShown: qepik(amount),
        owedAsOf: '2026-11-22T20:00:00.000Z',
        known: true,
      },
    ],
    tenders: [
      {
        kind: 'cash',
        tenderId: mintId(),
        amount: qepik(amount),
        received: qepik(amount),
        change: qepik(0),
        receivedPieces: null,
        changePieces: null,
      },
    ],
    total: qepik(amount),
  };
}
