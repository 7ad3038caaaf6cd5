import { join } from 'node:path';
import { expect, onTestFinished, test, type TestContext } from 'vitest';
import type { CounterState, StatusState } from '../../contracts/ipw.ts';
import { drained, must, prepareSale, takeMoney } from '../../main/demo/day/teller.ts';
import { stateWhere } from '../../main/demo/watch.ts';
import { placeForFaults, type FaultCounter } from './testing/fault-place.ts';
import { judge } from './testing/judge.ts';
import { goOn, goThrough } from './testing/power-cuts.ts';
import { lineCut, logInAs, newDiary, shiftOf, type Diary } from './testing/script.ts';
import { debtsOf, type Debts } from './testing/short-day.ts';
import { smallDisk, type SmallDisk } from './testing/small-disk.ts';

const place = placeForFaults();

type OnDisk = {
  readonly disk: SmallDisk;
  readonly counter: FaultCounter;
  readonly diary: Diary;
  readonly debts: Debts;
  readonly shift: ReturnType<typeof shiftOf>;
};

/** A counter whose data lie on a small disk of their own, with a teller and an open shift. */
async function counterOnDisk(context: TestContext, code: string): Promise<OnDisk> {
  const disk = smallDisk(24);
  if (disk === undefined) return context.skip('a file system of one’s own takes root on Linux');
  const counter = await place().counter(code, { dataDir: join(disk.folder, 'workstation') });
  onTestFinished(async () => void (await counter.station.stop()));
  const diary = newDiary(counter);
  const debts = await debtsOf(place(), counter);
  const shift = shiftOf(diary);
  await goOn(diary, [logInAs(diary, 'aygun'), shift.open, shift.pay([debts.any(700)])]);
  return { disk, counter, diary, debts, shift };
}

const status = ({ station }: FaultCounter): Promise<StatusState> =>
  stateWhere(station.ask().status, 'the strip', () => true);
const basket = ({ station }: FaultCounter): Promise<CounterState> =>
  stateWhere(station.ask().counter, 'the basket', () => true);

const DISK_FULL = { code: 'journalUnwritable', detail: { reason: 'diskFull' } };

test('a full disk is told before money is asked for, and with space it goes on', async (context) => {
  const { disk, counter, diary, debts, shift } = await counterOnDisk(context, 'WS07');
  const { ask } = counter.station;
  const { entries } = (await status(counter)).journal;

  const free = disk.fill();
  for (let n = 0; n < 3; n += 1)
    expect(await prepareSale(ask, [debts.any(900)])).toMatchObject({ ok: false, error: DISK_FULL });
  expect((await status(counter)).journal).toEqual({ state: 'unwritable', reason: 'diskFull', entries });
  // The basket waits as it is.
  expect(await basket(counter)).toMatchObject({ stage: 'draft', total: 900, accepted: null });

  free();
  must('the way to the money', await ask()['basket.tender']({ back: false }));
  expect((await status(counter)).journal).toEqual({ state: 'ready', reason: null, entries });
  await shift.pay([debts.any(900)]).run(ask);
  await shift.close.run(ask);
  expect((await judge(place(), [diary], debts.owed)).broken).toEqual([]);
});

test('a disk that fills up while the money lies on the counter: not taken, and taken once when there is space', async (context) => {
  const { disk, counter, diary, debts, shift } = await counterOnDisk(context, 'WS08');
  const { ask } = counter.station;
  const { entries } = (await status(counter)).journal;

  const sale = must('the sale', await prepareSale(ask, [debts.any(1100)]));
  /** As the screen does: for the basket as it is shown now. */
  const take = async () =>
    takeMoney(ask, { ...sale, revision: (await basket(counter)).revision }, sale.total);
  const free = disk.fill();
  for (let n = 0; n < 3; n += 1) expect(await take()).toMatchObject({ ok: false, error: DISK_FULL });
  expect((await status(counter)).journal).toEqual({ state: 'unwritable', reason: 'diskFull', entries });
  expect(await basket(counter)).toMatchObject({
    stage: 'tendering',
    paymentId: sale.paymentId,
    accepted: null,
  });
  expect(await ask()['receipts.get']({ paymentId: sale.paymentId })).toMatchObject({
    error: { code: 'receiptUnknown' },
  });

  free();
  const { payment } = must('the payment', await take());
  shift.note(payment);
  expect((await status(counter)).journal.state).toBe('ready');
  await shift.close.run(ask);
  expect((await judge(place(), [diary], debts.owed)).broken).toEqual([]);
});

test('what was taken before the disk filled up reaches the centre while it is full', async (context) => {
  const { disk, counter, diary, debts, shift } = await counterOnDisk(context, 'WS31');
  // From a fresh start without the centre: no file has room left over from before.
  counter.line.cut();
  await goThrough(diary, [lineCut(diary)], { env: () => ({}) });
  const { ask } = counter.station;
  for (let n = 0; n < 5; n += 1) await shift.pay([debts.any(300 + n)]).run(ask);
  expect((await status(counter)).centre.waiting).toBeGreaterThanOrEqual(10);

  const free = disk.fill();
  counter.line.restore();
  await drained(ask);
  // And it stays online: the centre's answers are heard though they cannot all be kept.
  expect((await status(counter)).centre).toMatchObject({ link: 'online', waiting: 0 });
  expect(await prepareSale(ask, [debts.any(900)])).toMatchObject({ ok: false, error: DISK_FULL });

  free();
  await shift.pay([debts.any(900)]).run(ask);
  await shift.close.run(ask);
  expect((await judge(place(), [diary], debts.owed)).broken).toEqual([]);
});

test('a power cut with the disk full: the start says so, and with space nothing is missing', async (context) => {
  const { disk, counter, diary, debts, shift } = await counterOnDisk(context, 'WS32');
  const { station } = counter;
  const sale = must('the sale', await prepareSale(station.ask, [debts.any(500)]));
  const free = disk.fill();
  expect(await takeMoney(station.ask, sale, sale.total)).toMatchObject({ ok: false, error: DISK_FULL });
  await station.kill();

  await expect(station.start()).rejects.toMatchObject({
    said: { ready: false, code: 'journalUnwritable', message: expect.stringContaining('disk is full') },
  });
  free();
  await goThrough(diary, [logInAs(diary, 'aygun')], { env: () => ({}) });
  // What was refused did not come back with the restart.
  expect(await takeMoney(station.ask, sale, sale.total)).toMatchObject({ error: { code: 'basketChanged' } });
  await shift.pay([debts.any(500)]).run(station.ask);
  await shift.close.run(station.ask);
  expect((await judge(place(), [diary], debts.owed)).broken).toEqual([]);
});

test('a disk that has turned read-only is told at the start, and forgiven when it turns back', async (context) => {
  const { disk, counter, diary, debts, shift } = await counterOnDisk(context, 'WS33');
  const { station } = counter;
  await station.stop();
  disk.remount('ro');
  await expect(station.start()).rejects.toMatchObject({
    said: { ready: false, code: 'journalUnwritable', message: expect.stringContaining('read-only') },
  });
  disk.remount('rw');
  await goThrough(diary, [logInAs(diary, 'aygun'), shift.pay([debts.any(650)]), shift.close], {
    env: () => ({}),
  });
  expect((await judge(place(), [diary], debts.owed)).broken).toEqual([]);
});
