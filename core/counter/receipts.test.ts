import { expect, test } from 'vitest';
import { fail } from '../../contracts/result.ts';
import { LEYLA, PASSWORD, POWER, RAUF, SUBSCRIBER, WATER } from '../testing/samples.ts';
import { logIn, openCounter, openShift, pay, type Workbench } from '../testing/workbench.ts';

const LIGHT = { billerId: POWER.id, account: '1104552018' };
const paidId = (paid: Awaited<ReturnType<typeof pay>>): string =>
  paid.ok && 'payment' in paid.value ? paid.value.payment.paymentId : '';

const storno = (
  bench: Workbench,
  paymentId: string,
  change: Partial<Record<'stornoId' | 'supervisor' | 'password', string>> = {},
) =>
  bench.answer(
    bench.client['storno.make']({
      stornoId: bench.machine.mintId(),
      paymentId,
      reason: 'wrongAccount',
      note: 'başqa mənzil',
      supervisor: RAUF.username,
      password: PASSWORD,
      ...change,
    }),
  );

test('receipts are found by number, account, name and amount, newest first', async () => {
  const bench = await openCounter();
  await pay(bench, LIGHT, 1000);
  await bench.answer(bench.client['basket.open']({ code: SUBSCRIBER.code }));
  await pay(bench, { billerId: WATER.id, account: '30881204' });
  const found = async (text: string, limit = 10) => {
    const list = await bench.client['receipts.list']({ text, limit });
    return list.ok ? list.value.rows.map((row) => row.receiptNo.slice(-4)) : list.error.code;
  };
  expect(await found('')).toEqual(['0002', '0001']);
  expect(await found('', 1)).toEqual(['0002']);
  expect(await found('ws07-20261123-0001')).toEqual(['0001']);
  expect(await found('30881')).toEqual(['0002']);
  expect(await found('10,00')).toEqual(['0001']);
  expect(await found('elşən məmm')).toEqual(['0002', '0001']);
  expect(await found('heç kim')).toEqual([]);
  expect(await found('!!!')).toEqual([]);
  const list = await bench.client['receipts.list']({ text: '30881', limit: 1 });
  expect(list).toMatchObject({
    value: {
      rows: [{ payerName: SUBSCRIBER.name, accounts: ['30881204'], sync: 'acknowledged', outcome: 'posted' }],
    },
  });
});

test('copies are marked and counted, on paper and as PDF, also when one did not come out', async () => {
  const bench = await openCounter();
  const paymentId = paidId(await pay(bench, LIGHT));
  const print = () => bench.answer(bench.client['receipts.print']({ paymentId, which: 'payment' }));
  expect(await print()).toMatchObject({ value: { copy: 1 } });
  const pdf = await bench.answer(bench.client['receipts.pdf']({ paymentId, which: 'payment' }));
  expect(pdf).toMatchObject({
    value: { copy: 2, pdfBase64: Buffer.from('WS07-20261123-0001').toString('base64') },
  });
  bench.ports.printer.away = 'coverOpen';
  expect(await print()).toEqual(fail('printerAway', { reason: 'coverOpen' }));
  bench.ports.printer.away = null;
  await bench.restart();
  await logIn(bench, LEYLA.username);
  // The third may have come out for all anybody knows.
  expect(await print()).toMatchObject({ value: { copy: 4 } });
  expect(bench.ports.printer.printed.map(({ document, openDrawer }) => [document.copy, openDrawer])).toEqual([
    [0, true],
    [1, false],
    [4, false],
  ]);
  expect(await bench.client['receipts.print']({ paymentId, which: 'storno' })).toEqual(
    fail('receiptUnknown'),
  );
  expect(await bench.client['receipts.get']({ paymentId: bench.machine.mintId() })).toEqual(
    fail('receiptUnknown'),
  );
});

