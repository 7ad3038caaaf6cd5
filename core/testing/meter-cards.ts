import type { CentreContract } from '../../contracts/centre.ts';
import type { Client } from '../../contracts/rpc/definition.ts';
import type { Id } from '../../contracts/ids.ts';
import { parseEntryBody, type SignedEntry } from '../../contracts/journal.ts';
import { qepik, ZERO } from '../../contracts/money.ts';
import { fail, ok } from '../../contracts/result.ts';
import { fromBase64Url, idBytes, toBase64Url } from '../counter/bytes.ts';
import type { MachinePort } from '../ports/machine.ts';
import type { CardClass, MeterCardEvent, MeterCardPort } from '../ports/meter-card.ts';
import { POWER } from './samples.ts';

/**
 * Meter cards in memory, with what a centre knows of them. What a card commits it keeps over every death of the till. Proofs
 * are plain text here: what is proven by them is tested where the keys are (server/vending).
 */

/** What becomes of the next orders; afterwards all is well. `lost…`: the answer does not come. */
export type WriteAct =
  | 'written'
  | 'lostBefore'
  | 'lostAfter'
  | 'refused'
  | 'throws'
  /** The till dies in the middle: nobody hears anything any more. */
  | 'hangsBefore'
  | 'hangsAfter';

export type MemoryCard = {
  readonly cardId: string;
  readonly cardClass: CardClass;
  readonly company: string;
  readonly account: string;
  counter: number;
  balance: number;
  last: { loadId: Id; amount: number } | null;
  /** Loads it has taken: the truth. */
  readonly loaded: Id[];
};

type CentreLoad = {
  loadId: Id;
  cardId: string;
  amount: number;
  units: number;
  state: 'quoted' | 'paid' | 'authorised' | 'confirmed' | 'cancelled' | 'writtenOff';
  counter: number | null;
  authorisedAt: number;
};

export type MeterWorld = {
  readonly cards: Map<string, MemoryCard>;
  readonly loads: Map<Id, CentreLoad>;
  readonly port: MeterCardPort;
  readonly centre: Pick<Client<CentreContract>, MeterCardCentreMethods>;
  acts: WriteAct[];
  /** Called between the card's word and the centre's, and before and after a write: tests kill the till there. */
  between: (where: 'prepared' | 'beforeWrite' | 'afterWrite') => void;
  insert(cardId: string): void;
  pull(): void;
  /** The centre hears of payments: their loads are paid. */
  took(entries: readonly SignedEntry[]): void;
};

type MeterCardCentreMethods =
  | 'meterCard.nonce'
  | 'meterCard.read'
  | 'load.quote'
  | 'load.authorise'
  | 'load.confirm'
  | 'load.cancel'
  | 'load.writeOff'
  | 'load.list'
  | 'health.board';

export const PURSE = 'A000000000000001';
export const MEMORY = 'B000000000000002';
export const STRANGE = 'C000000000000003';

