import { beforeEach, expect, test } from 'vitest';
import { foldJournal } from '../fold.ts';
import { MEMORY, PURSE, STRANGE, type MemoryCard, type MeterWorld } from '../testing/meter-cards.ts';
import { AYGUN, PASSWORD, POWER, RAUF } from '../testing/samples.ts';
import { unsound } from '../testing/soundness.ts';
import { charge, logIn, openCounter, type Workbench } from '../testing/workbench.ts';

const supervisor = { supervisor: RAUF.username, password: PASSWORD };

let bench: Workbench;
let meters: MeterWorld;
beforeEach(async () => {
  bench = await openCounter();
  meters = bench.meters;
});

const facts = () => foldJournal(bench.journal.read(1));
const loadTypes = (): string[] =>
  [...bench.journal.read(1)]
    .map(({ body }) => (body.type === 'load.concluded' ? `load.${body.payload.outcome}` : body.type))
    .filter((type) => type.startsWith('load.') || type === 'payment.accepted');
const code = (answer: { ok: boolean; error?: { code: string } }): string =>
  answer.ok ? 'ok' : (answer.error?.code ?? '');
const card = (cardId: string): MemoryCard => {
  const found = meters.cards.get(cardId);
  if (!found) throw new Error(cardId);
  return found;
};
const later = (ms = 30_000): Promise<void> => bench.machine.advance(ms);

async function insert(cardId = PURSE): Promise<void> {
  meters.insert(cardId);
  await later(1000);
}
const order = (amount = 1000) => bench.answer(bench.client['meterCard.order']({ amount }));

/** The card in the reader, an amount, cash: as a teller does it. */
async function payLoad(cardId = PURSE, amount = 1000) {
  await insert(cardId);
  const ordered = await order(amount);
  if (!ordered.ok) return ordered;
  const tendered = await bench.answer(bench.client['basket.tender']({ back: false }));
  if (!tendered.ok) return tendered;
  await bench.machine.settle();
  const { paymentId = '', revision = 0, total = 0 } = bench.seen.counter ?? {};
  return bench.answer(
    bench.client['basket.accept']({ paymentId, revision, received: total, receivedPieces: null }),
  );
}

/** Σ paid = Σ on cards + Σ owed + Σ cancelled, and the journal is sound. */
function nothingLost(): void {
  expect(unsound(bench.journal.read(1))).toEqual([]);
  for (const { loaded } of meters.cards.values()) expect(new Set(loaded).size).toBe(loaded.length);
  for (const load of facts().loads.values()) {
    const onCard = card(load.cardId).loaded.includes(load.loadId);
    if (load.stage === 'written' || load.stage === 'confirmed') expect(onCard).toBe(true);
    if (load.stage === 'owed' || load.stage === 'cancelled') expect(onCard).toBe(false);
  }
}

test('a card put in is read and known to the centre, wherever the teller is', async () => {
  await insert();
  expect(bench.seen.meterCard?.card).toMatchObject({
    stage: 'known',
    identity: { cardId: PURSE, billerName: POWER.name, meter: '00112233' },
    centre: { card: { account: '1104552018', holder: 'Əliyev Vüqar' }, open: null },
  });
  meters.pull();
  await bench.machine.settle();
  expect(bench.seen.meterCard?.card).toBeNull();
});

test('paid, written, confirmed: the intent is in the journal before the order goes to the card', async () => {
  const paid = await payLoad();
  expect(paid.ok && 'payment' in paid.value && paid.value.payment).toMatchObject({
    total: 1000,
    lines: [{ load: { cardId: PURSE, units: 2000, unit: 'litres' } }],
  });
  await later();
  expect(loadTypes()).toEqual(['payment.accepted', 'load.intended', 'load.written', 'load.confirmed']);
  expect(card(PURSE)).toMatchObject({ counter: 1, balance: 2000 });
  expect([...meters.loads.values()].map(({ state }) => state)).toEqual(['confirmed']);
  expect(bench.seen.meterCard?.load).toMatchObject({ stage: 'confirmed', amount: 1000, units: 2000 });
  // The paper comes when the card has it, and says so.
  const text = JSON.stringify(bench.ports.printer.printed.at(-1)?.document.blocks);
  for (const words of ['Karta yükləndi', '2,0 m³']) expect(text).toContain(words);
  nothingLost();
});

test('by card at the terminal, too: the load follows the charge', async () => {
  await insert();
  await order();
  await bench.answer(bench.client['basket.tender']({ back: false }));
  const paid = await charge(bench);
  expect(code(paid)).toBe('ok');
  await later();
  expect(card(PURSE).loaded).toHaveLength(1);
  nothingLost();
});

