import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fail } from '../../contracts/result.ts';
import type { EntryReceipt } from '../ports/journal.ts';
import { memoryDeviceKey } from '../testing/devices.ts';
import { centreMethods, centreState } from '../testing/fake-centre.ts';
import { emptyDisk, memoryJournal, type JournalDisk } from '../testing/journal.ts';
import { testMachine, type TestMachine } from '../testing/machine.ts';
import { memoryReplica } from '../testing/replica.ts';
import { sampleId } from '../testing/samples.ts';
import { overWire, type Wire, type WireAct } from '../testing/wire.ts';
import { samplePayment } from '../receipts/testing/samples.ts';
import { backOffMs, RECONNECT } from './back-off.ts';
import { linkBefore, linkStep } from './link.ts';
import { createSync } from './sync.ts';

function counterpart(machine: TestMachine = testMachine()) {
  const centre = centreState();
  const wire: Wire = { act: () => ({ kind: 'pass' }), up: true };
  const deviceKey = memoryDeviceKey();
  const deviceId = sampleId(700);
  deviceKey.set(deviceId);
  centre.deviceId = deviceId;
  const port = overWire(centreMethods(centre, machine), machine, wire);
  port.configure('https://centre');
  return { machine, centre, wire, deviceKey, port };
}

function process(world: ReturnType<typeof counterpart>, disk: JournalDisk = emptyDisk()) {
  const { machine } = world;
  const journal = memoryJournal(machine, world.deviceKey, disk);
  const receipts: EntryReceipt[] = [];
  let resumed = 0;
  const replica = memoryReplica();
  const sync = createSync(
    { machine, journal, replica, centre: world.port },
    {
      enrolled: () => true,
      acknowledged: (taken) => receipts.push(...taken),
      resumed: () => (resumed += 1),
      pageApplied: () => undefined,
      freeCodes: () => 100,
      changed: () => undefined,
    },
  );
  const append = (): void => {
    const paymentId = machine.mintId();
    const payment = samplePayment('az');
    journal.append(paymentId, 'payment.accepted', { ...payment, paymentId });
    sync.wake();
  };
  return { journal, sync, replica, receipts, append, disk, resumed: () => resumed };
}

const seqs = (world: ReturnType<typeof counterpart>): number[] => world.centre.entries.map(({ seq }) => seq);
const oneTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i + 1);

test('what is appended is at the centre within moments, needing nobody', async () => {
  const world = counterpart();
  const one = process(world);
  one.sync.start();
  await world.machine.advance(100);
  one.append();
  one.append();
  await world.machine.advance(100);
  expect(seqs(world)).toEqual([1, 2]);
  expect(one.receipts.map(({ seq }) => seq)).toEqual([1, 2]);
  expect(one.journal.waitingCount()).toEqual({ count: 0, oldest: null });
  expect(one.sync.link().line).toBe('online');
});

test('the replica follows, page after page, and says when it was true', async () => {
  const world = counterpart();
  for (let n = 0; n < 5000; n += 1) {
    const row = {
      billerId: sampleId(11),
      account: String(1_000_000 + n),
      holder: 'H',
      address: '',
      phone: null,
    };
    const times = { asOf: '2026-11-20T00:00:00.000Z', paymentsThrough: '2026-11-20T00:00:00.000Z' };
    world.centre.change({ kind: 'account', row: { ...row, ...times, active: true, bills: [] } });
  }
  const one = process(world);
  one.sync.start();
  await world.machine.advance(200);
  expect(one.replica.accountCount()).toBe(5006);
  expect(one.replica.trueAt()).not.toBeNull();
  expect(one.sync.loading()).toBe(false);
  expect(world.centre.asked.filter((method) => method === 'replica.changes')).toHaveLength(3);
});

