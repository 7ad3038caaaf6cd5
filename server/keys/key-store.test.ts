import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test, type TestContext } from 'vitest';
import { needs } from '../../scripts/needs.ts';
import { aesCmac, cardKey } from './card-mac.ts';
import { KeyStoreAway, type CardKeys, type KeyStore, type MacPurpose } from './key-store.ts';
import { openKeyStore } from './open-key-store.ts';
import { pkcs11Store } from './pkcs11-store.ts';
import { softwareStore } from './software-store.ts';
import { hsmLibrary } from './testing/softhsm.ts';

const hex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'hex'));
const MASTER = hex('2b7e151628aed2a6abf7158809cf4f3c');
const CARD: CardKeys = { company: '102', revision: 1, cardId: hex('0102030405060708') };

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'komis-keys-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('CMAC is that of RFC 4493', () => {
  const message = hex(
    '6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710',
  );
  const macs: readonly [number, string][] = [
    [0, 'bb1d6929e95937287fa37d129b756746'],
    [16, '070a16b46b4d4144f79bdd9dd04a287c'],
    [40, 'dfa66747de9ae63030ca32611497c827'],
    [64, '51f0bebf7e3b9d92fc49741779363cfe'],
  ];
  for (const [length, mac] of macs)
    expect(Buffer.from(aesCmac(MASTER, message.subarray(0, length))).toString('hex')).toBe(mac);
});

test('a card’s key is the encryption of its block under the master (FIPS 197’s AES)', () => {
  // The block is 01 01 0102030405060708 and six zeros.
  expect(cardKey(MASTER, 'init', CARD)).toHaveLength(16);
  expect(cardKey(MASTER, 'init', CARD)).not.toEqual(cardKey(MASTER, 'load', CARD));
  expect(() => cardKey(MASTER, 'init', { ...CARD, revision: 256 })).toThrow(RangeError);
  // FIPS 197, appendix B: the cipher itself.
  expect(
    Buffer.from(
      cardKey(hex('000102030405060708090a0b0c0d0e0f'), 'init', {
        ...CARD,
        revision: 0,
        cardId: new Uint8Array(8),
      }),
    ).toString('hex'),
  ).toBe(execCipher('000102030405060708090a0b0c0d0e0f', `01${'00'.repeat(15)}`));
});

/** One block by the system's OpenSSL through Node, apart from the code under test. */
function execCipher(key: string, block: string): string {
  const program = `const c=require('node:crypto').createCipheriv('aes-128-ecb',Buffer.from('${key}','hex'),null);c.setAutoPadding(false);process.stdout.write(c.update('${block}','hex','hex'))`;
  return execFileSync(process.execPath, ['-e', program], { encoding: 'utf8' });
}

/** A SoftHSM token of this test's own. */
type Hsm = {
  readonly folder: string;
  readonly tokens: string;
  readonly pinFile: string;
  readonly library: string;
};
const library = hsmLibrary();

/** The program that makes tokens, or the test is left out. */
function hsmUtil(context: TestContext): string {
  const util = needs(context, 'softhsm2-util');
  return library === undefined ? context.skip('libsofthsm2.so is in none of the usual places') : util;
}

function softHsm(util: string, name: string): Hsm {
  const place = join(folder, name);
  const tokens = join(place, 'tokens');
  mkdirSync(tokens, { recursive: true });
  const conf = join(place, 'softhsm2.conf');
  writeFileSync(conf, `directories.tokendir = ${tokens}\nobjectstore.backend = file\nlog.level = ERROR\n`);
  const pinFile = join(place, 'pin');
  writeFileSync(pinFile, '847362\n', { mode: 0o600 });
  process.env['SOFTHSM2_CONF'] = conf;
  execFileSync(util, ['--init-token', '--free', '--label', 'komis', '--pin', '847362', '--so-pin', '5678'], {
    env: process.env,
    stdio: 'ignore',
  });
  return { folder: place, tokens, pinFile, library: library ?? '' };
}
const onHsm = (hsm: Hsm, more: { deadlineMs?: number; program?: URL } = {}): KeyStore =>
  pkcs11Store({ library: hsm.library, label: 'komis', pinFile: hsm.pinFile, ...more });

type Kind = { readonly name: string; readonly open: (context: TestContext) => Promise<KeyStore> };
const KINDS: readonly Kind[] = [
  { name: 'software', open: () => softwareStore({ folder: mkdtempSync(join(folder, 'soft-')) }) },
  {
    name: 'software with a passphrase',
    open: () => softwareStore({ folder: mkdtempSync(join(folder, 'phrase-')), passphrase: 'uzun bir söz' }),
  },
  {
    name: 'PKCS#11',
    open: async (context) => onHsm(softHsm(hsmUtil(context), `any-${randomBytes(3).toString('hex')}`)),
  },
];