test('a memory card is written and read back, and the centre confirms what it reads', async () => {
  expect(code(await payLoad(MEMORY))).toBe('ok');
  await later();
  expect(card(MEMORY)).toMatchObject({ counter: 1 });
  expect([...facts().loads.values()][0]?.stage).toBe('confirmed');
  nothingLost();
});

test.each(['lostBefore', 'lostAfter', 'throws'] as const)(
  'an answer %s is found out from the card while it is in, and it is written once',
  async (act) => {
    meters.acts = [act];
    expect(code(await payLoad())).toBe('ok');
    await later(60_000);
    if (act !== 'lostAfter') {
      // The reading proved that it is not on the card: it goes on when the card is put in again, or on a key.
      expect(bench.seen.meterCard?.load?.stage).toBe('owed');
      const loadId = bench.seen.meterCard?.load?.loadId ?? '';
      expect(code(await bench.answer(bench.client['load.finish']({ loadId })))).toBe('ok');
      await later();
    }
    expect(card(PURSE)).toMatchObject({ counter: 1, balance: 2000 });
    expect(bench.seen.meterCard?.load?.stage).toBe('confirmed');
    nothingLost();
  },
);

test('a card torn out amid the write is unknown until it is back; then it heals by itself', async () => {
  for (const act of ['lostBefore', 'lostAfter'] as const) {
    meters.acts = [act];
    meters.between = (where) => {
      if (where === 'afterWrite' || act === 'lostBefore') meters.pull();
    };
    const before = card(PURSE).counter;
    await payLoad();
    meters.between = () => undefined;
    await later();
    expect(['unknown', 'owed']).toContain(bench.seen.meterCard?.load?.stage);
    expect(code(await bench.answer(bench.client['basket.clear']({})))).toBe('ok');
    await insert();
    await later();
    expect(card(PURSE).counter).toBe(before + 1);
    expect(bench.seen.meterCard?.load?.stage).toBe('confirmed');
    nothingLost();
  }
});

test('the till dies behind the intent: after the restart the card itself says what became of it', async () => {
  for (const act of ['hangsBefore', 'hangsAfter'] as const) {
    const before = card(PURSE).counter;
    await insert();
    expect(code(await order())).toBe('ok');
    await bench.answer(bench.client['basket.tender']({ back: false }));
    await bench.machine.settle();
    const { paymentId = '', revision = 0, total = 0 } = bench.seen.counter ?? {};
    meters.acts = [act];
    const paying = { paymentId, revision, received: total, receivedPieces: null };
    bench.client['basket.accept'](paying).catch(() => undefined);
    await later(5000);
    expect(loadTypes().at(-1)).toBe('load.intended');
    meters.pull();
    await bench.restart();
    await logIn(bench, AYGUN.username);
    await insert();
    await later(60_000);
    const open = bench.seen.meterCard?.open.find(({ cardId }) => cardId === PURSE);
    if (open) await bench.answer(bench.client['load.finish']({ loadId: open.loadId }));
    await later();
    expect(card(PURSE).counter).toBe(before + 1);
    await bench.answer(bench.client['basket.clear']({}));
    meters.pull();
    nothingLost();
  }
});

test('another till finishes it, and this one hears of it', async () => {
  meters.acts = ['refused'];
  await payLoad();
  await later();
  const load = bench.seen.meterCard?.load;
  expect(load).toMatchObject({ stage: 'owed', reason: 'cardRefused' });
  // The other till: its order, the card's commit, its confirmation.
  const known = meters.loads.get(load?.loadId ?? '');
  if (!known) throw new Error('the centre knows the load');
  Object.assign(card(PURSE), { counter: 1, balance: 2000, last: { loadId: known.loadId, amount: 2000 } });
  card(PURSE).loaded.push(known.loadId);
  known.state = 'confirmed';
  await insert();
  await later(60_000);
  expect(bench.seen.meterCard?.load?.stage).toBe('confirmed');
  expect(card(PURSE).counter).toBe(1);
  nothingLost();
});

test('the centre away: what the card says is shown, no money is taken, and no load is written', async () => {
  bench.wire.up = false;
  await later(60_000);
  await insert();
  expect(bench.seen.meterCard?.card).toMatchObject({ stage: 'here', centre: null, balance: 0 });
  expect(code(await order())).toBe('loadNeedsCentre');
  bench.wire.up = true;
  await later(60_000);
  expect(bench.seen.meterCard?.card?.stage).toBe('known');
});

