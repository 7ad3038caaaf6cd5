import { afterAll, beforeAll, expect, test } from 'vitest';
import type { PaymentRequest } from '../../contracts/centre.ts';
import type { Database } from '../db/database.ts';
import { withTestDatabase } from '../db/testing.ts';
import { verifyLedger } from '../ledger/verify.ts';
import { mintId } from '../registry/identity.ts';
import { findDevice, type Device } from '../registry/workstations.ts';
import { addDevice, fillRegistry, putAccount, type Fixture } from '../testing/fixture.ts';
import { acceptPayments } from './accept-payment.ts';
import { groupCommit } from './group-commit.ts';

let database: Database;
let fixture: Fixture;
let kiosk: Device;

beforeAll(async () => {
  database = await withTestDatabase();
  fixture = await fillRegistry(database);
  await putAccount(database, { billerId: fixture.electricity, account: '1', district: fixture.district });
  ({ device: kiosk } = await addDevice(database, fixture, 'KIOSK1', ['kiosk']));
});
afterAll(() => database.close());

const payment = (amount: number, change: object = {}): PaymentRequest =>
  ({
    paymentId: mintId(),
    channel: 'kiosk',
    reference: 'K-1',
    takenAt: '2026-11-23T10:00:00.000Z',
    businessDate: '2026-11-23',
    currency: 'AZN',
    subscriberCode: null,
    lines: [{ lineId: mintId(), billerId: fixture.electricity, account: '1', billNo: null, amount, fee: 0 }],
    total: amount,
    ...change,
  }) as unknown as PaymentRequest; // plain numbers of a test are amounts

test('one payment at a time: posted, repeated, in conflict, not allowed, not adding up', async () => {
  const { accept } = acceptPayments(database);
  const request = payment(100);
  const first = await accept(kiosk, request);
  expect(first).toMatchObject({ ok: true, value: { paymentId: request.paymentId, outcome: 'posted' } });
  expect(await accept(kiosk, request)).toEqual(first);
  expect(await accept(kiosk, { ...request, reference: 'other' })).toMatchObject({
    ok: false,
    error: { code: 'idempotencyConflict' },
  });
  expect(await accept(kiosk, payment(100, { channel: 'atm' }))).toMatchObject({
    ok: false,
    error: { code: 'notAllowed' },
  });
  expect(await accept(kiosk, payment(100, { total: 99 }))).toMatchObject({
    ok: false,
    error: { code: 'inputInvalid' },
  });
  const { device: counter } = await addDevice(database, fixture, 'WS01', ['counter']);
  expect(await accept(counter, payment(100, { channel: 'counter' }))).toMatchObject({
    ok: false,
    error: { code: 'notAllowed' },
  });
  const reused = payment(50);
  expect(
    await accept(kiosk, {
      ...reused,
      lines: request.lines.map((line) => ({ ...line, amount: reused.total })),
    }),
  ).toMatchObject({ ok: false, error: { code: 'idempotencyConflict' } });
});

test('a payment the database cannot take does not fail its neighbours', async () => {
  const { accept } = acceptPayments(database, { maxBatch: 100, maxWaiting: 100, lanes: 1 });
  const good = Array.from({ length: 20 }, (_, i) => payment(1000 + i));
  const poisoned = payment(5, { reference: 'bad \0 text' });
  const twin = payment(7);
  const same = {
    ...payment(9),
    lines: twin.lines.map((line) => ({ ...line, amount: 9 })),
  } as unknown as PaymentRequest;
  const answers = await Promise.all(
    [...good.slice(0, 10), poisoned, twin, same, ...good.slice(10)].map((one) => accept(kiosk, one)),
  );
  expect(answers.map((answer) => (answer.ok ? 'ok' : answer.error.code))).toEqual([
    ...Array<string>(10).fill('ok'),
    'inputInvalid',
    'ok',
    'idempotencyConflict',
    ...Array<string>(10).fill('ok'),
  ]);
  expect((await verifyLedger(database)).ok).toBe(true);
});

