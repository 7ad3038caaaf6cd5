import { expect, test } from 'vitest';
import { fail, ok } from '../../contracts/result.ts';
import { AYGUN, LEYLA, OPERATOR, PASSWORD, POWER, RAUF } from '../testing/samples.ts';
import {
  CENTRE_URL,
  ENROLMENT_CODE,
  logIn,
  openCounter,
  openShift,
  pay,
  workbench,
} from '../testing/workbench.ts';

const LIGHT = { billerId: POWER.id, account: '1104552018' };
const HOUR_MS = 3_600_000;

test('a workstation is enrolled, loads the district, and shows it', async () => {
  const bench = await workbench({ enrol: false });
  expect(bench.seen.status?.centre.link).toBe('notEnrolled');
  expect(await logIn(bench, AYGUN.username)).toEqual(fail('notEnrolled'));
  const steps: string[] = [];
  const enrolling = bench.client['setup.enrol']({ centreUrl: CENTRE_URL, code: 'komis-0001 ' }, ({ step }) =>
    steps.push(step),
  );
  expect(await bench.answer(enrolling.result)).toMatchObject({
    ok: true,
    value: { workstation: { code: 'WS07' } },
  });
  expect(steps).toEqual(['key', 'enrolled', 'replica', 'ready']);
  await bench.machine.settle();
  expect(bench.seen.session).toMatchObject({
    enrolled: true,
    workstation: { code: 'WS07' },
    user: null,
    shift: null,
  });
  expect(bench.seen.status).toMatchObject({
    centre: { link: 'online', waiting: 0 },
    replica: { state: 'ready', accounts: 6 },
    journal: { state: 'ready', entries: 1 },
    freeCodes: 20,
  });
  const twice = bench.client['setup.enrol']({ centreUrl: CENTRE_URL, code: ENROLMENT_CODE }, () => undefined);
  expect(await bench.answer(twice.result)).toEqual(fail('alreadyEnrolled'));
});

test('an enrolment whose answer was lost is taken up with the same key, also by another process', async () => {
  const bench = await workbench({ enrol: false });
  bench.wire.act = (method) => ({ kind: method === 'device.enrol' ? 'cutAnswer' : 'pass' });
  const enrol = () =>
    bench.answer(
      bench.client['setup.enrol']({ centreUrl: CENTRE_URL, code: ENROLMENT_CODE }, () => undefined).result,
    );
  expect(await enrol()).toEqual(fail('centreAway'));
  const { deviceId } = bench.centre;
  bench.wire.act = () => ({ kind: 'pass' });
  await bench.restart();
  expect(await enrol()).toMatchObject({ ok: true });
  expect(bench.centre.deviceId).toBe(deviceId);
  expect(bench.ports.deviceKey.identity()?.deviceId).toBe(deviceId);
});

test('a wrong code enrols nobody and leaves no entry', async () => {
  const bench = await workbench({ enrol: false });
  const wrong = bench.client['setup.enrol']({ centreUrl: CENTRE_URL, code: 'KOMIS-9999' }, () => undefined);
  expect(await bench.answer(wrong.result)).toEqual(fail('enrolmentCodeWrong'));
  expect(bench.journal.headSeq()).toBe(0);
});

test('log in, out and in again: the shift stays open, a second teller has one of their own', async () => {
  const bench = await openCounter();
  const first = bench.seen.session?.shift;
  expect(first).toMatchObject({ shiftNo: 1, businessDate: '2026-11-23', state: 'open', floatTotal: 10_000 });
  expect(await bench.client['session.logout']({})).toEqual(ok({}));
  expect(await bench.client['session.logout']({})).toEqual(fail('notLoggedIn'));
  await logIn(bench, LEYLA.username);
  expect(bench.seen.session).toMatchObject({ user: { name: LEYLA.name, offline: false }, shift: null });
  expect(await openShift(bench)).toEqual(ok({ shiftNo: 2 }));
  // Whoever logs in while another is here takes over; both are written down.
  await logIn(bench, AYGUN.username);
  expect(bench.seen.session?.shift).toEqual(first);
  expect(await openShift(bench)).toEqual(fail('shiftAlreadyOpen'));
  const types = [...bench.journal.read(1)].map(({ body }) => body.type);
  expect(types).toEqual([
    'device.enrolled',
    'user.loggedIn',
    'shift.opened',
    'user.loggedOut',
    'user.loggedIn',
    'shift.opened',
    'user.loggedOut',
    'user.loggedIn',
  ]);
});

