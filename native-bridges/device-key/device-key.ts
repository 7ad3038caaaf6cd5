import { createPrivateKey, createPublicKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { z } from 'zod';
import { assert } from '../../contracts/assert.ts';
import { idSchema } from '../../contracts/ids.ts';
import type { DeviceKeyPort } from '../../core/ports/machine.ts';
import { readFileIfThere, writeFileDurably } from '../durable-file.ts';

/**
 * How the private half is wrapped before it is written: an operating system's key store, or nothing. `unseal` throws
 * when the bytes were sealed by someone else.
 */
export type KeySeal = {
  readonly seal: (plain: Uint8Array) => Uint8Array;
  readonly unseal: (sealed: Uint8Array) => Uint8Array;
};

export type DeviceKeyOptions = {
  readonly path: string;
  /** Absent: the file's mode (0600) is the only protection. A file written without a seal stays readable with one. */
  readonly seal?: KeySeal;
};

const fileSchema = z.object({
  version: z.literal(1),
  deviceId: idSchema,
  publicKey: z.string().length(43),
  sealed: z.boolean(),
  /** PKCS #8 DER, sealed or not, base64. */
  privateKey: z.base64(),
});

type Loaded = { readonly deviceId: string; readonly publicKey: string; readonly privateKey: KeyObject };

/**
 * The key of this device in one file. `begin` writes it durably before it answers, so an enrolment that was cut off is
 * taken up with the same id and key. Throws when the file is there but cannot be read: a second key is never made
 * silently, for the journal is signed with the first. The caller holds the journal's lock: one process at a time.
 */
export function createDeviceKey(options: DeviceKeyOptions): DeviceKeyPort {
  let loaded = load(options);

  const key = (): KeyObject => {
    assert(loaded !== undefined, 'nothing is signed before enrolment has begun');
    return loaded.privateKey;
  };
  const told = ({ deviceId, publicKey }: Loaded) => ({ deviceId, publicKey });

  return {
    identity: () => (loaded === undefined ? null : told(loaded)),
    begin(mint) {
      loaded ??= create(options, mint());
      return told(loaded);
    },
    signHash(hashHex) {
      assert(/^[0-9a-f]{64}$/.test(hashHex), 'a hash is 64 lower-case hex digits');
      return sign(null, Buffer.from(hashHex, 'hex'), key()).toString('base64url');
    },
    signText: (text) => sign(null, Buffer.from(text, 'utf8'), key()).toString('base64url'),
  };
}

function create({ path, seal }: DeviceKeyOptions, deviceId: string): Loaded {
  assert(readFileIfThere(path) === undefined, 'a device key is there already');
  const { privateKey } = generateKeyPairSync('ed25519');
  const publicKey = rawPublicKey(privateKey);
  const der = privateKey.export({ format: 'der', type: 'pkcs8' });
  const kept: z.infer<typeof fileSchema> = {
    version: 1,
    deviceId: idSchema.parse(deviceId),
    publicKey,
    sealed: seal !== undefined,
    privateKey: Buffer.from(seal === undefined ? der : seal.seal(der)).toString('base64'),
  };
  writeFileDurably(path, `${JSON.stringify(kept)}\n`);
  return { deviceId, publicKey, privateKey };
}

function load({ path, seal }: DeviceKeyOptions): Loaded | undefined {
  const text = readFileIfThere(path);
  if (text === undefined) return undefined;
  try {
    const kept = fileSchema.parse(JSON.parse(text));
    const bytes = Buffer.from(kept.privateKey, 'base64');
    if (kept.sealed && seal === undefined) throw new Error('it was sealed by the other shell');
    const der = kept.sealed && seal !== undefined ? Buffer.from(seal.unseal(bytes)) : bytes;
    const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
    if (rawPublicKey(privateKey) !== kept.publicKey) throw new Error('its two halves do not belong together');
    return { deviceId: kept.deviceId, publicKey: kept.publicKey, privateKey };
  } catch (error) {
    throw new Error(`the device key ${path} cannot be used`, { cause: error });
  }
}

/** The 32 bytes of the public half, base64url. */
function rawPublicKey(privateKey: KeyObject): string {
  const { x } = createPublicKey(privateKey).export({ format: 'jwk' });
  assert(typeof x === 'string', 'an Ed25519 key has an x');
  return x;
}
