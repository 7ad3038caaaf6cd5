import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { terminalWhere } from '../../main/demo/day/card-teller.ts';
import { must, drained } from '../../main/demo/day/teller.ts';
import { stateWhere } from '../../main/demo/watch.ts';
import { startSimulator, type Simulator } from '../../native-bridges/pos/simulator/simulator.ts';
import { unsound } from '../../core/testing/soundness.ts';
import { PASSWORD } from '../e2e/demo.ts';
import { closeTerminalDay, payByCard, stornoOfCard } from './testing/card-day.ts';
import { killAfter, placeForFaults } from './testing/fault-place.ts';
import { readJournal } from './testing/judge.ts';
import { goThrough, type Lives } from './testing/power-cuts.ts';
import { report } from './testing/report.ts';
import { logInAs, logOut, newDiary, shiftOf, type Diary, type Step } from './testing/script.ts';
import { billsOf, type Bills } from './testing/short-day.ts';

const place = placeForFaults();
let terminal: Simulator;
let diary: Diary;
let bills: Bills;

beforeAll(async () => {
  terminal = await startSimulator({
    tcp: { port: 0 },
    customer: { presentsAfterMs: 0, pinAfterMs: 0, takesCardAfterMs: 0 },
    terms: { times: { host: 5 } },
  });
  diary = newDiary(await place().counter('WS07'));
  bills = await billsOf(place());
  const ask = diary.counter.station.ask();
  must('log-in', await ask['session.login']({ username: 'rauf', password: PASSWORD }));
  const settings = {
    kind: 'zvtTcp' as const,
    host: '127.0.0.1',
    port: terminal.port ?? 0,
    password: '000000',
  };
  must('the terminal', await ask['terminal.set']({ settings }));
  must('leaving', await ask['session.logout']({}));
}, 300_000);
afterAll(() => terminal.stop());

const good = (): void => terminal.customer({ presentsAfterMs: 0, pinAfterMs: 0, takesCardAfterMs: 0 });

/** A short day of everything that writes an entry about cards, one answer of the terminal lost in it. */
function cardDay(n: number): readonly Step[] {
  const shift = shiftOf(diary);
  const one = payByCard([bills.any(1000 + n)], { before: good });
  return [
    logInAs(diary, 'aygun'),
    shift.open,
    one,
    payByCard([bills.any(2000 + n), bills.bill('QAZ', n)], { cash: 500 }),
    payByCard([bills.any(300 + n)], {
      declined: true,
      before: () =>
        terminal.customer({ card: 'poor', presentsAfterMs: 0, pinAfterMs: 0, takesCardAfterMs: 0 }),
    }),
    payByCard([bills.any(4000 + n)], {
      before: firstTime(() => {
        good();
        // The second completion is the sale's, behind the snapshot's: our yes has arrived, the last word does not.
        terminal.fault({
          direction: 'fromTerminal',
          message: 'completion',
          nth: 2,
          at: 'before',
          what: { kind: 'cut', ms: 300 },
        });
      }),
    }),
    stornoOfCard(() => one.paymentId()),
    closeTerminalDay(),
    logOut(diary),
  ];
}

const firstTime = (act: () => void): (() => void) => {
  let done = false;
  return () => {
    if (!done) act();
    done = true;
  };
};

const once =
  (appends: number): Lives['env'] =>
  (life) =>
    life === 0 ? killAfter(appends) : {};

const postedByCard = async (): Promise<number> =>
  (
    await place().komis(
      ['ledger', 'balances', '--kind', 'pos'],
      z.array(z.object({ account: z.string(), balance: z.number() })),
    )
  ).reduce((sum, { balance }) => sum + balance, 0);

test('killed −9 after every append of a day of cards: charges are the recorded payments are the posted entries', async () => {
  const { station } = diary.counter;
  const entries = (): Promise<number> =>
    stateWhere(station.ask().status, 'the journal', () => true).then(({ journal }) => journal.entries);
  /** Whoever has a shift open opens no second one: each day after the first goes on in it. */
  const day = (n: number): readonly Step[] =>
    cardDay(n).filter((step, i) => n === 1 || i !== 1 || step.what === '');
  const play = async (script: readonly Step[], lives: Lives['env']): Promise<number> => {
    terminal.clearFaults();
    good();
    const cuts = await goThrough(diary, script, { env: lives });
    await terminalWhere(
      station.ask,
      'nothing open',
      ({ open, attempt }) => open.length === 0 && attempt === null,
    );
    await drained(station.ask);
    return cuts;
  };
  const before = await entries();
  expect(await play(day(1), () => ({}))).toBe(0);
  const appends = (await entries()) - before;
  expect(appends).toBeGreaterThanOrEqual(20);

  let cuts = 0;
  for (let point = 1; point <= appends - 1; point += 1) {
    const failed = await play(day(point + 1), once(point));
    expect(failed, `power cuts at append ${point}`).toBe(1);
    cuts += failed;
    expect(await postedByCard(), `after a cut at append ${point}`).toBe(terminal.bank().net);
  }

  await station.stop();
  const journal = readJournal(diary.counter.dataDir);
  expect(unsound(journal)).toEqual([]);
  const carried = journal.flatMap(({ body }) =>
    body.type === 'payment.accepted' || body.type === 'payment.stornoed'
      ? body.payload.tenders.flatMap((tender) =>
          tender.kind === 'card' ? [body.type === 'payment.accepted' ? tender.amount : -tender.amount] : [],
        )
      : [],
  );
  expect(carried.reduce((sum, amount) => sum + amount, 0)).toBe(terminal.bank().net);
  const proof = await place().komis(['verify'], z.object({ ok: z.boolean() }));
  expect(proof.ok).toBe(true);
  report(
    `kill −9 after each of ${cuts} appends of a day of cards: ${terminal.bank().entries.length} bank entries, ` +
      `${carried.length} card tenders, ${journal.length} journal entries`,
  );
}, 900_000);
