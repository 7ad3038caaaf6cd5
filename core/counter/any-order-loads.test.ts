import fc from 'fast-check';
import { expect, test } from 'vitest';
import { foldJournal } from '../fold.ts';
import { MEMORY, PURSE, type WriteAct } from '../testing/meter-cards.ts';
import { AYGUN, PASSWORD, RAUF } from '../testing/samples.ts';
import { unsound } from '../testing/soundness.ts';
import { FLOAT, openCounter, type Workbench } from '../testing/workbench.ts';

/**
 * Loads, torn cards, dying processes, full disks, a centre that comes and goes, cancellations and stornos, in any order. In
 * the end every paid load is on its card once, or was cancelled and is not on it.
 */

type Act = { readonly what: string; run(bench: Workbench): Promise<void> };
const act = (what: string, run: Act['run']): Act => ({ what, run });
/** Lets it go as far as it comes: whoever asked may be dead before the answer. */
async function quietly(bench: Workbench, asked: Promise<unknown>): Promise<void> {
  let over = false;
  asked.then(
    () => (over = true),
    () => (over = true),
  );
  for (let turn = 0; turn < 200 && !over; turn += 1) await bench.machine.advance(turn === 0 ? 0 : 100);
}
const SUPERVISOR = { supervisor: RAUF.username, password: PASSWORD };
const CARDS = [PURSE, MEMORY] as const;

async function ready(bench: Workbench): Promise<void> {
  await bench.machine.settle();
  if (!bench.seen.session?.user)
    await quietly(bench, bench.client['session.login']({ username: AYGUN.username, password: PASSWORD }));
  await bench.machine.settle();
  if (!bench.seen.session?.shift)
    await quietly(bench, bench.client['shift.open']({ shiftId: bench.machine.mintId(), float: FLOAT }));
  await quietly(bench, bench.client['basket.tender']({ back: true }));
  await quietly(bench, bench.client['basket.clear']({}));
  await bench.machine.settle();
}

const writeAct = fc.constantFrom<WriteAct>(
  'written',
  'written',
  'lostBefore',
  'lostAfter',
  'lostAfter',
  'refused',
  'throws',
  'hangsBefore',
  'hangsAfter',
);

const acts: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 10,
    arbitrary: fc
      .record({ card: fc.constantFrom(...CARDS), act: writeAct, amount: fc.integer({ min: 100, max: 5000 }) })
      .map((given) =>
        act(`pay a load ${given.act}`, async (bench) => {
          await ready(bench);
          bench.meters.insert(given.card);
          await bench.machine.advance(1000);
          bench.meters.acts = [given.act];
          await quietly(bench, bench.client['meterCard.order']({ amount: given.amount }));
          await quietly(bench, bench.client['basket.tender']({ back: false }));
          await bench.machine.settle();
          const { paymentId = '', revision = 0, total = 0 } = bench.seen.counter ?? {};
          const paying = { paymentId, revision, received: total, receivedPieces: null };
          await quietly(bench, bench.client['basket.accept'](paying));
          bench.meters.acts = [];
        }),
      ),
  },
  {
    weight: 6,
    arbitrary: fc.record({ n: fc.nat(9), act: writeAct }).map(({ n, act: how }) =>
      act(`finish ${how}`, async (bench) => {
        const open = [...foldJournal(bench.journal.read(1)).openLoads];
        const loadId = open[n % Math.max(open.length, 1)];
        if (loadId === undefined) return;
        bench.meters.acts = [how];
        await quietly(bench, bench.client['load.finish']({ loadId }));
        bench.meters.acts = [];
      }),
    ),
  },
  {
    weight: 4,
    arbitrary: fc.constantFrom(...CARDS).map((card) =>
      act('insert', async (bench) => {
        bench.meters.insert(card);
        await bench.machine.advance(1000);
      }),
    ),
  },
  fc.constant(act('pull', async (bench) => bench.meters.pull())),
  {
    weight: 2,
    arbitrary: fc.constantFrom('prepared', 'beforeWrite', 'afterWrite').map((when) =>
      act(`pull when ${when}`, async (bench) => {
        bench.meters.between = (where) => {
          if (where !== when) return;
          bench.meters.between = () => undefined;
          bench.meters.pull();
        };
      }),
    ),
  },
  {
    weight: 4,
    arbitrary: fc.nat(9).map((n) =>
      act('cancel and storno', async (bench) => {
        await ready(bench);
        const known = foldJournal(bench.journal.read(1));
        const open = [...known.openLoads];
        const loadId = open[n % Math.max(open.length, 1)];
        if (loadId === undefined) return;
        await quietly(bench, bench.client['load.cancel']({ loadId, note: 'geri istəyir', ...SUPERVISOR }));
        const paymentId = known.loads.get(loadId)?.paymentId;
        if (!paymentId) return;
        const asked = { stornoId: bench.machine.mintId(), paymentId, reason: 'other' as const, note: '' };
        await quietly(bench, bench.client['storno.make']({ ...asked, cardBack: 'reversal', ...SUPERVISOR }));
      }),
    ),
  },
  fc
    .constantFrom(true, true, false)
    .map((up) => act(`line ${up}`, async (bench) => void (bench.wire.up = up))),
  {
    weight: 2,
    arbitrary: fc
      .constantFrom('load.authorise', 'load.confirm', 'meterCard.read', 'load.cancel', 'journal.push')
      .chain((method) =>
        fc.constantFrom('drop' as const, 'cutAnswer' as const).map((kind) => ({ method, kind })),
      )
      .map(({ method, kind }) =>
        act(`${kind} ${method}`, async (bench) => {
          let left = 1;
          bench.wire.act = (asked) => (asked === method && left-- > 0 ? { kind } : { kind: 'pass' });
        }),
      ),
  },
  fc.constantFrom(true, false, false).map((broken) =>
    act(`disk full ${broken}`, async (bench) => {
      bench.journal.broken = broken;
    }),
  ),
  fc.nat(90_000).map((ms) => act(`wait ${ms}`, (bench) => bench.machine.advance(ms))),
  { weight: 2, arbitrary: fc.constant(act('crash', (bench) => bench.restart())) },
  {
    weight: 4,
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
  fc.constant(act('logout', (bench) => quietly(bench, bench.client['session.logout']({})))),
);

