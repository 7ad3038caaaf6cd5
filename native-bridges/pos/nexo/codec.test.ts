import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MAX_QEPIK, qepik } from '../../../contracts/money.ts';
import { maskedPanSchema } from '../../../contracts/pos.ts';
import { mintId } from '../testing/bench.ts';
import { decimalOf, qepikOf } from './amount.ts';
import { encodeFrame, frameReader, LONGEST_MESSAGE } from './frames.ts';
import { decimal, jsonText, readJson } from './json.ts';
import { maskedFrame, maskedPanOf, maskText } from './mask.ts';
import { freshServiceId, serviceIdOf } from './service-id.ts';

const amounts = fc.integer({ min: 0, max: MAX_QEPIK }).map(qepik);

test('an amount is written with two decimals and read back to the qəpik, through JSON as well', () => {
  fc.assert(
    fc.property(amounts, (amount) => {
      expect(decimalOf(amount)).toMatch(/^\d+\.\d\d$/);
      expect(qepikOf(decimalOf(amount))).toBe(amount);
      const text = jsonText({ RequestedAmount: decimal(decimalOf(amount)) });
      expect(text).toBe(`{"RequestedAmount":${decimalOf(amount)}}`);
      const { RequestedAmount: read } = readJson(text) as { RequestedAmount: string };
      expect(qepikOf(read)).toBe(amount);
    }),
  );
  expect(decimalOf(qepik(5))).toBe('0.05');
  expect(decimalOf(qepik(1010))).toBe('10.10');
});

test('amounts are read as terminals write them, and what is finer than a qəpik is none', () => {
  expect(['10', '10.1', '10.10', '10.1000', '0.07'].map(qepikOf)).toEqual([1000, 1010, 1010, 1010, 7]);
  for (const wrong of ['10.001', '-1', '1e3', '', '1,5', 'NaN', '99999999999.99', '+1', '0x10']) {
    expect(qepikOf(wrong), wrong).toBeNull();
  }
  // 0.1 + 0.2 of a terminal that adds with floats.
  expect(qepikOf('0.30000000000000004')).toBeNull();
});

test('JSON is written as JSON.parse reads it, whatever the text; nesting without end is no JSON', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const clean: unknown = JSON.parse(JSON.stringify(value, (_key, inner: unknown) => inner ?? 'null'));
      expect(JSON.parse(jsonText(clean as never))).toEqual(clean);
    }),
  );
  expect(jsonText({ a: undefined, b: 1 })).toBe('{"b":1}');
  expect(readJson('{"a":')).toBeUndefined();
  expect(readJson('['.repeat(500_000))).toBeUndefined();
});

test('frames come out whole however the stream was cut', () => {
  const texts = fc.array(fc.string({ unit: 'grapheme' }), { maxLength: 6 });
  fc.assert(
    fc.property(texts, fc.infiniteStream(fc.integer({ min: 1, max: 9 })), (messages, cuts) => {
      const stream = Buffer.concat(messages.map(encodeFrame));
      const reader = frameReader();
      const out: string[] = [];
      for (let at = 0; at < stream.length;) {
        const size = cuts.next().value ?? 1;
        out.push(...(reader.push(stream.subarray(at, at + size)) ?? ['broken']));
        at += size;
      }
      expect(out).toEqual(messages);
    }),
  );
});

test('a length that no message has is another protocol', () => {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(LONGEST_MESSAGE + 1, 0);
  expect(frameReader().push(length)).toBeNull();
  expect(frameReader().push(Buffer.from('HTTP/1.1 400 Bad Request\r\n'))).toBeNull();
});

test('an attempt has one name of ten characters, and no other message ever has it', () => {
  const ids = Array.from({ length: 2000 }, mintId);
  const names = ids.map(serviceIdOf);
  expect(ids.map(serviceIdOf)).toEqual(names);
  expect(new Set(names).size).toBe(names.length);
  for (const name of names) expect(name).toMatch(/^[0-9A-Z]{10}$/);
  for (let n = 0; n < 200; n++) expect(freshServiceId()).toMatch(/^[0-9A-Z]{9}$/);
  expect(serviceIdOf('01939b2e-7d5c-7abc-8def-0123456789ab')).toBe(
    serviceIdOf('01939b2e-7d5c-7abc-8def-0123456789ab'),
  );
});

const PAN = '4169730000001236';

test('card numbers are starred out of any text; ids and references stay', () => {
  expect(maskText(`KART ${PAN}.`)).toBe('KART 416973******1236.');
  expect(maskText('4169 7300 0000 1236')).toBe('416973******1236');
  expect(maskText('4169-7300-0000-1236')).toBe('416973******1236');
  const id = '01939b2e-1234-7123-8123-123456789012';
  expect(maskText(`"${id}"`)).toBe(`"${id}"`);
  expect(maskText('RRN 123456789012')).toBe('RRN 123456789012');
  fc.assert(
    fc.property(fc.stringMatching(/^\d{13,19}$/), fc.constantFrom('', ' ', '-'), (digits, gap) => {
      const written = digits.replace(/(\d{4})(?=\d)/g, `$1${gap}`);
      const masked = maskText(`x ${written} y`);
      expect(masked.replace(/[ -]/g, '')).not.toContain(digits);
      expect(masked).not.toMatch(/\d{7}/);
    }),
  );
});

test('a recorded message shows no card number, in clear or in base64', () => {
  const clear = (text: string): string => Buffer.from(maskedFrame(text), 'hex').toString();
  expect(clear(`{"PAN":"${PAN}","n":${PAN}}`)).toBe('{"PAN":"416973******1236","n":416973******1236}');
  const hidden = Buffer.from(`{"pan":"${PAN}"}`).toString('base64');
  expect(clear(`{"a":"${hidden}"}`)).toBe('{"a":"********"}');
  const harmless = Buffer.from('{"nothing":"to see here"}').toString('base64');
  expect(clear(`{"a":"${harmless}"}`)).toContain(harmless);
});

test('a masked number takes the form of the contract, however the terminal masks', () => {
  expect(maskedPanOf('416973 **** 1236')).toBe('416973****1236');
  expect(maskedPanOf('541333######9999')).toBe('541333******9999');
  expect(maskedPanOf('************1234')).toBe('************1234');
  expect(maskedPanOf(PAN)).toBe('416973******1236');
  expect(maskedPanOf('')).toBeNull();
  expect(maskedPanOf('****')).toBeNull();
  fc.assert(
    fc.property(fc.string(), (stated) => {
      const masked = maskedPanOf(stated);
      if (masked !== null) expect(maskedPanSchema.safeParse(masked).success).toBe(true);
    }),
  );
});