test('the line goes between the order and the money: none is taken', async () => {
  await insert();
  await order();
  bench.wire.up = false;
  await later(60_000);
  expect(code(await bench.answer(bench.client['basket.tender']({ back: false })))).toBe('loadNeedsCentre');
  expect(facts().payments.size).toBe(0);
});

test('the line goes behind the money: the load is owed, and written when it is back', async () => {
  await insert();
  await order();
  await bench.answer(bench.client['basket.tender']({ back: false }));
  await bench.machine.settle();
  const { paymentId = '', revision = 0, total = 0 } = bench.seen.counter ?? {};
  bench.wire.act = (method) => (method === 'load.authorise' ? { kind: 'drop' } : { kind: 'pass' });
  const paid = await bench.answer(
    bench.client['basket.accept']({ paymentId, revision, received: total, receivedPieces: null }),
  );
  expect(code(paid)).toBe('ok');
  await later();
  expect(bench.seen.meterCard?.load).toMatchObject({ stage: 'owed', reason: 'centreAway' });
  bench.wire.act = () => ({ kind: 'pass' });
  const loadId = bench.seen.meterCard?.load?.loadId ?? '';
  await bench.answer(bench.client['load.finish']({ loadId }));
  await later();
  expect(card(PURSE).counter).toBe(1);
  nothingLost();
});

const METHODS = [
  'meterCard.nonce',
  'meterCard.read',
  'load.quote',
  'journal.push',
  'load.authorise',
  'load.confirm',
] as const;
test.each(
  METHODS.flatMap((method) => (['drop', 'cutAnswer'] as const).map((kind) => [kind, method] as const)),
)(
  '%s of %s, the first time and the second: the load is on the card once, or nothing was paid',
  async (kind, method) => {
    for (const nth of [1, 2]) {
      let asked = 0;
      bench.wire.act = (one) => (one === method && (asked += 1) === nth ? { kind } : { kind: 'pass' });
      const before = card(PURSE).counter;
      const paid = await payLoad();
      bench.wire.act = () => ({ kind: 'pass' });
      await later(60_000);
      for (let tries = 0; tries < 3; tries += 1) {
        await insert();
        await later(30_000);
        for (const { loadId } of facts().loads.values())
          if (facts().openLoads.has(loadId)) await bench.answer(bench.client['load.finish']({ loadId }));
        await later(30_000);
      }
      expect(card(PURSE).counter).toBe(before + (paid.ok ? 1 : 0));
      expect([...facts().openLoads]).toEqual([]);
      await bench.answer(bench.client['basket.clear']({}));
      meters.pull();
      await bench.machine.settle();
      nothingLost();
    }
  },
);

test('a card of nobody we know, and no card at all, take no money', async () => {
  await insert(STRANGE);
  expect(bench.seen.meterCard?.card).toMatchObject({ stage: 'here', refused: { code: 'meterCardUnknown' } });
  expect(code(await order())).toBe('meterCardUnknown');
  meters.pull();
  await bench.machine.settle();
  expect(code(await order())).toBe('meterCardAbsent');
  await insert();
  expect(code(await order())).toBe('ok');
  meters.pull();
  await bench.machine.settle();
  expect(code(await bench.answer(bench.client['basket.tender']({ back: false })))).toBe('meterCardAbsent');
});

test('a load that has ended makes room for the next card and the next customer; one that is owed does not', async () => {
  await payLoad();
  await later();
  expect(bench.seen.meterCard?.load?.stage).toBe('confirmed');
  await insert(MEMORY);
  expect(bench.seen.meterCard?.load).toBeNull();
  await bench.answer(bench.client['basket.clear']({}));
  meters.acts = ['refused'];
  await payLoad(MEMORY);
  await later();
  await insert(PURSE);
  await bench.answer(bench.client['basket.clear']({}));
  expect(bench.seen.meterCard?.load).toMatchObject({ stage: 'owed', cardId: MEMORY });
});

