import { createPublicKey, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { formatMoney } from '../../contracts/money.ts';
import { parseReceiptCode, receiptAddress, receiptCodePayload } from '../../contracts/rules/receipt-code.ts';
import { formatBaku } from '../../contracts/time.ts';

/** docs/formats/receipt.md is read, and its example is held against the rules. */
const page = readFileSync(join(import.meta.dirname, '../../docs/formats/receipt.md'), 'utf8');
const address = /^https:\/\/\S+$/m.exec(page)?.[0] ?? '';
const code = parseReceiptCode(address);

test('the example’s address, payload, JSON and words are one receipt', () => {
  const facts = code?.facts ?? expect.fail('the example is not a receipt code');
  expect(receiptCodePayload(facts)).toBe(code?.payload);
  expect(page.match(new RegExp(`^${code?.payload}$`, 'm'))).not.toBeNull();
  const json = /^\[1,.*\]$/m.exec(page)?.[0] ?? '';
  expect(Buffer.from(json).toString('base64url')).toBe(code?.payload);
  expect(page).toContain(facts.deviceId);
  expect(page).toContain(facts.paymentId);
  expect(page).toContain(formatMoney(facts.total).replace('\u00a0', ' '));
  expect(page.replace(/\s+/g, ' ')).toContain(formatBaku(facts.takenAt).replace(' ', ' at '));
  expect(receiptAddress('https://komis.example.az/q/', `${code?.payload}.${code?.signature}`)).toBe(address);
});

test('the example’s signature is that of the stated key', () => {
  const x = /public key\s+`([\w-]{43})`/.exec(page)?.[1];
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: x ?? '' }, format: 'jwk' });
  const signature = Buffer.from(code?.signature ?? '', 'base64url');
  expect(verify(null, Buffer.from(code?.payload ?? '', 'ascii'), key, signature)).toBe(true);
});
