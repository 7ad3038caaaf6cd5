import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { seededRandom, type Random } from '../../main/demo/day/random.ts';
import { drained, must, type SaleLine } from '../../main/demo/day/teller.ts';
import { stateWhere } from '../../main/demo/watch.ts';
import { placeForFaults, type FaultCentre, type FaultCounter } from './testing/fault-place.ts';
import { judge } from './testing/judge.ts';
import { goOn, goThrough } from './testing/power-cuts.ts';
import { report } from './testing/report.ts';
import { lineCut, logInAs, newDiary, shiftOf, type Diary, type Step } from './testing/script.ts';
import { debtsOf, type Debts } from './testing/short-day.ts';

const SEED = 20_261_123;
const place = placeForFaults();

/** The same script, with the power failing at random moments of some of its steps, each of them once. */
function withPowerCuts({ counter }: Diary, script: readonly Step[], random: Random): readonly Step[] {
  return script.map((step) => {
    let inMs = random.next() < 0.3 ? random.integer(0, 60) : undefined;
    return {
      what: step.what,
      async run(ask) {
        if (inMs !== undefined) {
          const { pid, exited } = counter.station.running();
          const timer = setTimeout(() => process.kill(pid, 'SIGKILL'), inMs);
          void exited.then(() => clearTimeout(timer));
          inMs = undefined;
        }
        await step.run(ask);
      },
    };
  });
}

/** A busy shift: payments of one to four lines one after the other, now and then one cancelled, the line cut for a while. */
function busyShift(diary: Diary, debts: Debts, random: Random, from: number): readonly Step[] {
  const shift = shiftOf(diary);
  const steps: Step[] = [shift.open];
  let next = from;
  const household = (n: number): readonly SaleLine[] => [
    debts.bill('QAZ', n),
    debts.bill('SU', n),
    debts.bill('TELEFON', n),
    debts.any(500 + n),
  ];
  for (let n = 0; n < 30; n += 1) {
    const lines = random.next() < 0.3 && next < from + 18 ? household((next += 1)) : [debts.any(100 + n)];
    const payment = shift.pay(lines, random.pick([0, 0, 100]));
    steps.push(payment);
    if (random.next() < 0.15) steps.push(shift.storno(payment.paymentId));
    if (n === 10) steps.push(lineCut(diary));
    if (n === 20) steps.push({ what: 'the line is back', run: async () => diary.counter.line.restore() });
  }
  return [...steps, shift.close];
}

test('killed −9 at random moments of a busy shift, at two counters at once: nothing is lost, nothing doubled', async () => {
  const counters = [await place().counter('WS07'), await place().counter('WS08')];
  const diaries = counters.map(newDiary);
  const [first] = counters;
  if (!first) throw new Error('there are counters');
  const debts = await debtsOf(place(), first);
  const cuts = await Promise.all(
    diaries.map(async (diary, i) => {
      const random = seededRandom(SEED + i);
      const script = busyShift(diary, debts, random, 20 * i);
      return goThrough(diary, [logInAs(diary, 'aygun'), ...withPowerCuts(diary, script, random)], {
        env: () => ({}),
      });
    }),
  );
  const killed = cuts.reduce((sum, one) => sum + one, 0);
  expect(killed).toBeGreaterThan(5);
  const judgement = await judge(place(), diaries, debts.owed);
  report(
    `kill −9 at ${killed} random moments: ${judgement.payments} payments, ` + `${judgement.stornos} stornos`,
  );
  expect(judgement.broken).toEqual([]);
}, 300_000);

/** What is killed at the centre. All of it leaves the workstation with an answer that never comes. */
const CENTRE_DEATHS = ['program', 'everything', 'database', 'connection'] as const;
type CentreDeath = (typeof CENTRE_DEATHS)[number];

async function killCentre(centre: FaultCentre, what: CentreDeath): Promise<void> {
  switch (what) {
    case 'program':
      return centre.kill();
    case 'everything':
      return centre.powerCut();
    case 'database':
      return centre.killDatabase();
    case 'connection':
      // One server process of the database: it starts itself anew, and the centre goes on.
      return centre.killConnection();
  }
}

/** Waits until the drain has begun: the entries are on their way, or there already. */
async function underWay({ station }: FaultCounter): Promise<void> {
  for (;;) {
    const { rows } = must(
      'the journal',
      await station.ask()['journal.list']({ before: null, limit: 1, waitingOnly: false }),
    );
    if (rows[0]?.sync !== 'recorded') return;
    await wait(1);
  }
}

test('the centre, its database or one of its connections killed −9 in the middle of a drain: it converges', async () => {
  const counter = await place().counter('WS31');
  const { centre } = place();
  const debts = await debtsOf(place(), counter);
  const diary = newDiary(counter);
  const shift = shiftOf(diary);
  const random = seededRandom(SEED);
  const { ask } = counter.station;
  await goOn(diary, [logInAs(diary, 'aygun'), shift.open]);

  const caught: Record<string, number> = {};
  for (const afterMs of [0, 8, 40]) {
    for (const death of CENTRE_DEATHS) {
      await goOn(diary, [lineCut(diary)]);
      for (let n = 0; n < 12; n += 1) await goOn(diary, [shift.pay([debts.any(random.integer(100, 900))])]);
      counter.line.restore();
      const trying = ask()['sync.now']({});
      await underWay(counter);
      await wait(afterMs);
      const program = centre.pid();
      await killCentre(centre, death);
      const { waiting } = (await stateWhere(ask().status, 'the strip', () => true)).centre;
      if (waiting > 0) caught[death] = (caught[death] ?? 0) + 1;
      // Nobody at the counter waits for the centre.
      await goOn(diary, [shift.pay([debts.any(random.integer(100, 900))])]);
      await centre.start();
      await trying;
      await drained(ask);
      if (death === 'connection') expect(centre.pid(), 'the centre goes on').toBe(program);
    }
  }
  await goOn(diary, [shift.close]);
  const judgement = await judge(place(), [diary], debts.owed);
  report(
    `the centre killed ${3 * CENTRE_DEATHS.length} times, before it had answered: ${JSON.stringify(caught)}; ` +
      `${judgement.payments} payments`,
  );
  expect(Object.values(caught).reduce((sum, one) => sum + one, 0)).toBeGreaterThan(2);
  expect(judgement.broken).toEqual([]);
}, 300_000);