test('an id that another participant has used is in conflict, whatever the content', async () => {
  const { accept } = acceptPayments(database);
  const elsewhere = await fillRegistry(database, '7', 'Yasamal');
  const { device: foreign } = await addDevice(database, elsewhere, 'KIOSK7', ['kiosk']);
  const request = payment(100);
  expect(await accept(kiosk, request)).toMatchObject({ ok: true });
  expect(await accept(foreign, request)).toMatchObject({ ok: false, error: { code: 'idempotencyConflict' } });
  // Another machine of the same owner asks again for the one that broke down.
  const { device: beside } = await addDevice(database, fixture, 'KIOSK2', ['kiosk']);
  expect(await accept(beside, request)).toMatchObject({ ok: true });
});

test('a participant that is not live takes no money; what it took before still gets its answer', async () => {
  const { accept } = acceptPayments(database);
  const elsewhere = await fillRegistry(database, '8', 'Xətai');
  const { device } = await addDevice(database, elsewhere, 'KIOSK8', ['kiosk']);
  const request = payment(100);
  const first = await accept(device, request);
  expect(first.ok).toBe(true);
  await database.db
    .updateTable('participant')
    .set({ status: 'suspended' })
    .where('participant_id', '=', elsewhere.bankId)
    .execute();
  const suspended = await findDevice(database.db, device.deviceId);
  if (!suspended) throw new Error('it is still enrolled');
  expect(await accept(suspended, payment(50))).toMatchObject({ ok: false, error: { code: 'notAllowed' } });
  expect(await accept(suspended, request)).toEqual(first);
});

test('many poisoned payments among good ones cost no statement per neighbour', async () => {
  const { accept } = acceptPayments(database, { maxBatch: 256, maxWaiting: 1000, lanes: 1 });
  const taken = payment(1);
  await accept(kiosk, taken);
  const poisoned = () => ({ ...payment(1), lines: taken.lines });
  const before = await blocks();
  const all = Array.from({ length: 256 }, (_, i) => (i % 100 === 50 ? poisoned() : payment(1)));
  const answers = await Promise.all(all.map((one) => accept(kiosk, one)));
  expect(answers.filter((answer) => !answer.ok)).toHaveLength(3);
  expect((await blocks()) - before).toBeLessThan(60);
  expect((await verifyLedger(database)).ok).toBe(true);
});

test('many at once share statements, and each gets its own answer', async () => {
  const { accept } = acceptPayments(database);
  const before = await blocks();
  const requests = Array.from({ length: 300 }, (_, i) => payment(10_000 + i));
  const answers = await Promise.all(requests.map((request) => accept(kiosk, request)));
  expect(answers.every((answer, i) => answer.ok && answer.value.paymentId === requests[i]?.paymentId)).toBe(
    true,
  );
  expect((await blocks()) - before).toBeLessThan(20);
  const { rows } = await database.pool.query<{ payment_id: string; total: number }>(
    'select payment_id, total from payment where total >= 10000',
  );
  expect(new Map(rows.map((row) => [row.payment_id, row.total]))).toEqual(
    new Map(requests.map((request) => [request.paymentId, request.total])),
  );
});

const blocks = async (): Promise<number> =>
  (await database.pool.query<{ n: number }>('select count(*) as n from ledger_block')).rows[0]?.n ?? 0;

test('when too many wait, the next is told to come back', async () => {
  let open: (() => void) | undefined;
  const gate = new Promise<void>((resolve) => (open = resolve));
  const group = groupCommit<number, number>({
    maxBatch: 2,
    maxWaiting: 3,
    lanes: 1,
    run: async (batch) => {
      await gate;
      return batch.map((value) => ({ status: 'fulfilled', value: value * 2 }));
    },
  });
  const first = group.submit(1);
  await new Promise((resolve) => setImmediate(resolve));
  const waiting = [2, 3, 4].map((n) => group.submit(n));
  expect(group.submit(5)).toBe('full');
  open?.();
  expect(await Promise.all([first, ...waiting])).toEqual([2, 4, 6, 8]);
  await group.idle();
  expect(group.waiting()).toBe(0);
});

test('a batch that fails as a whole fails each of its questions, and the next goes on', async () => {
  let calls = 0;
  const group = groupCommit<number, number>({
    maxBatch: 10,
    maxWaiting: 10,
    lanes: 1,
    run: async (batch) => {
      calls += 1;
      if (calls === 1) throw new Error('the line is down');
      return batch.map((value) => ({ status: 'fulfilled', value }));
    },
  });
  await expect(Promise.all([group.submit(1), group.submit(2)])).rejects.toThrow('the line is down');
  expect(await group.submit(3)).toBe(3);
});
