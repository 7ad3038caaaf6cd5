import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { GENESIS_HASH, hashInput, type SignedEntry } from '../../contracts/journal.ts';
import { createSync } from '../../core/sync/sync.ts';
import { memoryReplica } from '../../core/testing/replica.ts';
import { overWire, type Wire, type WireAct } from '../../core/testing/wire.ts';
import { readBooks } from '../../main/demo/day/gather.ts';
import { seededRandom, type Random } from '../../main/demo/day/random.ts';
import { drained } from '../../main/demo/day/teller.ts';
import { bareDevice, type BareDevice } from './testing/bare-device.ts';
import { openBreakingLine, WHOLE, type BreakingLine, type Fate } from './testing/breaking-line.ts';
import { placeForFaults } from './testing/fault-place.ts';
import { judge, openCases } from './testing/judge.ts';
import { goOn } from './testing/power-cuts.ts';
import { report } from './testing/report.ts';
import { logInAs, newDiary, shiftOf } from './testing/script.ts';
import { billsOf, debtsOf } from './testing/short-day.ts';

const SEED = 20_261_123;
const place = placeForFaults();

async function device(code: string): Promise<BareDevice> {
  const made = await bareDevice(place(), code);
  onTestFinished(() => made.close());
  return made;
}

/** What the centre has posted for a workstation, as receipt numbers in order; the books must be right. */
async function posted({ code }: BareDevice): Promise<readonly string[]> {
  const books = await readBooks({ dataDir: place().centre.dataDir });
  expect(books.proof.checks.filter(({ wrong }) => wrong > 0)).toEqual([]);
  return books.posted
    .flatMap(({ receiptNo }) => (receiptNo?.startsWith(`${code}-`) ? [receiptNo] : []))
    .toSorted();
}

/** Sends what waits through the workstation's own drain, over a wire that does what it is told. */
async function drainOver(
  one: BareDevice,
  wire: Wire,
  meanwhile: (wake: () => void) => Promise<void> = async () => undefined,
): Promise<void> {
  const centre = overWire(one.centre, one.machine, wire);
  centre.configure(place().centre.url());
  const sync = createSync(
    { machine: one.machine, journal: one.journal, replica: memoryReplica(), centre },
    {
      enrolled: () => true,
      acknowledged: () => undefined,
      resumed: () => undefined,
      pageApplied: () => undefined,
      freeCodes: () => 1_000_000,
      changed: () => undefined,
    },
  );
  sync.start();
  try {
    await meanwhile(() => sync.wake());
    for (let tries = 0; one.journal.waitingCount().count > 0; tries += 1) {
      if (tries === 100) throw new Error('the drain does not converge');
      await sync.now();
    }
    expect(sync.link().line).not.toBe('stopped');
  } finally {
    sync.stop();
  }
}

const whole = (): Wire => ({ up: true, act: () => ({ kind: 'pass' }) });

test('connections that break in the middle of requests and of answers, and slow ones: every payment is posted once', async () => {
  const random = seededRandom(SEED);
  let weather: () => Fate = () => WHOLE;
  const lines: BreakingLine[] = [];
  onTestFinished(async () => {
    for (const line of lines) await line.stop();
  });
  const counter = await place().counter('WS07', {
    through: async (centrePort) => {
      const line = await openBreakingLine(centrePort, () => weather());
      lines.push(line);
      return line.port;
    },
  });
  const diary = newDiary(counter);
  const debts = await debtsOf(place(), counter);
  const shift = shiftOf(diary);
  await goOn(diary, [logInAs(diary, 'aygun'), shift.open]);
  const { ask } = counter.station;
  await drained(ask);

  // From here on no connection lives long. The ones that are open now are broken once.
  weather = () => fateOf(random);
  counter.line.cut();
  counter.line.restore();
  const [line] = lines;
  for (let n = 0; n < 40; n += 1) {
    await shift.pay([debts.any(200 + n)]).run(ask);
    await ask()['sync.now']({});
  }
  expect(line?.broken()).toBeGreaterThan(10);
  weather = () => WHOLE;
  await shift.close.run(ask);
  const judgement = await judge(place(), [diary], debts.owed);
  report(`${line?.broken()} broken connections, ${judgement.payments} payments`);
  expect(judgement.broken).toEqual([]);
}, 240_000);

