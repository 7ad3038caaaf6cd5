import type {
  BasketLine,
  CardInReader,
  IpwContract,
  LoadAtTill,
  MeterCardState,
} from '../../../contracts/ipw.ts';
import { qepik } from '../../../contracts/money.ts';
import { fail, ok } from '../../../contracts/result.ts';
import type { HandlerOf } from '../../../contracts/rpc/definition.ts';
import { billerOf, setLines } from './fake-basket.ts';
import type { FakeState } from './fake-state.ts';
import { GAS, PASSWORD, sampleId } from './sample-data.ts';
import {
  isSampleCard,
  OPEN_LOADS,
  READER,
  SAMPLE_CARDS_IN,
  SAMPLE_LOADS,
  SAMPLE_READERS,
} from './sample-meter-cards.ts';

type MeterCardMethods = Extract<
  keyof IpwContract,
  'meterCard' | `meterCard.${string}` | `load.${string}` | 'health.board'
>;

const STEP_MS = 150;
const later = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

/**
 * The topic a page begins with: `?meter=NAME` puts a card in or spoils the reader, `?load=NAME` has a load in front of the
 * teller, `?open-loads` leaves some behind (names: sample-meter-cards.ts).
 */
export function fakeMeterCard(wanted: URLSearchParams): MeterCardState {
  const name = wanted.get('meter') ?? '';
  const load = SAMPLE_LOADS[wanted.get('load') ?? ''] ?? null;
  const card = isSampleCard(name) ? SAMPLE_CARDS_IN[name] : null;
  return {
    service: 'ready',
    since: READER.since,
    readers: [
      {
        ...READER,
        name: card?.reader ?? READER.name,
        virtual: card?.virtual ?? true,
        state: card ? 'card' : 'empty',
      },
    ],
    card,
    load,
    open: wanted.has('open-loads') ? [...OPEN_LOADS] : [],
    ...SAMPLE_READERS[name],
  };
}

/** Puts a sample card into the reader, or takes the card out; what is unknown of it heals as it does at a till. */
export async function putIn(state: FakeState, name: string | null): Promise<void> {
  const { meterCard } = state;
  const sample = name !== null && isSampleCard(name) ? SAMPLE_CARDS_IN[name] : null;
  if (sample === null) {
    meterCard.set({ card: null, readers: [READER], ...SAMPLE_READERS[name ?? ''] });
    return;
  }
  state.insertion += 1;
  const { insertion } = state;
  const reading: CardInReader = {
    ...sample,
    insertion,
    stage: 'reading',
    identity: null,
    centre: null,
    meterArea: null,
    reason: null,
    refused: null,
  };
  meterCard.set({
    service: 'ready',
    readers: [{ ...READER, name: sample.reader, virtual: sample.virtual, state: 'card' }],
    card: reading,
  });
  await later(STEP_MS);
  if (meterCard.current().card?.insertion !== insertion) return;
  meterCard.set({ card: { ...sample, insertion } });
  const { load, open } = meterCard.current();
  const torn = [...(load ? [load] : []), ...open].filter(
    (one) => one.stage === 'unknown' && one.cardId === sample.identity?.cardId,
  );
  for (const one of torn) await heal(state, one.loadId);
}

async function heal(state: FakeState, loadId: string): Promise<void> {
  change(state, loadId, { doing: 'reading' });
  await later(STEP_MS * 3);
  change(state, loadId, { stage: 'written', doing: null, reason: null });
  await later(STEP_MS);
  change(state, loadId, { stage: 'confirmed' });
  state.meterCard.set({ open: state.meterCard.current().open.filter((one) => one.loadId !== loadId) });
}

function change(state: FakeState, loadId: string, to: Partial<LoadAtTill>): void {
  const { load, open } = state.meterCard.current();
  state.meterCard.set({
    load: load?.loadId === loadId ? { ...load, ...to } : load,
    open: open.map((one) => (one.loadId === loadId ? { ...one, ...to } : one)),
  });
}

/** Writes the loads of a payment just made, as `?write=` says: well, torn, or not at all for the centre's sake. */
export async function carryOut(state: FakeState, paymentId: string, receiptNo: string): Promise<void> {
  const { meterCard, counter } = state;
  for (const line of counter.current().lines) {
    if (!line.load) continue;
    const load: LoadAtTill = {
      ...line.load,
      account: line.account,
      billerId: line.billerId,
      billerName: line.billerName,
      amount: line.amount,
      paymentId,
      receiptNo,
      stage: 'working',
      doing: 'payment',
      reason: null,
      since: new Date().toISOString(),
    };
    meterCard.set({ load });
    await write(state, load.loadId);
  }
}

