import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SignedEntry } from '../../contracts/journal.ts';
import type { Database } from '../db/database.ts';
import { withTestDatabase } from '../db/testing.ts';
import { verifyLedger } from '../ledger/verify.ts';
import { findDevice, quarantineDevice, releaseDevice } from '../registry/workstations.ts';
import { addDevice, fillRegistry, putAccount, type Fixture } from '../testing/fixture.ts';
import {
  chained,
  testDeviceKey,
  testJournal,
  testPayment,
  testShift,
  testStorno,
} from '../testing/device.ts';
import { pushJournal } from './journal-push.ts';
import { checkNextSignatures } from './signature-check.ts';

let database: Database;
let fixture: Fixture;
let serial = 0;

beforeAll(async () => {
  database = await withTestDatabase();
  fixture = await fillRegistry(database);
  await putAccount(database, {
    billerId: fixture.electricity,
    account: '1000000001',
    district: fixture.district,
  });
});
afterAll(() => database.close());

const counter = async () => {
  const { device, key } = await addDevice(database, fixture, `WS${String((serial += 1)).padStart(2, '0')}`);
  const journal = testJournal(key);
  return {
    device,
    key,
    journal,
    shift: testShift(device.workstation.code),
    push: (entries: readonly SignedEntry[]) => pushJournal(database, device, entries),
  };
};
const line = (amount: number, fee = 0) => ({
  billerId: fixture.electricity,
  account: '1000000001',
  amount,
  fee,
});
const balance = async (account: string): Promise<number> =>
  (
    await database.db
      .selectFrom('ledger_balance')
      .select('amount')
      .where('account', '=', account)
      .executeTakeFirst()
  )?.amount ?? 0;
const casesOf = (deviceId: string) =>
  database.db
    .selectFrom('case_file')
    .select(['kind', 'amount', 'payment_id'])
    .where('device_id', '=', deviceId)
    .orderBy('opened_at')
    .execute();
const proven = async (): Promise<void> => {
  const proof = await verifyLedger(database);
  expect(proof.checks.flatMap(({ findings }) => findings)).toEqual([]);
  expect(proof.ok).toBe(true);
};

test('a day of a counter: float, payment, storno, close; the drawer ends empty and the books balance', async () => {
  const { device, journal, shift, push } = await counter();
  const vault = `vault:${fixture.branchId}`;
  const vaultBefore = await balance(vault);
  const payableBefore = await balance(`payable:${fixture.electricity}`);
  journal.append('shift.opened', { ...shift.context, float: [], floatTotal: 5000 as never });
  const first = testPayment(shift, [line(1000, 10), line(500, 5)]);
  const second = testPayment(shift, [line(300)]);
  journal.append('payment.accepted', first);
  journal.append('payment.accepted', second);
  journal.append('payment.stornoed', testStorno(shift, first));
  journal.append('shift.closed', {
    ...shift.context,
    zNo: 1,
    counted: [],
    countedTotal: 5290 as never,
    expectedTotal: 5300 as never,
    difference: -10 as never,
    reason: 'səhv qəpik',
    payments: { count: 2, total: 1815 as never, fees: 15 as never },
    stornos: { count: 1, total: 1515 as never },
  });
  const pushed = await push(journal.entries);
  expect(pushed.ok && pushed.value.outcomes.map(({ outcome }) => outcome)).toEqual([
    'posted',
    'posted',
    'posted',
    'posted',
    'posted',
  ]);
  expect(await balance(`cash:shift:${shift.context.shiftId}`)).toBe(0);
  expect((await balance(vault)) - vaultBefore).toBe(290);
  expect(await balance(`over-short:${fixture.branchId}`)).toBe(10);
  expect((await balance(`payable:${fixture.electricity}`)) - payableBefore).toBe(-300);
  expect(await casesOf(device.deviceId)).toEqual([]);
  await proven();
});

test('a batch sent again gets the first answers and posts nothing', async () => {
  const { journal, shift, push } = await counter();
  for (let i = 0; i < 5; i += 1) journal.append('payment.accepted', testPayment(shift, [line(100 + i)]));
  const first = await push(journal.entries.slice(0, 3));
  const before = await balance(`cash:shift:${shift.context.shiftId}`);
  const again = await push(journal.entries.slice(0, 3));
  expect(again).toEqual(first);
  expect(await balance(`cash:shift:${shift.context.shiftId}`)).toBe(before);
  const overlapping = await push(journal.entries.slice(1));
  expect(overlapping.ok && overlapping.value.acknowledgedThrough).toBe(5);
  expect(overlapping.ok && first.ok && overlapping.value.outcomes.slice(0, 2)).toEqual(
    first.ok && first.value.outcomes.slice(1),
  );
  await proven();
});

