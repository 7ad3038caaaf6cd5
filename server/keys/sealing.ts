import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import {
  chmodSync,
  linkSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
  openSync,
  fsyncSync,
  closeSync,
} from 'node:fs';
import { join } from 'node:path';
import { hashRaw } from '@node-rs/argon2';
import { z } from 'zod';

/**
 * Sealing of secrets that lie in files: AES-256-GCM under a key that is derived from a passphrase (argon2id), or lies
 * beside them in a file that only its owner may read. The name a secret is sealed under is part of the seal: a file that was
 * renamed or swapped does not open.
 */
export type Seal = {
  seal(name: string, secret: Uint8Array): string;
  /** Throws when it was altered, renamed, or sealed under another key. */
  open(name: string, sealed: string): Uint8Array;
};

/** 64 MiB, three passes (argon2id, the library's default): done once a start, not once a request. */
const COST = { memoryCost: 65_536, timeCost: 3, parallelism: 1, outputLen: 32 };

const setupSchema = z.discriminatedUnion('kind', [
  z.object({ version: z.literal(1), kind: z.literal('keyFile') }),
  z.object({ version: z.literal(1), kind: z.literal('passphrase'), salt: z.base64url() }),
]);
const sealedSchema = z.object({ version: z.literal(1), nonce: z.base64url(), sealed: z.base64url() });

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * The seal of a folder, made on first use. Once it is by passphrase it opens with that passphrase only, and the other way
 * round: what is sealed already decides.
 */
export async function openSeal(folder: string, passphrase: string | undefined): Promise<Seal> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o700);
  const path = join(folder, 'seal.json');
  const wanted =
    passphrase === undefined
      ? { version: 1, kind: 'keyFile' }
      : { version: 1, kind: 'passphrase', salt: randomBytes(16).toString('base64url') };
  createOnce(path, `${JSON.stringify(wanted)}\n`);
  const setup = setupSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  if (setup.kind === 'keyFile') {
    if (passphrase !== undefined) throw new Error(`the keys in ${folder} are sealed without a passphrase`);
    return sealWith(keyFile(join(folder, 'seal.key')));
  }
  if (passphrase === undefined)
    throw new Error(`the keys in ${folder} are sealed with a passphrase, and none is given`);
  const salt = Buffer.from(setup.salt, 'base64url');
  return sealWith(await hashRaw(passphrase, { ...COST, salt }));
}

function keyFile(path: string): Buffer {
  createOnce(path, randomBytes(32).toString('base64url'));
  chmodSync(path, 0o600);
  const key = Buffer.from(readFileSync(path, 'utf8'), 'base64url');
  if (key.length !== 32) throw new Error(`${path} holds no key`);
  return key;
}

function sealWith(key: Uint8Array): Seal {
  return {
    seal(name, secret) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(name, 'utf8'));
      const sealed = Buffer.concat([cipher.update(secret), cipher.final(), cipher.getAuthTag()]);
      return JSON.stringify({
        version: 1,
        nonce: nonce.toString('base64url'),
        sealed: sealed.toString('base64url'),
      });
    },
    open(name, text) {
      const { nonce, sealed } = sealedSchema.parse(JSON.parse(text));
      const bytes = Buffer.from(sealed, 'base64url');
      const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(nonce, 'base64url'), {
        authTagLength: TAG_BYTES,
      });
      decipher.setAAD(Buffer.from(name, 'utf8')).setAuthTag(bytes.subarray(-TAG_BYTES));
      return new Uint8Array(
        Buffer.concat([decipher.update(bytes.subarray(0, -TAG_BYTES)), decipher.final()]),
      );
    },
  };
}

/** Writes a file whole, on disk, for its owner only; one that is there stays. True when it was written. */
export function createOnce(path: string, text: string): boolean {
  const draft = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`;
  writeFileSync(draft, text, { mode: 0o600, flag: 'wx' });
  try {
    const file = openSync(draft, 'r');
    fsyncSync(file);
    closeSync(file);
    linkSync(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return false;
  } finally {
    rmSync(draft, { force: true });
  }
}
