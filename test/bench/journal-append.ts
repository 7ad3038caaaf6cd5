import Database from 'better-sqlite3';
import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { uuidv7 } from '../../contracts/ids.ts';
import type { EntryPayload } from '../../contracts/journal.ts';
import { qepik } from '../../contracts/money.ts';
import { openJournal, type Journal } from '../../native-bridges/journal/journal.ts';
import { percentile, type Bench } from './bench.ts';

const ROUNDS = 15;
const APPENDS_PER_ROUND = 800;
const WARM_UP = 3000;

/**
 * The cost of one durable payment entry: our append (validate, chain, sign, insert, commit, fsync) over a bare
 * better-sqlite3 insert of a row of the same size under the same pragmas. They go by turns, each first in every other
 * turn, so that a slow moment of the disk meets both; the payments are made beforehand, as a caller has them. The ratio
 * is the median of the rounds' ratios of p99: one burst of another program's writing does not decide it.
 */
export const journalAppend: Bench = {
  name: 'journal append, durable, p99 / bare insert',
  limit: { kind: 'smaller', bound: 1.5 },
  async run() {
    const folder = mkdtempSync(join(tmpdir(), 'komis-bench-journal-'));
    try {
      return measure(folder);
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};

function measure(folder: string) {
  const journal = openedJournal(join(folder, 'journal.sqlite'));
  const first = journal.append(mintId(), 'payment.accepted', payment());
  const [signed] = journal.waiting(1);
  if (!first.ok || signed === undefined) throw new Error('the journal does not take an entry');

  const bare = new Database(join(folder, 'bare.sqlite'));
  bare.pragma('journal_mode = WAL');
  bare.pragma('synchronous = FULL');
  bare.exec(
    'CREATE TABLE entry (seq INTEGER PRIMARY KEY, prev_hash TEXT, hash TEXT, signature TEXT, body TEXT) STRICT',
  );
  const insert = bare.prepare('INSERT INTO entry VALUES (?, ?, ?, ?, ?)');
  let seq = 0;

  const rounds: { ours: number[]; bare: number[] }[] = [];
  const append = (entryId: string, payload: Payment): boolean =>
    journal.append(entryId, 'payment.accepted', payload).ok;
  const insertBare = (): boolean =>
    insert.run(++seq, signed.prevHash, signed.hash, signed.signature, signed.body).changes === 1;
  const payments = Array.from({ length: 64 }, payment);
  for (let n = 0; n < WARM_UP; n++) append(mintId(), payments[n % payments.length] ?? payment());
  for (let n = 0; n < WARM_UP; n++) insertBare();
  for (let round = 0; round < ROUNDS; round++) {
    const times: { ours: number[]; bare: number[] } = { ours: [], bare: [] };
    for (let n = 0; n < APPENDS_PER_ROUND; n++) {
      const entryId = mintId();
      const turns = [
        () => time(times.ours, () => append(entryId, payments[n % payments.length] ?? payment())),
        () => time(times.bare, insertBare),
      ];
      for (const turn of n % 2 === 0 ? turns : turns.reverse()) turn();
    }
    rounds.push(times);
  }
  journal.close();
  bare.close();

  const all = (which: 'ours' | 'bare'): number[] => rounds.flatMap((times) => times[which]);
  const ratios = rounds.map(({ ours, bare }) => percentile(ours, 0.99) / percentile(bare, 0.99));
  return {
    ratio: percentile(ratios, 0.5),
    details: {
      oursP50Ms: percentile(all('ours'), 0.5),
      oursP99Ms: percentile(all('ours'), 0.99),
      bareP50Ms: percentile(all('bare'), 0.5),
      bareP99Ms: percentile(all('bare'), 0.99),
      entryBytes: Buffer.byteLength(signed.body),
      rounds: rounds.length,
      appends: rounds.length * APPENDS_PER_ROUND,
    },
  };
}

type Payment = EntryPayload<'payment.accepted'>;

function time(into: number[], act: () => boolean): void {
  const begun = performance.now();
  const done = act();
  into.push(performance.now() - begun);
  if (!done) throw new Error('an append was refused');
}

const mintId = (): string => uuidv7(Date.now(), randomBytes(10));

function openedJournal(path: string): Journal {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const identity = { deviceId: mintId(), publicKey: publicKey.export({ format: 'jwk' }).x ?? '' };
  const journal = openJournal({
    path,
    holder: 'bench',
    identity: () => identity,
    signer: {
      signHash: (hashHex) => sign(null, Buffer.from(hashHex, 'hex'), privateKey).toString('base64url'),
      signText: (text) => sign(null, Buffer.from(text), privateKey).toString('base64url'),
    },
    machine: { nowMs: Date.now, monotonicMs: () => performance.now(), mintId, log: () => undefined },
  });
  if (!journal.ok) throw new Error(`the journal does not open: ${journal.error.code}`);
  return journal.value;
}

/** A payment of two bills in cash. */
function payment(): Payment {
  const line = (account: string, amount: number) => ({
    lineId: mintId(),
    billerId: mintId(),
    billerName: 'Elektrik Şəbəkəsi',
    account,
    holder: 'Əliyev Rəşad İlqar oğlu',
    period: '2026-10',
    billNo: `E-2026-10-${account}`,
    amount: qepik(amount),
    fee: qepik(0),
    feeRuleId: null,
    owedShown: qepik(amount),
    owedAsOf: '2026-11-22T20:00:00.000Z',
    known: true,
  });
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
    lines: [line('120045671', 3840), line('77120045', 1160)],
    tenders: [
      {
        kind: 'cash',
        tenderId: mintId(),
        amount: qepik(5000),
        received: qepik(5000),
        change: qepik(0),
        receivedPieces: [{ denomination: 5000, count: 1 }],
        changePieces: null,
      },
    ],
    total: qepik(5000),
  };
}
