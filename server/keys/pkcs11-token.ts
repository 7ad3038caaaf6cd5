import {
  CKA,
  CryptokiError,
  loadCryptoki,
  secretAes,
  type Attribute,
  type Cryptoki,
  type Handle,
} from './cryptoki.ts';
import {
  MAC_LENGTH,
  PSC_LENGTH,
  derivationBlock,
  masterLabel,
  masterOfLabel,
  sortMasters,
  type CardKeys,
  type MacPurpose,
  type MasterRef,
} from './key-store.ts';

/**
 * The masters on one token, and what is made with them. Blocks while the token works: it runs in a process of its own
 * (pkcs11-process.ts).
 */
export type Token = {
  mac(purpose: MacPurpose, card: CardKeys, input: Uint8Array): Uint8Array;
  psc(card: CardKeys): Uint8Array;
  masters(): MasterRef[];
  generate(master: MasterRef): 'made' | 'there';
  take(master: MasterRef, key: Uint8Array): 'made' | 'there';
  close(): void;
};

export type TokenPlace = { readonly library: string; readonly label: string; readonly pin: string };

/** There is no token of that label, or no such master on it. */
export class TokenLacks extends Error {
  override readonly name = 'TokenLacks';
}

/** A master never leaves the token, in no form; nothing but keys of cards is made from it. */
const MASTER: readonly Attribute[] = [
  ...secretAes,
  [CKA.token, true],
  [CKA.private, true],
  [CKA.sensitive, true],
  [CKA.extractable, false],
  [CKA.derive, true],
  [CKA.sign, false],
  [CKA.encrypt, false],
];
/** A card's key lives in the session for one MAC. */
const CARD_KEY: readonly Attribute[] = [
  ...secretAes,
  [CKA.valueLength, 16],
  [CKA.token, false],
  [CKA.private, true],
  [CKA.sensitive, true],
  [CKA.extractable, false],
  [CKA.sign, true],
];
/** The code of a memory card is meant to come out. */
const CODE_KEY: readonly Attribute[] = [
  ...secretAes,
  [CKA.valueLength, 16],
  [CKA.token, false],
  [CKA.private, true],
  [CKA.sensitive, false],
  [CKA.extractable, true],
];

/** Opens a session on the token of that label and logs in. Throws when it is away or the PIN is wrong. */
export function openToken({ library, label, pin }: TokenPlace): Token {
  const cryptoki = loadCryptoki(library);
  try {
    const slot = cryptoki.slots().find((one) => labelOf(cryptoki, one) === label);
    if (slot === undefined) throw new TokenLacks(`no token is labelled ${label}`);
    const session = cryptoki.openSession(slot);
    cryptoki.login(session, pin);
    return onSession(cryptoki, session);
  } catch (error) {
    cryptoki.finalise();
    throw error;
  }
}

/** A slot whose token was pulled in between has no label. */
function labelOf(cryptoki: Cryptoki, slot: Handle): string | undefined {
  try {
    return cryptoki.tokenLabel(slot);
  } catch (error) {
    if (error instanceof CryptokiError) return undefined;
    throw error;
  }
}

function onSession(cryptoki: Cryptoki, session: Handle): Token {
  const found = new Map<string, Handle>();
  const lookFor = (label: string): Handle | undefined =>
    cryptoki.find(session, [...secretAes, [CKA.token, true], [CKA.label, label]])[0];
  const master = (ref: MasterRef): Handle => {
    const label = masterLabel(ref);
    const handle = found.get(label) ?? lookFor(label);
    if (handle === undefined) throw new TokenLacks(`there is no master ${label}`);
    found.set(label, handle);
    return handle;
  };
  const withKey = <T>(
    purpose: MacPurpose | 'psc',
    card: CardKeys,
    template: readonly Attribute[],
    run: (key: Handle) => T,
  ): T => {
    const key = cryptoki.deriveAes(session, master(card), derivationBlock(purpose, card), template);
    try {
      return run(key);
    } finally {
      cryptoki.destroy(session, key);
    }
  };
  return {
    mac: (purpose, card, input) =>
      withKey(purpose, card, CARD_KEY, (key) => cryptoki.cmac(session, key, input).slice(0, MAC_LENGTH)),
    psc: (card) =>
      withKey('psc', card, CODE_KEY, (key) =>
        cryptoki.bytesOf(session, key, CKA.value, 16).slice(0, PSC_LENGTH),
      ),
    masters: () =>
      sortMasters(
        cryptoki
          .find(session, [...secretAes, [CKA.token, true]])
          .flatMap((object) => masterOfLabel(cryptoki.textOf(session, object, CKA.label)) ?? []),
      ),
    generate(ref) {
      const label = masterLabel(ref);
      if (lookFor(label) !== undefined) return 'there';
      cryptoki.generateAes(session, [...MASTER, [CKA.valueLength, 16], [CKA.label, label]]);
      return 'made';
    },
    take(ref, key) {
      const label = masterLabel(ref);
      if (lookFor(label) !== undefined) return 'there';
      cryptoki.create(session, [...MASTER, [CKA.value, key], [CKA.label, label]]);
      return 'made';
    },
    close: () => cryptoki.finalise(),
  };
}
