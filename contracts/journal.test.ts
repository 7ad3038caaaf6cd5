import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  ENTRY_PAYLOADS,
  ENTRY_TYPES,
  GENESIS_HASH,
  hashInput,
  parseEntryBody,
  signedEntrySchema,
} from './journal.ts';
import { uuidv7 } from './ids.ts';

const id = (n: number): string => uuidv7(1_795_430_467_000 + n, new Uint8Array(10).fill(n));
const teller = { userId: id(1), name: 'Aygün Məmmədova' };
const shift = { shiftId: id(2), shiftNo: 214, businessDate: '2026-11-23', workstation: 'WS07', teller };
const line = {
  lineId: id(3),
  billerId: id(4),
  billerName: 'Elektrik Şəbəkəsi',
  account: '1104552018',
  holder: 'Məmmədov Elşən',
  period: '2026-10',
  billNo: '2026-10-7',
  amount: 3840,
  fee: 0,
  feeRuleId: null,
  owedShown: 3840,
  owedAsOf: '2026-11-13T02:10:00Z',
  known: true,
};
const tender = {
  kind: 'cash',
  tenderId: id(5),
  amount: 3840,
  received: 5000,
  change: 1160,
  receivedPieces: null,
  changePieces: [{ denomination: 1000, count: 1 }],
};
const payment = {
  ...shift,
  paymentId: id(6),
  receiptNo: 'WS07-20261123-0042',
  currency: 'AZN',
  online: true,
  language: 'az',
  subscriberCode: null,
  payerName: null,
  lines: [line],
  tenders: [tender],
  total: 3840,
};
const envelope = { entryId: id(6), wallTime: '2026-11-23T10:31:07.123Z', bootId: id(9), monotonicMs: 12 };
const body = (type: string, payload: unknown): string => JSON.stringify({ ...envelope, type, payload });

test('a body reads back whole, whatever fields were added to it since', () => {
  const read = parseEntryBody(body('payment.accepted', payment));
  expect(read).toEqual({ ...envelope, type: 'payment.accepted', payload: payment });
  expect(parseEntryBody(body('payment.accepted', { ...payment, addedLater: 1 }))).toEqual(read);
});

test.each([
  ['no JSON', '{'],
  ['no object', '"x"'],
  ['an unknown type', body('payment.invented', payment)],
  ['a type out of the prototype', body('constructor', {})],
  ['a payload of another type', body('shift.closed', payment)],
  ['an amount with a fraction', body('payment.accepted', { ...payment, total: 38.4 })],
  ['a negative amount', body('payment.accepted', { ...payment, lines: [{ ...line, amount: -1 }] })],
  ['another currency', body('payment.accepted', { ...payment, currency: 'USD' })],
  ['no lines', body('payment.accepted', { ...payment, lines: [] })],
  ['an unknown tender', body('payment.accepted', { ...payment, tenders: [{ ...tender, kind: 'promise' }] })],
  ['an id that is no UUIDv7', body('payment.accepted', { ...payment, paymentId: '1' })],
  [
    'a time without zone',
    JSON.stringify({
      ...envelope,
      wallTime: '2026-11-23T10:31:07',
      type: 'payment.accepted',
      payload: payment,
    }),
  ],
])('%s is refused', (_what, text) => {
  expect(() => parseEntryBody(text)).toThrow(Error);
});

test('whatever the text, reading it gives an entry of a known type or throws', () => {
  const text = fc.oneof(
    fc.json(),
    fc.string(),
    fc.tuple(fc.constantFrom(...ENTRY_TYPES), fc.jsonValue()).map(([t, p]) => body(t, p)),
  );
  fc.assert(
    fc.property(text, (one) => {
      let type: string | undefined;
      try {
        type = parseEntryBody(one).type;
      } catch (error) {
        expect(error).toBeInstanceOf(Error);
      }
      expect(type === undefined || Object.hasOwn(ENTRY_PAYLOADS, type)).toBe(true);
    }),
  );
});

test('the hash is over device, place in the chain and the exact body: no two of them share a text', () => {
  const part = fc.tuple(
    fc.constantFrom(id(1), id(2)),
    fc.integer({ min: 1 }),
    fc.constantFrom(GENESIS_HASH, 'f'.repeat(64)),
    fc.json(),
  );
  fc.assert(
    fc.property(part, part, (a, b) => {
      expect(hashInput(...a) === hashInput(...b)).toBe(JSON.stringify(a) === JSON.stringify(b));
    }),
  );
});

test('a signed entry from outside has a place, hex hashes, a signature of 64 bytes and a bounded body', () => {
  const good = {
    seq: 1,
    prevHash: GENESIS_HASH,
    hash: 'a'.repeat(64),
    signature: 'A'.repeat(86),
    body: '{}',
  };
  expect(signedEntrySchema.safeParse(good).success).toBe(true);
  for (const bad of [
    { seq: 0 },
    { seq: 1.5 },
    { prevHash: GENESIS_HASH.slice(1) },
    { hash: 'A'.repeat(64) },
    { signature: 'A'.repeat(85) },
    { signature: `${'A'.repeat(85)}=` },
    { body: '' },
    { body: 'x'.repeat(262_145) },
  ]) {
    expect(signedEntrySchema.safeParse({ ...good, ...bad }).success).toBe(false);
  }
});