describe.each(KINDS)('a $name key store', ({ open }) => {
  test('makes, keeps and lists masters, and proves what it made', async (context) => {
    const store = await open(context);
    try {
      expect(await store.health()).toEqual({ state: 'up', masters: [] });
      await expect(store.mac('init', CARD, hex('00'))).rejects.toThrow(KeyStoreAway);
      expect(await store.generate({ company: '202', revision: 3 })).toBe('made');
      expect(await store.generate({ company: '202', revision: 3 })).toBe('there');
      expect(await store.take(CARD, MASTER)).toBe('made');
      expect(await store.take(CARD, new Uint8Array(16))).toBe('there');
      expect(await store.health()).toEqual({
        state: 'up',
        masters: [
          { company: '102', revision: 1 },
          { company: '202', revision: 3 },
        ],
      });
      const input = hex('49aabbcc');
      const mac = await store.mac('init', CARD, input);
      expect(mac).toEqual(aesCmac(cardKey(MASTER, 'init', CARD), input).slice(0, 8));
      expect(await store.verify('init', CARD, input, mac)).toBe(true);
      for (const wrong of [
        store.verify('load', CARD, input, mac),
        store.verify('init', { ...CARD, cardId: hex('0102030405060709') }, input, mac),
        store.verify('init', CARD, hex('49aabbcd'), mac),
        store.verify(
          'init',
          CARD,
          input,
          mac.map((byte, i) => (i === 7 ? byte ^ 1 : byte)),
        ),
        store.verify('init', CARD, input, mac.subarray(0, 7)),
        store.verify('init', CARD, input, new Uint8Array(0)),
      ])
        expect(await wrong).toBe(false);
      expect(await store.psc(CARD)).toEqual(cardKey(MASTER, 'psc', CARD).slice(0, 3));
    } finally {
      await store.close();
    }
  });

  test('answers many at once, each its own', async (context) => {
    const store = await open(context);
    try {
      await store.take(CARD, MASTER);
      const cards = Array.from({ length: 40 }, (_, i) => ({
        ...CARD,
        cardId: Uint8Array.of(0, 0, 0, 0, 0, 0, 0, i),
      }));
      const macs = await Promise.all(cards.map((card) => store.mac('status', card, hex('54'))));
      expect(macs).toEqual(
        cards.map((card) => aesCmac(cardKey(MASTER, 'status', card), hex('54')).slice(0, 8)),
      );
    } finally {
      await store.close();
    }
  });
});

test('software and token say the same for any card, purpose and input', async (context) => {
  const util = hsmUtil(context);
  const soft = await softwareStore({ folder: join(folder, 'same') });
  const hard = onHsm(softHsm(util, 'same-hsm'));
  const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
  try {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom<MacPurpose>('init', 'load', 'status', 'record'),
        bytes(8),
        bytes(16),
        fc.nat(255),
        fc.uint8Array({ maxLength: 120 }),
        async (purpose, cardId, key, revision, input) => {
          const card: CardKeys = { company: '102', revision, cardId };
          const made = await Promise.all([soft.take(card, key), hard.take(card, key)]);
          expect(made[0]).toBe(made[1]);
          const mac = await soft.mac(purpose, card, input);
          expect(await hard.mac(purpose, card, input)).toEqual(mac);
          expect(await hard.verify(purpose, card, input, mac)).toBe(true);
          expect(await hard.psc(card)).toEqual(await soft.psc(card));
        },
      ),
      { numRuns: 100 },
    );
  } finally {
    await soft.close();
    await hard.close();
  }
}, 300_000);

test('on disk nothing but the owner reads, nothing holds a key, and what was altered or swapped does not open', async () => {
  const place = join(folder, 'disk');
  const store = await softwareStore({ folder: place });
  await store.take(CARD, MASTER);
  await store.generate({ company: '202', revision: 1 });
  await store.close();
  expect(statSync(place).mode & 0o777).toBe(0o700);
  const names = readdirSync(place);
  expect(names.sort()).toEqual([
    'komis-meter-102-1.sealed',
    'komis-meter-202-1.sealed',
    'seal.json',
    'seal.key',
  ]);
  for (const name of names) {
    expect(statSync(join(place, name)).mode & 0o777).toBe(0o600);
    const text = readFileSync(join(place, name));
    for (const form of [
      Buffer.from(MASTER),
      Buffer.from(MASTER).toString('hex'),
      Buffer.from(MASTER).toString('base64url'),
    ])
      expect(text.includes(form)).toBe(false);
  }
  const again = await softwareStore({ folder: place });
  expect(await again.mac('init', CARD, hex('01'))).toEqual(
    aesCmac(cardKey(MASTER, 'init', CARD), hex('01')).slice(0, 8),
  );
  await again.close();

  const sealed = readFileSync(join(place, 'komis-meter-102-1.sealed'));
  writeFileSync(join(place, 'komis-meter-202-1.sealed'), sealed);
  const swapped = await softwareStore({ folder: place });
  await expect(swapped.mac('init', { ...CARD, company: '202' }, hex('01'))).rejects.toThrow(KeyStoreAway);
  expect((await swapped.health()).state).toBe('down');
  await swapped.close();
});