test('what is on a card, or may be, is not given back; cancelled on the card’s own word, it is', async () => {
  meters.acts = ['refused'];
  await payLoad();
  await later();
  const [load] = facts().loads.values();
  const paymentId = load?.paymentId ?? '';
  const storno = () =>
    bench.answer(
      bench.client['storno.make']({
        stornoId: bench.machine.mintId(),
        paymentId,
        reason: 'payerRefused',
        note: '',
        cardBack: 'reversal',
        ...supervisor,
      }),
    );
  expect(code(await storno())).toBe('loadNotCancelled');
  const cancel = { loadId: load?.loadId ?? '', note: 'the holder wants the money', ...supervisor };
  expect(
    code(await bench.answer(bench.client['load.cancel']({ ...cancel, supervisor: AYGUN.username }))),
  ).toBe('ownApproval');
  meters.pull();
  await bench.machine.settle();
  expect(code(await bench.answer(bench.client['load.cancel'](cancel)))).toBe('evidenceNeeded');
  await insert(MEMORY);
  expect(code(await bench.answer(bench.client['load.cancel'](cancel)))).toBe('evidenceNeeded');
  // Its own card would be loaded when it is put in, as it is in front of the teller: who cancels has looked at it first.
  await bench.answer(bench.client['load.seen']({ loadId: cancel.loadId }));
  await insert(PURSE);
  expect(code(await bench.answer(bench.client['load.cancel'](cancel)))).toBe('ok');
  expect(code(await storno())).toBe('ok');
  expect(card(PURSE).counter).toBe(0);
  expect(loadTypes().at(-1)).toBe('load.cancelled');
  nothingLost();
});

test('a card torn amid the write and lost: written off by a supervisor, the money can be given back', async () => {
  meters.acts = ['lostBefore'];
  meters.between = () => meters.pull();
  await payLoad();
  await later();
  meters.between = () => undefined;
  const [load] = facts().loads.values();
  expect(load?.stage).toBe('unknown');
  const off = { loadId: load?.loadId ?? '', reason: 'cardLost' as const, note: 'kart itib', ...supervisor };
  expect(code(await bench.answer(bench.client['load.writeOff'](off)))).toBe('ok');
  expect(facts().openLoads.size).toBe(0);
  const storno = {
    stornoId: bench.machine.mintId(),
    paymentId: load?.paymentId ?? '',
    reason: 'other' as const,
  };
  const made = bench.client['storno.make']({ ...storno, note: '', cardBack: 'reversal', ...supervisor });
  expect(code(await bench.answer(made))).toBe('ok');
  nothingLost();
});

test('a load that is on the card cannot be cancelled', async () => {
  await payLoad();
  await later();
  const [load] = facts().loads.values();
  const cancel = { loadId: load?.loadId ?? '', note: 'no', ...supervisor };
  expect(code(await bench.answer(bench.client['load.cancel']({ ...cancel, note: 'please' })))).toBe(
    'loadWritten',
  );
});

test('a full disk before the intent: nothing is ordered of the card, and the load is owed', async () => {
  await insert();
  await order();
  await bench.answer(bench.client['basket.tender']({ back: false }));
  await bench.machine.settle();
  const { paymentId = '', revision = 0, total = 0 } = bench.seen.counter ?? {};
  meters.between = (where) => {
    if (where === 'prepared') bench.journal.broken = true;
  };
  await bench.answer(
    bench.client['basket.accept']({ paymentId, revision, received: total, receivedPieces: null }),
  );
  await later();
  expect(card(PURSE).counter).toBe(0);
  expect(bench.seen.meterCard?.load).toMatchObject({ stage: 'owed', reason: 'journalUnwritable' });
  meters.between = () => undefined;
  bench.journal.broken = false;
  const [load] = facts().loads.values();
  await bench.answer(bench.client['load.finish']({ loadId: load?.loadId ?? '' }));
  await later();
  expect(card(PURSE).counter).toBe(1);
  nothingLost();
});

test('a reader says since when it is what it is, and goes on saying so', async () => {
  await insert();
  const since = (): string | undefined => bench.seen.meterCard?.readers[0]?.since;
  const first = since();
  await later();
  await bench.client['meterCard.again']({});
  await bench.machine.settle();
  expect([bench.seen.meterCard?.readers[0]?.state, since()]).toEqual(['card', first]);
  meters.pull();
  await bench.machine.settle();
  expect(bench.seen.meterCard?.readers[0]?.state).toBe('empty');
  expect(Date.parse(since() ?? '') - Date.parse(first ?? '')).toBeGreaterThanOrEqual(30_000);
  const board = await bench.answer(bench.client['health.board']({}));
  expect(board.ok && board.value.parts.find(({ part }) => part === 'reader')).toMatchObject({
    state: 'up',
    sinceWhen: since(),
  });
});

test('a receipt’s row says what went onto a card, and whether it is there', async () => {
  await payLoad();
  await bench.machine.settle();
  const rows = async () => {
    const listed = await bench.answer(bench.client['receipts.list']({ text: '', limit: 5 }));
    return listed.ok ? listed.value.rows.map(({ loads }) => loads) : listed.error.code;
  };
  const { units, unit } = [...facts().loads.values()][0] ?? {};
  expect(await rows()).toEqual([[{ units, unit, state: 'onCard' }]]);
});