async function write(state: FakeState, loadId: string): Promise<void> {
  for (const doing of ['card', 'centre'] as const) {
    await later(STEP_MS);
    change(state, loadId, { stage: 'working', doing, reason: null });
  }
  await later(STEP_MS);
  if (state.write === 'away') {
    state.write = 'well';
    return change(state, loadId, { stage: 'owed', doing: null, reason: 'keyStoreAway' });
  }
  change(state, loadId, { doing: 'writing' });
  await later(STEP_MS * 4);
  if (state.write === 'tear') {
    state.write = 'well';
    change(state, loadId, { stage: 'unknown', doing: null, reason: 'removed' });
    state.meterCard.set({ card: null, readers: [READER] });
    return;
  }
  change(state, loadId, { stage: 'written', doing: null });
  await later(STEP_MS);
  change(state, loadId, { stage: 'confirmed' });
}

/** The meter cards' part of the core host in memory. */
export function meterCardHandlers(state: FakeState): {
  readonly [K in MeterCardMethods]: HandlerOf<IpwContract[K]>;
} {
  const { meterCard, counter } = state;
  const known = (loadId: string): LoadAtTill | undefined =>
    [meterCard.current().load, ...meterCard.current().open].find((one) => one?.loadId === loadId) ??
    undefined;
  const end = (loadId: string, supervisor: string, password: string) => {
    if (!known(loadId)) return fail('loadUnknown');
    if (supervisor === state.session.current().user?.username) return fail('ownApproval');
    if (supervisor !== 'rauf' || password !== PASSWORD) return fail('loginWrong');
    change(state, loadId, { stage: 'cancelled', doing: null });
    meterCard.set({ open: meterCard.current().open.filter((one) => one.loadId !== loadId) });
    return ok({});
  };
  return {
    meterCard,
    'meterCard.again': async () => {
      await later(STEP_MS);
      const { card, load } = meterCard.current();
      if (!card) return fail('meterCardAbsent');
      if (load?.stage === 'written' || load?.stage === 'confirmed')
        meterCard.set({ card: withLoad(card, load) });
      return ok({});
    },
    'meterCard.order': async ({ amount }) => {
      await later(STEP_MS);
      const { card } = meterCard.current();
      const rules = card?.centre?.rules;
      if (!card?.identity) return fail('meterCardAbsent');
      if (!card.centre || !rules) return fail('loadNeedsCentre');
      if (amount < rules.min) return fail('loadBelowMinimum', { min: rules.min });
      if (amount > rules.max) return fail('loadAboveMaximum', { max: rules.max });
      const bought = priced(rules, amount);
      const units = bought.units - rules.creditOwed;
      const { identity } = card;
      const load = { ...identity, loadId: sampleId(), units };
      const before = counter.current();
      if (before.stage === 'tendering' || before.stage === 'charging') return fail('basketChanged');
      if (before.stage === 'accepted')
        counter.set({ ...before, stage: 'draft', lines: [], accepted: null, paymentId: sampleId() });
      const biller = billerOf(card.centre.card.billerId) ?? GAS;
      const line: BasketLine = {
        lineId: sampleId(),
        billerId: biller.id,
        billerName: biller.name,
        service: biller.service.az,
        account: card.centre.card.account,
        holder: card.centre.card.holder,
        period: null,
        billNo: null,
        owed: qepik(0),
        asOf: null,
        known: true,
        amount,
        fee: qepik(0),
        load: {
          loadId: load.loadId,
          cardId: identity.cardId,
          cardClass: identity.cardClass,
          meter: identity.meter,
          units,
          unit: identity.unit,
        },
        problem: null,
      };
      const others = counter.current().lines.filter((one) => one.load?.cardId !== identity.cardId);
      setLines(state, [...others, line]);
      return ok({
        lineId: line.lineId,
        units,
        unit: identity.unit,
        tiers: bought.tiers,
        creditDeducted: rules.creditOwed,
      });
    },
    'load.finish': async ({ loadId }) => {
      const { card } = meterCard.current();
      const found = card?.centre?.open;
      const mine = known(loadId);
      if (!mine && found?.loadId !== loadId) return fail('loadUnknown');
      if (!card?.identity || !card.centre) return fail('meterCardAbsent');
      const { identity } = card;
      if (mine && mine.cardId !== identity.cardId) return fail('meterCardOther');
      const load: LoadAtTill = mine ?? {
        ...identity,
        loadId,
        account: card.centre.card.account,
        billerId: card.centre.card.billerId,
        units: found?.units ?? 0,
        amount: found?.amount ?? null,
        paymentId: null,
        receiptNo: null,
        stage: 'working',
        doing: 'card',
        reason: null,
        since: new Date().toISOString(),
      };
      const open = meterCard.current().open.filter((one) => one.loadId !== loadId);
      meterCard.set({
        open,
        load: { ...load, stage: 'working', doing: 'card' },
        card: { ...card, centre: { ...card.centre, open: null } },
      });
      await write(state, loadId);
      return ok({ load: known(loadId) ?? load });
    },
    'load.cancel': async ({ loadId, supervisor, password }) => {
      const load = known(loadId);
      if (load && meterCard.current().card?.identity?.cardId !== load.cardId) return fail('evidenceNeeded');
      return end(loadId, supervisor, password);
    },
    'load.writeOff': async ({ loadId, supervisor, password }) => end(loadId, supervisor, password),
    'load.seen': async ({ loadId }) => {
      const { load, open } = meterCard.current();
      if (load?.loadId !== loadId) return fail('loadUnknown');
      const over = load.stage === 'confirmed' || load.stage === 'cancelled';
      meterCard.set({ load: null, open: over ? open : [...open, load] });
      return ok({});
    },
    'health.board': async () => {
      const { service, since, readers } = meterCard.current();
      const centre = state.status.current().centre;
      const down = centre.link !== 'online';
      const part = { billerId: null, reason: null, sinceWhen: since };
      return ok({
        parts: [
          {
            ...part,
            part: 'centre' as const,
            name: '',
            state: down ? ('down' as const) : ('up' as const),
            reason: down ? 'offline' : null,
            sinceWhen: centre.since,
          },
          { ...part, part: 'keyStore' as const, name: '', state: 'down' as const, reason: 'away' },
          { ...part, part: 'company' as const, name: GAS.name, billerId: GAS.id, state: 'up' as const },
          {
            ...part,
            part: 'company' as const,
            name: 'Su Kanal',
            state: 'down' as const,
            reason: 'suspended',
          },
          {
            ...part,
            part: 'cardService' as const,
            name: '',
            state: service === 'noService' ? ('down' as const) : ('up' as const),
            reason: service === 'noService' ? 'noService' : null,
          },
          ...readers.map((reader) => {
            const bad = reader.state === 'mute' || reader.state === 'taken';
            return {
              ...part,
              part: 'reader' as const,
              name: reader.name,
              state: bad ? ('down' as const) : ('up' as const),
              reason: bad ? reader.state : null,
              sinceWhen: reader.since,
            };
          }),
        ],
      });
    },
  };
}

