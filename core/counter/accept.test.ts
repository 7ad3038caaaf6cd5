import { expect, test } from 'vitest';
import { qepik } from '../../contracts/money.ts';
import { fail, ok } from '../../contracts/result.ts';
import { parseReceiptCode } from '../../contracts/rules/receipt-code.ts';
import { AYGUN, GAS, LEYLA, PHONE, POLICY, POWER, RAUF, WATER } from '../testing/samples.ts';
import { FLOAT, logIn, openCounter, openShift, pay, type Workbench } from '../testing/workbench.ts';

const LIGHT = { billerId: POWER.id, account: '1104552018' };
const BARE = { billerId: POWER.id, account: '1104552019' };
const UNKNOWN_GAS = { billerId: GAS.id, account: '99887766' };

const tendered = async (bench: Workbench, account = LIGHT) => {
  await bench.answer(bench.client['basket.add'](account));
  await bench.answer(bench.client['basket.tender']({ back: false }));
  await bench.machine.settle();
  const { paymentId = '', revision = 0, total = 0 } = bench.seen.counter ?? {};
  return { paymentId, revision, received: Number(total), receivedPieces: null };
};
const cutOff = async (bench: Workbench): Promise<void> => {
  bench.wire.up = false;
  await bench.machine.advance(10_000);
  expect(bench.seen.status?.centre.link).toBe('offline');
};

test('one bill in cash: journal, then receipt; the change in pieces; and the payment is at the centre', async () => {
  const bench = await openCounter();
  const paid = await pay(bench, LIGHT, undefined, 5000);
  expect(bench.faults).toEqual([]);
  expect(paid).toMatchObject({ ok: true, value: { print: { printed: true, reason: null } } });
  expect(bench.seen.counter).toMatchObject({
    stage: 'accepted',
    accepted: {
      receiptNo: 'WS07-20261123-0001',
      change: 1160,
      total: 3840,
      changePieces: [
        { denomination: 1000, count: 1 },
        { denomination: 100, count: 1 },
        { denomination: 20, count: 3 },
      ],
    },
  });
  expect(bench.ports.printer.printed).toMatchObject([{ openDrawer: true, document: { copy: 0 } }]);
  await bench.machine.advance(1000);
  expect([...bench.centre.posted.values()]).toEqual([1]);
  expect(bench.seen.status?.centre).toMatchObject({ link: 'online', waiting: 0 });
  expect(bench.seen.session?.shift).toMatchObject({ paymentCount: 1, paymentTotal: 3840 });
});

