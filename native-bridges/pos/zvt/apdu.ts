import { bcd, bcdNumber, digitsOf, joined } from './bcd.ts';
import { readDigitsLength, digitsLength } from './bitmaps.ts';
import { byteOf, decodeFields, encodeFields, readBitmaps, type FieldsRead } from './fields.ts';
import { MAX_APDU } from './frame.ts';
import type { Decoded, EcrCommand, EcrCommandName, Fields, Message, PtMessage, Tlv } from './message.ts';
import { decodeBlock, decodeStatusText, encodeBlock, withStatusText } from './papers-tlv.ts';
import { decodeText, encodeText, type Charset } from './text.ts';
import { encodeTlv, withLength } from './tlv.ts';

/** Messages as bytes and back (ZVT PA00P015, chapters 2 and 3): class, instruction, length, data. */

const CODES: Readonly<Record<EcrCommandName | PtMessage['name'], number>> = {
  registration: 0x0600,
  authorisation: 0x0601,
  logOff: 0x0602,
  turnoverTotals: 0x0610,
  repeatReceipt: 0x0620,
  reversal: 0x0630,
  refund: 0x0631,
  endOfDay: 0x0650,
  diagnosis: 0x0670,
  setClock: 0x0691,
  initialisation: 0x0693,
  abort: 0x06b0,
  statusEnquiry: 0x0501,
  intermediateStatus: 0x04ff,
  statusInformation: 0x040f,
  setClockOfEcr: 0x0401,
  completion: 0x060f,
  aborted: 0x061e,
  printLine: 0x06d1,
  printBlock: 0x06d3,
};

const NAMES: ReadonlyMap<number, EcrCommandName | PtMessage['name']> = new Map(
  Object.entries(CODES).map(([name, code]) => [code, name as EcrCommandName | PtMessage['name']]), // the keys above
);

const POSITIVE = 0x80;
const NEGATIVE = 0x84;
/** Whether class and instruction are those of a message that this program reads. */
export const isKnownCode = (code: number): boolean =>
  code === POSITIVE << 8 || code >> 8 === NEGATIVE || NAMES.has(code);

/** 84 1E: the terminal's 06 1E as an answer; data as there. */
const ABORTED = 0x1e;
const TLV = 0x06;

/**
 * A message as an APDU.
 *
 * @param options the charset negotiated at registration; CP437 where none was
 * @throws RangeError when a value does not fit its field: a wrong number is never sent
 */
export function encodeApdu(message: Message, options: { readonly charset?: Charset } = {}): Uint8Array {
  const charset = options.charset ?? 'cp437';
  if (message.name === 'positive') return apdu(POSITIVE, 0, encodeFields(message, charset));
  if (message.name === 'negative') {
    const data = message.error === ABORTED ? abortedData(message, charset) : encodeFields(message, charset);
    return apdu(NEGATIVE, byteOf(message.error)[0] ?? 0, data);
  }
  const code = CODES[message.name];
  return apdu(code >> 8, code & 0xff, dataOf(message, charset));
}

function apdu(first: number, second: number, data: Uint8Array): Uint8Array {
  if (data.length > 0xffff) throw new RangeError(`${String(data.length)} bytes in one message`);
  const length = data.length < 0xff ? [data.length] : [0xff, data.length & 0xff, data.length >> 8];
  return joined([Uint8Array.of(first, second, ...length), data]);
}

function dataOf(message: EcrCommand | PtMessage, charset: Charset): Uint8Array {
  switch (message.name) {
    case 'registration':
      return registrationData(message);
    case 'logOff':
    case 'abort':
      return new Uint8Array();
    case 'authorisation':
    case 'statusInformation':
      return encodeFields(message, charset);
    case 'turnoverTotals':
    case 'initialisation':
    case 'repeatReceipt':
    case 'reversal':
    case 'refund':
    case 'endOfDay':
      return joined([password(message.password), encodeFields(message, charset)]);
    case 'diagnosis':
    case 'statusEnquiry':
      return joined([
        message.password === undefined ? new Uint8Array() : password(message.password),
        encodeFields(message, charset),
      ]);
    case 'setClock':
    case 'setClockOfEcr':
      return encodeFields({ longDate: message.date, time: message.time }, charset);
    case 'intermediateStatus':
      return joined([
        byteOf(message.status),
        message.timeoutMinutes === undefined ? new Uint8Array() : bcdNumber(message.timeoutMinutes, 1),
        container(withStatusText(message.tlv, message.text, charset)),
      ]);
    case 'completion':
      return completionData(message, charset);
    case 'aborted':
      return abortedData(message, charset);
    case 'printLine':
      return joined([byteOf(message.attribute), encodeText(message.text, charset)]);
    case 'printBlock':
      return container(encodeBlock(message, charset));
  }
}

