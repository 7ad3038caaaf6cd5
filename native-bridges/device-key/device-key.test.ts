import { createHash, createPublicKey, randomBytes, verify } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { uuidv7 } from '../../contracts/ids.ts';
import { createDeviceKey } from './device-key.ts';
import { sealWithKey } from './seal-with-key.ts';

const mint = (): string => uuidv7(Date.now(), randomBytes(10));

function keyPath(): string {
  const folder = mkdtempSync(join(tmpdir(), 'komis-key-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, 'device-key');
}

const verified = (publicKey: string, message: Uint8Array, signature: string): boolean =>
  verify(
    null,
    message,
    createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: publicKey }, format: 'jwk' }),
    Buffer.from(signature, 'base64url'),
  );

test('an enrolment that was cut off is taken up with the same id and key', () => {
  const path = keyPath();
  const before = createDeviceKey({ path });
  expect(before.identity()).toBeNull();
  const begun = before.begin(mint);
  expect(statSync(path).mode & 0o777).toBe(0o600);

  const after = createDeviceKey({ path });
  expect(after.identity()).toEqual(begun);
  expect(after.begin(mint)).toEqual(begun);
  expect(begun.publicKey).toMatch(/^[A-Za-z0-9_-]{43}$/);
});

test('signatures over hashes and text verify with the public half, and with nothing else', () => {
  const key = createDeviceKey({ path: keyPath() });
  const { publicKey } = key.begin(mint);
  const hash = createHash('sha256').update('ə').digest();
  const signature = key.signHash(hash.toString('hex'));
  expect(signature).toMatch(/^[A-Za-z0-9_-]{86}$/);
  expect(verified(publicKey, hash, signature)).toBe(true);
  expect(verified(publicKey, hash.subarray(1), signature)).toBe(false);
  expect(verified(publicKey, Buffer.from('nonce ₼'), key.signText('nonce ₼'))).toBe(true);
  expect(verified(createDeviceKey({ path: keyPath() }).begin(mint).publicKey, hash, signature)).toBe(false);
});

test('nothing but a hash is signed as a hash, and nothing before enrolment has begun', () => {
  const key = createDeviceKey({ path: keyPath() });
  expect(() => key.signText('x')).toThrow('before enrolment');
  key.begin(mint);
  expect(() => key.signHash('payment')).toThrow('hex');
});

test('a sealed key opens with its seal only, and never appears in the file', () => {
  const path = keyPath();
  const seal = sealWithKey(randomBytes(32));
  const key = createDeviceKey({ path, seal });
  const begun = key.begin(mint);
  const again = createDeviceKey({ path, seal });
  expect(again.identity()).toEqual(begun);
  expect(again.signText('x')).toBe(key.signText('x'));
  expect(() => createDeviceKey({ path })).toThrow('cannot be used');
  expect(() => createDeviceKey({ path, seal: sealWithKey(randomBytes(32)) })).toThrow('cannot be used');

  const kept: unknown = JSON.parse(readFileSync(path, 'utf8'));
  expect(kept).toMatchObject({ sealed: true, deviceId: begun.deviceId });
});

test('a key written without a seal still opens with one', () => {
  const path = keyPath();
  const begun = createDeviceKey({ path }).begin(mint);
  expect(createDeviceKey({ path, seal: sealWithKey(randomBytes(32)) }).identity()).toEqual(begun);
});

test('a damaged key file is an error, never a reason for a new key', () => {
  const path = keyPath();
  createDeviceKey({ path }).begin(mint);
  const text = readFileSync(path, 'utf8');
  for (const damaged of ['', text.slice(0, 60), text.replace(/"publicKey":"../, '"publicKey":"xx')]) {
    writeFileSync(path, damaged);
    expect(() => createDeviceKey({ path })).toThrow('cannot be used');
  }
});
