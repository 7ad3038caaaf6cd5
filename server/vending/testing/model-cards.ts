import { randomBytes } from 'node:crypto';
import {
  CHIP_HEADER,
  HEADER_AT,
  IMAGE_BYTES,
  METER_AREA_AT,
  SLOT_AT,
  readSlot,
  writeHeader,
  type Slot,
} from '../../../contracts/rules/meter-card/memory-card.ts';
import { join, writeMeterArea, type MeterArea } from '../../../contracts/rules/meter-card/meter-area.ts';
import {
  readOrder,
  s1MacInput,
  s2MacInput,
  s3MacInput,
  statusMacInput,
  writeInitAnswer,
  writeLoadAnswer,
  writeOrder,
  writeStatus,
  type CardUnit,
  type InitAnswer,
  type LoadOrder,
} from '../../../contracts/rules/meter-card/purse.ts';
import { cardMac, sameMac } from '../../keys/card-mac.ts';
import type { CardKeys, MacPurpose } from '../../keys/key-store.ts';
import { fromBase64url, fromHex, terminalOf, toBase64url, uuidBytes } from '../bytes.ts';

/** Cards as docs/protocols/card.md has them, in memory: what a test tears, copies and rolls back. */

export type CardSpec = {
  readonly cardId: string;
  readonly company: string;
  readonly unit: CardUnit;
  readonly meter: string;
  readonly master: Uint8Array;
};

type PurseState = {
  counter: number;
  balance: number;
  last: { loadId: Uint8Array; amount: number; counter: number } | null;
  area: MeterArea;
  /** Alive until the next command. */
  pending: { init: InitAnswer; order: LoadOrder } | null;
};

export type InitLoad = { readonly initOrder: string; readonly initAnswer: string; readonly s1: string };
export type S3 = { readonly answer: string; readonly s3: string };

export type ModelPurse = {
  readonly spec: CardSpec;
  readonly state: PurseState;
  /** GET STATUS: the evidence for `meterCard.read`. */
  status(nonce: string): string;
  initLoad(order: { loadId: string; units: number; deviceId: string; nonce: string }): InitLoad;
  /** LOAD: null where the card refuses. */
  load(s2: string): S3 | null;
  reset(): void;
  /** The meter takes what is loaded. */
  useAtMeter(): void;
  /** Another card with the same keys and state. */
  clone(): ModelPurse;
};

export const newArea = (meter: string): MeterArea => ({
  known: true,
  tamper: false,
  batteryLow: false,
  shutOff: false,
  takenThrough: 0,
  remaining: 0,
  consumption: 0,
  lastTaken: 0,
  writtenAt: Date.parse('2026-11-20T08:00:00Z'),
  meter,
});

export function modelPurse(spec: CardSpec, from?: PurseState): ModelPurse {
  const cardId = fromHex(spec.cardId);
  const state: PurseState = from ?? {
    counter: 0,
    balance: 0,
    last: null,
    area: newArea(spec.meter),
    pending: null,
  };
  const keys: CardKeys = { company: spec.company, revision: 1, cardId };
  const mac = (purpose: MacPurpose, input: Uint8Array): Uint8Array =>
    cardMac(spec.master, purpose, keys, input);
  return {
    spec,
    state,
    status(nonce) {
      state.pending = null;
      const { counter, balance, last, area } = state;
      const bytes = writeStatus(
        {
          cardId,
          keyRevision: 1,
          unit: spec.unit,
          counter,
          balance,
          maximum: 0xffff_ffff,
          last,
          meter: area,
        },
        writeMeterArea(area),
      );
      return toBase64url(join(bytes, mac('status', statusMacInput(fromBase64url(nonce), bytes))));
    },
    initLoad({ loadId, units, deviceId, nonce }) {
      const order: LoadOrder = {
        amount: units,
        unit: spec.unit,
        loadId: uuidBytes(loadId),
        terminal: terminalOf(deviceId),
        nonce: fromBase64url(nonce),
      };
      const init: InitAnswer = {
        cardId,
        keyRevision: 1,
        counter: state.counter,
        balance: state.balance,
        maximum: 0xffff_ffff,
        takenThrough: state.area.takenThrough,
        challenge: new Uint8Array(randomBytes(8)),
      };
      state.pending = { init, order };
      const [orderBytes, answerBytes] = [writeOrder(order), writeInitAnswer(init)];
      return {
        initOrder: toBase64url(orderBytes),
        initAnswer: toBase64url(answerBytes),
        s1: toBase64url(mac('init', s1MacInput(orderBytes, answerBytes))),
      };
    },
    load(s2) {
      const { pending } = state;
      state.pending = null;
      if (!pending || !sameMac(mac('load', s2MacInput(pending.init, pending.order)), fromBase64url(s2)))
        return null;
      const { loadId, amount } = pending.order;
      state.last = { loadId, amount, counter: state.counter };
      state.balance += amount;
      state.counter += 1;
      const answer = { counter: state.counter, balance: state.balance };
      return {
        answer: toBase64url(writeLoadAnswer(answer)),
        s3: toBase64url(mac('status', s3MacInput(cardId, answer, { loadId, amount }))),
      };
    },
    reset: () => void (state.pending = null),
    useAtMeter() {
      state.area = {
        ...state.area,
        known: true,
        takenThrough: state.counter,
        remaining: (state.area.remaining + state.balance) % 2 ** 32,
        lastTaken: state.balance,
      };
      state.balance = 0;
    },
    clone: () => modelPurse(spec, structuredClone(state)),
  };
}

/** Reads an order back, for tests that alter one. */
export const orderIn = (initOrder: string): LoadOrder | null => readOrder(fromBase64url(initOrder));

export type ModelMemory = {
  readonly spec: CardSpec;
  readonly image: Uint8Array;
  /** The evidence for `meterCard.read`. */
  evidence(): string;
  write(slot: Slot, record: string): void;
  useAtMeter(): void;
  clone(): ModelMemory;
  /** Σ of what the meter would take, by the record with the highest sequence. */
  credit(): number;
};

export function modelMemory(spec: CardSpec, from?: Uint8Array): ModelMemory {
  const image = from ?? new Uint8Array(IMAGE_BYTES).fill(0xff);
  const setArea = (area: MeterArea): void => image.set(writeMeterArea(area), METER_AREA_AT);
  const keys: CardKeys = { company: spec.company, revision: 1, cardId: fromHex(spec.cardId) };
  const best = () =>
    (['a', 'b'] as const)
      .map((slot) => readSlot(image, slot))
      .filter(({ body, mac }) =>
        sameMac(cardMac(spec.master, 'record', keys, join(0x52, keys.cardId, body)), mac),
      )
      .toSorted((a, b) => b.record.sequence - a.record.sequence)[0]?.record;
  if (!from) {
    image.set(CHIP_HEADER);
    image.set(
      writeHeader({
        cardId: keys.cardId,
        company: spec.company,
        unit: spec.unit,
        keyRevision: 1,
        meter: spec.meter,
      }),
      HEADER_AT,
    );
    setArea(newArea(spec.meter));
  }
  return {
    spec,
    image,
    evidence: () => toBase64url(image),
    write: (slot, record) => image.set(fromBase64url(record), SLOT_AT[slot]),
    useAtMeter: () => setArea({ ...newArea(spec.meter), takenThrough: best()?.sequence ?? 0 }),
    clone: () => modelMemory(spec, image.slice()),
    credit: () => best()?.credit ?? 0,
  };
}
