import { readFileSync } from 'node:fs';
import type { KeyStore } from './key-store.ts';
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
