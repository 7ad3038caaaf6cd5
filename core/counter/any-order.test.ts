import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sum } from '../../contracts/money.ts';
import { worth } from '../../contracts/rules/denominations.ts';
import { foldJournal } from '../fold.ts';
import { ACCOUNTS, AYGUN, LEYLA, PASSWORD, POWER, RAUF } from '../testing/samples.ts';
import { unsound } from '../testing/soundness.ts';
import { FLOAT, openCounter, pay, type Workbench } from '../testing/workbench.ts';
import type { WireAct } from '../testing/wire.ts';

/**
 * People, the wire, the disk and the power in any order. Whatever they do, the journal stays sound, what was answered
 * stays true, and in the end every payment is at the centre once.
 */

type Act = { readonly what: string; run(bench: Workbench, memory: Memory): Promise<void> };
type Memory = {
  /** Every payment a window was told of: what it was told. */
  readonly told: Map<string, string>;
  /** The last accept asked, to be asked again by a window that lost its answer. */
  last: { paymentId: string; revision: number; received: number; receivedPieces: null } | null;
  lastStorno: Parameters<Workbench['client']['storno.make']>[0] | null;
};

const act = (what: string, run: Act['run']): Act => ({ what, run });
const quietly = async (bench: Workbench, asked: Promise<unknown>): Promise<void> =>
  void (await bench.answer(asked));

const accept = async (bench: Workbench, memory: Memory): Promise<void> => {
  if (!memory.last) return;
  const answer = await bench.answer(bench.client['basket.accept'](memory.last));
  if (!answer.ok) return;
  const text = JSON.stringify(answer.value.payment);
  expect(memory.told.get(memory.last.paymentId) ?? text).toBe(text);
  memory.told.set(memory.last.paymentId, text);
};

const payments = (bench: Workbench): string[] =>
  [...bench.journal.read(1)].flatMap(({ body }) =>
    body.type === 'payment.accepted' ? [body.payload.paymentId] : [],
  );

/** A teller who wants to sell sees to it that they can. */
async function ready(bench: Workbench): Promise<void> {
  await bench.machine.settle();
  if (!bench.seen.session?.user) {
    await quietly(bench, bench.client['session.login']({ username: AYGUN.username, password: PASSWORD }));
    await bench.machine.settle();
  }
  if (!bench.seen.session?.shift) {
    const shiftId = bench.machine.mintId();
    await quietly(bench, bench.client['shift.open']({ shiftId, float: FLOAT }));
  }
  await quietly(bench, bench.client['shift.count']({ cancel: true }));
  await quietly(bench, bench.client['basket.clear']({}));
}

const LIGHT = { billerId: POWER.id, account: '1104552018' };