test('a passphrase opens what it sealed, and no other does', async () => {
  const place = join(folder, 'phrase');
  const file = join(folder, 'phrase.txt');
  writeFileSync(file, 'birinci söz\n');
  const environment = { KOMIS_KEYS_PASSPHRASE_FILE: file };
  const store = await openKeyStore(place, environment);
  await store.take(CARD, MASTER);
  await store.close();
  expect(readdirSync(place)).not.toContain('seal.key');
  const same = await openKeyStore(place, environment);
  expect((await same.health()).state).toBe('up');
  await same.close();
  await expect(openKeyStore(place, {})).rejects.toThrow(/passphrase/);
  writeFileSync(file, 'başqa söz');
  const other = await openKeyStore(place, environment);
  expect(await other.health()).toMatchObject({ state: 'down' });
  await expect(other.mac('init', CARD, hex('01'))).rejects.toThrow(KeyStoreAway);
  await other.close();
  await expect(openKeyStore(place, { KOMIS_KEY_STORE: 'pkcs11' })).rejects.toThrow(/KOMIS_PKCS11_LIBRARY/);
  await expect(openKeyStore(place, { KOMIS_KEY_STORE: 'paper' })).rejects.toThrow(/software or pkcs11/);
});

test('a token that goes away is said so, and comes back by itself', async (context) => {
  const util = hsmUtil(context);
  const hsm = softHsm(util, 'away');
  const store = onHsm(hsm);
  try {
    await store.take(CARD, MASTER);
    const before = await store.mac('init', CARD, hex('01'));
    renameSync(hsm.tokens, `${hsm.tokens}.away`);
    mkdirSync(hsm.tokens);
    // Until it notices, a session that is open may go on; a new process finds no token.
    await store.close();
    const later = onHsm(hsm);
    await expect(later.mac('init', CARD, hex('01'))).rejects.toThrow(KeyStoreAway);
    expect(await later.health()).toMatchObject({ state: 'down' });
    rmSync(hsm.tokens, { recursive: true });
    renameSync(`${hsm.tokens}.away`, hsm.tokens);
    expect(await later.mac('init', CARD, hex('01'))).toEqual(before);
    expect(await later.health()).toMatchObject({ state: 'up' });
    await later.close();
  } finally {
    await store.close();
  }
});

test('a wrong PIN, tried once, a library that is none: away, in words that hold no PIN', async (context) => {
  const util = hsmUtil(context);
  const hsm = softHsm(util, 'wrong');
  writeFileSync(hsm.pinFile, '99999999');
  const store = onHsm(hsm);
  const none = pkcs11Store({ library: '/nonexistent.so', label: 'komis', pinFile: hsm.pinFile });
  try {
    for (const one of [store, none]) {
      const health = await one.health();
      expect(health.state).toBe('down');
      expect(JSON.stringify(health)).not.toContain('99999999');
    }
    // A few tries lock a real token for good: the same PIN is tried once, another one at once.
    expect(await store.health()).toMatchObject({ reason: expect.stringContaining('not tried again') });
    await expect(store.psc(CARD)).rejects.toThrow('not tried again');
    writeFileSync(hsm.pinFile, '847362');
    expect((await store.health()).state).toBe('up');
  } finally {
    await store.close();
    await none.close();
  }
});

test('a library that hangs or crashes costs its question, not the store', async () => {
  const program = join(folder, 'hung.mjs');
  const flag = join(folder, 'hang');
  // Stands in for the process: hangs in native code as long as the flag says so, ends when it says so.
  writeFileSync(
    program,
    `import { existsSync, readFileSync } from 'node:fs';
     process.on('message', (m) => {
       if (!('id' in m)) return;
       const what = existsSync(${JSON.stringify(flag)}) ? readFileSync(${JSON.stringify(flag)}, 'utf8') : '';
       if (what === 'hang') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
       if (what === 'crash') process.kill(process.pid, 'SIGSEGV');
       process.send({ id: m.id, value: new Uint8Array(8) });
     });
     process.on('disconnect', () => process.exit(0));`,
  );
  const store = pkcs11Store({
    library: '',
    label: '',
    pinFile: '',
    deadlineMs: 3_000,
    program: new URL(`file://${program}`),
  });
  try {
    for (const what of ['hang', 'crash']) {
      writeFileSync(flag, what);
      await expect(store.mac('init', CARD, hex('01'))).rejects.toThrow(KeyStoreAway);
      rmSync(flag);
      await expect
        .poll(() => store.mac('init', CARD, hex('01')).catch(() => null), { timeout: 30_000 })
        .toHaveLength(8);
    }
  } finally {
    await store.close();
  }
}, 120_000);
