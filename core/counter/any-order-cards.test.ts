import fc from 'fast-check';
import { expect, test } from 'vitest';
import { worth } from '../../contracts/rules/denominations.ts';
import { foldJournal } from '../fold.ts';
import { bankNet, type PosAct } from '../testing/pos.ts';
import { ACCOUNTS, AYGUN, PASSWORD, POWER, RAUF } from '../testing/samples.ts';
import { unsound } from '../testing/soundness.ts';
import { FLOAT, openCounter, pay, payByCard, type Workbench } from '../testing/workbench.ts';

/**
 * Cards, cash, stornos, supervisors, dying processes, full disks and a terminal that loses answers, in any order. In the end
 * the bank's charges are the recorded card payments less what was given back, each exactly once.
 */

type Act = { readonly what: string; run(bench: Workbench): Promise<void> };
const act = (what: string, run: Act['run']): Act => ({ what, run });
const quietly = async (bench: Workbench, asked: Promise<unknown>): Promise<void> =>
  void (await bench.answer(asked).catch(() => undefined));
const LIGHT = { billerId: POWER.id, account: '1104552018' };
const SUPERVISOR = { supervisor: RAUF.username, password: PASSWORD };

async function ready(bench: Workbench): Promise<void> {
  await bench.machine.settle();
  if (!bench.seen.session?.user)
    await quietly(bench, bench.client['session.login']({ username: AYGUN.username, password: PASSWORD }));
  await bench.machine.settle();
  if (!bench.seen.session?.shift)
    await quietly(bench, bench.client['shift.open']({ shiftId: bench.machine.mintId(), float: FLOAT }));
  await quietly(bench, bench.client['shift.count']({ cancel: true }));
  await quietly(bench, bench.client['basket.tender']({ back: true }));
  await quietly(bench, bench.client['basket.clear']({}));
  await bench.machine.settle();
}

const posAct = fc.constantFrom<PosAct>(
  'approve',
  'approve',
  'approve',
  'decline',
  'notSent',
  'lostBefore',
  'lostCharged',
  'lostCharged',
  'lostReversed',
  'otherAmount',
  'throws',
);

const acts: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 10,
    arbitrary: fc
      .record({
        act: posAct,
        n: fc.nat(ACCOUNTS.length - 1),
        cash: fc.option(fc.integer({ min: 1, max: 4000 })),
        unknowing: fc.nat(4),
        takesMs: fc.constantFrom(0, 0, 1500),
      })
      .map((given) =>
        act(`card ${given.act} ${given.cash ?? ''}`, async (bench) => {
          const { billerId, account } = ACCOUNTS[given.n] ?? LIGHT;
          await ready(bench);
          bench.ports.pos.acts = [given.act];
          bench.ports.pos.unknowing = given.unknowing;
          bench.ports.pos.takesMs = given.takesMs;
          const options = given.cash === null ? {} : { cash: given.cash };
          await payByCard(bench, { billerId, account }, options).catch(() => undefined);
          bench.ports.pos.takesMs = 0;
          bench.ports.pos.acts = [];
        }),
      ),
  },
  {
    weight: 3,
    arbitrary: fc.constant(
      act('cash', async (bench) => {
        await ready(bench);
        await pay(bench, LIGHT, 500).catch(() => undefined);
      }),
    ),
  },
  {
    weight: 8,
    arbitrary: fc
      .record({ n: fc.nat(20), act: posAct, refund: fc.boolean() })
      .map(({ n, act: how, refund }) =>
        act(`storno ${n} ${how}`, async (bench) => {
          await ready(bench);
          const known = [...foldJournal(bench.journal.read(1)).payments.values()].filter(
            (one) => one.card !== null && one.stornoId === null,
          );
          const paymentId = known[n % Math.max(known.length, 1)]?.paymentId;
          if (paymentId === undefined) return;
          bench.ports.pos.acts = [how];
          const cardBack = refund ? ('refund' as const) : ('reversal' as const);
          const stornoId = bench.machine.mintId();
          const asked = { stornoId, paymentId, reason: 'other' as const, note: '', cardBack, ...SUPERVISOR };
          await quietly(bench, bench.client['storno.make'](asked));
          bench.ports.pos.acts = [];
        }),
      ),
  },
  {
    weight: 4,
    arbitrary: fc
      .constantFrom('otherTender' as const, 'otherTender' as const, 'manual' as const)
      .map((decision) =>
        act(`decide ${decision}`, async (bench) => {
          const [open] = foldJournal(bench.journal.read(1)).openAttempts;
          // What nobody could ask any more is decided only where the test's terminal really holds nothing of it.
          const held = bench.ports.pos.bank.some((one) => one.attemptId === open);
          if (open === undefined || (decision === 'manual' && held)) return;
          const asked = { attemptId: open, decision, note: 'yoxlandı', ...SUPERVISOR };
          await quietly(bench, bench.client['card.decide'](asked));
        }),
      ),
  },
  fc.constant(
    act('ask', async (bench) => {
      const [open] = foldJournal(bench.journal.read(1)).openAttempts;
      if (open !== undefined) await quietly(bench, bench.client['card.ask']({ attemptId: open }));
    }),
  ),
  fc.constant(
    act('end of day', async (bench) =>
      quietly(bench, bench.client['terminal.endOfDay']({ closingId: bench.machine.mintId() })),
    ),
  ),
  fc
    .constantFrom('ready' as const, 'ready' as const, 'away' as const)
    .map((state) => act(`terminal ${state}`, async (bench) => bench.ports.pos.setHealth({ state }))),
  fc.constant(act('logout', (bench) => quietly(bench, bench.client['session.logout']({})))),
  fc.constant(act('clear', (bench) => quietly(bench, bench.client['basket.clear']({})))),
  fc.constantFrom(true, false, false).map((broken) =>
    act(`disk full ${broken}`, async (bench) => {
      bench.journal.broken = broken;
    }),
  ),
  {
    weight: 2,
    arbitrary: fc.nat(90_000).map((ms) => act(`wait ${ms}`, (bench) => bench.machine.advance(ms))),
  },
  { weight: 2, arbitrary: fc.constant(act('crash', (bench) => bench.restart())) },
  {
    weight: 5,
    arbitrary: fc.integer({ min: 1, max: 4 }).map((appends) =>
      act(`die at append ${appends}`, async (bench) => {
        let left = appends;
        const { journal } = bench;
        journal.afterAppend = () => {
          left -= 1;
          if (left > 0) return;
          journal.broken = true;
          throw new Error('killed');
        };
      }),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.constant(
      act('close', async (bench) => {
        await quietly(bench, bench.client['shift.count']({ cancel: false }));
        const shift = [...foldJournal(bench.journal.read(1)).shifts.values()].find((one) => !one.closed);
        const counted = [{ denomination: 1, count: Math.min(100_000, Number(shift?.cash ?? 0)) }];
        await quietly(bench, bench.client['shift.close']({ counted, reason: null }));
        await quietly(bench, bench.client['shift.count']({ cancel: true }));
      }),
    ),
  },
);