test('the receipt says a code that the device signed, over what was paid', async () => {
  const bench = await openCounter();
  const paid = await pay(bench, LIGHT);
  const qr = bench.ports.printer.printed[0]?.document.blocks.find((block) => block.kind === 'qr');
  const code = parseReceiptCode(qr?.data ?? '');
  expect(qr?.data).toMatch(/^https:\/\/komis\.example\.az\/q\//);
  expect(code?.facts).toMatchObject({
    deviceId: bench.centre.deviceId,
    paymentId: paid.ok && 'payment' in paid.value ? paid.value.payment.paymentId : '',
    receiptNo: 'WS07-20261123-0001',
    total: 3840,
  });
});

test('the quote names the change and whether the drawer can make it; too little money is told by how much', async () => {
  const bench = await openCounter();
  await tendered(bench);
  const quote = (received: number) => bench.client['basket.quoteChange']({ received, receivedPieces: null });
  expect(await quote(3840)).toEqual(ok({ change: 0, pieces: [] }));
  expect(await quote(4000)).toMatchObject({
    value: {
      change: 160,
      pieces: [
        { denomination: 100, count: 1 },
        { denomination: 20, count: 3 },
      ],
    },
  });
  expect(await quote(20_000)).toEqual(ok({ change: 16_160, pieces: null }));
  expect(await quote(3839)).toEqual(fail('tenderTooSmall', { missing: 1 }));
});

test('pieces counted out on screen make the change, and go into the drawer', async () => {
  const bench = await openCounter();
  const asked = await tendered(bench);
  const receivedPieces = [{ denomination: 2000, count: 2 }];
  const quote = await bench.client['basket.quoteChange']({ received: 4000, receivedPieces });
  expect(quote).toMatchObject({ value: { change: 160 } });
  await bench.answer(bench.client['basket.accept']({ ...asked, received: 4000, receivedPieces }));
  expect(bench.seen.session?.shift?.drawer).toContainEqual({ denomination: 2000, count: 2 });
  expect(bench.seen.session?.shift?.drawer).toContainEqual({ denomination: 100, count: 19 });
});

test('the same payment again gets the first answer: at once, while it prints, and from another process', async () => {
  const bench = await openCounter();
  const asked = await tendered(bench);
  let release = (): void => undefined;
  bench.ports.printer.hold = new Promise((done) => (release = done));
  bench.ports.printer.away = 'paperOut';
  const first = bench.client['basket.accept'](asked);
  await bench.machine.settle();
  const second = bench.client['basket.accept'](asked);
  await bench.machine.settle();
  release();
  bench.ports.printer.hold = null;
  const answer = await bench.answer(first);
  expect(answer).toMatchObject({ ok: true, value: { print: { printed: false, reason: 'paperOut' } } });
  expect(await bench.answer(second)).toEqual(answer);
  bench.ports.printer.away = null;
  // Later the paper's reason is forgotten, the payment is not, and nothing is printed unasked.
  const later = {
    ...answer,
    value: { ...(answer.ok ? answer.value : {}), print: { printed: false, reason: null } },
  };
  expect(await bench.answer(bench.client['basket.accept']({ ...asked, received: 999_999 }))).toEqual(later);
  await bench.restart();
  expect(await bench.answer(bench.client['basket.accept'](asked))).toEqual(later);
  expect(bench.ports.printer.printed).toHaveLength(0);
  await bench.machine.advance(5000);
  expect([...bench.centre.posted.values()]).toEqual([1]);
});

test('money is taken for what was shown: another revision, another payment or no tender is refused', async () => {
  const bench = await openCounter();
  const asked = await tendered(bench);
  const accept = (change: Partial<typeof asked>) =>
    bench.answer(bench.client['basket.accept']({ ...asked, ...change }));
  expect(await accept({ revision: asked.revision - 1 })).toEqual(fail('basketChanged'));
  expect(await accept({ paymentId: bench.machine.mintId() })).toEqual(fail('basketChanged'));
  expect(await accept({ received: 3839 })).toEqual(fail('tenderTooSmall', { missing: 1 }));
  await bench.client['basket.tender']({ back: true });
  expect(await accept({})).toEqual(fail('basketChanged'));
  expect(bench.journal.headSeq()).toBe(3);
});

test('a journal that cannot be written is told before money is asked for, and leaves nothing when it comes later', async () => {
  const bench = await openCounter();
  bench.journal.broken = true;
  await bench.answer(bench.client['basket.add'](LIGHT));
  expect(await bench.client['basket.tender']({ back: false })).toEqual(
    fail('journalUnwritable', { reason: 'diskFull' }),
  );
  expect(bench.seen.counter?.stage).toBe('draft');
  bench.journal.broken = false;
  await bench.client['basket.clear']({});
  const asked = await tendered(bench);
  bench.journal.broken = true;
  const refused = await bench.answer(bench.client['basket.accept'](asked));
  expect(refused).toEqual(fail('journalUnwritable', { reason: 'diskFull' }));
  await bench.machine.settle();
  expect(bench.seen.counter).toMatchObject({ stage: 'tendering', total: 3840 });
  expect(bench.ports.printer.printed).toEqual([]);
  bench.journal.broken = false;
  const { revision = 0 } = bench.seen.counter ?? {};
  const paid = await bench.answer(bench.client['basket.accept']({ ...asked, revision }));
  expect(paid).toMatchObject({ value: { payment: { receiptNo: 'WS07-20261123-0001' } } });
});

test('a fault after the entry was written is a fault, and the payment stands: asked again, it is answered', async () => {
  const bench = await openCounter();
  const asked = await tendered(bench);
  bench.journal.afterAppend = () => {
    throw new Error('torn');
  };
  expect(await bench.answer(bench.client['basket.accept'](asked))).toMatchObject({
    error: { code: 'internalFault' },
  });
  bench.journal.afterAppend = () => undefined;
  expect(bench.faults).toHaveLength(1);
  const again = await bench.answer(bench.client['basket.accept'](asked));
  expect(again).toMatchObject({
    ok: true,
    value: { payment: { receiptNo: 'WS07-20261123-0001' }, print: { printed: true } },
  });
  expect(bench.seen.session?.shift).toMatchObject({ paymentCount: 1 });
  // Its original may be out: what is printed now is a copy.
  expect(bench.ports.printer.printed.at(-1)?.document.copy).toBe(1);
});

test('killed between journal and printer: the paper comes out marked as a copy, and the teller sees the payment', async () => {
  const bench = await openCounter();
  const asked = await tendered(bench);
  bench.ports.printer.hold = new Promise(() => undefined);
  void bench.client['basket.accept'](asked);
  await bench.machine.settle();
  bench.ports.printer.hold = null;
  await bench.restart();
  expect(bench.ports.printer.printed).toMatchObject([{ openDrawer: false, document: { copy: 1 } }]);
  expect(bench.seen.counter?.stage).toBe('draft');
  await logIn(bench, LEYLA.username);
  expect(bench.seen.counter?.stage).toBe('draft');
  await logIn(bench, AYGUN.username);
  expect(bench.seen.counter).toMatchObject({
    paymentId: asked.paymentId,
    stage: 'accepted',
    accepted: { total: 3840 },
  });
  await bench.restart();
  expect(bench.ports.printer.printed).toHaveLength(1);
});

test('a window that reloads in the middle finds the basket as it was', async () => {
  const bench = await openCounter();
  const asked = await tendered(bench);
  // Another window over another channel: the state is the counter's.
  const state = bench.counter.handlers.counter.current();
  expect(state).toMatchObject({ stage: 'tendering', paymentId: asked.paymentId, revision: asked.revision });
});

test('a printer that is away, silent or broken never changes money', async () => {
  const bench = await openCounter();
  bench.ports.printer.away = 'paperOut';
  expect(await pay(bench, LIGHT)).toMatchObject({
    ok: true,
    value: { print: { printed: false, reason: 'paperOut' } },
  });
  bench.ports.printer.away = null;
  bench.ports.printer.hold = new Promise(() => undefined);
  expect(await pay(bench, { billerId: WATER.id, account: '30881204' })).toMatchObject({
    ok: true,
    value: { print: { printed: false, reason: 'timedOut' } },
  });
  expect(bench.seen.session?.shift).toMatchObject({ paymentCount: 2, paymentTotal: 3840 + 939 });
});

test('alone, a counter takes what policy lets it: by company, by payment, by shift', async () => {
  const bench = await openCounter();
  await cutOff(bench);
  const add = (account: { billerId: string; account: string }) =>
    bench.answer(bench.client['basket.add'](account));
  expect(await add({ billerId: PHONE.id, account: '5654108' })).toEqual(fail('offlineNotAllowed'));
  expect(await add({ billerId: POWER.id, account: '7777777777' })).toEqual(fail('accountUnknown'));
  expect(await add(UNKNOWN_GAS)).toMatchObject({ ok: true });
  expect(bench.seen.counter?.lines).toMatchObject([{ known: false, owed: 0, asOf: null }]);
  await bench.client['basket.clear']({});

  expect(await pay(bench, BARE, 50_001)).toEqual(fail('offlinePaymentCap', { cap: 50_000 }));
  await bench.client['basket.clear']({});
  expect(await pay(bench, BARE, 50_000)).toMatchObject({ ok: true, value: { payment: { online: false } } });
  expect(await pay(bench, BARE, 50_000)).toMatchObject({ ok: true });
  expect(await pay(bench, BARE, 20_001)).toEqual(fail('offlineShiftCap', { cap: 120_000 }));
  await bench.client['basket.clear']({});
  expect(await pay(bench, BARE, 20_000)).toMatchObject({ ok: true });
  expect(bench.seen.status?.centre).toMatchObject({ link: 'offline', waiting: 6 });

  // The line is back: no caps, and what was taken alone is on its way.
  bench.wire.up = true;
  await bench.answer(bench.client['sync.now']({}));
  expect(bench.seen.status?.centre).toMatchObject({ link: 'online', waiting: 0, oldestWaiting: null });
  expect(await pay(bench, BARE, 60_000)).toMatchObject({ ok: true, value: { payment: { online: true } } });
});

test('a cancelled payment gives its share of the shift’s limit back', async () => {
  const bench = await openCounter();
  await cutOff(bench);
  await logIn(bench, RAUF.username, 'x').catch(() => undefined);
  bench.wire.up = true;
  await logIn(bench, RAUF.username);
  await logIn(bench, AYGUN.username);
  await cutOff(bench);
  const paid = await pay(bench, BARE, 50_000);
  await pay(bench, BARE, 50_000);
  expect(await pay(bench, BARE, 50_000)).toEqual(fail('offlineShiftCap', { cap: 120_000 }));
  const storno = bench.client['storno.make']({
    stornoId: bench.machine.mintId(),
    paymentId: paid.ok && 'payment' in paid.value ? paid.value.payment.paymentId : '',
    reason: 'wrongAmount',
    note: '',
    supervisor: RAUF.username,
    password: 'parol-1234',
  });
  expect(await bench.answer(storno)).toMatchObject({
    ok: true,
    value: { storno: { approvedOffline: true } },
  });
  await bench.client['basket.clear']({});
  expect(await pay(bench, BARE, 50_000)).toMatchObject({ ok: true });
});

test('the line that goes down between basket and money is judged by the policy for being alone', async () => {
  const bench = await openCounter();
  const phone = await tendered(bench, { billerId: PHONE.id, account: '5654108' });
  await cutOff(bench);
  expect(await bench.answer(bench.client['basket.accept'](phone))).toEqual(fail('offlineNotAllowed'));
  expect(bench.journal.headSeq()).toBe(3);
});

test('a workstation the centre has stopped takes no money; it keeps its journal, and goes on when released', async () => {
  const bench = await openCounter();
  bench.centre.quarantined = true;
  await bench.machine.advance(10_000);
  expect(bench.seen.status?.centre.link).toBe('quarantined');
  expect(await pay(bench, LIGHT)).toEqual(fail('deviceQuarantined'));
  bench.centre.quarantined = false;
  await bench.machine.advance(70_000);
  expect(bench.seen.status?.centre.link).toBe('online');
  await bench.client['basket.clear']({});
  expect(await pay(bench, LIGHT)).toMatchObject({ ok: true });
});

test('several tellers over a day: receipts in one row, drawers apart', async () => {
  const bench = await openCounter();
  await pay(bench, LIGHT, 1000);
  await logIn(bench, LEYLA.username);
  await openShift(bench);
  await pay(bench, LIGHT, 2000);
  await logIn(bench, AYGUN.username);
  await pay(bench, LIGHT, 3000);
  const list = await bench.client['receipts.list']({ text: '', limit: 10 });
  expect(list.ok && list.value.rows.map((row) => [row.receiptNo, row.teller, row.stornoAllowed])).toEqual([
    ['WS07-20261123-0003', AYGUN.name, true],
    ['WS07-20261123-0002', LEYLA.name, false],
    ['WS07-20261123-0001', AYGUN.name, true],
  ]);
  const worth = FLOAT.reduce((total, { denomination, count }) => total + denomination * count, 0);
  const closed = await bench.client['shift.close']({
    counted: [{ denomination: 1000, count: (worth + 4000) / 1000 }],
    reason: null,
  });
  expect(closed).toMatchObject({ ok: true, value: { difference: 0, payments: { count: 2, total: 4000 } } });
  expect(POLICY.countTolerance).toBe(qepik(0));
});