const acts: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .record({ n: fc.nat(ACCOUNTS.length - 1), received: fc.integer({ min: 0, max: 9000 }) })
      .map(({ n, received }) =>
        act(`sell ${n}`, async (bench, memory) => {
          const { billerId, account } = ACCOUNTS[n] ?? LIGHT;
          await ready(bench);
          const ahead = received % 2 === 0 ? 500 : undefined;
          const paid = await pay(bench, { billerId, account }, ahead, received > 4000 ? received : undefined);
          if (paid.ok && 'payment' in paid.value) {
            memory.told.set(paid.value.payment.paymentId, JSON.stringify(paid.value.payment));
          }
        }),
      ),
  },
  {
    weight: 6,
    arbitrary: fc
      .constantFrom(AYGUN, AYGUN, AYGUN, LEYLA, RAUF)
      .map((user) =>
        act(`login ${user.username}`, (bench) =>
          quietly(bench, bench.client['session.login']({ username: user.username, password: PASSWORD })),
        ),
      ),
  },
  fc.constant(act('logout', (bench) => quietly(bench, bench.client['session.logout']({})))),
  {
    weight: 2,
    arbitrary: fc.constant(
      act('open shift', (bench) =>
        quietly(bench, bench.client['shift.open']({ shiftId: bench.machine.mintId(), float: FLOAT })),
      ),
    ),
  },
  {
    weight: 4,
    arbitrary: fc
      .record({ n: fc.nat(ACCOUNTS.length - 1), amount: fc.option(fc.integer({ min: 1, max: 60_000 })) })
      .map(({ n, amount }) =>
        act(`add ${n} ${amount}`, async (bench) => {
          const one = ACCOUNTS[n] ?? LIGHT;
          const added = await bench.answer(
            bench.client['basket.add']({ billerId: one.billerId, account: one.account }),
          );
          if (added.ok && amount !== null)
            await quietly(bench, bench.client['basket.amount']({ lineId: added.value.lineId, amount }));
        }),
      ),
  },
  {
    weight: 4,
    arbitrary: fc.constant(
      act('tender', (bench) => quietly(bench, bench.client['basket.tender']({ back: false }))),
    ),
  },
  fc.constant(act('back', (bench) => quietly(bench, bench.client['basket.tender']({ back: true })))),
  {
    weight: 6,
    arbitrary: fc.nat(5000).map((more) =>
      act(`accept +${more}`, async (bench, memory) => {
        await bench.machine.settle();
        const { paymentId = '', revision = 0, total = 0, stage } = bench.seen.counter ?? {};
        if (stage === 'tendering')
          memory.last = { paymentId, revision, received: Number(total) + more, receivedPieces: null };
        await accept(bench, memory);
      }),
    ),
  },
  { weight: 2, arbitrary: fc.constant(act('accept again', accept)) },
  fc.constant(
    act('accept twice at once', async (bench, memory) => {
      await Promise.all([accept(bench, memory), accept(bench, memory)]);
    }),
  ),
  {
    weight: 5,
    arbitrary: fc.nat(20).map((n) =>
      act(`storno ${n}`, async (bench, memory) => {
        const known = payments(bench);
        const paymentId = known[n % Math.max(known.length, 1)];
        if (paymentId === undefined) return;
        const stornoId = bench.machine.mintId();
        memory.lastStorno = {
          stornoId,
          paymentId,
          reason: 'other',
          note: '',
          supervisor: RAUF.username,
          password: PASSWORD,
        };
        await quietly(bench, bench.client['storno.make'](memory.lastStorno));
      }),
    ),
  },
  fc.constant(
    act('storno again', async (bench, memory) => {
      if (memory.lastStorno) await quietly(bench, bench.client['storno.make'](memory.lastStorno));
    }),
  ),
  fc.nat(20).map((n) =>
    act(`copy ${n}`, async (bench) => {
      const known = payments(bench);
      const paymentId = known[n % Math.max(known.length, 1)];
      if (paymentId !== undefined)
        await quietly(bench, bench.client['receipts.print']({ paymentId, which: 'payment' }));
    }),
  ),
  {
    weight: 2,
    arbitrary: fc.constant(
      act('register', (bench) =>
        quietly(
          bench,
          bench.client['subscriber.register']({
            subscriberId: bench.machine.mintId(),
            name: 'Yeni Abunəçi',
            address: '',
            phone: null,
            email: null,
            language: 'az',
            accounts: [],
          }),
        ),
      ),
    ),
  },
  {
    weight: 3,
    arbitrary: fc.integer({ min: -1, max: 1 }).map((off) =>
      act(`close ${off}`, async (bench) => {
        await quietly(bench, bench.client['shift.count']({ cancel: false }));
        const shift = [...foldJournal(bench.journal.read(1)).shifts.values()].find((one) => !one.closed);
        const counted = [
          { denomination: 1, count: Math.min(100_000, Math.max(0, Number(shift?.cash ?? 0) + off)) },
        ];
        await quietly(bench, bench.client['shift.close']({ counted, reason: null }));
        await quietly(bench, bench.client['shift.close']({ counted, reason: 'səbəb' }));
        await quietly(bench, bench.client['shift.count']({ cancel: true }));
      }),
    ),
  },
  fc.constant(act('clear', (bench) => quietly(bench, bench.client['basket.clear']({})))),
  fc
    .constantFrom(true, true, false)
    .map((up) => act(`line ${up}`, async (bench) => void (bench.wire.up = up))),
  fc
    .constantFrom(true, false, false)
    .map((broken) => act(`disk full ${broken}`, async (bench) => void (bench.journal.broken = broken))),
  fc.nat(60_000).map((ms) => act(`wait ${ms}`, (bench) => bench.machine.advance(ms))),
  fc.constant(
    act('a day passes', async (bench) => bench.machine.setClock(bench.machine.nowMs() + 86_400_000)),
  ),
  fc.constant(act('crash', (bench) => bench.restart())),
  {
    weight: 3,
    arbitrary: fc.constant(
      act('die after the next append', async (bench) => {
        const { journal } = bench;
        journal.afterAppend = () => {
          // The entry is on disk and the process is gone: nothing it still does reaches the disk.
          journal.broken = true;
          throw new Error('killed');
        };
      }),
    ),
  },
);

