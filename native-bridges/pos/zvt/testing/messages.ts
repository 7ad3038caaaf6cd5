import fc from 'fast-check';
import type { EcrCommandName, Fields, Message, Tlv } from '../message.ts';

/** Messages as both sides say them, for tests that must hold for all. */

const digits = (count: number): fc.Arbitrary<string> =>
  fc.integer({ min: 0, max: 10 ** count - 1 }).map((value) => String(value).padStart(count, '0'));
const byte = fc.integer({ min: 0, max: 0xff });
const amount = fc.integer({ min: 0, max: 999_999_999_999 });
const currency = fc.integer({ min: 0, max: 999 });
const bytes = (maxLength: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ maxLength });
/** No zeros and spaces at the end: fixed fields are filled up with them. */
const ascii = (maxLength: number): fc.Arbitrary<string> =>
  fc
    .array(fc.integer({ min: 0x21, max: 0x7e }), { maxLength })
    .map((codes) => String.fromCodePoint(...codes));
/** Everything CP437 has and UTF-8 has as well. */
const letters = (maxLength: number): fc.Arbitrary<string> =>
  fc.array(fc.constantFrom(...'ABCxyz 0189,.-*öüçÇÉ½±°█Σß'), { maxLength }).map((all) => all.join(''));

const maskedPan = fc
  .tuple(digits(6), fc.integer({ min: 2, max: 9 }), digits(4))
  .map(([head, stars, tail]) => head + '*'.repeat(stars) + tail);

/** Neither card secrets nor the tags that have a field of their own. */
const TAGS = [0x07, 0x12, 0x1a, 0x31, 0x41, 0x43, 0x1f04, 0x1f10, 0x1f11, 0x1f12, 0x1f16, 0x1f36, 0xdf8101];
const tlv: fc.Arbitrary<readonly Tlv[]> = fc.array(
  fc.record({ tag: fc.constantFrom(...TAGS), value: fc.oneof(bytes(20), bytes(300)) }),
  { maxLength: 4 },
);

type Optional<T> = { [K in keyof T]?: T[K] };
const optional = <T>(record: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<Optional<T>> =>
  fc.record<T, never>(record, { requiredKeys: [] }) as fc.Arbitrary<Optional<T>>; // the library's type says the same in more words

const fields: fc.Arbitrary<Fields> = optional<Fields>({
  amount,
  currency,
  statusByte: byte,
  timeout: byte,
  maxStatusInfos: byte,
  serviceByte: byte,
  result: byte,
  terminalId: digits(8),
  merchantId: ascii(15),
  trace: digits(6),
  originalTrace: digits(6),
  receiptNo: digits(4),
  turnoverNo: digits(6),
  time: digits(6),
  date: digits(4),
  longDate: digits(6),
  maskedPan,
  cardType: byte,
  cardName: ascii(40),
  authCode: ascii(8),
  hostResult: byte,
  text: letters(60),
  totals: bytes(200),
  tlv,
});

const password = digits(6);
const line = fc.record({ attribute: byte, text: letters(40) });
const named = <N extends Message['name']>(name: N) => fc.constant(name);

/** Every message, with the command that must be open for it to be read. */
export const anyMessage: fc.Arbitrary<{
  readonly message: Message;
  readonly pending: EcrCommandName | null;
}> = fc.oneof(
  ...[
    fc.record({ name: named('registration'), password, config: byte }),
    fc
      .record({ password, config: byte, currency, more: optional({ serviceByte: byte, tlv }) })
      .map(({ more, ...rest }) => ({ name: 'registration' as const, ...rest, ...more })),
    fc.tuple(fields, amount).map(([some, of]) => ({ ...some, name: 'authorisation' as const, amount: of })),
    fc.constantFrom({ name: 'logOff' as const }, { name: 'abort' as const }, { name: 'diagnosis' as const }),
    fc
      .tuple(password, optional({ serviceByte: byte, tlv }))
      .map(([code, more]) => ({ name: 'repeatReceipt' as const, password: code, ...more })),
    fc
      .tuple(password, digits(4), optional({ amount, currency, tlv }))
      .map(([code, receiptNo, more]) => ({ name: 'reversal' as const, password: code, receiptNo, ...more })),
    fc
      .tuple(password, amount, optional({ currency, tlv }))
      .map(([code, of, more]) => ({ name: 'refund' as const, password: code, amount: of, ...more })),
    fc.record({ name: fc.constantFrom('turnoverTotals' as const, 'initialisation' as const), password }),
    fc
      .tuple(password, optional({ tlv }))
      .map(([code, more]) => ({ name: 'endOfDay' as const, password: code, ...more })),
    fc.record({ name: named('diagnosis'), password }),
    fc.record({
      name: fc.constantFrom('setClock' as const, 'setClockOfEcr' as const),
      date: digits(6),
      time: digits(6),
    }),
    fc
      .tuple(password, optional({ serviceByte: byte }))
      .map(([code, more]) => ({ name: 'statusEnquiry' as const, password: code, ...more })),
    fc
      .tuple(byte, optional({ timeoutMinutes: fc.integer({ min: 0, max: 99 }), tlv }))
      .map(([status, more]) => ({ name: 'intermediateStatus' as const, status, ...more })),
    fields.map((some) => ({ ...some, name: 'statusInformation' as const })),
    fields.map((some) => ({ ...some, name: 'completion' as const })),
    // Nothing stands behind a result that could be taken for a currency, and the other way round.
    fc.record({ name: named('aborted'), result: byte }),
    fc.constant({ name: 'aborted' as const }),
    fc.record({ name: named('aborted'), result: fc.constant(0x6f), currency, tlv }),
    fc.record({ name: named('negative'), error: fc.constant(0x1e), result: fc.constant(0x6f), currency }),
    // Of another result only a currency that begins like no bitmap can be told from one.
    fc.record({
      name: named('negative'),
      error: fc.constant(0x1e),
      result: byte,
      currency: fc.integer({ min: 700, max: 999 }),
    }),
    fc.record({ name: named('printLine'), attribute: byte, text: letters(60) }),
    fc.record({
      name: named('printBlock'),
      receiptType: fc.constantFrom(
        'merchant' as const,
        'customer' as const,
        'admin' as const,
        'unknown' as const,
      ),
      lines: fc.array(line, { maxLength: 30 }),
    }),
    fields.map((some) => ({ ...some, name: 'positive' as const })),
    fc
      .tuple(
        fields,
        byte.filter((error) => error !== 0 && error !== 0x1e),
      )
      .map(([some, error]) => ({ ...some, name: 'negative' as const, error })),
  ].map((messages: fc.Arbitrary<Message>) => messages.map((message) => ({ message, pending: null }))),
  fc
    .tuple(byte, optional({ softwareVersion: ascii(30), tlv }))
    // F0 to F9 without a version could be the length of one.
    .filter(([status, { softwareVersion }]) => softwareVersion !== undefined || status < 0xf0)
    .map(([terminalStatus, more]) => ({
      message: { name: 'completion' as const, terminalStatus, ...more },
      pending: 'statusEnquiry' as const,
    })),
);

/** Numbers from a seed (xorshift32): a failure can be run again. */
export function numbersFrom(seed: number): (below: number) => number {
  let state = seed | 0 || 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}