test('a gap is asked for, between batches and inside one', async () => {
  const { journal, shift, push } = await counter();
  for (let i = 0; i < 6; i += 1) journal.append('payment.accepted', testPayment(shift, [line(100)]));
  const { entries } = journal;
  expect(await push(entries.slice(2))).toMatchObject({
    ok: false,
    error: { code: 'journalGap', detail: { expectedSeq: 1 } },
  });
  await push(entries.slice(0, 2));
  expect(await push(entries.slice(3))).toMatchObject({
    ok: false,
    error: { code: 'journalGap', detail: { expectedSeq: 3 } },
  });
  expect(await push(entries.filter(({ seq }) => seq !== 4))).toMatchObject({
    ok: false,
    error: { code: 'journalGap', detail: { expectedSeq: 4 } },
  });
  expect((await push(entries.slice(2))).ok).toBe(true);
  await proven();
});

test('altered, re-ordered, re-signed by another, or cut in its middle: refused, and nothing of it is taken', async () => {
  const { device, key, journal, shift, push } = await counter();
  for (let i = 0; i < 4; i += 1) journal.append('payment.accepted', testPayment(shift, [line(100)]));
  const [a, b, c, d] = journal.entries;
  if (!a || !b || !c || !d) throw new Error('four entries');
  const stranger = testDeviceKey();
  const forgeries: [string, SignedEntry[], object][] = [
    [
      'amount altered',
      [a, { ...b, body: b.body.replace('"amount":100', '"amount":900') }, c, d],
      { code: 'journalForged', detail: { seq: 2 } },
    ],
    [
      'altered and hashed again',
      [a, { ...chained(key, 2, a.hash, b.body.replace('100', '900')), signature: b.signature }],
      { code: 'journalForged', detail: { seq: 2 } },
    ],
    [
      'altered, hashed again, in the middle',
      [a, { ...chained(key, 2, a.hash, b.body.replace('100', '900')), signature: b.signature }, c, d],
      { code: 'journalForged' },
    ],
    [
      'signature of another entry in the middle',
      [a, { ...b, signature: c.signature }, c, d],
      { code: 'journalForged', detail: { seq: 2 } },
    ],
    [
      'signed by a stranger',
      [{ ...a, signature: stranger.signHash(a.hash) }],
      { code: 'journalForged', detail: { seq: 1 } },
    ],
    [
      'another device’s',
      [chained(stranger, 1, a.prevHash, a.body)],
      { code: 'journalForged', detail: { seq: 1 } },
    ],
    ['re-ordered', [a, c, b, d], { code: 'journalGap', detail: { expectedSeq: 2 } }],
    ['renumbered', [a, { ...c, seq: 2 }, { ...b, seq: 3 }, d], { code: 'journalForged', detail: { seq: 2 } }],
    ['backwards', [d, c, b, a], { code: 'journalGap' }],
    ['the same twice', [a, a], { code: 'journalGap', detail: { expectedSeq: 2 } }],
  ];
  for (const [what, entries, error] of forgeries)
    expect(await push(entries), what).toMatchObject({ ok: false, error });
  expect(await balance(`cash:shift:${shift.context.shiftId}`)).toBe(0);
  expect((await findDevice(database.db, device.deviceId))?.status).toBe('active');
  expect((await push(journal.entries)).ok).toBe(true);
  await proven();
});

test('a fork quarantines the device and opens a case; after release the old line goes on', async () => {
  for (const after of [1, 2]) {
    const { device, key, journal, shift, push } = await counter();
    journal.append('payment.accepted', testPayment(shift, [line(100)]));
    journal.append('payment.accepted', testPayment(shift, [line(200)]));
    await push(journal.entries);
    const forked = testJournal(key, journal.entries.slice(0, after - 1));
    forked.append('payment.accepted', testPayment(shift, [line(999)]));
    forked.append('payment.accepted', testPayment(shift, [line(999)]));
    forked.append('payment.accepted', testPayment(shift, [line(999)]));
    expect(await push(forked.entries.slice(after - 1))).toMatchObject({
      ok: false,
      error: { code: 'journalFork', detail: { seq: after } },
    });
    expect((await findDevice(database.db, device.deviceId))?.status).toBe('quarantined');
    expect(await casesOf(device.deviceId)).toMatchObject([{ kind: 'journalFork' }]);
    journal.append('payment.accepted', testPayment(shift, [line(300)]));
    expect(await push(journal.entries.slice(2))).toMatchObject({
      ok: false,
      error: { code: 'deviceQuarantined' },
    });
    await releaseDevice(database.db, device.deviceId, 'test');
    expect((await push(journal.entries.slice(2))).ok).toBe(true);
    expect(await balance(`cash:shift:${shift.context.shiftId}`)).toBe(600);
  }
  await proven();
});

