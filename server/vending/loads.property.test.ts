import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { PaymentAccepted } from '../../contracts/journal.ts';
import { openDatabase, type Database } from '../db/database.ts';
import { verifyLedger } from '../ledger/verify.ts';
import { mintId } from '../registry/identity.ts';
import { authoriseLoad } from './authorise.ts';
import { cancelLoad, writeOffLoad } from './cancel.ts';
import { confirmByCard } from './confirm.ts';
import { readCard } from './read-card.ts';
import { SUPERVISOR, testVending, type TestTill, type TestVending } from './testing/counter.ts';
import type { ModelMemory, ModelPurse, S3 } from './testing/model-cards.ts';

/** What may happen at two counters with their readers, in any order, honest or not. Numbers choose among what there is. */
type After = 'loaded' | 'answerLost' | 'pulledBefore' | 'leftPending';
type Act =
  | { kind: 'customer'; till: number; card: number; amount: number; ending: After }
  | { kind: 'open'; till: number; card: number; amount: number }
  | { kind: 'pay'; till: number; load: number; send: boolean; twist: 'honest' | 'amount' | 'account' }
  | { kind: 'send'; till: number }
  | {
      kind: 'authorise';
      till: number;
      load: number;
      /** The card that is in the reader: the load's own, or whichever. */
      card: number | null;
      copies: number;
      /** The till asks the card for more than was paid. */
      greedy: boolean;
      ending: After;
    }
  | { kind: 'useOldOrder'; which: number; card: number | null }
  | { kind: 'confirm'; till: number; which: number; load: number | null }
  | { kind: 'read'; till: number; card: number; keep: boolean }
  | { kind: 'replay'; till: number; which: number }
  | { kind: 'cancel'; till: number; load: number; how: 'nothing' | 'fresh' | 'kept'; which: number }
  | { kind: 'storno'; load: number; honest: boolean }
  | { kind: 'writeOff'; till: number; load: number }
  | { kind: 'meter'; card: number }
  | { kind: 'clone'; card: number };

