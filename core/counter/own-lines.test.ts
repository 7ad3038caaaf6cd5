import { expect, test } from 'vitest';
import { account, POWER } from '../testing/samples.ts';
import { openCounter, pay, type Workbench } from '../testing/workbench.ts';

/** This counter's own payments in the figures that come from elsewhere: each counted once, whatever became of it. */

const LIGHT = { billerId: POWER.id, account: '1104552018' };
const FAR = { billerId: POWER.id, account: '7777777777' };

/** A counter, and an account of another district that owes 5,00: only the centre knows it. */
async function counter(): Promise<Workbench> {
  const bench = await openCounter();
  bench.centre.accounts.set(`${FAR.billerId} ${FAR.account}`, account(POWER, FAR.account, 500));
  return bench;
}

async function shown(bench: Workbench, what: { billerId: string; account: string }) {
  await bench.client['basket.clear']({});
  const opened = await bench.answer(bench.client['basket.open'](what));
  return opened.ok ? bench.seen.counter?.offered[0] : opened.error.code;
}

test('a payment that the centre has, though its answer was lost, is not taken off the centre’s figure again', async () => {
  const bench = await counter();
  bench.wire.act = (method) => ({ kind: method === 'journal.push' ? 'cutAnswer' : 'pass' });
  expect(await pay(bench, FAR, 200)).toMatchObject({ ok: true });
  await bench.machine.advance(500);
  expect(bench.centre.credits).toHaveLength(1);
  expect(bench.journal.waitingCount().count).toBeGreaterThan(0);
  expect(await shown(bench, FAR)).toMatchObject({ owed: 300, paidSince: 200, source: 'centre' });
});

test('a payment that the centre does not have yet is taken off its figure', async () => {
  const bench = await counter();
  bench.wire.act = (method) => ({ kind: method === 'journal.push' ? 'drop' : 'pass' });
  expect(await pay(bench, FAR, 200)).toMatchObject({ ok: true });
  await bench.machine.advance(500);
  expect(bench.centre.credits).toHaveLength(0);
  expect(await shown(bench, FAR)).toMatchObject({ owed: 300, paidSince: 200, source: 'centre' });
});

test('where nobody can say whether the centre has it, no figure is shown', async () => {
  const bench = await counter();
  bench.wire.act = (method) => ({ kind: method === 'journal.push' ? 'cutAnswer' : 'pass' });
  expect(await pay(bench, FAR, 200)).toMatchObject({ ok: true });
  await bench.machine.advance(500);
  bench.wire.act = (method) => ({
    kind: method === 'journal.push' || method === 'device.state' ? 'drop' : 'pass',
  });
  expect(await shown(bench, FAR)).toMatch(/^(centreAway|accountUnknown)$/);
});

test('what the centre keeps for people does not count as paid, here or there', async () => {
  const bench = await openCounter();
  const push = bench.ports.centre['journal.push'];
  Object.assign(bench.ports.centre, {
    'journal.push': async (input: Parameters<typeof push>[0]) => {
      const answer = await push(input);
      bench.centre.credits.length = 0;
      const changes = bench.centre.changes.filter(({ kind }) => kind !== 'credit');
      bench.centre.changes.splice(0, bench.centre.changes.length, ...changes);
      if (!answer.ok) return answer;
      const outcomes = answer.value.outcomes.map((one) =>
        one.outcome === 'posted' ? { ...one, outcome: 'case' as const, note: 'notPostable' } : one,
      );
      return { ...answer, value: { ...answer.value, outcomes } };
    },
  });
  expect(await pay(bench, LIGHT, 1000)).toMatchObject({ ok: true });
  await bench.machine.advance(5000);
  expect(bench.journal.waitingCount().count).toBe(0);
  expect(await shown(bench, LIGHT)).toMatchObject({ owed: 3840, paidSince: 0 });
  bench.wire.up = false;
  await bench.machine.advance(20_000);
  expect(await shown(bench, LIGHT)).toMatchObject({ owed: 3840, paidSince: 0, source: 'replica' });
});
