import {
  IMAGE_BYTES,
  readHeader,
  readImageMeterArea,
  readSlot,
  recordMacInput,
  type MemoryRecord,
  type Slot,
} from '../../contracts/rules/meter-card/memory-card.ts';
import type { MeterArea } from '../../contracts/rules/meter-card/meter-area.ts';
import {
  MAC_BYTES,
  STATUS_BYTES,
  readStatus,
  statusMacInput,
} from '../../contracts/rules/meter-card/purse.ts';
import { fail, ok, type Result } from '../../contracts/result.ts';
import { KeyStoreAway, type CardKeys, type KeyStore } from '../keys/key-store.ts';
import { toHex, uuidText } from './bytes.ts';

/** What a genuine card says of itself. */
export type Reading = {
  readonly counter: number;
  readonly last: { readonly loadId: string; readonly units: number } | null;
  /** Class A; a memory card only counts what was ever loaded. */
  readonly balance: number | null;
  readonly meter: MeterArea;
  /** Class B: which slot holds the state, and Σ of all loads by it. */
  readonly slot: Slot | null;
  readonly credit: number;
};

/** What the centre's register says of a card, against which its own word is held. */
export type Registered = {
  readonly card_id: string;
  readonly class: 'A' | 'B';
  readonly company: string;
  readonly key_revision: number;
  readonly unit: string;
  readonly meter: string;
};

/** Whose evidence this is, by its own unproven word; undefined when it is none. */
export function cardIdIn(evidence: Uint8Array): string | undefined {
  if (evidence.length === STATUS_BYTES + MAC_BYTES) return toHex(evidence.subarray(1, 9));
  const header = evidence.length === IMAGE_BYTES ? readHeader(evidence) : null;
  return header ? toHex(header.cardId) : undefined;
}

/** Checks the evidence of a card with its key. Nothing of it is believed before. */
export async function readEvidence(
  keys: KeyStore,
  card: Registered,
  nonce: Uint8Array,
  evidence: Uint8Array,
): Promise<Result<Reading, 'evidenceWrong' | 'keyStoreAway'>> {
  if (cardIdIn(evidence) !== card.card_id) return fail('evidenceWrong');
  return askKeys(async () =>
    card.class === 'A' ? readPurse(keys, card, nonce, evidence) : readMemoryCard(keys, card, evidence),
  );
}

export const keysOf = ({ company, key_revision: revision, card_id }: Registered): CardKeys => ({
  company,
  revision,
  cardId: new Uint8Array(Buffer.from(card_id, 'hex')),
});

/** Runs what needs the key store; one that is away is an answer, not a fault. */
export async function askKeys<T, C extends 'evidenceWrong' | 'keyStoreAway'>(
  run: () => Promise<Result<T, C>>,
): Promise<Result<T, C | 'keyStoreAway'>> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof KeyStoreAway) return fail('keyStoreAway');
    throw error;
  }
}

async function readPurse(
  keys: KeyStore,
  card: Registered,
  nonce: Uint8Array,
  evidence: Uint8Array,
): Promise<Result<Reading, 'evidenceWrong'>> {
  const bytes = evidence.subarray(0, STATUS_BYTES);
  const status = readStatus(bytes);
  if (!status || status.keyRevision !== card.key_revision || status.unit !== card.unit)
    return fail('evidenceWrong');
  const genuine = await keys.verify(
    'status',
    keysOf(card),
    statusMacInput(nonce, bytes),
    evidence.subarray(STATUS_BYTES),
  );
  if (!genuine) return fail('evidenceWrong');
  const { counter, balance, last, meter } = status;
  return ok({
    counter,
    balance,
    last: last && { loadId: uuidText(last.loadId), units: last.amount },
    meter,
    slot: null,
    credit: 0,
  });
}

/** The record with the highest sequence and a good MAC is the card's state. A nonce binds nothing here. */
async function readMemoryCard(
  keys: KeyStore,
  card: Registered,
  image: Uint8Array,
): Promise<Result<Reading, 'evidenceWrong'>> {
  const header = readHeader(image);
  const registered =
    header !== null &&
    header.company === card.company &&
    header.unit === card.unit &&
    header.keyRevision === card.key_revision &&
    header.meter === card.meter;
  if (!registered) return fail('evidenceWrong');
  let state: { readonly slot: Slot; readonly record: MemoryRecord } | undefined;
  for (const slot of ['a', 'b'] as const) {
    const { record, body, mac } = readSlot(image, slot);
    const good = await keys.verify('record', keysOf(card), recordMacInput(header.cardId, body), mac);
    if (good && record.sequence > (state?.record.sequence ?? 0)) state = { slot, record };
  }
  return ok({
    counter: state?.record.sequence ?? 0,
    balance: null,
    last: state ? { loadId: uuidText(state.record.loadId), units: state.record.amount } : null,
    meter: readImageMeterArea(image),
    slot: state?.slot ?? null,
    credit: state?.record.credit ?? 0,
  });
}

/** What the centre expects of a card. */
export type Expected = {
  readonly counter: number;
  /** Null: not known, or none. */
  readonly lastLoadId: string | null;
  /** A load whose order went out at this counter, and may be on the card. */
  readonly ordered: { readonly loadId: string; readonly units: number } | null;
};

/**
 * Holds a genuine reading against what is expected. `asKnown`: nothing was loaded since. `applied`: the load that was
 * ordered is on it, and nothing else. `incident`: it counts otherwise than any card of that number can.
 */
export function judgeReading(
  expected: Expected,
  seen: Pick<Reading, 'counter' | 'last'>,
): 'asKnown' | 'applied' | 'incident' {
  if (seen.counter === expected.counter) {
    const sameLast = expected.lastLoadId === null || seen.last?.loadId === expected.lastLoadId;
    // A card that never took a load of ours does not hold the one that was only ordered.
    const impossible = expected.ordered !== null && seen.last?.loadId === expected.ordered.loadId;
    return sameLast && !impossible ? 'asKnown' : 'incident';
  }
  const { ordered } = expected;
  return seen.counter === expected.counter + 1 &&
    ordered !== null &&
    seen.last?.loadId === ordered.loadId &&
    seen.last.units === ordered.units
    ? 'applied'
    : 'incident';
}
