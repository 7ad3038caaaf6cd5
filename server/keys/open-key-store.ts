import { readFileSync } from 'node:fs';
import { KeyStoreAway, type KeyStore } from './key-store.ts';
import { pkcs11Store } from './pkcs11-store.ts';
import { softwareStore } from './software-store.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The key store that the environment names, for the centre and its command line alike: `KOMIS_KEY_STORE=pkcs11` with
 * `KOMIS_PKCS11_LIBRARY`, `KOMIS_PKCS11_TOKEN` (label) and `KOMIS_PKCS11_PIN_FILE`; else the embedded one in the data
 * folder, sealed under the passphrase in `KOMIS_KEYS_PASSPHRASE_FILE` where that is set. Throws on what is named by halves.
 */
export async function openKeyStore(
  folder: string,
  environment: Environment = process.env,
): Promise<KeyStore> {
  const kind = environment['KOMIS_KEY_STORE'] ?? 'software';
  if (kind === 'pkcs11') {
    const needed = (name: string): string => {
      const value = environment[name];
      if (value === undefined || value === '') throw new Error(`KOMIS_KEY_STORE=pkcs11 needs ${name}`);
      return value;
    };
    return pkcs11Store({
      library: needed('KOMIS_PKCS11_LIBRARY'),
      label: needed('KOMIS_PKCS11_TOKEN'),
      pinFile: needed('KOMIS_PKCS11_PIN_FILE'),
    });
  }
  if (kind !== 'software') throw new Error(`KOMIS_KEY_STORE is software or pkcs11, not ${kind}`);
  const file = environment['KOMIS_KEYS_PASSPHRASE_FILE'];
  const passphrase = file === undefined || file === '' ? undefined : readFileSync(file, 'utf8').trim();
  return softwareStore({ folder, passphrase });
}

const TRY_AGAIN_MS = 5_000;

/**
 * A store that opens when it is first needed, and is away until it does: a centre takes payments whatever its keys do. `fault` hears
 * why it did not open, each time it was tried.
 */
export function openWhenNeeded(
  kind: KeyStore['kind'],
  open: () => Promise<KeyStore>,
  fault: (error: unknown) => void,
): KeyStore {
  let opened: Promise<KeyStore> | undefined;
  let notBefore = 0;
  async function store(): Promise<KeyStore> {
    if (!opened && performance.now() < notBefore) throw new KeyStoreAway('the key store does not open');
    const mine = (opened ??= open());
    try {
      return await mine;
    } catch (error) {
      // Who waited for the same try has told already.
      if (opened === mine) {
        opened = undefined;
        notBefore = performance.now() + TRY_AGAIN_MS;
        fault(error);
      }
      throw new KeyStoreAway('the key store does not open');
    }
  }
  return {
    kind,
    mac: async (...given) => (await store()).mac(...given),
    verify: async (...given) => (await store()).verify(...given),
    psc: async (...given) => (await store()).psc(...given),
    async health() {
      try {
        return await (await store()).health();
      } catch (error) {
        return { state: 'down', reason: error instanceof Error ? error.message : 'away' };
      }
    },
    generate: async (...given) => (await store()).generate(...given),
    take: async (...given) => (await store()).take(...given),
    close: async () => (await opened?.catch(() => undefined))?.close(),
  };
}

/** Which store the environment names. */
export const keyStoreKind = (environment: Environment = process.env): KeyStore['kind'] =>
  environment['KOMIS_KEY_STORE'] === 'pkcs11' ? 'pkcs11' : 'software';
