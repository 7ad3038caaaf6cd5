import { METER_AREA_BYTES, join, readMeterArea } from '../../../contracts/rules/meter-card/meter-area.ts';
import {
  readHeader,
  recordMacInput,
  writeRecordBody,
  type Slot,
} from '../../../contracts/rules/meter-card/memory-card.ts';
import {
  STATUS_BYTES,
  readInitAnswer,
  readLoadAnswer,
  readStatus,
  s1MacInput,
  s2MacInput,
  s3MacInput,
  statusMacInput,
  writeOrder,
  type LoadOrder,
} from '../../../contracts/rules/meter-card/purse.ts';
import { bytesOf } from '../bytes.ts';
import type { CardIdentity } from '../drivers/driver.ts';
import { otherSlot } from '../drivers/memory/image.ts';
import { cardKeys, type CardKeys } from '../secure/card-keys.ts';
import { isMac, macOf } from '../secure/mac.ts';
import { recordThatCounts } from '../simulator/memory-card.ts';

/** The centre's part, with the master key in hand: checks what cards say and makes what they are told. For tests. */

export const MASTERS = {
  '201:1': '000102030405060708090A0B0C0D0E0F',
  '202:1': '0F0E0D0C0B0A09080706050403020100',
} as const;

export type Proven = {
  readonly counter: number;
  readonly balance: number | null;
  readonly lastLoadId: Uint8Array | null;
  readonly takenThrough: number;
};

export function centreKeys({ company, keyRevision, cardId }: CardIdentity): CardKeys {
  const master = Object.entries(MASTERS).find(([name]) => name === `${company}:${String(keyRevision)}`)?.[1];
  if (master === undefined) throw new Error('no such master key');
  return cardKeys(bytesOf(master), keyRevision, cardId);
}

/** What a reading proves; null: nothing, for its MAC is wrong. */
export function proven(identity: CardIdentity, nonce: Uint8Array, evidence: Uint8Array): Proven | null {
  const keys = centreKeys(identity);
  if (identity.cardClass === 'A') {
    const status = readStatus(evidence.slice(0, STATUS_BYTES));
    const body = evidence.slice(0, STATUS_BYTES);
    if (status === null || !isMac(keys.k3, statusMacInput(nonce, body), evidence.slice(STATUS_BYTES)))
      return null;
    return {
      counter: status.counter,
      balance: status.balance,
      lastLoadId: status.last?.loadId ?? null,
      takenThrough: status.meter.takenThrough,
    };
  }
  if (readHeader(evidence) === null) return null;
  const state = recordThatCounts(evidence, keys)?.record ?? null;
  return {
    counter: state?.sequence ?? 0,
    balance: null,
    lastLoadId: state?.loadId ?? null,
    takenThrough: readMeterArea(evidence.subarray(0x90, 0x90 + METER_AREA_BYTES), 0).takenThrough,
  };
}

/** S2 for an order; null: S1 is wrong. */
export function authorise(
  identity: CardIdentity,
  order: LoadOrder,
  { answer, s1 }: { readonly answer: Uint8Array; readonly s1: Uint8Array },
): Uint8Array | null {
  const { k1, k2 } = centreKeys(identity);
  const init = readInitAnswer(answer);
  if (init === null || !isMac(k1, s1MacInput(writeOrder(order), answer), s1)) return null;
  return macOf(k2, s2MacInput(init, order));
}

export function isProofOfLoad(
  identity: CardIdentity,
  order: LoadOrder,
  { answer, s3 }: { readonly answer: Uint8Array; readonly s3: Uint8Array },
): boolean {
  const said = readLoadAnswer(answer);
  return said !== null && isMac(centreKeys(identity).k3, s3MacInput(identity.cardId, said, order), s3);
}

/** The next record for a memory card, and the slot that does not hold its state. */
export function nextRecord(
  identity: CardIdentity,
  image: Uint8Array,
  { loadId, amount }: { readonly loadId: Uint8Array; readonly amount: number },
): { readonly record: Uint8Array; readonly slot: Slot; readonly psc: Uint8Array } {
  const keys = centreKeys(identity);
  const state = recordThatCounts(image, keys);
  const body = writeRecordBody({
    sequence: (state?.record.sequence ?? 0) + 1,
    loadId,
    amount,
    credit: ((state?.record.credit ?? 0) + amount) >>> 0,
  });
  return {
    record: join(body, macOf(keys.k5, recordMacInput(identity.cardId, body))),
    slot: state === null ? 'a' : otherSlot(state.slot),
    psc: keys.psc,
  };
}