const seen = new Map<string, number>();
const met = (what: string): void => void seen.set(what, (seen.get(what) ?? 0) + 1);

test('loads in any order of torn cards, deaths and cancellations: each paid one once on its card, or given back', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(acts, { minLength: 10, maxLength: 35, size: 'max' }), async (steps) => {
      const bench = await openCounter();
      for (const step of steps) {
        await step.run(bench);
        // Whoever died in that step is replaced.
        if (bench.faults.splice(0).length > 0 || bench.journal.broken) {
          await bench.machine.settle();
          await bench.restart();
        }
      }
      bench.meters.acts = [];
      bench.meters.between = () => undefined;
      bench.wire.act = () => ({ kind: 'pass' });
      bench.wire.up = true;
      await bench.restart();
      await bench.machine.advance(60_000);
      await ready(bench);
      // The holders come back, and whatever is owed is finished.
      for (const card of CARDS) {
        bench.meters.insert(card);
        await bench.machine.advance(60_000);
        // Twice: one that waits behind another's order comes after it.
        for (const round of [1, 2])
          for (const loadId of foldJournal(bench.journal.read(1)).openLoads) {
            await quietly(bench, bench.client['load.finish']({ loadId }));
            await bench.machine.advance(30_000 * round);
          }
      }
      await bench.machine.advance(300_000);

      const entries = [...bench.journal.read(1)];
      expect(unsound(entries)).toEqual([]);
      const facts = foldJournal(entries);
      expect([...facts.openLoads].map((id) => facts.loads.get(id))).toEqual([]);
      let paid = 0;
      let onCards = 0;
      let givenBack = 0;
      for (const load of facts.loads.values()) {
        const card = bench.meters.cards.get(load.cardId);
        const times = card?.loaded.filter((one) => one === load.loadId).length ?? 0;
        paid += load.units;
        met(load.stage);
        expect([load.stage, times]).toEqual(load.stage === 'confirmed' ? ['confirmed', 1] : ['cancelled', 0]);
        if (load.stage === 'confirmed') onCards += load.units;
        else givenBack += load.units;
        expect(bench.meters.loads.get(load.loadId)?.state).toBe(load.stage);
      }
      expect(paid).toBe(onCards + givenBack);
      expect([...bench.meters.cards.values()].reduce((sum, card) => sum + card.balance, 0)).toBe(onCards);
      // Nothing went onto a card that nobody paid for.
      for (const card of bench.meters.cards.values())
        for (const loadId of card.loaded) expect(facts.loads.has(loadId)).toBe(true);
      for (const { body } of entries)
        if (body.type === 'load.concluded') met(`${body.payload.outcome} ${body.payload.by}`);
      bench.counter.stop();
    }),
    { numRuns: 100 },
  );
  // A walk that never comes to an end of some kind would prove nothing of it.
  for (const end of [
    'confirmed',
    'cancelled',
    'written answer',
    'written status',
    'notWritten status',
    'notWritten answer',
  ])
    expect([end, (seen.get(end) ?? 0) > 5]).toEqual([end, true]);
}, 300_000);
