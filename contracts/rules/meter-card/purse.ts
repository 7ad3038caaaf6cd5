import { METER_AREA_BYTES, join, readMeterArea, u32, viewOf, type MeterArea } from './meter-area.ts';

/** The messages of the reference purse card (docs/protocols/card.md, class A), and the bytes under each of its MACs. */

export const MAC_BYTES = 8;
export const STATUS_BYTES = 79;
export const INIT_ANSWER_BYTES = 33;
export const LOAD_ANSWER_BYTES = 8;
/** Each is followed by its MAC in the card's answer. */
export const UNITS = { money: 1, litres: 2, wattHours: 3 } as const;
export type CardUnit = keyof typeof UNITS;

export const unitOf = (code: number): CardUnit | null =>
  (Object.keys(UNITS) as CardUnit[]).find((unit) => UNITS[unit] === code) ?? null;

export type PurseStatus = {
  readonly cardId: Uint8Array;
  readonly keyRevision: number;
  readonly unit: CardUnit;
  readonly counter: number;
  readonly balance: number;
  readonly maximum: number;
  /** The last load; null when the card was never loaded. */
  readonly last: { readonly loadId: Uint8Array; readonly amount: number; readonly counter: number } | null;
  readonly meter: MeterArea;
};

/** Reads a status without its MAC (79 bytes). Null: another length, layout version or unit. */
export function readStatus(bytes: Uint8Array): PurseStatus | null {
  if (bytes.length !== STATUS_BYTES || bytes[0] !== 1) return null;
  const view = viewOf(bytes);
  const unit = unitOf(view.getUint8(10));
  if (unit === null) return null;
  const loadId = bytes.slice(23, 39);
  return {
    cardId: bytes.slice(1, 9),
    keyRevision: view.getUint8(9),
    unit,
    counter: view.getUint32(11),
    balance: view.getUint32(15),
    maximum: view.getUint32(19),
    last: loadId.every((byte) => byte === 0)
      ? null
      : { loadId, amount: view.getUint32(39), counter: view.getUint32(43) },
    meter: readMeterArea(bytes, 47),
  };
}

/** The 79 bytes of a status: the card's side. */
export function writeStatus(status: PurseStatus, meterArea: Uint8Array): Uint8Array {
  const { cardId, keyRevision, unit, counter, balance, maximum, last } = status;
  return join(
    1,
    cardId,
    keyRevision,
    UNITS[unit],
    u32(counter),
    u32(balance),
    u32(maximum),
    last?.loadId ?? new Uint8Array(16),
    u32(last?.amount ?? 0),
    u32(last?.counter ?? 0),
    meterArea.subarray(0, METER_AREA_BYTES),
  );
}

export type LoadOrder = {
  readonly amount: number;
  readonly unit: CardUnit;
  readonly loadId: Uint8Array;
  /** 8 bytes naming the till. */
  readonly terminal: Uint8Array;
  /** 16 bytes of the centre. */
  readonly nonce: Uint8Array;
};

export const ORDER_BYTES = 45;

/** The data of INIT LOAD. */
export const writeOrder = ({ amount, unit, loadId, terminal, nonce }: LoadOrder): Uint8Array =>
  join(u32(amount), UNITS[unit], loadId, terminal, nonce);

/** Null: another length, or a unit there is not. */
export function readOrder(bytes: Uint8Array): LoadOrder | null {
  const unit = bytes.length === ORDER_BYTES ? unitOf(bytes[4] ?? 0) : null;
  if (unit === null) return null;
  return {
    amount: viewOf(bytes).getUint32(0),
    unit,
    loadId: bytes.slice(5, 21),
    terminal: bytes.slice(21, 29),
    nonce: bytes.slice(29, 45),
  };
}

export type InitAnswer = {
  readonly cardId: Uint8Array;
  readonly keyRevision: number;
  readonly counter: number;
  readonly balance: number;
  readonly maximum: number;
  readonly takenThrough: number;
  /** The card's volatile challenge, 8 bytes. */
  readonly challenge: Uint8Array;
};

/** Reads INIT LOAD's answer without its MAC (33 bytes). Null: another length. */
export function readInitAnswer(bytes: Uint8Array): InitAnswer | null {
  if (bytes.length !== INIT_ANSWER_BYTES) return null;
  const view = viewOf(bytes);
  return {
    cardId: bytes.slice(0, 8),
    keyRevision: view.getUint8(8),
    counter: view.getUint32(9),
    balance: view.getUint32(13),
    maximum: view.getUint32(17),
    takenThrough: view.getUint32(21),
    challenge: bytes.slice(25, 33),
  };
}

export const writeInitAnswer = (answer: InitAnswer): Uint8Array =>
  join(
    answer.cardId,
    answer.keyRevision,
    u32(answer.counter),
    u32(answer.balance),
    u32(answer.maximum),
    u32(answer.takenThrough),
    answer.challenge,
  );

export type LoadAnswer = { readonly counter: number; readonly balance: number };

/** Reads LOAD's answer without its MAC (8 bytes). Null: another length. */
export function readLoadAnswer(bytes: Uint8Array): LoadAnswer | null {
  if (bytes.length !== LOAD_ANSWER_BYTES) return null;
  const view = viewOf(bytes);
  return { counter: view.getUint32(0), balance: view.getUint32(4) };
}

export const writeLoadAnswer = ({ counter, balance }: LoadAnswer): Uint8Array =>
  join(u32(counter), u32(balance));

/** What stands under each MAC. */
export const statusMacInput = (nonce: Uint8Array, status: Uint8Array): Uint8Array =>
  join(0x54, nonce, status);
export const s1MacInput = (order: Uint8Array, answer: Uint8Array): Uint8Array => join(0x49, order, answer);
export const s2MacInput = ({ cardId, counter, challenge }: InitAnswer, order: LoadOrder): Uint8Array =>
  join(
    0x4c,
    cardId,
    u32(counter),
    challenge,
    u32(order.amount),
    UNITS[order.unit],
    order.loadId,
    order.terminal,
  );
export const s3MacInput = (
  cardId: Uint8Array,
  answer: LoadAnswer,
  load: { readonly loadId: Uint8Array; readonly amount: number },
): Uint8Array => join(0x44, cardId, u32(answer.counter), u32(answer.balance), load.loadId, u32(load.amount));
