import { generateKeyPairSync, sign, verify } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { uuidv7 } from '../ids.ts';
import { MAX_QEPIK, qepik } from '../money.ts';
import {
  parseReceiptCode,
  receiptAddress,
  receiptCode,
  receiptCodePayload,
  type ReceiptFacts,
} from './receipt-code.ts';
import { receiptNumber } from './receipt-number.ts';

const key = generateKeyPairSync('ed25519');
const signText = (text: string): string =>
  sign(null, Buffer.from(text), key.privateKey).toString('base64url');

const idArbitrary = fc
  .tuple(fc.integer({ min: 0, max: 2 ** 48 - 1 }), fc.uint8Array({ minLength: 10, maxLength: 10 }))
  .map(([ms, random]) => uuidv7(ms, random));
const factsArbitrary: fc.Arbitrary<ReceiptFacts> = fc.record({
  deviceId: idArbitrary,
  paymentId: idArbitrary,
  receiptNo: fc
    .tuple(fc.stringMatching(/^[A-Z0-9]{2,12}$/), fc.integer({ min: 1, max: 99_999 }))
    .map(([workstation, serial]) => receiptNumber(workstation, '2026-11-23', serial)),
  total: fc.integer({ min: -MAX_QEPIK, max: MAX_QEPIK }).map((value) => qepik(value === 0 ? 0 : value)),
  takenAt: fc.integer({ min: 0, max: 4_102_444_800_000 }).map((ms) => new Date(ms).toISOString()),
});

test('what was signed is read back, from the code and from the address', () => {
  fc.assert(
    fc.property(
      factsArbitrary,
      fc.constantFrom('https://centre.example/q', 'https://centre.example:8443/q/'),
      (facts, url) => {
        const code = receiptCode(facts, signText);
        for (const text of [code, receiptAddress(url, code), ` ${receiptAddress(url, code)}\n`]) {
          const parsed = parseReceiptCode(text);
          expect(parsed?.facts).toEqual(facts);
          expect(
            verify(
              null,
              Buffer.from(parsed?.payload ?? ''),
              key.publicKey,
              Buffer.from(parsed?.signature ?? '', 'base64url'),
            ),
          ).toBe(true);
        }
        expect(Buffer.from(receiptCodePayload(facts), 'base64url').toString()).toMatch(
          /^\[1,"[\w-]{22}","[\w-]{22}","/,
        );
      },
    ),
  );
});

test('an address stays small enough for a QR of 61 modules at level M', () => {
  const facts = {
    deviceId: uuidv7(1_795_430_467_123, new Uint8Array(10).fill(0xfb)),
    paymentId: uuidv7(1_795_430_467_123, new Uint8Array(10).fill(0xff)),
    receiptNo: 'WS07-20261123-0042',
    total: qepik(123_456_789),
    takenAt: '2026-11-23T10:31:07.123Z',
  };
  // Version 11 at level M holds 251 bytes (ISO/IEC 18004, table 7).
  expect(
    receiptAddress('https://komis.example.az:8443/q', receiptCode(facts, signText)).length,
  ).toBeLessThanOrEqual(251);
});

test('whatever differs by a character is another receipt or none', () => {
  fc.assert(
    fc.property(
      factsArbitrary,
      fc.nat(),
      fc.constantFrom('A', 'Q', 'z', '9', '_', '-', '.', '=', '"'),
      (facts, at, letter) => {
        const code = receiptCode(facts, signText);
        const position = at % code.length;
        const changed = code.slice(0, position) + letter + code.slice(position + 1);
        fc.pre(changed !== code);
        const parsed = parseReceiptCode(changed);
        const genuine =
          parsed !== undefined &&
          verify(
            null,
            Buffer.from(parsed.payload),
            key.publicKey,
            Buffer.from(parsed.signature, 'base64url'),
          ) &&
          // The last character of 86 carries two bits that a signature does not use.
          parsed.payload !== code.split('.')[0];
        expect(genuine).toBe(false);
      },
    ),
  );
});

test.each([
  ['empty', ''],
  ['a bill', 'komis:bill?c=001&a=1104552018&k=4'],
  ['an unsigned payload', 'WzFd'],
  ['signed rubbish', `WzFd.${'A'.repeat(86)}`],
  ['not JSON', `${Buffer.from('[1,').toString('base64url')}.${'A'.repeat(86)}`],
  [
    'another version',
    `${Buffer.from('[2,"a","b","WS07-20261123-0042",1,1]').toString('base64url')}.${'A'.repeat(86)}`,
  ],
  ['a third part', `WzFd.${'A'.repeat(86)}.x`],
  ['a length no bytes have', `WzFdA.${'A'.repeat(86)}`],
])('%s is not a receipt code', (_what, text) => {
  expect(parseReceiptCode(text)).toBeUndefined();
});

test('the same facts written with spaces are refused: one receipt has one text', () => {
  const facts = {
    deviceId: uuidv7(1, new Uint8Array(10)),
    paymentId: uuidv7(2, new Uint8Array(10)),
    receiptNo: 'WS07-20261123-0042',
    total: qepik(1),
    takenAt: '2026-11-23T10:31:07.123Z',
  };
  const spaced = Buffer.from(receiptCodePayload(facts), 'base64url').toString().replaceAll(',', ', ');
  expect(parseReceiptCode(`${Buffer.from(spaced).toString('base64url')}.${'A'.repeat(86)}`)).toBeUndefined();
});