test('a fork right after the head is found by its link', async () => {
  const { device, key, journal, shift, push } = await counter();
  journal.append('payment.accepted', testPayment(shift, [line(100)]));
  await push(journal.entries);
  const stray = chained(key, 2, 'f'.repeat(64), journal.entries[0]?.body ?? '');
  expect(await push([stray])).toMatchObject({
    ok: false,
    error: { code: 'journalFork', detail: { seq: 2 } },
  });
  await quarantineDevice(database.db, device.deviceId, 'stays', 'test');
});

test('what cannot be placed is never refused: unallocated, or cash on record and a case', async () => {
  const { device, journal, shift, push } = await counter();
  const unknown = testPayment(shift, [
    line(100),
    { billerId: fixture.electricity, account: '7777777777', amount: 50 },
  ]);
  const closed = testPayment(shift, [{ billerId: fixture.closed, account: '12345', amount: 70 }]);
  const masked = testPayment(shift, [{ billerId: fixture.water, account: '91234567', amount: 30 }]);
  const offMask = testPayment(shift, [{ billerId: fixture.water, account: '1', amount: 40 }]);
  const wrongSum = { ...testPayment(shift, [line(100)]), total: 90 as never };
  const reused = { ...testPayment(shift, [line(60)]), paymentId: masked.paymentId };
  const reusedLine = testPayment(shift, [line(80)]);
  reusedLine.lines = masked.lines.map((one) => ({ ...one, amount: 80 as never }));
  for (const payment of [unknown, closed, masked, offMask, wrongSum, reused, reusedLine])
    journal.append('payment.accepted', payment);
  journal.appendRaw('{"not":"an entry"}');
  journal.appendRaw('not json at all');
  const pushed = await push(journal.entries);
  expect(pushed.ok && pushed.value.outcomes.map(({ outcome, note }) => [outcome, note])).toEqual([
    ['unallocated', null],
    ['unallocated', null],
    ['posted', null],
    ['unallocated', null],
    ['case', 'totalsDisagree'],
    ['case', 'idempotencyConflict'],
    ['case', 'notPostable'],
    ['case', 'entryUnreadable'],
    ['case', 'entryUnreadable'],
  ]);
  // All the cash is accounted for, placed or not.
  expect(await balance(`cash:shift:${shift.context.shiftId}`)).toBe(150 + 70 + 30 + 40 + 100 + 60 + 80);
  expect((await casesOf(device.deviceId)).map(({ kind }) => kind).sort()).toEqual(
    [
      'entryUnreadable',
      'entryUnreadable',
      'idempotencyConflict',
      'notPostable',
      'totalsDisagree',
      'unallocatedPayment',
      'unallocatedPayment',
      'unallocatedPayment',
    ].sort(),
  );
  await proven();
});

test('stornos that cannot be: unknown, twice, of another device, after settlement, of other lines', async () => {
  const { device, journal, shift, push } = await counter();
  const other = await counter();
  const [paid, foreign, settled, partly] = [
    testPayment(shift, [line(100)]),
    testPayment(other.shift, [line(100)]),
    testPayment(testShift(device.workstation.code, '2026-11-20'), [line(100)]),
    testPayment(shift, [line(60), line(40)]),
  ];
  if (!paid || !foreign || !settled || !partly) throw new Error('payments');
  other.journal.append('payment.accepted', foreign);
  await other.push(other.journal.entries);
  for (const payment of [paid, settled, partly]) journal.append('payment.accepted', payment);
  await push(journal.entries);
  await database.db
    .updateTable('settlement_window')
    .set({ state: 'closed' })
    .where('business_date', '=', '2026-11-20')
    .execute();
  const cashBefore = await balance(`cash:shift:${shift.context.shiftId}`);
  const halved = testStorno(shift, partly);
  halved.lines = halved.lines.slice(0, 1);
  halved.total = 60 as never;
  halved.tenders = halved.tenders.map((tender) => ({ ...tender, amount: 60 as never }));
  for (const storno of [
    testStorno(shift, paid),
    testStorno(shift, paid),
    testStorno(shift, testPayment(shift, [line(100)])),
    testStorno(shift, foreign),
    testStorno(shift, settled),
    halved,
  ]) {
    journal.append('payment.stornoed', storno);
  }
  const pushed = await push(journal.entries.slice(3));
  expect(pushed.ok && pushed.value.outcomes.map(({ outcome, note }) => [outcome, note])).toEqual([
    ['posted', null],
    ['case', 'paymentAlreadyStornoed'],
    ['case', 'receiptUnknown'],
    ['case', 'stornoNotOwnShift'],
    ['case', 'stornoAfterSettlement'],
    ['case', 'stornoDiffers'],
  ]);
  // The cash went out each time; what nobody can place waits in suspense.
  expect((await balance(`cash:shift:${shift.context.shiftId}`)) - cashBefore).toBe(-560);
  await proven();
});