test('a cut line is noticed, tried again ever more slowly up to a limit, and taken up by itself', async () => {
  const world = counterpart();
  const one = process(world);
  one.sync.start();
  await world.machine.advance(1000);
  let tries = 0;
  world.wire.act = () => {
    tries += 1;
    return { kind: 'drop' };
  };
  await world.machine.advance(10_000);
  expect(one.sync.link().line).toBe('offline');
  expect(tries).toBeGreaterThan(3);
  await world.machine.advance(600_000);
  const before = tries;
  await world.machine.advance(600_000);
  // Between half and the whole of the limit apart.
  expect(tries - before).toBeGreaterThanOrEqual(29);
  expect(tries - before).toBeLessThanOrEqual(60);
  for (let n = 0; n < 30; n += 1) one.append();
  expect(one.journal.waitingCount().count).toBe(30);
  world.wire.act = () => ({ kind: 'pass' });
  await world.machine.advance(25_000);
  expect(seqs(world)).toEqual(oneTo(30));
});

test('while one batch is under way no other is sent; whoever appends meanwhile is sent after it', async () => {
  const world = counterpart();
  const one = process(world);
  one.sync.start();
  await world.machine.advance(100);
  let open = 0;
  let most = 0;
  const push = world.port['journal.push'];
  Object.assign(world.port, {
    'journal.push': async (input: Parameters<typeof push>[0]) => {
      open += 1;
      most = Math.max(most, open);
      await new Promise<void>((done) => void world.machine.after(300, done));
      open -= 1;
      return push(input);
    },
  });
  for (let n = 0; n < 5; n += 1) {
    one.append();
    await world.machine.advance(100);
  }
  await world.machine.advance(5000);
  expect(most).toBe(1);
  expect(seqs(world)).toEqual(oneTo(5));
});

test('large journals go in batches of a thousand, in order', async () => {
  const world = counterpart();
  const one = process(world);
  for (let n = 0; n < 2500; n += 1) one.append();
  one.sync.start();
  await world.machine.advance(2000);
  expect(seqs(world)).toEqual(oneTo(2500));
  // About 1,500 characters an entry: the limit of a batch is its size in bytes or its count, whichever comes first.
  const pushes = world.centre.asked.filter((method) => method === 'journal.push').length;
  expect(pushes).toBeGreaterThanOrEqual(3);
  expect(pushes).toBeLessThanOrEqual(5);
});

test('a line too slow for a whole batch or page brings everything over in smaller ones', async () => {
  const world = counterpart();
  const one = process(world);
  for (let n = 0; n < 300; n += 1) one.append();
  for (let n = 0; n < 900; n += 1)
    world.centre.change({
      kind: 'account',
      row: {
        billerId: sampleId(11),
        account: String(2_000_000 + n),
        holder: 'H',
        address: '',
        phone: null,
        asOf: '2026-11-20T00:00:00.000Z',
        paymentsThrough: '2026-11-20T00:00:00.000Z',
        active: true,
        bills: [],
      },
    });
  const { 'journal.push': push, 'replica.changes': changes } = world.port;
  const slowly = (ms: number) => new Promise<void>((done) => void world.machine.after(ms, done));
  Object.assign(world.port, {
    'journal.push': async (input: Parameters<typeof push>[0]) => {
      await slowly(input.entries.length * 1500);
      return push(input);
    },
    'replica.changes': async (input: Parameters<typeof changes>[0]) => {
      await slowly(Math.min(input.limit, 900) * 50);
      return changes(input);
    },
  });
  one.sync.start();
  await world.machine.advance(900_000);
  expect(seqs(world)).toEqual(oneTo(300));
  expect(one.journal.waitingCount().count).toBe(0);
  expect(one.replica.trueAt()).not.toBeNull();
  expect(one.sync.link().line).toBe('online');
});

test.each(['journalFork', 'journalForged', 'deviceQuarantined'] as const)(
  '%s stops the sync and shows; the journal is kept, and people start it again',
  async (code) => {
    const world = counterpart();
    const one = process(world);
    one.sync.start();
    await world.machine.advance(100);
    const push = world.port['journal.push'];
    let pushes = 0;
    Object.assign(world.port, {
      'journal.push': async () => {
        pushes += 1;
        return fail(code, code === 'deviceQuarantined' ? undefined : { seq: 1 });
      },
    });
    one.append();
    await world.machine.advance(100);
    expect(one.sync.link()).toMatchObject({ line: 'stopped', why: code });
    if (code !== 'deviceQuarantined') {
      await world.machine.advance(300_000);
      expect(pushes).toBe(1);
      expect(one.sync.link().line).toBe('stopped');
    }
    Object.assign(world.port, { 'journal.push': push });
    await Promise.all([one.sync.now(), world.machine.advance(1000)]);
    expect(one.sync.link().line).toBe('online');
    expect(seqs(world)).toEqual([1]);
  },
);

