/**
 * Where the companies' master keys are, and what is made with them (docs/protocols/card.md, "Keys"). No key ever comes out
 * of a store: it answers with MACs and, for memory cards, with the code that opens writing.
 */

/** Which of a card's keys a MAC is made with. */
export type MacPurpose = 'init' | 'load' | 'status' | 'record';
/** The purposes' bytes in the derivation; the PSC is the beginning of a sixth key. */
export const PURPOSE_CODES: Readonly<Record<MacPurpose | 'psc', number>> = {
  init: 1,
  load: 2,
  status: 3,
  record: 5,
  psc: 6,
};

/** A company's master key: its three digits, and which revision. */
export type MasterRef = { readonly company: string; readonly revision: number };
/** A card and the master its keys are made from. */
export type CardKeys = MasterRef & { readonly cardId: Uint8Array };

export type KeyStoreHealth =
  | { readonly state: 'up'; readonly masters: readonly MasterRef[] }
  | { readonly state: 'down'; readonly reason: string };

export type KeyStore = {
  readonly kind: 'software' | 'pkcs11';
  /** AES-CMAC under the card's key, its first 8 bytes. Throws `KeyStoreAway`. */
  mac(purpose: MacPurpose, card: CardKeys, input: Uint8Array): Promise<Uint8Array>;
  /** Whether `mac` is that of `input`. Throws `KeyStoreAway`. */
  verify(purpose: MacPurpose, card: CardKeys, input: Uint8Array, mac: Uint8Array): Promise<boolean>;
  /** The 3 bytes that open a memory card for writing. Throws `KeyStoreAway`. */
  psc(card: CardKeys): Promise<Uint8Array>;
  /** Never throws: a store that is away says so. */
  health(): Promise<KeyStoreHealth>;
  /** Makes a new master inside the store; `there` when it has one already, which stays. Throws `KeyStoreAway`. */
  generate(master: MasterRef): Promise<'made' | 'there'>;
  /** Takes in a company's own master of 16 bytes; one that is there stays. Throws `KeyStoreAway`. */
  take(master: MasterRef, key: Uint8Array): Promise<'made' | 'there'>;
  close(): Promise<void>;
};

/** The store, or the master asked for, cannot be used now. Its message names no key. */
export class KeyStoreAway extends Error {
  override readonly name = 'KeyStoreAway';
}

export const MAC_LENGTH = 8;
export const MASTER_LENGTH = 16;
export const PSC_LENGTH = 3;

/** The block whose encryption under the master is a card's key. Throws on what no card has: a fault of the caller. */
export function derivationBlock(purpose: MacPurpose | 'psc', { revision, cardId }: CardKeys): Uint8Array {
  if (cardId.length !== 8) throw new RangeError('a card id has 8 bytes');
  const block = new Uint8Array(16);
  block[0] = PURPOSE_CODES[purpose];
  block[1] = byteOf(revision);
  block.set(cardId, 2);
  return block;
}

/** A master's name, as stores label it. */
export function masterLabel({ company, revision }: MasterRef): string {
  if (!/^\d{3}$/.test(company)) throw new RangeError('a company has three digits');
  return `komis-meter-${company}-${byteOf(revision)}`;
}

/** The master a label names; undefined when it is none of ours. */
export function masterOfLabel(label: string): MasterRef | undefined {
  const match = /^komis-meter-(\d{3})-(\d{1,3})$/.exec(label);
  return match ? { company: match[1] ?? '', revision: Number(match[2]) } : undefined;
}

function byteOf(revision: number): number {
  if (!Number.isInteger(revision) || revision < 0 || revision > 255)
    throw new RangeError('a key revision is a byte');
  return revision;
}

/** By company and revision: how stores list what they have. */
export const sortMasters = (masters: readonly MasterRef[]): MasterRef[] =>
  masters.toSorted((a, b) => a.company.localeCompare(b.company) || a.revision - b.revision);