export function meterWorld(machine: MachinePort): MeterWorld {
  const card = (cardId: string, cardClass: CardClass, company: string, account: string): MemoryCard => ({
    cardId,
    cardClass,
    company,
    account,
    counter: 0,
    balance: 0,
    last: null,
    loaded: [],
  });
  const cards = new Map(
    [
      card(PURSE, 'A', POWER.number, '1104552018'),
      card(MEMORY, 'B', POWER.number, '1104552019'),
      card(STRANGE, 'A', '999', '1'),
    ].map((one) => [one.cardId, one]),
  );
  const loads = new Map<Id, CentreLoad>();
  const heard = new Set<(event: MeterCardEvent) => void>();
  const nonces = new Map<string, number>();
  let inReader: { insertion: number; card: MemoryCard } | null = null;
  let insertion = 0;
  let tick = 0;
  /** The order the card was prepared for; any other command kills it. */
  let prepared: { insertion: number; loadId: Id; amount: number } | null = null;

  const tell = (event: MeterCardEvent): void => heard.forEach((one) => one(event));
  const failed = (reason: 'removed' | 'noCard') => ({
    ok: false as const,
    failure: { reason, detail: null },
  });
  const at = (which: number) => (inReader?.insertion === which ? inReader.card : null);
  const statusOf = ({ cardId, counter, balance, last }: MemoryCard, nonce: string) =>
    textBytes({ cardId, counter, balance, last, nonce });

  const world: MeterWorld = {
    cards,
    loads,
    acts: [],
    between: () => undefined,
    insert(cardId) {
      world.pull();
      const found = cards.get(cardId);
      if (!found) throw new Error(`no card ${cardId}`);
      insertion += 1;
      inReader = { insertion, card: found };
      tell({ kind: 'cardIn', insertion, reader: 'Reader' });
    },
    pull() {
      prepared = null;
      if (!inReader) return;
      const gone = inReader.insertion;
      inReader = null;
      tell({ kind: 'cardOut', insertion: gone });
    },
    took(entries) {
      for (const entry of entries) {
        const body = parseEntryBody(entry.body);
        if (body.type !== 'payment.accepted') continue;
        for (const { load } of body.payload.lines) {
          const known = load && loads.get(load.loadId);
          if (known?.state === 'quoted') known.state = 'paid';
        }
      }
    },
    port: {
      service: () => ({
        state: 'ready',
        readers: [{ name: 'Reader', state: inReader ? 'card' : 'empty', virtual: true }],
      }),
      watch(listener) {
        heard.add(listener);
        if (inReader) listener({ kind: 'cardIn', insertion: inReader.insertion, reader: 'Reader' });
        return () => void heard.delete(listener);
      },
      async identify(which) {
        const here = at(which);
        if (!here) return failed('removed');
        const { cardId, cardClass, company } = here;
        return { ok: true, value: { cardId, cardClass, company, meter: '00112233', unit: 'litres' } };
      },
      async read(which, nonce) {
        const here = at(which);
        prepared = null;
        if (!here) return failed('removed');
        const { counter, balance, last } = here;
        const evidence = statusOf(here, toBase64Url(nonce));
        return { ok: true, value: { evidence, counter, balance, maximum: null, last, meter: AREA } };
      },
      async prepare(which, { loadId, amount, nonce }) {
        const here = at(which);
        if (!here) return failed('removed');
        const id = [...loads.keys()].find((one) => toBase64Url(idBytes(one)) === toBase64Url(loadId));
        prepared = { insertion: which, loadId: id ?? '', amount };
        world.between('prepared');
        if (here.cardClass === 'B')
          return { ok: true, value: { cardClass: 'B', image: statusOf(here, toBase64Url(nonce)) } };
        const answer = textBytes({ cardId: here.cardId, counter: here.counter });
        return { ok: true, value: { cardClass: 'A', order: nonce, answer, s1: new Uint8Array(8) } };
      },
      async write(which) {
        world.between('beforeWrite');
        const here = at(which);
        const order = prepared?.insertion === which ? prepared : null;
        prepared = null;
        const act = world.acts.shift() ?? 'written';
        if (act === 'throws') throw new Error('the card process fell over');
        if (!here) return { kind: 'unknown', failure: { reason: 'removed', detail: null } };
        if (!order || act === 'refused')
          return { kind: 'refused', failure: { reason: 'cardRefused', detail: null } };
        if (act === 'hangsBefore') return new Promise(() => undefined);
        if (act !== 'lostBefore') {
          here.counter += 1;
          here.balance += order.amount;
          here.last = { loadId: order.loadId, amount: order.amount };
          here.loaded.push(order.loadId);
        }
        world.between('afterWrite');
        if (act === 'hangsAfter') return new Promise(() => undefined);
        if (act !== 'written') return { kind: 'unknown', failure: { reason: 'answerLost', detail: null } };
        const answer = statusOf(here, '').slice(0, 8);
        return {
          kind: 'written',
          proof:
            here.cardClass === 'A'
              ? { answer, s3: idBytes(order.loadId).slice(8) }
              : { image: statusOf(here, '') },
        };
      },
      async dispose() {
        heard.clear();
      },
    },
    centre: {
      async 'meterCard.nonce'() {
        tick += 1;
        const nonce = toBase64Url(idBytes(machine.mintId()));
        nonces.set(nonce, tick);
        return ok({ nonce, validForSeconds: 300 });
      },
      async 'meterCard.read'({ nonce, evidence }) {
        if (!nonces.has(nonce)) return fail('nonceStale');
        const status = parse(evidence);
        const issued = nonces.get(nonce) ?? 0;
        nonces.delete(nonce);
        if (status.nonce !== nonce) return fail('evidenceWrong');
        const found = cards.get(status.cardId);
        if (!found || found.company !== POWER.number) return fail('meterCardUnknown');
        const resolved = resolve(status, issued);
        const open = [...loads.values()].find(
          (load) => load.cardId === status.cardId && (load.state === 'paid' || load.state === 'authorised'),
        );
        return ok({
          card: {
            cardId: status.cardId,
            billerId: POWER.id,
            account: found.account,
            holder: 'Əliyev Vüqar',
            meter: '00112233',
            unit: 'litres' as const,
            class: found.cardClass,
            state: 'active' as const,
            blockedBecause: null,
            balance: status.balance,
            counter: status.counter,
            last: status.last && { loadId: status.last.loadId, units: status.last.amount, amount: null },
          },
          meterArea: { ...AREA, writtenAt: null },
          warnings: [],
          rules: {
            min: qepik(100),
            max: qepik(100_000),
            perLoadMax: null,
            tiers: [],
            usedThisYear: 0,
            creditOwed: 0,
          },
          open: open
            ? {
                loadId: open.loadId,
                amount: qepik(open.amount),
                units: open.units,
                state: open.state === 'paid' ? ('paid' as const) : ('authorised' as const),
                businessDate: '2026-11-27',
                atWorkstation: 'WS07',
                sayable: 'notLoaded' as const,
                stornoed: false,
              }
            : null,
          waiting: 0,
          resolved,
        });
      },
      async 'load.quote'({ loadId, cardId, amount }) {
        const known = loads.get(loadId);
        const units = amount * 2;
        loads.set(
          loadId,
          known ?? { loadId, cardId, amount, units, state: 'quoted', counter: null, authorisedAt: 0 },
        );
        const expiresAt = new Date(machine.nowMs() + 900_000).toISOString();
        return ok({ unit: 'litres' as const, units, tiers: [], creditDeducted: 0, fee: ZERO, expiresAt });
      },
      async 'load.authorise'(input) {
        const load = loads.get(input.loadId);
        if (!load) return fail('loadUnknown');
        if (load.state === 'confirmed') return fail('loadWritten');
        if (load.state === 'cancelled' || load.state === 'writtenOff') return fail('loadCancelled');
        if (load.state === 'quoted') return fail('loadNotPaid');
        const said = parse(input.cardClass === 'A' ? input.initAnswer : input.image);
        const other = [...loads.values()].some(
          (one) => one !== load && one.cardId === load.cardId && one.state === 'authorised',
        );
        if (other) return fail('loadOpenOnCard');
        // A counter that has moved since the last order: that order is on the card.
        if (load.counter !== null && said.counter !== load.counter) return fail('loadOpenOnCard');
        tick += 1;
        Object.assign(load, { state: 'authorised', counter: said.counter, authorisedAt: tick });
        const { counter } = said;
        if (input.cardClass === 'A') return ok({ cardClass: 'A' as const, counter, s2: bytes(8) });
        const slot = counter % 2 === 0 ? ('a' as const) : ('b' as const);
        return ok({ cardClass: 'B' as const, counter, slot, record: bytes(40), psc: bytes(3) });
      },
      async 'load.confirm'({ loadId }) {
        const load = loads.get(loadId);
        if (!load) return fail('loadUnknown');
        const before = load.state;
        load.state = 'confirmed';
        return ok({ result: before === 'confirmed' ? ('already' as const) : ('confirmed' as const) });
      },
      async 'load.cancel'({ loadId, evidence }) {
        const load = loads.get(loadId);
        if (!load) return fail('loadUnknown');
        if (load.state === 'confirmed') return fail('loadWritten');
        if (load.state === 'authorised') {
          if (!evidence) return fail('evidenceNeeded');
          const issued = nonces.get(evidence.nonce);
          if (issued === undefined) return fail('nonceStale');
          if (issued < load.authorisedAt) return fail('evidenceTooOld');
          if (parse(evidence.bytes).last?.loadId === loadId) return fail('loadWritten');
        }
        load.state = 'cancelled';
        return ok({ state: 'cancelled' as const });
      },
      async 'load.writeOff'({ loadId }) {
        const load = loads.get(loadId);
        if (!load) return fail('loadUnknown');
        if (load.state === 'confirmed') return fail('loadWritten');
        load.state = 'writtenOff';
        return ok({ state: 'writtenOff' as const });
      },
      async 'load.list'({ loadIds }) {
        const rows = [...loads.values()].filter(({ loadId }) => loadIds === null || loadIds.includes(loadId));
        return ok({ loads: rows.map(rowOf) });
      },
      async 'health.board'() {
        return ok({ parts: [] });
      },
    },
  };

  /** A reading confirms what it proves written; it proves the opposite only when it is younger than the order. */
  function resolve(status: Status, issued: number) {
    const load = [...loads.values()].find(
      (one) => one.cardId === status.cardId && one.state === 'authorised',
    );
    if (!load) return null;
    if (status.last?.loadId === load.loadId) {
      load.state = 'confirmed';
      return { loadId: load.loadId, outcome: 'applied' as const };
    }
    if (issued <= load.authorisedAt) return null;
    // The order died with the reset; a memory card's record could still be written.
    if (cards.get(load.cardId)?.cardClass === 'A') Object.assign(load, { state: 'paid', counter: null });
    return { loadId: load.loadId, outcome: 'notApplied' as const };
  }

  const rowOf = (load: CentreLoad) => ({
    loadId: load.loadId,
    cardId: load.cardId,
    billerId: POWER.id,
    account: cards.get(load.cardId)?.account ?? '',
    holder: '',
    class: cards.get(load.cardId)?.cardClass ?? ('A' as const),
    unit: 'litres' as const,
    amount: qepik(load.amount),
    units: load.units,
    fee: ZERO,
    state: load.state,
    stornoed: false,
    paymentId: null,
    receiptNo: null,
    businessDate: null,
    atWorkstation: 'WS07',
    quotedAt: '2026-11-27T06:00:00.000Z',
    paidAt: null,
    authorisedAt: null,
    endedAt: null,
  });
  return world;
}

type Status = {
  readonly cardId: string;
  readonly counter: number;
  readonly balance: number;
  readonly last: { readonly loadId: Id; readonly amount: number } | null;
  readonly nonce: string;
};
const parse = (text: string): Status => JSON.parse(String.fromCharCode(...fromBase64Url(text))) as Status; // made by textBytes

/** Plain text as evidence; everything in it is ASCII. */
const textBytes = (said: object): Uint8Array =>
  Uint8Array.from(JSON.stringify(said), (letter) => letter.charCodeAt(0));

const bytes = (count: number): string => toBase64Url(new Uint8Array(count));

const AREA = {
  known: true,
  tamper: false,
  batteryLow: false,
  shutOff: false,
  takenThrough: 0,
  remaining: 0,
  consumption: 0,
  lastTaken: 0,
  writtenAt: null,
  meter: '00112233',
};
