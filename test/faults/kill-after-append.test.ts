import { beforeAll, expect, test } from 'vitest';
import { drained } from '../../main/demo/day/teller.ts';
import { stateWhere } from '../../main/demo/watch.ts';
import { killAfter, placeForFaults, type FaultCounter } from './testing/fault-place.ts';
import { judge } from './testing/judge.ts';
import { goThrough, type Lives } from './testing/power-cuts.ts';
import { report } from './testing/report.ts';
import { asPdf, logInAs, newDiary, type Diary, type Step } from './testing/script.ts';
import { DAYS_MAX, debtsOf, shortDay, type Debts } from './testing/short-day.ts';

const place = placeForFaults();

/** Several workstations, so that none of them logs in more often than the centre lets it. Two work at a time. */
const CODES = ['WS07', 'WS08', 'WS31', 'WS32'] as const;
const LANES = 2;

let diaries: readonly Diary[] = [];
let debts: Debts;
beforeAll(async () => {
  const counters: FaultCounter[] = [];
  for (const code of CODES) counters.push(await place().counter(code));
  diaries = counters.map(newDiary);
  debts = await debtsOf(place(), diaryOf(0).counter);
}, 300_000);

function diaryOf(n: number): Diary {
  const diary = diaries[n % CODES.length];
  if (!diary) throw new Error('there are counters');
  return diary;
}

/** A script from a fresh start until the centre has all of it. Answers how often the power failed. */
async function play(diary: Diary, script: readonly Step[], lives: Lives['env']): Promise<number> {
  const { station } = diary.counter;
  const cuts = await goThrough(diary, script, { env: lives });
  await drained(station.ask);
  return cuts;
}

const once =
  (appends: number): Lives['env'] =>
  (life) =>
    life === 0 ? killAfter(appends) : {};

const entriesOf = ({ counter }: Diary): Promise<number> =>
  stateWhere(counter.station.ask().status, 'the journal', () => true).then(({ journal }) => journal.entries);

test('killed −9 after every single append of a day: each payment is posted once, receipts and drawers are right', async () => {
  // A day without a power cut tells how many appends there are.
  const before = await entriesOf(diaryOf(0));
  const dayOf = (diary: Diary, n: number): readonly Step[] => shortDay(diary, debts, n);
  expect(await play(diaryOf(0), dayOf(diaryOf(0), 1), () => ({}))).toBe(0);
  const appends = (await entriesOf(diaryOf(0))) - before;
  expect(appends).toBeGreaterThanOrEqual(29);
  expect(appends + 2).toBeLessThanOrEqual(DAYS_MAX);

  const points = Array.from({ length: appends }, (_, i) => i + 1).values();
  const lane = async (mine: number): Promise<number> => {
    let cuts = 0;
    for (const point of points) {
      const diary = diaryOf(mine + (cuts % 2) * LANES);
      const failed = await play(diary, dayOf(diary, point + 1), once(point));
      expect(failed, `power cuts at append ${point}`).toBe(1);
      cuts += failed;
    }
    return cuts;
  };
  const lanes = await Promise.all(Array.from({ length: LANES }, (_, mine) => lane(mine)));
  const cuts = lanes.reduce((sum, one) => sum + one, 0);
  expect(cuts).toBe(appends);

  // The one kind of append that the day leaves out, because making a PDF takes long.
  const paid = diaryOf(0).answered[0]?.id ?? '';
  const pdf = [logInAs(diaryOf(0), 'aygun'), asPdf(paid)];
  expect(await play(diaryOf(0), pdf, once(2))).toBe(1);

  // And a day on which the power fails at every append but those of logging in again.
  const always = await play(diaryOf(3), dayOf(diaryOf(3), DAYS_MAX), () => killAfter(2));
  expect(always).toBeGreaterThan(20);

  const judgement = await judge(place(), diaries, debts.owed);
  report(
    `kill −9 after each of ${appends + 1} appends of a day, of ${CODES.length} enrolments, ` +
      `and ${always} times on one day: ${judgement.payments} payments, ${judgement.stornos} stornos, ` +
      `${judgement.entries} entries`,
  );
  expect(judgement.broken).toEqual([]);
}, 900_000);