const wireAct: fc.Arbitrary<WireAct> = fc.oneof(
  { weight: 6, arbitrary: fc.constant<WireAct>({ kind: 'pass' }) },
  fc.constant<WireAct>({ kind: 'drop' }),
  fc.constant<WireAct>({ kind: 'cutAnswer' }),
  fc.constant<WireAct>({ kind: 'twice' }),
  fc.nat(3000).map((ms): WireAct => ({ kind: 'delay', ms })),
);

const seen = new Map<string, number>();

test('any order of people, wire, disk and power: sound, true, and everything once at the centre', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(acts, { minLength: 30, maxLength: 70, size: 'max' }),
      fc.array(wireAct, { minLength: 1, maxLength: 30 }),
      async (steps, wire) => {
        const bench = await openCounter();
        let turn = 0;
        bench.wire.act = () => wire[turn++ % wire.length] ?? { kind: 'pass' };
        const memory: Memory = { told: new Map(), last: null, lastStorno: null };
        for (const step of steps) {
          await step.run(bench, memory);
          // Whoever died in that step is replaced.
          if (bench.faults.splice(0).length > 0) await bench.restart();
        }

        await bench.restart();
        bench.wire.up = true;
        bench.wire.act = () => ({ kind: 'pass' });
        await bench.machine.advance(180_000);

        const entries = [...bench.journal.read(1)];
        for (const { body } of entries) seen.set(body.type, (seen.get(body.type) ?? 0) + 1);
        expect(unsound(entries)).toEqual([]);
        const facts = foldJournal(entries);
        for (const shift of facts.shifts.values()) expect(worth(shift.drawer)).toBe(shift.cash);
        // What a window was told is what the journal holds.
        for (const [paymentId, text] of memory.told) {
          const entry = entries.find(({ seq }) => seq === facts.payments.get(paymentId)?.seq);
          expect(JSON.stringify(entry?.body.payload)).toBe(text);
        }
        // Every entry is at the centre, every payment and storno posted once.
        expect(bench.centre.entries.map(({ seq }) => seq)).toEqual(entries.map(({ seq }) => seq));
        expect([...bench.centre.posted.keys()].sort()).toEqual(
          [...facts.payments.keys(), ...facts.stornos.keys()].sort(),
        );
        expect(new Set([1, ...bench.centre.posted.values()])).toEqual(new Set([1]));
        // What the counter shows as owed is what the centre's own figures come to.
        await bench.answer(bench.client['session.login']({ username: AYGUN.username, password: PASSWORD }));
        for (const one of ACCOUNTS) {
          const hits = await bench.client['find.search']({ text: one.account, limit: 10 });
          const owed = hits.ok ? hits.value.hits.find((hit) => hit.account === one.account)?.owed : undefined;
          const paid = bench.centre.credits
            .filter((credit) => credit.account === one.account)
            .map((credit) => credit.amount);
          expect(owed).toBe(sum(one.bills.map((bill) => bill.amount)) - sum(paid));
        }
        bench.counter.stop();
      },
    ),
    { numRuns: 60 },
  );
  // A walk that never comes to the money would prove nothing.
  for (const type of [
    'payment.accepted',
    'payment.stornoed',
    'shift.closed',
    'receipt.printed',
    'subscriber.registered',
  ]) {
    expect(seen.get(type) ?? 0).toBeGreaterThan(20);
  }
});

test('facts folded one by one are those folded at once', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(acts, { minLength: 20, maxLength: 50, size: 'max' }), async (steps) => {
      const bench = await openCounter();
      const memory: Memory = { told: new Map(), last: null, lastStorno: null };
      for (const step of steps) {
        await step.run(bench, memory);
        if (bench.faults.splice(0).length > 0) await bench.restart();
        const session = bench.counter.handlers.session.current();
        const folded = foldJournal(bench.journal.read(1));
        const shift = session.shift && folded.shifts.get(session.shift.shiftId);
        if (session.shift) {
          expect(shift).toMatchObject({
            closed: false,
            paymentCount: session.shift.paymentCount,
            stornoCount: session.shift.stornoCount,
          });
        }
        const rows = await bench.client['receipts.list']({ text: '', limit: 100 });
        if (rows.ok) {
          expect(rows.value.rows.map((row) => [row.paymentId, row.stornoed, row.copies])).toEqual(
            [...folded.payments.values()]
              .reverse()
              .map((one) => [one.paymentId, one.stornoId !== null, one.print?.lastCopy ?? 0]),
          );
        }
      }
      bench.counter.stop();
    }),
    { numRuns: 20 },
  );
});