test('a shift asked for again gets its first answer; its id for another float is a conflict', async () => {
  const bench = await workbench();
  await logIn(bench, AYGUN.username);
  const shiftId = bench.machine.mintId();
  const open = (count: number) =>
    bench.client['shift.open']({ shiftId, float: [{ denomination: 1000, count }] });
  expect(await open(5)).toEqual(ok({ shiftNo: 1 }));
  expect(await open(5)).toEqual(ok({ shiftNo: 1 }));
  expect(await open(6)).toEqual(fail('idempotencyConflict'));
  await bench.restart();
  await logIn(bench, AYGUN.username);
  expect(await open(5)).toEqual(ok({ shiftNo: 1 }));
});

test('only people of the counter work here', async () => {
  const bench = await workbench();
  expect(await logIn(bench, OPERATOR.username)).toEqual(fail('notAllowed'));
  expect(await logIn(bench, AYGUN.username, 'yanlış')).toEqual(fail('loginWrong'));
  expect(await logIn(bench, 'heçkim')).toEqual(fail('loginWrong'));
  expect(bench.seen.session?.user).toBeNull();
  for (const method of ['find.billers', 'basket.clear'] as const) {
    expect(await bench.client[method]({})).toEqual(fail('notLoggedIn'));
  }
  expect(await bench.client['find.search']({ text: 'x', limit: 5 })).toEqual(fail('notLoggedIn'));
});

test('with the centre away, who was let in lately comes in, and nobody else', async () => {
  const bench = await workbench();
  await logIn(bench, AYGUN.username);
  await bench.client['session.logout']({});
  bench.wire.up = false;
  expect(await logIn(bench, AYGUN.username, 'yanlış')).toEqual(fail('loginWrong'));
  expect(await logIn(bench, LEYLA.username)).toEqual(fail('loginNeedsCentre', { hours: 72 }));
  expect(await logIn(bench, AYGUN.username)).toEqual(ok({}));
  expect(bench.seen.session?.user).toMatchObject({ username: 'aygun', offline: true });
  await bench.client['session.logout']({});
  // Too long ago, or a clock that was set back so that it should not be.
  bench.machine.setClock(bench.machine.nowMs() + 73 * HOUR_MS);
  expect(await logIn(bench, AYGUN.username)).toEqual(fail('loginNeedsCentre', { hours: 72 }));
  bench.machine.setClock(bench.machine.nowMs() - 100 * HOUR_MS);
  expect(await logIn(bench, AYGUN.username)).toEqual(fail('loginNeedsCentre', { hours: 72 }));
});

test('what the centre says of a person wins and is remembered against them', async () => {
  const bench = await workbench();
  for (const change of [{ blocked: true }, { password: 'yeni-parol' }]) {
    await logIn(bench, AYGUN.username);
    expect(bench.ports.credentials.known.has('aygun')).toBe(true);
    bench.centre.users.set('aygun', { ...AYGUN, password: PASSWORD, blocked: false, ...change });
    const refused = await logIn(bench, AYGUN.username);
    expect(refused).toEqual(fail('blocked' in change ? 'userBlocked' : 'loginWrong'));
    // Neither gets in by pulling the cable.
    bench.wire.up = false;
    expect(await logIn(bench, AYGUN.username)).toEqual(fail('loginNeedsCentre', { hours: 72 }));
    bench.wire.up = true;
    bench.centre.users.set('aygun', { ...AYGUN, password: PASSWORD, blocked: false });
  }
});

test('a password typed wrong once does not cost the way in while the centre is away', async () => {
  const bench = await workbench();
  await logIn(bench, AYGUN.username);
  expect(await logIn(bench, AYGUN.username, 'yanlış')).toEqual(fail('loginWrong'));
  bench.wire.up = false;
  expect(await logIn(bench, AYGUN.username)).toEqual(ok({}));
});

test('when the journal cannot be written nobody logs in, and the strip says why', async () => {
  const bench = await workbench();
  bench.journal.broken = true;
  expect(await logIn(bench, AYGUN.username)).toEqual(fail('journalUnwritable', { reason: 'diskFull' }));
  expect(bench.seen.session?.user).toBeNull();
  expect(bench.seen.status?.journal).toMatchObject({ state: 'unwritable', reason: 'diskFull' });
  bench.journal.broken = false;
  expect(await logIn(bench, AYGUN.username)).toEqual(ok({}));
  expect(bench.seen.status?.journal.state).toBe('ready');
});

test('blind count: beyond the tolerance once more and with a reason; the expected figure is told only in the Z', async () => {
  const bench = await openCounter();
  await pay(bench, LIGHT, undefined, 5000);
  expect(await bench.client['shift.count']({ cancel: false })).toEqual(ok({}));
  await bench.machine.settle();
  expect(bench.seen.session?.shift).toMatchObject({ state: 'counting', drawer: [] });
  const counted = [{ denomination: 1000, count: 13 }];
  const first = await bench.client['shift.close']({ counted, reason: null });
  expect(first).toEqual(fail('countDiffers'));
  expect(await bench.client['basket.add'](LIGHT)).toEqual(fail('shiftCounting'));
  expect(await bench.client['shift.close']({ counted, reason: null })).toEqual(fail('countDiffers'));
  const closed = await bench.client['shift.close']({ counted, reason: 'Əskik qaytarılıb' });
  expect(closed).toMatchObject({
    ok: true,
    value: {
      zNo: 1,
      expectedTotal: 13_840,
      countedTotal: 13_000,
      difference: -840,
      payments: { count: 1, total: 3840 },
    },
  });
  await bench.machine.settle();
  expect(bench.seen.session?.shift).toBeNull();
  expect(await bench.client['shift.close']({ counted, reason: null })).toEqual(fail('shiftNotOpen'));
});