/** Breaks in the handshake, in the request, in the answer, or only takes its time. */
function fateOf(random: Random): Fate {
  const toCentre = random.pick([Infinity, random.integer(0, 3000), random.integer(2000, 40_000)]);
  const toCounter = random.pick([Infinity, random.integer(0, 5000), random.integer(3000, 30_000)]);
  return { toCentre, toCounter, delayMs: random.pick([0, 0, 3, 20]) };
}

test.each([SEED, SEED + 1])(
  'batches lost, answered in vain, late, doubled and sent again behind newer ones (seed %i): the drain converges',
  async (seed) => {
    const { any } = await billsOf(place());
    const one = await device(`WT${seed % 100}`);
    const random = seededRandom(seed);
    const acts: Record<string, number> = {};
    const act = (method: string): WireAct => {
      if (method !== 'journal.push') return { kind: 'pass' };
      const chosen = random.pick<WireAct>([
        { kind: 'pass' },
        { kind: 'drop' },
        { kind: 'cutAnswer' },
        { kind: 'delay', ms: random.integer(5, 60) },
        { kind: 'twice' },
        { kind: 'again', ms: random.integer(20, 400) },
      ]);
      acts[chosen.kind] = (acts[chosen.kind] ?? 0) + 1;
      return chosen;
    };
    const payments = 60;
    await drainOver(one, { up: true, act }, async (wake) => {
      for (let n = 0; n < payments; n += 1) {
        one.pay([any(100 + n)]);
        wake();
        await wait(random.integer(0, 80));
      }
    });
    expect(await one.acknowledged()).toBe(one.journal.headSeq());
    expect(await posted(one)).toHaveLength(payments);
    expect(await openCases(place(), one.code)).toEqual([]);
    report(`${payments} payments over ${JSON.stringify(acts)}`);
  },
  120_000,
);

/** One byte of a text changed to another that a text may hold. */
function altered(text: string, random: Random): string {
  const at = random.integer(0, text.length - 1);
  const other = text[at] === '7' ? '1' : '7';
  return `${text.slice(0, at)}${other}${text.slice(at + 1)}`;
}

const rehashed = (deviceId: string, entry: SignedEntry, prevHash = entry.prevHash): SignedEntry => ({
  ...entry,
  prevHash,
  hash: createHash('sha256')
    .update(hashInput(deviceId, entry.seq, prevHash, entry.body))
    .digest('hex'),
});

const signedBy = (key: Parameters<typeof sign>[2], entry: SignedEntry): SignedEntry => ({
  ...entry,
  signature: sign(null, Buffer.from(entry.hash, 'hex'), key).toString('base64url'),
});

const replaced = (entries: readonly SignedEntry[], at: number, change: (entry: SignedEntry) => SignedEntry) =>
  entries.map((entry, i) => (i === at ? change(entry) : entry));