const seen = new Map<string, number>();
const met = (what: string): void => void seen.set(what, (seen.get(what) ?? 0) + 1);

test('cards in any order of lost answers, deaths and decisions: every charge once in the books', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(acts, { minLength: 15, maxLength: 40, size: 'max' }), async (steps) => {
      const bench = await openCounter();
      const { pos } = bench.ports;
      for (const step of steps) {
        await step.run(bench);
        // Whoever died in that step is replaced.
        if (bench.faults.splice(0).length > 0 || bench.journal.broken) {
          await bench.machine.settle();
          await bench.restart();
        }
      }
      pos.acts = [];
      pos.unknowing = 0;
      pos.takesMs = 0;
      await bench.restart();
      pos.setHealth({ state: 'ready' });
      await bench.machine.advance(900_000);

      const entries = [...bench.journal.read(1)];
      expect(unsound(entries)).toEqual([]);
      const facts = foldJournal(entries);
      expect([facts.openAttempts.size, facts.unrecorded.size, facts.unreversed.size]).toEqual([0, 0, 0]);
      for (const shift of facts.shifts.values()) expect(worth(shift.drawer)).toBe(shift.cash);
      for (const times of pos.sent.values()) expect(times).toBe(1);

      // Charge by charge: what the bank made is what an attempt concluded, and what a record carries.
      let net = 0;
      const carried = new Map<string, number>();
      for (const { body } of entries) {
        if (body.type === 'payment.accepted' || body.type === 'payment.stornoed') {
          for (const tender of body.payload.tenders) {
            if (tender.kind !== 'card') continue;
            carried.set(tender.attemptId, (carried.get(tender.attemptId) ?? 0) + 1);
            net += body.type === 'payment.accepted' ? tender.amount : -tender.amount;
          }
        }
        if (body.type !== 'pos.concluded') continue;
        const { attemptId, outcome, kind, amount, recordedAs } = body.payload;
        met(`${kind} ${outcome}${recordedAs === null && outcome === 'done' ? ' alone' : ''}`);
        expect(pos.bank.filter((one) => one.attemptId === attemptId).length).toBe(outcome === 'done' ? 1 : 0);
        if (outcome === 'done' && recordedAs === null) net += kind === 'sale' ? amount : -amount;
      }
      expect(net).toBe(bankNet(pos));
      for (const [attemptId, times] of carried) expect([attemptId, times]).toEqual([attemptId, 1]);
      for (const attempt of facts.attempts.values())
        expect(carried.has(attempt.attemptId)).toBe((attempt.concluded?.recordedAs ?? null) !== null);
      expect([...bench.centre.posted.keys()].sort()).toEqual(
        [...facts.payments.keys(), ...facts.stornos.keys()].sort(),
      );
      bench.counter.stop();
    }),
    { numRuns: 200 },
  );
  // A walk that never comes to an end of some kind would prove nothing of it.
  for (const end of [
    'sale done',
    'sale done alone',
    'sale declined',
    'sale notDone',
    'reversal done',
    'reversal done alone',
    'reversal notDone',
    'refund done',
  ])
    expect([end, (seen.get(end) ?? 0) > 5]).toEqual([end, true]);
});