test('a centre restored from an older copy gets the missing entries again', async () => {
  const world = counterpart();
  const one = process(world);
  one.sync.start();
  for (let n = 0; n < 6; n += 1) one.append();
  await world.machine.advance(1000);
  world.centre.entries.length = 2;
  world.centre.receipts.length = 2;
  one.append();
  await world.machine.advance(5000);
  expect(seqs(world)).toEqual(oneTo(7));
  expect(one.resumed()).toBeGreaterThan(0);
  expect(one.journal.waitingCount().count).toBe(0);
});

test('a journal put back from an old copy is never continued: the sync stops', async () => {
  const world = counterpart();
  const one = process(world);
  one.sync.start();
  for (let n = 0; n < 4; n += 1) one.append();
  await world.machine.advance(1000);
  one.sync.stop();
  const old = { entries: one.disk.entries.slice(0, 2), sync: one.disk.sync.slice(0, 2) };
  const two = process(world, old);
  two.sync.start();
  await world.machine.advance(1000);
  expect(two.sync.link()).toMatchObject({ line: 'stopped', why: 'journalAhead' });
});

test('a stopped sync asks nothing more, and takes no late answer', async () => {
  const world = counterpart();
  const one = process(world);
  one.sync.start();
  await world.machine.advance(100);
  world.wire.act = () => ({ kind: 'delay', ms: 1000 });
  one.append();
  await world.machine.advance(10);
  one.sync.stop();
  const asked = world.centre.asked.length;
  await world.machine.advance(60_000);
  expect(one.receipts).toEqual([]);
  expect(world.centre.asked.length - asked).toBeLessThanOrEqual(1);
});

test('an answer that never comes is lost, not waited for for ever', async () => {
  const world = counterpart();
  const one = process(world);
  one.sync.start();
  await world.machine.advance(100);
  world.wire.act = () => ({ kind: 'delay', ms: 10_000_000 });
  one.append();
  await world.machine.advance(90_000);
  expect(one.sync.link().line).toBe('offline');
  world.wire.act = () => ({ kind: 'pass' });
  await world.machine.advance(90_000);
  expect(seqs(world)).toEqual([1]);
});

const act: fc.Arbitrary<WireAct> = fc.oneof(
  { weight: 4, arbitrary: fc.constant<WireAct>({ kind: 'pass' }) },
  fc.constant<WireAct>({ kind: 'drop' }),
  fc.constant<WireAct>({ kind: 'cutAnswer' }),
  fc.constant<WireAct>({ kind: 'twice' }),
  fc.nat(5000).map((ms): WireAct => ({ kind: 'delay', ms })),
  fc.nat(20_000).map((ms): WireAct => ({ kind: 'again', ms })),
);
type Step =
  { kind: 'append'; count: number } | { kind: 'wait'; ms: number } | { kind: 'crash' } | { kind: 'now' };
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: 1, max: 5 }).map((count): Step => ({ kind: 'append', count })) },
  { weight: 3, arbitrary: fc.nat(8000).map((ms): Step => ({ kind: 'wait', ms })) },
  fc.constant<Step>({ kind: 'crash' }),
  fc.constant<Step>({ kind: 'now' }),
);