test('replayed, altered, re-ordered, cut, forged and foreign batches are refused by name, and the true ones get through', async () => {
  const { any } = await billsOf(place());
  const [one, other] = [await device('WT51'), await device('WT52')];
  for (let n = 0; n < 10; n += 1) {
    one.pay([any(500 + n)]);
    other.pay([any(700 + n)]);
  }
  const entries = one.entries();
  const random = seededRandom(SEED);
  const push = (batch: readonly SignedEntry[], through = one) =>
    through.centre['journal.push']({ entries: [...batch] });
  const head = entries.slice(0, 6);
  const rest = entries.slice(6);
  const first = await push(head);
  expect(first).toMatchObject({ ok: true, value: { acknowledgedThrough: 6 } });
  const before = await posted(one);
  expect(before).toHaveLength(4);

  const stranger = generateKeyPairSync('ed25519').privateKey;
  const forged = (seq: number) => ({ ok: false, error: { code: 'journalForged', detail: { seq } } });
  const gap = (expectedSeq: number) => ({
    ok: false,
    error: { code: 'journalGap', detail: { expectedSeq } },
  });
  const hostile: [what: string, batch: readonly SignedEntry[], said: object][] = [];
  for (const at of [0, 1, 2, rest.length - 1]) {
    const seq = at + 7;
    const body = (entry: SignedEntry): SignedEntry => ({ ...entry, body: altered(entry.body, random) });
    const nextOnes = rest[(at + 1) % rest.length]?.signature ?? '';
    hostile.push(
      [`a byte of entry ${seq}`, replaced(rest, at, body), forged(seq)],
      [
        `a byte of entry ${seq}, hashed anew`,
        replaced(rest, at, (entry) => rehashed(one.deviceId, body(entry))).slice(0, at + 1),
        forged(seq),
      ],
      [
        `a byte of entry ${seq}, hashed and signed by a stranger`,
        replaced(rest, at, (entry) => signedBy(stranger, rehashed(one.deviceId, body(entry)))).slice(
          0,
          at + 1,
        ),
        forged(seq),
      ],
      [
        `the signature of entry ${seq} by a stranger`,
        replaced(rest, at, (e) => signedBy(stranger, e)),
        forged(seq),
      ],
      [
        `another's signature on entry ${seq}`,
        replaced(rest, at, (e) => ({ ...e, signature: nextOnes })),
        forged(seq),
      ],
    );
  }
  const [seventh, eighth] = rest;
  if (!seventh || !eighth) throw new Error('there are enough entries');
  hostile.push(
    ['the batch after the next', rest.slice(1), gap(7)],
    ['a hole in it', rest.filter(({ seq }) => seq !== 9), gap(9)],
    ['two entries changed about', [eighth, seventh, ...rest.slice(2)], gap(9)],
    ['turned round', rest.toReversed(), gap(13)],
    ['an entry twice', [seventh, seventh, ...rest.slice(1)], gap(8)],
    [
      'a chain that begins anew',
      [signedBy(stranger, rehashed(one.deviceId, seventh, GENESIS_HASH))],
      forged(7),
    ],
  );
  for (const [what, batch, said] of hostile) expect(await push(batch), what).toMatchObject(said);
  // Whoever has another device's session cannot speak for this one.
  expect(await push(rest, other)).toMatchObject({ ok: false, error: { code: 'journalForged' } });

  // A batch that is here already gets its first answer, also while it is being sent twice at once.
  const [again, twin] = await Promise.all([push(head), push(head)]);
  for (const answer of [again, twin])
    expect(answer.ok && first.ok && answer.value.outcomes).toEqual(first.ok && first.value.outcomes);
  expect(await one.acknowledged()).toBe(6);
  expect(await posted(one)).toEqual(before);

  await drainOver(one, whole());
  await drainOver(other, whole());
  for (const each of [one, other]) {
    expect(await each.acknowledged()).toBe(12);
    expect(await posted(each)).toHaveLength(10);
    expect(await openCases(place(), each.code)).toEqual([]);
  }
  report(`${hostile.length + 1} hostile batches refused`);
}, 120_000);

test('a validly signed other past stops the device; let go by a person, its true journal gets through', async () => {
  const { any } = await billsOf(place());
  const one = await device('WT61');
  for (let n = 0; n < 6; n += 1) one.pay([any(900 + n)]);
  const entries = one.entries();
  await one.centre['journal.push']({ entries: entries.slice(0, 5) });
  const [third, fourth] = entries.slice(2);
  if (!third || !fourth) throw new Error('there are enough entries');
  const past = rehashed(one.deviceId, { ...third, body: fourth.body });
  const fork = { ...past, signature: one.signHash(past.hash) };
  expect(await one.centre['journal.push']({ entries: [fork] })).toMatchObject({
    ok: false,
    error: { code: 'journalFork', detail: { seq: 3 } },
  });
  const stopped = { ok: false, error: { code: 'deviceQuarantined' } };
  expect(await one.centre['journal.push']({ entries: entries.slice(5) })).toMatchObject(stopped);
  // Other methods hear of it within seconds.
  const state = () => one.centre['device.state']({});
  await expect.poll(state, { timeout: 20_000 }).toMatchObject(stopped);
  expect(await openCases(place(), one.code)).toEqual(['journalFork']);
  expect(await posted(one)).toHaveLength(3);

  await place().komis(['workstations', 'release', one.code], z.unknown());
  await expect.poll(state, { timeout: 20_000 }).toMatchObject({ ok: true });
  await drainOver(one, whole());
  expect(await posted(one)).toHaveLength(6);
}, 120_000);