const n = fc.nat(50);
const till = fc.nat(1);
const kind = <K extends Act['kind']>(name: K) => fc.constant(name);
const amount = fc.integer({ min: 100, max: 20_000 });
const after = fc.constantFrom<After>('loaded', 'loaded', 'answerLost', 'pulledBefore', 'leftPending');
const act = (clones: boolean): fc.Arbitrary<Act> =>
  fc.oneof(
    {
      weight: 14,
      arbitrary: fc.record({ kind: kind('customer'), till, card: n, amount, ending: after }),
    },
    {
      weight: 6,
      arbitrary: fc.record({
        kind: kind('open'),
        till,
        card: n,
        amount,
      }),
    },
    {
      weight: 7,
      arbitrary: fc.record({
        kind: kind('pay'),
        till,
        load: n,
        send: fc.boolean(),
        twist: fc.constantFrom('honest', 'honest', 'honest', 'honest', 'amount', 'account'),
      }),
    },
    { weight: 2, arbitrary: fc.record({ kind: kind('send'), till }) },
    {
      weight: 12,
      arbitrary: fc.record({
        kind: kind('authorise'),
        till,
        load: n,
        card: fc.option(n, { freq: 8 }),
        copies: fc.constantFrom(1, 1, 1, 2),
        greedy: fc.constantFrom(false, false, false, true),
        ending: after,
      }),
    },
    { weight: 3, arbitrary: fc.record({ kind: kind('useOldOrder'), which: n, card: fc.option(n) }) },
    {
      weight: 5,
      arbitrary: fc.record({ kind: kind('confirm'), till, which: n, load: fc.option(n, { freq: 6 }) }),
    },
    { weight: 5, arbitrary: fc.record({ kind: kind('read'), till, card: n, keep: fc.boolean() }) },
    { weight: 3, arbitrary: fc.record({ kind: kind('replay'), till, which: n }) },
    {
      weight: 5,
      arbitrary: fc.record({
        kind: kind('cancel'),
        till,
        load: n,
        how: fc.constantFrom('nothing', 'fresh', 'fresh', 'kept', 'kept'),
        which: n,
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({ kind: kind('storno'), load: n, honest: fc.constantFrom(true, true, false) }),
    },
    { weight: 1, arbitrary: fc.record({ kind: kind('writeOff'), till, load: n }) },
    { weight: 2, arbitrary: fc.record({ kind: kind('meter'), card: n }) },
    ...(clones ? [{ weight: 2, arbitrary: fc.record({ kind: kind('clone'), card: n }) }] : []),
  );

let v: TestVending;
let other: Database;
beforeAll(async () => {
  v = await testVending();
  other = openDatabase(v.database.url, 4); // a second process of the centre
});
afterAll(async () => {
  await other.close();
  await v.close();
});

type Card = ModelPurse | ModelMemory;
type Load = {
  readonly loadId: string;
  readonly card: Card;
  readonly amount: number;
  readonly payments: { readonly till: TestTill; readonly payment: PaymentAccepted; back: boolean }[];
};

/** Every credit that any card took: which load, at which counter. */
type Credit = {
  readonly card: Card;
  readonly loadId: string;
  readonly counter: number;
  readonly units: number;
};

async function play(acts: readonly (readonly Act[])[], run: string, copied: boolean): Promise<void> {
  const tills = [await v.till(`${run}A`), await v.till(`${run}B`)] as const;
  const cards: Card[] = [await v.purse(), await v.purse(), await v.memory()];
  const loads: Load[] = [];
  const orders: { card: ModelPurse; loadId: string; units: number; s2: string }[] = [];
  const records: {
    card: ModelMemory;
    loadId: string;
    units: number;
    slot: 'a' | 'b';
    record: string;
    counter: number;
  }[] = [];
  const proofs: { loadId: string; s3: S3 }[] = [];
  const kept: { till: TestTill; card: Card; nonce: string; evidence: string }[] = [];
  const credits: Credit[] = [];
  const pick = <T>(list: readonly T[], at: number): T | undefined => list[at % Math.max(list.length, 1)];
  const centre = (at: TestTill) => (at === tills[0] ? v : { ...v, database: other });

  const load = (card: ModelPurse, order: { loadId: string; units: number; s2: string }): S3 | null => {
    const before = card.state.counter;
    const s3 = card.load(order.s2);
    const last = card.state.last;
    if (s3 && last) credits.push({ card, loadId: uuidOf(last.loadId), counter: before, units: last.amount });
    return s3;
  };
  const write = (card: ModelMemory, one: (typeof records)[number]): void => {
    card.write(one.slot, one.record);
    if (!credits.some((c) => c.card === card && c.loadId === one.loadId && c.counter === one.counter))
      credits.push({ card, loadId: one.loadId, counter: one.counter, units: one.units });
  };

  /** Every other time a load that is not finished: there is most to be done, and to be lied about. */
  async function choose(which: number): Promise<Load | undefined> {
    if (which % 2 === 1) return pick(loads, which >> 1);
    const { rows } = await v.database.pool.query<{ load_id: string }>(
      `select load_id from meter_load where load_id = any ($1) and state in ('paid', 'authorised')`,
      [loads.map(({ loadId }) => loadId)],
    );
    const open = new Set(rows.map((row) => row.load_id));
    return pick(
      loads.filter(({ loadId }) => open.has(loadId)),
      which >> 1,
    );
  }

  async function perform(one: Act): Promise<void> {
    const at = 'till' in one ? tills[one.till % 2] : undefined;
    switch (one.kind) {
      case 'customer': {
        const before = loads.length;
        await perform({ ...one, kind: 'open' });
        const mine = loads.length > before ? loads.length - 1 : undefined;
        if (mine === undefined) return;
        await perform({ ...one, kind: 'pay', load: mine, send: true, twist: 'honest' });
        await perform({
          ...one,
          kind: 'authorise',
          load: 2 * mine + 1,
          card: null,
          copies: 1,
          greedy: false,
        });
        return;
      }
      case 'open': {
        const card = pick(cards, one.card);
        if (!card || !at) return;
        const loadId = mintId();
        await at.read(card);
        const price = await at.quote(card, one.amount, loadId);
        if (price.ok) loads.push({ loadId, card, amount: one.amount, payments: [] });
        return;
      }
      case 'pay': {
        const chosen = pick(loads, one.load);
        if (!chosen || !at) return;
        const payment = at.record(
          chosen.card,
          chosen.loadId,
          one.twist === 'amount' ? chosen.amount + 1 : chosen.amount,
          one.twist === 'account' ? { account: '1000000000' } : {},
        );
        chosen.payments.push({ till: at, payment, back: false });
        if (one.send) await at.send();
        return;
      }
      case 'send':
        return at?.send();
      case 'authorise':
        return at && authorise(at, one);
      case 'useOldOrder': {
        const order = pick(orders, one.which);
        if (!order) return;
        const card = one.card === null ? order.card : pick(cards, one.card);
        if (card && !('image' in card)) load(card, order);
        return;
      }
      case 'confirm': {
        const proof = pick(proofs, one.which);
        const loadId = one.load === null ? proof?.loadId : pick(loads, one.load)?.loadId;
        if (proof && loadId !== undefined && at)
          await confirmByCard(centre(at), at.device, { loadId, evidence: { kind: 's3', ...proof.s3 } });
        return;
      }
      case 'read': {
        const card = pick(cards, one.card);
        if (!card || !at) return;
        if (one.keep) return keep(at, card);
        const nonce = await at.nonce();
        const evidence = 'image' in card ? card.evidence() : card.status(nonce);
        await readCard(centre(at), at.device, { cardClass: 'image' in card ? 'B' : 'A', nonce, evidence });
        return;
      }
      case 'replay': {
        const old = pick(kept, one.which);
        if (old && at)
          await readCard(centre(at), at.device, {
            cardClass: 'image' in old.card ? 'B' : 'A',
            nonce: old.nonce,
            evidence: old.evidence,
          });
        return;
      }
      case 'cancel': {
        const chosen = await choose(one.load);
        if (chosen && at) await cancel(at, chosen, one.how, one.which);
        return;
      }
      case 'storno': {
        const chosen = await choose(one.load);
        const paid = chosen?.payments.find(({ back }) => !back);
        if (!chosen || !paid) return;
        if (
          one.honest &&
          !['cancelled', 'writtenOff', 'paid', undefined].includes(await stateOf(chosen.loadId))
        )
          return;
        paid.back = true;
        await paid.till.storno(paid.payment);
        return;
      }
      case 'writeOff': {
        const chosen = await choose(one.load);
        if (chosen && at)
          await writeOffLoad(centre(at), at.device, {
            loadId: chosen.loadId,
            reason: 'cardLost',
            note: 'kart itib',
            supervisor: SUPERVISOR,
          });
        return;
      }
      case 'meter':
        return pick(cards, one.card)?.useAtMeter();
      case 'clone': {
        const card = pick(cards, one.card);
        if (card) cards.push(card.clone());
        return;
      }
    }
  }

  async function authorise(at: TestTill, one: Extract<Act, { kind: 'authorise' }>): Promise<void> {
    const chosen = await choose(one.load);
    const card = one.card === null ? chosen?.card : pick(cards, one.card);
    if (!chosen || !card) return;
    // A reading from before the order, to be offered afterwards as proof that it was not used.
    await keep(at, card);
    const nonce = await at.nonce();
    if ('image' in card) {
      const request = { cardClass: 'B' as const, loadId: chosen.loadId, nonce, image: card.evidence() };
      const answers = await Promise.all(
        Array.from({ length: one.copies }, () => authoriseLoad(centre(at), at.device, request)),
      );
      for (const answer of answers) {
        if (!answer.ok || answer.value.cardClass !== 'B') continue;
        const record = { card, loadId: chosen.loadId, units: chosen.amount, ...answer.value };
        records.push(record);
        if (one.ending === 'loaded' || one.ending === 'answerLost') write(card, record);
      }
      return;
    }
    const units = chosen.amount + (one.greedy ? 1 : 0);
    const init = card.initLoad({ loadId: chosen.loadId, units, deviceId: at.device.deviceId, nonce });
    const request = { cardClass: 'A' as const, loadId: chosen.loadId, ...init };
    const answers = await Promise.all(
      Array.from({ length: one.copies }, () => authoriseLoad(centre(at), at.device, request)),
    );
    if (one.ending === 'pulledBefore') card.reset();
    for (const answer of answers) {
      if (!answer.ok || answer.value.cardClass !== 'A') continue;
      const order = { card, loadId: chosen.loadId, units, s2: answer.value.s2 };
      orders.push(order);
      if (one.ending !== 'loaded' && one.ending !== 'answerLost') continue;
      const s3 = load(card, order);
      if (s3 && one.ending === 'loaded') proofs.push({ loadId: chosen.loadId, s3 });
    }
  }

  async function keep(at: TestTill, card: Card): Promise<void> {
    const nonce = await at.nonce();
    kept.push({ till: at, card, nonce, evidence: 'image' in card ? card.evidence() : card.status(nonce) });
  }

  async function cancel(
    at: TestTill,
    chosen: Load,
    how: 'nothing' | 'fresh' | 'kept',
    which: number,
  ): Promise<void> {
    const old = pick(
      kept.filter((one) => one.card === chosen.card && one.till === at),
      which,
    );
    const nonce = await at.nonce();
    const evidence =
      how === 'nothing'
        ? null
        : how === 'kept' && old
          ? { nonce: old.nonce, bytes: old.evidence }
          : { nonce, bytes: 'image' in chosen.card ? chosen.card.evidence() : chosen.card.status(nonce) };
    await cancelLoad(centre(at), at.device, {
      loadId: chosen.loadId,
      evidence: evidence && { kind: 'status', ...evidence },
      supervisor: SUPERVISOR,
    });
  }

  async function stateOf(loadId: string): Promise<string | undefined> {
    const { rows } = await v.database.pool.query<{ state: string }>(
      'select state from meter_load where load_id = $1',
      [loadId],
    );
    return rows[0]?.state;
  }

  for (const together of acts) await Promise.all(together.map(perform));
  await settle();

  /** All journals arrive, every card is read once more; then the books and the cards are held against each other. */
  async function settle(): Promise<void> {
    for (const at of tills) await at.send();
    const firsts = cards.slice(0, 3);
    for (const card of firsts) await tills[0].read(card);
    // Whatever is told of a card that was never copied, in whatever order, it is not held for a copy.
    if (!copied) {
      const { rows: held } = await v.database.pool.query(
        `select from meter_card where card_id = any ($1) and blocked_because = 'incident'`,
        [firsts.map(({ spec }) => spec.cardId)],
      );
      expect(held).toHaveLength(0);
    }
    const { rows } = await v.database.pool.query<{
      load_id: string;
      state: string;
      amount: number;
      paid: number | null;
      stornoed: boolean;
      found: boolean;
      blocked: boolean;
    }>(
      `select l.load_id, l.state, l.amount, p.amount as paid, l.stornoed_at is not null as stornoed, l.found_at is not null as found, c.state = 'blocked' as blocked
       from meter_load l join meter_card c using (card_id) left join payment_line p using (line_id)
       where l.load_id = any ($1)`,
      [loads.map(({ loadId }) => loadId)],
    );
    const byId = new Map(rows.map((row) => [row.load_id, row]));

    // A load is credited at one counter of one card number; a counter holds one load; only what was paid is credited.
    const places = new Map<string, Set<string>>();
    const holders = new Map<string, Set<string>>();
    for (const { card, loadId, counter, units } of credits) {
      const place = `${card.spec.cardId}/${counter}`;
      places.set(loadId, (places.get(loadId) ?? new Set()).add(place));
      holders.set(place, (holders.get(place) ?? new Set()).add(loadId));
      const row = byId.get(loadId);
      expect(row?.paid).toBe(units);
      expect(['authorised', 'confirmed', 'writtenOff']).toContain(row?.state);
    }
    for (const [loadId, all] of places) expect([loadId, all.size]).toEqual([loadId, 1]);
    for (const [place, all] of holders) expect([place, all.size]).toEqual([place, 1]);

    // Σ paid = Σ on cards + Σ owed + Σ given back, by what the cards themselves took; what a dishonest storno gave back is a case.
    const lied = new Set(
      (
        await v.database.pool.query<{ id: string }>(
          `select detail->>'loadId' as id from case_file where kind in ('loadStornoedWritten', 'loadStornoedOpen', 'loadWrittenOffFound', 'loadWrittenOff')`,
        )
      ).rows.map(({ id }) => id),
    );
    const original = new Set<Card>(firsts);
    for (const row of rows) {
      if (row.paid === null) continue;
      const onCard = credits.some(({ card, loadId }) => loadId === row.load_id && original.has(card));
      const onClone = credits.some(({ card, loadId }) => loadId === row.load_id && !original.has(card));
      // A card that stands as blocked may not have been settled: its loads wait for a person.
      if (row.state === 'confirmed') expect(onCard || onClone).toBe(true);
      if (onCard && !row.blocked && !lied.has(row.load_id))
        expect([row.load_id, row.state]).toEqual([row.load_id, 'confirmed']);
      if (row.state === 'cancelled') expect(onCard || onClone).toBe(false);
      if (row.stornoed && (onCard || onClone)) expect(lied.has(row.load_id)).toBe(true);
    }
    // An order that was not used is dead on the card it was for.
    for (const order of orders) {
      const state = await stateOf(order.loadId);
      if (state === 'cancelled') expect(order.card.load(order.s2)).toBeNull();
    }
  }
}

const uuidOf = (bytes: Uint8Array): string =>
  Buffer.from(bytes)
    .toString('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');

const RUNS = Number(process.env['KOMIS_LOAD_RUNS'] ?? 12);
let runs = 0;

test.each([
  ['cards as they are made', false],
  ['cards that are copied', true],
])(
  '%s: any order of prices, payments, orders, tears, proofs, lies: no load twice, the sums hold',
  async (_, clones) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(act(clones), { minLength: 1, maxLength: 3 }), {
          minLength: 20,
          maxLength: 50,
          size: 'max',
        }),
        async (acts) => {
          await play(acts, `R${(runs += 1)}`, clones);
        },
      ),
      { numRuns: RUNS },
    );
    const proof = await verifyLedger(v.database);
    expect(proof.checks.filter(({ wrong }) => wrong > 0)).toEqual([]);
  },
  300_000,
);

test('the runs above were about something: loads were torn, confirmed and cancelled', async () => {
  const { rows } = await v.database.pool.query<{ state: string; n: number }>(
    'select state, count(*) as n from meter_load group by state',
  );
  const ends = Object.fromEntries(rows.map(({ state, n: count }) => [state, count]));
  for (const state of ['authorised', 'confirmed', 'cancelled'])
    expect(ends[state] ?? 0, JSON.stringify(ends)).toBeGreaterThan(0);
});
