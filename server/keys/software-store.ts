import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cardMac, cardPsc, sameMac } from './card-mac.ts';
import {
  KeyStoreAway,
  MASTER_LENGTH,
  masterLabel,
  masterOfLabel,
  sortMasters,
  type KeyStore,
  type MasterRef,
} from './key-store.ts';
import { createOnce, openSeal, type Seal } from './sealing.ts';

export type SoftwareStoreOptions = {
  /** The folder of the sealed masters, one file each. */
  readonly folder: string;
  readonly passphrase?: string | undefined;
};

const SUFFIX = '.sealed';

/**
 * The embedded store: masters sealed on disk, opened when they are first used. For trying the system and for small
 * centres; whoever can read the folder and the memory of this process can read the keys (docs/adr/0016).
 */
export async function softwareStore({ folder, passphrase }: SoftwareStoreOptions): Promise<KeyStore> {
  const seal = await openSeal(folder, passphrase);
  const opened = new Map<string, Uint8Array>();

  const master = (ref: MasterRef): Uint8Array => {
    const label = masterLabel(ref);
    const known = opened.get(label) ?? openMaster(seal, folder, label);
    opened.set(label, known);
    return known;
  };
  const put = (ref: MasterRef, key: Uint8Array): 'made' | 'there' => {
    const label = masterLabel(ref);
    return createOnce(join(folder, label + SUFFIX), `${seal.seal(label, key)}\n`) ? 'made' : 'there';
  };
  const listed = (): MasterRef[] =>
    sortMasters(
      readdirSync(folder).flatMap((name) =>
        name.endsWith(SUFFIX) ? (masterOfLabel(name.slice(0, -SUFFIX.length)) ?? []) : [],
      ),
    );

  return {
    kind: 'software',
    mac: async (purpose, card, input) => cardMac(master(card), purpose, card, input),
    verify: async (purpose, card, input, mac) => sameMac(cardMac(master(card), purpose, card, input), mac),
    psc: async (card) => cardPsc(master(card), card),
    async health() {
      try {
        const masters = listed();
        for (const one of masters) master(one);
        return { state: 'up', masters };
      } catch (error) {
        return { state: 'down', reason: error instanceof Error ? error.message : 'unreadable' };
      }
    },
    generate: async (ref) => put(ref, randomBytes(MASTER_LENGTH)),
    async take(ref, key) {
      if (key.length !== MASTER_LENGTH) throw new RangeError('a master key has 16 bytes');
      return put(ref, key);
    },
    async close() {
      for (const key of opened.values()) key.fill(0);
      opened.clear();
    },
  };
}

function openMaster(seal: Seal, folder: string, label: string): Uint8Array {
  let sealed: string;
  try {
    sealed = readFileSync(join(folder, label + SUFFIX), 'utf8');
  } catch {
    throw new KeyStoreAway(`there is no master ${label}`);
  }
  try {
    return seal.open(label, sealed);
  } catch {
    throw new KeyStoreAway(`the master ${label} does not open: it was altered, or is sealed otherwise`);
  }
}
