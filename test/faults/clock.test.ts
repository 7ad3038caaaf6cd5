import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { bakuDate } from '../../contracts/time.ts';
import { drained } from '../../main/demo/day/teller.ts';
import { stateWhere } from '../../main/demo/watch.ts';
import { PASSWORD } from '../e2e/demo.ts';
import { placeForFaults, type FaultCounter } from './testing/fault-place.ts';
import { judge, openCases, readJournal } from './testing/judge.ts';
import { goOn, goThrough } from './testing/power-cuts.ts';
import { lineBack, lineCut, logInAs, logOut, newDiary, shiftOf, type Step } from './testing/script.ts';
import { debtsOf } from './testing/short-day.ts';
import { DAY_MS, wrongClock } from './testing/wrong-clock.ts';

const place = placeForFaults();
const MINUTE_MS = 60_000;

/** A counter with a clock that can be set, and everything that was owed before. */
async function counterWithClock(code: string, wrongByMs: number) {
  const clock = wrongClock(join(place().folder, `${code}.clock`), wrongByMs);
  const counter = await place().counter(code, { env: clock.env });
  const debts = await debtsOf(place(), counter);
  const diary = newDiary(counter);
  return {
    clock,
    counter,
    debts,
    diary,
    goOn: (...script: readonly Step[]): Promise<void> => goOn(diary, script),
    /** The same after a restart. */
    restarted: async (...script: readonly Step[]): Promise<void> =>
      void (await goThrough(diary, script, { env: () => clock.env })),
  };
}

const shiftDate = async ({ station }: FaultCounter): Promise<string | undefined> =>
  (await stateWhere(station.ask().session, 'the session', () => true)).shift?.businessDate;

const devicesSchema = z.array(z.object({ code: z.string(), clockSkewMs: z.number().nullable() }));

/** By how much the centre says a workstation's clock is wrong. */
async function skewAtCentre(code: string): Promise<number> {
  const devices = await place().komis(['workstations', 'list'], devicesSchema);
  return devices.find((one) => one.code === code)?.clockSkewMs ?? 0;
}

/** The receipts a workstation gave out, in the order of its journal. */
const receipts = ({ dataDir }: FaultCounter): readonly string[] =>
  readJournal(dataDir).flatMap(({ body }) =>
    body.type === 'payment.accepted' || body.type === 'payment.stornoed' ? [body.payload.receiptNo] : [],
  );

const numbered = (code: string, date: string, count: number): readonly string[] =>
  Array.from(
    { length: count },
    (_, i) => `${code}-${date.replaceAll('-', '')}-${String(i + 1).padStart(4, '0')}`,
  );

test.each([
  ['WS07', 3, ['clockSkew']],
  ['WS08', -3, []],
] as const)(
  '%s, whose clock is %i days off: the business date is the centre’s, and the centre flags the clock',
  async (code, days, cases) => {
    const { counter, debts, diary, goOn: act } = await counterWithClock(code, days * DAY_MS);
    const shift = shiftOf(diary);
    const today = [bakuDate(Date.now())];
    await act(logInAs(diary, 'aygun'), shift.open);
    today.push(bakuDate(Date.now()));
    const date = (await shiftDate(counter)) ?? '';
    expect(today).toContain(date);
    await act(shift.pay([debts.any(800)]), shift.pay([debts.any(900)]));
    await drained(counter.station.ask);
    const { centre } = await stateWhere(counter.station.ask().status, 'the strip', () => true);
    expect(Math.abs((centre.clockSkewMs ?? 0) + days * DAY_MS)).toBeLessThan(MINUTE_MS);
    expect(Math.abs((await skewAtCentre(code)) - days * DAY_MS)).toBeLessThan(MINUTE_MS);
    expect(await openCases(place(), code)).toEqual(cases);

    await act(shift.close);
    expect((await judge(place(), [diary], debts.owed, cases)).broken).toEqual([]);
    expect(receipts(counter)).toEqual(numbered(code, date, 2));
  },
  120_000,
);

test('a clock set back and forth in mid-shift, with a power cut between: one business date, one series of receipts', async () => {
  const { clock, counter, debts, diary, goOn: act, restarted } = await counterWithClock('WS31', 0);
  const shift = shiftOf(diary);
  await act(logInAs(diary, 'aygun'), shift.open);
  const date = (await shiftDate(counter)) ?? '';
  const early = shift.pay([debts.any(300)]);
  await act(early, shift.pay([debts.any(400)]));

  clock.set(-2 * DAY_MS);
  await act(shift.pay([debts.any(500)]), shift.storno(early.paymentId));
  await restarted(shift.pay([debts.any(600)]));
  clock.set(DAY_MS);
  await act(shift.pay([debts.any(700)]));
  await restarted(lineCut(diary), shift.pay([debts.any(800)]));
  clock.set(-DAY_MS / 2);
  await act(shift.pay([debts.any(900)]), lineBack(diary), shift.close);

  expect((await judge(place(), [diary], debts.owed, ['clockSkew'])).broken).toEqual([]);
  expect(receipts(counter)).toEqual(numbered('WS31', date, 8));
  const times = readJournal(counter.dataDir).map(({ body }) => Date.parse(body.wallTime));
  const steps = times.map((time, i) => Math.round((time - (times[i - 1] ?? time)) / DAY_MS));
  expect(steps.filter((days) => days !== 0)).toEqual([-2, 3, -1]);
}, 120_000);

test('a wrong clock that the centre never heard of: the shift opened alone has its own date, and no number is given twice', async () => {
  const { clock, counter, debts, diary, goOn: act, restarted } = await counterWithClock('WS32', 0);
  const alone = shiftOf(diary);
  await act(lineCut(diary));
  clock.set(DAY_MS);
  const tomorrow = [bakuDate(Date.now() + DAY_MS)];
  await restarted(logInAs(diary, 'aygun'), alone.open);
  tomorrow.push(bakuDate(Date.now() + DAY_MS));
  const wrongDate = (await shiftDate(counter)) ?? '';
  expect(tomorrow).toContain(wrongDate);
  await act(alone.pay([debts.any(350)]), alone.pay([debts.any(450)]));

  // Behind by days nobody is let in alone: what is remembered of people would look younger than it is.
  clock.set(-2 * DAY_MS);
  const refused = await counter.station.ask()['session.login']({ username: 'leyla', password: PASSWORD });
  expect(refused).toMatchObject({ ok: false, error: { code: 'loginNeedsCentre' } });

  clock.set(DAY_MS);
  await act(lineBack(diary), alone.pay([debts.any(550)]), alone.close);
  // The next shift is opened by the centre's date, whatever the clock says.
  const next = shiftOf(diary);
  await act(next.open);
  const rightDate = (await shiftDate(counter)) ?? '';
  expect(rightDate < wrongDate).toBe(true);
  await act(next.pay([debts.any(650)]), next.close, logOut(diary));

  expect((await judge(place(), [diary], debts.owed, ['clockSkew'])).broken).toEqual([]);
  expect(receipts(counter)).toEqual([...numbered('WS32', wrongDate, 3), ...numbered('WS32', rightDate, 1)]);
}, 120_000);