const password = (digits: string): Uint8Array => bcd(digits, 3);

const container = (tlv: readonly Tlv[] | undefined): Uint8Array =>
  tlv === undefined ? new Uint8Array() : joined([Uint8Array.of(TLV), withLength(encodeTlv(tlv))]);

function registrationData(message: Extract<EcrCommand, { name: 'registration' }>): Uint8Array {
  const { currency, serviceByte, tlv } = message;
  if (currency === undefined && (serviceByte !== undefined || tlv !== undefined))
    throw new RangeError('a registration has a service byte or TLV behind a currency only');
  return joined([
    password(message.password),
    byteOf(message.config),
    currency === undefined ? new Uint8Array() : bcdNumber(currency, 2),
    serviceByte === undefined ? new Uint8Array() : joined([Uint8Array.of(0x03), byteOf(serviceByte)]),
    container(tlv),
  ]);
}

/** After a status enquiry it is positional: version, status, TLV. Everywhere else it is made of bitmaps. */
function completionData(message: Extract<PtMessage, { name: 'completion' }>, charset: Charset): Uint8Array {
  const { softwareVersion, terminalStatus } = message;
  if (terminalStatus === undefined) return encodeFields(message, charset);
  const version = softwareVersion === undefined ? null : encodeText(softwareVersion, 'cp437');
  return joined([
    version === null ? new Uint8Array() : joined([digitsLength(version.length, 3), version]),
    byteOf(terminalStatus),
    container(message.tlv),
  ]);
}

/** Result and currency stand at their places; the rest are bitmaps. Without a result there is nothing. */
function abortedData(message: Fields, charset: Charset): Uint8Array {
  const { result, currency, ...rest } = message;
  if (result === undefined) return new Uint8Array();
  const positional = currency === undefined ? new Uint8Array() : bcdNumber(currency, 2);
  return joined([byteOf(result), positional, encodeFields(rest, charset)]);
}

type Context = { readonly pending: EcrCommandName | null; readonly charset: Charset };

/**
 * Reads one APDU. Never throws: what cannot be read is named.
 *
 * @param context `pending`: the command that is open, without which a completion cannot be read
 */
export function decodeApdu(
  bytes: Uint8Array,
  context: { readonly pending: EcrCommandName | null; readonly charset?: Charset },
): Decoded {
  const header = headerOf(bytes);
  if (header === null) return malformed(`${String(bytes.length)} bytes are no message`);
  if (bytes.length !== header.from + header.length)
    return malformed(
      `${String(bytes.length - header.from)} bytes of data, ${String(header.length)} are announced`,
    );
  const data = bytes.subarray(header.from);
  const of: Context = { pending: context.pending, charset: context.charset ?? 'cp437' };
  const [first = 0, second = 0] = bytes;
  if (first === POSITIVE && second === 0)
    return withFields(data, 0, of, (fields) => ({ ...fields, name: 'positive' }));
  if (first === NEGATIVE) return decodeNegative(second, data, of);
  const name = NAMES.get((first << 8) | second);
  return name === undefined
    ? { kind: 'unknown', class: first, instruction: second }
    : decodeNamed(name, data, of);
}

const malformed = (why: string): Decoded => ({ kind: 'malformed', why });
const message = (read: Message, doubts: readonly string[] = []): Decoded => ({
  kind: 'message',
  message: read,
  doubts,
});

/** Where the data begins and how long it is said to be. Only the extended length is low byte first. */
function headerOf(bytes: ArrayLike<number>): { from: number; length: number } | null {
  const short = bytes[2];
  if (short === undefined) return null;
  if (short !== 0xff) return { from: 3, length: short };
  const [low, high] = [bytes[3], bytes[4]];
  return low === undefined || high === undefined ? null : { from: 5, length: low | (high << 8) };
}

function withFields(
  data: Uint8Array,
  from: number,
  { charset }: Context,
  as: (fields: Fields) => Message | string,
): Decoded {
  const { fields, doubts } = decodeFields(data, from, charset);
  const read = as(fields);
  if (typeof read !== 'string') return message(read, doubts);
  return malformed([read, ...doubts].join('; '));
}