/** The card as it is read after a load was written onto it; what was read of it already stays. */
function withLoad(card: CardInReader, { loadId, units, amount }: LoadAtTill): CardInReader {
  const { centre } = card;
  if (!centre || centre.card.last?.loadId === loadId) return card;
  const last = { loadId, units, amount };
  return {
    ...card,
    balance: (card.balance ?? 0) + units,
    counter: (card.counter ?? 0) + 1,
    centre: {
      ...centre,
      card: { ...centre.card, last },
      warnings: ['previousLoadNotTaken'],
      rules: centre.rules && { ...centre.rules, creditOwed: 0 },
    },
  };
}

/** An amount by the steps of a tariff, as the centre does it; qəpik are units where there are no steps. */
function priced(
  rules: NonNullable<NonNullable<CardInReader['centre']>['rules']>,
  amount: number,
): { units: number; tiers: { units: number; price: number; amount: ReturnType<typeof qepik> }[] } {
  if (rules.tiers.length === 0) return { units: amount, tiers: [] };
  const tiers: { units: number; price: number; amount: ReturnType<typeof qepik> }[] = [];
  let left = amount;
  let used = rules.usedThisYear;
  for (const { through, price } of rules.tiers) {
    const room = through === null ? Infinity : Math.max(0, through - used);
    const wanted = Math.floor((left * 1_000_000) / price);
    const units = Math.min(room, wanted);
    const cost = units === wanted ? left : Math.ceil((units * price) / 1_000_000);
    if (units > 0) tiers.push({ units, price, amount: qepik(cost) });
    left -= cost;
    used += units;
    if (left <= 0) break;
  }
  return { units: tiers.reduce((total, tier) => total + tier.units, 0), tiers };
}