test('a close that could not be written leaves the count as it was', async () => {
  const bench = await openCounter();
  await bench.client['shift.count']({ cancel: false });
  const short = { counted: [{ denomination: 1000, count: 9 }], reason: 'səbəb' };
  expect(await bench.client['shift.close'](short)).toEqual(fail('countDiffers'));
  bench.journal.broken = true;
  expect(await bench.client['shift.close'](short)).toEqual(fail('journalUnwritable', { reason: 'diskFull' }));
  await bench.machine.settle();
  expect(bench.seen.session?.shift?.state).toBe('counting');
  bench.journal.broken = false;
  expect(await bench.client['shift.close'](short)).toMatchObject({
    ok: true,
    value: { zNo: 1, difference: -1000 },
  });
});

test('Z numbers follow one another across tellers, days and restarts; a count can be left', async () => {
  const bench = await openCounter();
  await bench.client['shift.count']({ cancel: false });
  await bench.client['shift.count']({ cancel: true });
  await bench.machine.settle();
  expect(bench.seen.session?.shift?.state).toBe('open');
  const right = [{ denomination: 1000, count: 10 }];
  expect(await bench.client['shift.close']({ counted: right, reason: null })).toMatchObject({
    value: { zNo: 1, difference: 0 },
  });
  await bench.machine.advance(24 * HOUR_MS);
  await bench.restart();
  await logIn(bench, RAUF.username);
  expect(await openShift(bench)).toEqual(ok({ shiftNo: 2 }));
  expect(bench.seen.session?.shift?.businessDate).toBe('2026-11-24');
  expect(await bench.client['shift.close']({ counted: right, reason: null })).toMatchObject({
    value: { zNo: 2, shiftNo: 2 },
  });
});

test('a drawer is not counted over a customer who is being served', async () => {
  const bench = await openCounter();
  await bench.answer(bench.client['basket.add'](LIGHT));
  expect(await bench.client['shift.count']({ cancel: false })).toEqual(fail('shiftHasOpenWork'));
  expect(await bench.client['shift.close']({ counted: [], reason: null })).toEqual(fail('shiftHasOpenWork'));
  await bench.client['basket.clear']({});
  expect(await bench.client['shift.count']({ cancel: false })).toEqual(ok({}));
});

test('the business date is the centre’s, however wrong the PC’s own clock is', async () => {
  const bench = await workbench();
  const right = bench.machine.nowMs();
  // The centre keeps the true time; this PC lost a year.
  const { centre, machine } = bench;
  machine.setClock(right - 365 * 24 * HOUR_MS);
  bench.wire.act = () => ({ kind: 'pass' });
  centre.clockOffsetMs = 365 * 24 * HOUR_MS;
  await bench.answer(bench.client['sync.now']({}));
  await logIn(bench, AYGUN.username);
  await openShift(bench);
  expect(bench.seen.session?.shift?.businessDate).toBe('2026-11-23');
  expect(bench.seen.status?.centre.clockSkewMs).toBe(365 * 24 * HOUR_MS);
});

test('a workstation enrolled again on another machine goes on with its numbers', async () => {
  const bench = await workbench({ enrol: false });
  const enrol = bench.ports.centre['device.enrol'];
  const numbers = { receipts: [{ businessDate: '2026-11-23', serial: 41 }], shiftNo: 7, zNo: 6 };
  Object.assign(bench.ports.centre, {
    'device.enrol': async (input: Parameters<typeof enrol>[0]) => {
      const answer = await enrol(input);
      return answer.ok ? { ...answer, value: { ...answer.value, numbers } } : answer;
    },
  });
  await bench.answer(
    bench.client['setup.enrol']({ centreUrl: CENTRE_URL, code: ENROLMENT_CODE }, () => undefined).result,
  );
  await logIn(bench, AYGUN.username);
  expect(await openShift(bench)).toEqual(ok({ shiftNo: 8 }));
  await bench.restart();
  await logIn(bench, AYGUN.username);
  const paid = await pay(bench, { billerId: POWER.id, account: '1104552018' });
  expect(paid).toMatchObject({ ok: true, value: { payment: { receiptNo: 'WS07-20261123-0042' } } });
});