function decodeNegative(error: number, data: Uint8Array, of: Context): Decoded {
  // 84 00 is a yes as well.
  if (error === 0) return withFields(data, 0, of, (fields) => ({ ...fields, name: 'positive' }));
  const { fields, doubts } = error === ABORTED ? abortedFields(data, of) : decodeFields(data, 0, of.charset);
  return message({ ...fields, name: 'negative', error }, doubts);
}

function decodeNamed(name: EcrCommandName | PtMessage['name'], data: Uint8Array, of: Context): Decoded {
  switch (name) {
    case 'registration':
      return decodeRegistration(data, of);
    case 'logOff':
    case 'abort':
      return message({ name }, data.length === 0 ? [] : [`${String(data.length)} bytes too many`]);
    case 'authorisation':
      return withFields(data, 0, of, (fields) =>
        fields.amount === undefined ? 'no amount' : { ...fields, name, amount: fields.amount },
      );
    case 'statusInformation':
      return withFields(data, 0, of, (fields) => ({ ...fields, name }));
    case 'setClock':
    case 'setClockOfEcr':
      return withFields(data, 0, of, ({ longDate, time }) =>
        longDate === undefined || time === undefined ? 'no date and time' : { name, date: longDate, time },
      );
    case 'diagnosis':
    case 'statusEnquiry':
      if (data.length === 0) return message({ name });
      return decodeWithPassword(name, data, of);
    case 'turnoverTotals':
    case 'initialisation':
    case 'repeatReceipt':
    case 'reversal':
    case 'refund':
    case 'endOfDay':
      return decodeWithPassword(name, data, of);
    case 'intermediateStatus':
      return decodeIntermediate(data, of);
    case 'completion':
      if (of.pending === 'statusEnquiry') return decodeState(data, of);
      return withFields(data, 0, of, (fields) => ({ ...fields, name }));
    case 'aborted': {
      const { fields, doubts } = abortedFields(data, of);
      return message({ ...fields, name }, doubts);
    }
    case 'printLine': {
      const [attribute] = data;
      if (attribute === undefined) return malformed('a print line without its attribute');
      return message({ name, attribute, text: decodeText(data.subarray(1), of.charset) });
    }
    case 'printBlock':
      return withFields(data, 0, of, ({ tlv }) =>
        tlv === undefined ? 'a text block without text' : { name, ...decodeBlock(tlv, of.charset) },
      );
  }
}

function decodeWithPassword(
  name:
    | 'diagnosis'
    | 'statusEnquiry'
    | 'turnoverTotals'
    | 'initialisation'
    | 'repeatReceipt'
    | 'reversal'
    | 'refund'
    | 'endOfDay',
  data: Uint8Array,
  of: Context,
): Decoded {
  const code = data.length < 3 ? null : digitsOf(data.subarray(0, 3));
  if (code === null) return malformed('no password');
  return withFields(data, 3, of, (fields) => {
    const { amount, currency, receiptNo, serviceByte, tlv } = fields;
    const carried = {
      ...(currency === undefined ? {} : { currency }),
      ...(tlv === undefined ? {} : { tlv }),
    };
    switch (name) {
      case 'repeatReceipt':
        return { name, password: code, ...(serviceByte === undefined ? {} : { serviceByte }), ...tlvOf(tlv) };
      case 'statusEnquiry':
        return { name, password: code, ...(serviceByte === undefined ? {} : { serviceByte }) };
      case 'endOfDay':
        return { name, password: code, ...tlvOf(tlv) };
      case 'reversal':
        if (receiptNo === undefined) return 'no receipt number';
        return { name, password: code, receiptNo, ...(amount === undefined ? {} : { amount }), ...carried };
      case 'refund':
        return amount === undefined ? 'no amount' : { name, password: code, amount, ...carried };
      case 'diagnosis':
      case 'turnoverTotals':
      case 'initialisation':
        return { name, password: code };
    }
  });
}

const tlvOf = (tlv: readonly Tlv[] | undefined): { tlv?: readonly Tlv[] } =>
  tlv === undefined ? {} : { tlv };