test('whatever the wire does and whenever the process dies: every entry exactly once, in order', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 25 }),
      fc.array(act, { minLength: 1, maxLength: 40 }),
      async (steps, acts) => {
        const world = counterpart();
        let turn = 0;
        world.wire.act = () => acts[turn++ % acts.length] ?? { kind: 'pass' };
        let one = process(world);
        one.sync.start();
        let appended = 0;
        const heard = new Map<number, string | null>();
        const note = (): void => {
          for (const { seq, postedAt } of one.receipts) {
            // The first answer is the answer, however often it is given.
            if (heard.has(seq)) expect(heard.get(seq)).toBe(postedAt);
            heard.set(seq, postedAt);
          }
        };
        for (const each of steps) {
          if (each.kind === 'append') {
            for (let n = 0; n < each.count; n += 1) one.append();
            appended += each.count;
          } else if (each.kind === 'wait') {
            await world.machine.advance(each.ms);
          } else if (each.kind === 'now') {
            void one.sync.now();
          } else {
            note();
            one.sync.stop();
            one = process(world, one.disk);
            one.sync.start();
          }
          // In order and without holes at every moment, not only in the end.
          expect(seqs(world)).toEqual(oneTo(world.centre.entries.length));
        }
        world.wire.act = () => ({ kind: 'pass' });
        await world.machine.advance(120_000);
        note();
        expect(seqs(world)).toEqual(oneTo(appended));
        expect([...world.centre.posted.values()].every((times) => times === 1)).toBe(true);
        expect(world.centre.posted.size).toBe(appended);
        expect(one.journal.waitingCount().count).toBe(0);
        expect([...one.journal.read(1)].every((entry) => entry.outcome !== null)).toBe(true);
        expect(one.sync.link().line).toBe('online');
        one.sync.stop();
      },
    ),
    { numRuns: 150 },
  );
});

test('back-off doubles from its first step to its limit, within half and the whole of each', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 200 }),
      fc.double({ min: 0, max: 0.999_999, noNaN: true }),
      (failures, random) => {
        const ms = backOffMs(RECONNECT, failures, random);
        const step = Math.min(RECONNECT.capMs, RECONNECT.firstMs * 2 ** Math.max(0, failures - 1));
        expect(ms).toBeGreaterThanOrEqual(Math.floor(step / 2));
        expect(ms).toBeLessThanOrEqual(step);
      },
    ),
  );
});

test('the line says since when, and a stopped one stays stopped whatever is heard', () => {
  let link = linkBefore('2026-11-23T05:00:00.000Z');
  link = linkStep(link, { kind: 'answered', at: '2026-11-23T05:00:01.000Z', skewMs: 40 });
  link = linkStep(link, { kind: 'answered', at: '2026-11-23T05:00:02.000Z', skewMs: null });
  expect(link).toMatchObject({ line: 'online', since: '2026-11-23T05:00:01.000Z', skewMs: 40 });
  link = linkStep(link, { kind: 'lost', at: '2026-11-23T05:00:03.000Z' });
  link = linkStep(link, { kind: 'lost', at: '2026-11-23T05:00:09.000Z' });
  expect(link).toMatchObject({ line: 'offline', since: '2026-11-23T05:00:03.000Z', failures: 2 });
  link = linkStep(link, { kind: 'stopped', at: '2026-11-23T05:00:10.000Z', why: 'journalFork' });
  link = linkStep(link, { kind: 'answered', at: '2026-11-23T05:00:11.000Z', skewMs: null });
  link = linkStep(link, { kind: 'lost', at: '2026-11-23T05:00:12.000Z' });
  expect(link).toMatchObject({ line: 'stopped', since: '2026-11-23T05:00:10.000Z', why: 'journalFork' });
  link = linkStep(link, { kind: 'released', at: '2026-11-23T05:00:13.000Z' });
  expect(link).toMatchObject({ line: 'offline', why: null, failures: 0 });
});

test('a replica that cannot be written keeps no payment from the centre', async () => {
  const world = counterpart();
  const one = process(world);
  one.replica.putCounter = () => {
    throw new Error('the disk is full');
  };
  one.append();
  one.append();
  one.sync.start();
  await world.machine.advance(1000);
  expect(seqs(world)).toEqual([1, 2]);
  one.append();
  await world.machine.advance(60_000);
  expect(seqs(world)).toEqual([1, 2, 3]);
});