test('a drawer that the counter and the ledger see differently opens a case', async () => {
  const { device, journal, shift, push } = await counter();
  journal.append('payment.accepted', testPayment(shift, [line(100)]));
  journal.append('shift.closed', {
    ...shift.context,
    zNo: 1,
    counted: [],
    countedTotal: 90 as never,
    expectedTotal: 90 as never,
    difference: 0 as never,
    reason: null,
    payments: { count: 1, total: 90 as never, fees: 0 as never },
    stornos: { count: 0, total: 0 as never },
  });
  expect((await push(journal.entries)).ok).toBe(true);
  expect(await casesOf(device.deviceId)).toMatchObject([{ kind: 'shiftMismatch', amount: 10 }]);
  await proven();
});

test('a late payment of a settled day opens that day’s next window', async () => {
  const { journal, push, device } = await counter();
  const late = testShift(device.workstation.code, '2026-11-20');
  journal.append('payment.accepted', testPayment(late, [line(100)]));
  const pushed = await push(journal.entries);
  expect(pushed.ok && pushed.value.outcomes[0]?.outcome).toBe('posted');
  const windows = await database.db
    .selectFrom('settlement_window')
    .select(['seq', 'state'])
    .where('business_date', '=', '2026-11-20')
    .orderBy('seq')
    .execute();
  expect(windows).toEqual([
    { seq: 1, state: 'closed' },
    { seq: 2, state: 'open' },
  ]);
  await proven();
});

test('a clock that is ahead is noted, and stops nothing', async () => {
  const { device, journal, shift, push } = await counter();
  journal.append(
    'payment.accepted',
    testPayment(shift, [line(100)]),
    new Date(Date.now() + 3_600_000).toISOString(),
  );
  expect((await push(journal.entries)).ok).toBe(true);
  expect(await casesOf(device.deviceId)).toMatchObject([{ kind: 'clockSkew' }]);
  const row = await database.db
    .selectFrom('device')
    .select('clock_skew_ms')
    .where('device_id', '=', device.deviceId)
    .executeTakeFirstOrThrow();
  expect(row.clock_skew_ms).toBeGreaterThan(3_500_000);
});

test('a long batch is proven by its last signature; one that does not fit in its middle stops the device right after', async () => {
  const { device, journal, shift, push } = await counter();
  for (let i = 0; i < 70; i += 1) journal.append('payment.accepted', testPayment(shift, [line(100)]));
  const [first, second] = journal.entries;
  if (!first || !second) throw new Error('entries');
  const lastForged = journal.entries.map((entry, i) =>
    i === 69 ? { ...entry, signature: first.signature } : entry,
  );
  expect(await push(lastForged)).toMatchObject({
    ok: false,
    error: { code: 'journalForged', detail: { seq: 70 } },
  });
  const bodyForged = journal.entries.map((entry, i) =>
    i === 1 ? { ...entry, body: entry.body.replace('100', '900') } : entry,
  );
  expect(await push(bodyForged)).toMatchObject({
    ok: false,
    error: { code: 'journalForged', detail: { seq: 2 } },
  });
  const middleForged = journal.entries.map((entry, i) =>
    i === 1 ? { ...entry, signature: first.signature } : entry,
  );
  expect((await push(middleForged)).ok).toBe(true);
  await database.pool.query(`update device set last_seen_at = now() - interval '1 minute'`);
  while ((await checkNextSignatures(database)) > 0);
  expect((await findDevice(database.db, device.deviceId))?.status).toBe('quarantined');
  expect(await casesOf(device.deviceId)).toMatchObject([{ kind: 'signatureWrong' }]);
  const proof = await verifyLedger(database);
  expect(
    proof.checks.filter(({ wrong }) => wrong > 0).map(({ name, findings }) => [name, ...findings]),
  ).toEqual([['deviceJournals', `device ${device.deviceId}: the signature of entry 2 does not fit`]]);
});

test('rows of money cannot be changed or removed', async () => {
  for (const table of [
    'ledger_entry',
    'ledger_journal',
    'ledger_block',
    'payment',
    'device_journal',
    'audit_log',
  ] as const) {
    await expect(database.pool.query(`delete from ${table}`), table).rejects.toThrow(/never changed/);
    await expect(database.pool.query(`truncate ${table}`), table).rejects.toThrow(/never changed/);
  }
  await expect(database.pool.query('update payment_line set amount = amount + 1')).rejects.toThrow(
    /never changed/,
  );
  await expect(database.pool.query('update ledger_entry set amount = amount + 1')).rejects.toThrow(
    /never changed/,
  );
  await expect(
    database.pool.query(`insert into ledger_entry values (gen_random_uuid(), 0, 'vault:x', 5, 'AZN')`),
  ).rejects.toThrow(/does not sum to zero/);
});