function decodeRegistration(data: Uint8Array, of: Context): Decoded {
  const code = data.length < 3 ? null : digitsOf(data.subarray(0, 3));
  const config = data[3];
  if (code === null || config === undefined) return malformed('no password and configuration');
  const plain = { name: 'registration', password: code, config } as const;
  if (data.length === 4) return message(plain);
  const currency = data.length < 6 ? null : digitsOf(data.subarray(4, 6));
  if (currency === null) return malformed('no currency');
  return withFields(data, 6, of, ({ serviceByte, tlv }) => ({
    ...plain,
    currency: Number(currency),
    ...(serviceByte === undefined ? {} : { serviceByte }),
    ...tlvOf(tlv),
  }));
}

function decodeIntermediate(data: Uint8Array, of: Context): Decoded {
  const [status, second] = data;
  if (status === undefined) return malformed('an intermediate status without its status');
  const minutes = second === undefined ? null : digitsOf(Uint8Array.of(second));
  // 06 may be six minutes or the container: it is the container when one stands there to the end.
  const isContainer =
    second === TLV && data.length > 2 && decodeFields(data, 1, of.charset).doubts.length === 0;
  const hasMinutes = second !== undefined && !isContainer;
  const read = withFields(data, hasMinutes ? 2 : 1, of, ({ tlv }) => {
    const text = tlv === undefined ? undefined : decodeStatusText(tlv, of.charset);
    return {
      name: 'intermediateStatus',
      status,
      ...(hasMinutes && minutes !== null ? { timeoutMinutes: Number(minutes) } : {}),
      ...(text === undefined ? {} : { text }),
      ...tlvOf(tlv),
    };
  });
  if (read.kind !== 'message' || !hasMinutes || minutes !== null) return read;
  return message(read.message, ['the minutes are not made of digits', ...read.doubts]);
}

/** A completion after 05 01: `[LLLVAR version] status [TLV]`, by place. F0 alone is the status "end of day is due". */
function decodeState(data: Uint8Array, of: Context): Decoded {
  if (data.length === 0) return message({ name: 'completion' });
  const length = readDigitsLength(data, 0, 3);
  const hasVersion = length !== null && length.next + length.length < data.length;
  const at = hasVersion ? length.next + length.length : 0;
  const terminalStatus = data[at] ?? 0;
  const softwareVersion = hasVersion
    ? decodeText(data.subarray(length.next, at), 'cp437').replace(/\0+$/, '')
    : null;
  return withFields(data, at + 1, of, (fields) => ({
    ...fields,
    name: 'completion',
    terminalStatus,
    ...(softwareVersion === null ? {} : { softwareVersion }),
  }));
}

const WRONG_CURRENCY = 0x6f;

/**
 * Of 06 1E: result, a currency by its place where the result is about one, bitmaps. What can be read as bitmaps is no
 * currency then: 06 00 is an empty container, not 600. Nothing at all proves nothing.
 */
function abortedFields(data: Uint8Array, of: Context): FieldsRead {
  const [result, next] = data;
  if (result === undefined) return { fields: {}, doubts: [] };
  const currency = data.length < 3 ? null : digitsOf(data.subarray(1, 3));
  const isOfCurrency = result === WRONG_CURRENCY;
  // 07, 08 and 09 begin no bitmap, but most currencies.
  const isCurrency =
    currency !== null &&
    Number(currency) < 1000 &&
    ([0x07, 0x08, 0x09].includes(next ?? 0) ||
      (isOfCurrency && (data.length === 3 || data[3] === TLV)) ||
      (data.length === 3 && readBitmaps(data, 1).stopped !== null));
  const { fields, doubts } = decodeFields(data, isCurrency ? 3 : 1, of.charset);
  return { fields: { ...fields, result, ...(isCurrency ? { currency: Number(currency) } : {}) }, doubts };
}

/** Cuts what comes over TCP, in pieces of any size, into APDUs by their length fields. Holds `MAX_APDU` bytes at the most. */
export class ApduSplitter {
  #held: number[] = [];

  /** Whether an APDU has begun and not ended. */
  get pending(): boolean {
    return this.#held.length > 0;
  }

  get heldBytes(): number {
    return this.#held.length;
  }

  reset(): void {
    this.#held = [];
  }

  push(chunk: Uint8Array): Uint8Array[] {
    const apdus: Uint8Array[] = [];
    for (const byte of chunk) {
      this.#held.push(byte);
      const header = headerOf(this.#held);
      if (header === null || this.#held.length < Math.min(MAX_APDU, header.from + header.length)) continue;
      apdus.push(Uint8Array.from(this.#held));
      this.#held = [];
    }
    return apdus;
  }
}