test('a storno is a new receipt in the same row, linked to the old, with the money out of the drawer', async () => {
  const bench = await openCounter();
  const paymentId = paidId(await pay(bench, LIGHT, 3840, 4000));
  expect(await storno(bench, paymentId)).toMatchObject({
    ok: true,
    value: {
      storno: {
        receiptNo: 'WS07-20261123-0002',
        originalReceiptNo: 'WS07-20261123-0001',
        approvedBy: { name: RAUF.name },
        approvedOffline: false,
        total: 3840,
        lines: [{ account: '1104552018', amount: 3840 }],
      },
      print: { printed: true },
    },
  });
  expect(bench.ports.printer.printed.at(-1)).toMatchObject({
    openDrawer: true,
    document: { receiptNo: 'WS07-20261123-0002', copy: 0 },
  });
  await bench.machine.settle();
  expect(bench.seen.session?.shift).toMatchObject({ paymentCount: 1, stornoCount: 1 });
  expect(await storno(bench, paymentId)).toEqual(fail('paymentAlreadyStornoed'));
  const got = await bench.client['receipts.get']({ paymentId });
  expect(got).toMatchObject({
    value: { storno: { paymentId }, stornoDocument: { receiptNo: 'WS07-20261123-0002' } },
  });
  const document = got.ok ? JSON.stringify(got.value.document) : '';
  expect(document).toContain('STORNO EDİLİB');
  // The debt is back at once, and at the centre.
  const hit = await bench.client['find.search']({ text: '1104552018', limit: 1 });
  expect(hit).toMatchObject({ value: { hits: [{ owed: 3840 }] } });
  await bench.machine.advance(1000);
  expect(bench.centre.credits.map((credit) => credit.amount)).toEqual([3840, -3840]);
  expect(await pay(bench, LIGHT)).toMatchObject({ value: { payment: { receiptNo: 'WS07-20261123-0003' } } });
});

test('a storno needs another person who may approve', async () => {
  const bench = await openCounter();
  const paymentId = paidId(await pay(bench, LIGHT));
  expect(await storno(bench, paymentId, { supervisor: 'aygun' })).toEqual(fail('ownApproval'));
  expect(await storno(bench, paymentId, { supervisor: LEYLA.username })).toEqual(fail('notAllowed'));
  expect(await storno(bench, paymentId, { password: 'yanlış' })).toEqual(fail('loginWrong'));
  bench.wire.up = false;
  expect(await storno(bench, paymentId)).toEqual(fail('loginNeedsCentre', { hours: 72 }));
  await logIn(bench, RAUF.username).catch(() => undefined);
  bench.wire.up = true;
  await logIn(bench, RAUF.username);
  await openShift(bench);
  // A supervisor at the counter does not approve himself, and nobody cancels another's payment.
  expect(await storno(bench, paymentId)).toEqual(fail('stornoNotOwnShift'));
  const own = paidId(await pay(bench, LIGHT, 500));
  expect(await storno(bench, own)).toEqual(fail('ownApproval'));
});

test('a storno asked twice is made once: at the same time, later, and by another process', async () => {
  const bench = await openCounter();
  const paymentId = paidId(await pay(bench, LIGHT));
  const stornoId = bench.machine.mintId();
  const [one, two] = await Promise.all([
    storno(bench, paymentId, { stornoId }),
    storno(bench, paymentId, { stornoId }),
  ]);
  expect(one).toMatchObject({ ok: true });
  expect(two).toEqual(one);
  await bench.restart();
  expect(await storno(bench, paymentId, { stornoId })).toEqual(one);
  const other = paidId(
    await (async () => {
      await logIn(bench, 'aygun');
      return pay(bench, LIGHT, 100);
    })(),
  );
  expect(await storno(bench, other, { stornoId })).toEqual(fail('idempotencyConflict'));
  await bench.machine.advance(5000);
  expect([...bench.centre.posted.values()]).toEqual([1, 1, 1]);
});

test('nothing is cancelled while the drawer is being counted, nor after its shift is closed', async () => {
  const bench = await openCounter();
  const paymentId = paidId(await pay(bench, LIGHT));
  await bench.client['basket.clear']({});
  expect(await bench.client['shift.count']({ cancel: false })).toMatchObject({ ok: true });
  expect(await storno(bench, paymentId)).toEqual(fail('shiftCounting'));
  const counted = [{ denomination: 10, count: 1384 }];
  expect(await bench.client['shift.close']({ counted, reason: null })).toMatchObject({ ok: true });
  expect(await storno(bench, paymentId)).toEqual(fail('shiftNotOpen'));
  await openShift(bench);
  expect(await storno(bench, paymentId)).toEqual(fail('stornoNotOwnShift'));
});

test('two windows that ask for different cancellations of one payment: one is made', async () => {
  const bench = await openCounter();
  const paymentId = paidId(await pay(bench, LIGHT));
  bench.wire.act = (method) => (method === 'auth.login' ? { kind: 'delay', ms: 500 } : { kind: 'pass' });
  const [one, two] = await Promise.all([storno(bench, paymentId), storno(bench, paymentId)]);
  expect([one, two].filter((answer) => answer.ok)).toHaveLength(1);
  expect(one.ok ? two : one).toEqual(fail('paymentAlreadyStornoed'));
});
