import { foldBytes } from './fold-bytes.ts';
import { foldText } from '../../contracts/rules/fold-text.ts';
import {
  amountOf,
  IN_ACCOUNT,
  IN_BILL_NO,
  IN_PHONE,
  isDate,
  isMadeOf,
  isPeriod,
  sameBytes,
} from './byte-values.ts';
import { putKey } from './account-filter.ts';
import { LIMITS } from './list-format.ts';
import { ascii, RowBuffer } from './row-buffer.ts';

/**
 * Reads a block of records at the level of bytes: only the plain shape that programs write (docs/formats/list.md),
 * only records without a fault. For anything else, however legal, it gives the block back, and the conforming parser
 * reads it (parse-block.ts). It never decides that a list is bad, and never reads something otherwise than that
 * parser would: fast-scanner.test.ts holds the two against each other.
 */

export type BlockScan = {
  /** False: this block is for the conforming parser, and nothing else here counts. */
  readonly plain: boolean;
  readonly rows: Uint8Array;
  /** As accountKeys gives them. */
  readonly keys: Int32Array;
  readonly records: number;
  readonly lines: number;
  /** The root element was closed, and nothing but white space follows. */
  readonly closed: boolean;
};

export type ScanTerms = { readonly kind: 'full' | 'delta'; readonly mask: RegExp };

const QUOTE = 0x22;
const APOSTROPHE = 0x27;
const SLASH = 0x2f;
const LESS = 0x3c;
const GREATER = 0x3e;
const EQUALS = 0x3d;
const AMPERSAND = 0x26;
const BLANK = 0x20;
const LF = 0x0a;
const CR = 0x0d;
const TAB = 0x09;

/** What a value's bytes are: 0 goes on, 1 stops (its quote, or a look is needed). One table per kind of quote. */
const valueClass = (quote: number): Uint8Array =>
  Uint8Array.from({ length: 256 }, (_, byte) =>
    // 0xC2 may lead a control character, 0xEF a non-character; a backslash must be escaped for COPY.
    byte < BLANK || byte === quote || [LESS, AMPERSAND, 0x5c, 0x7f, 0xc2, 0xef].includes(byte) ? 1 : 0,
  );
const IN_QUOTES = valueClass(QUOTE);
const IN_APOSTROPHES = valueClass(APOSTROPHE);

/** Attribute names, each with its slot among a record's or a bill's values. */
const NO = 0;
const HOLDER = 1;
const ADDRESS = 2;
const DISTRICT = 3;
const PHONE = 4;
const ACCOUNT_SLOTS = 5;
const PERIOD = 1;
const AMOUNT = 2;
const DUE = 3;
const BILL_SLOTS = 4;
const ACCOUNT_NAMES = ['no', 'holder', 'address', 'district', 'phone'].map(ascii);
const BILL_NAMES = ['no', 'period', 'amount', 'due'].map(ascii);

const ACCOUNT_TAG = ascii('<account ');
const BILL_TAG = ascii('<bill ');
const REMOVED_TAG = ascii('<removed ');
const ACCOUNT_END = ascii('</account>');
const LIST_END = ascii('</list');
const ENTITIES = [
  { text: ascii('&amp;'), byte: AMPERSAND },
  { text: ascii('&lt;'), byte: LESS },
  { text: ascii('&gt;'), byte: GREATER },
  { text: ascii('&quot;'), byte: QUOTE },
  { text: ascii('&apos;'), byte: APOSTROPHE },
];

const JSON_NO = ascii('{"billNo":"');
const JSON_PERIOD = ascii('","period":"');
const JSON_AMOUNT = ascii('","amount":');
const JSON_DUE = ascii(',"dueDate":"');
const JSON_END = ascii('"}');

/** Thrown inside a scan when the block leaves the plain shape; caught at its end. Carries nothing: it is not an error. */
class NotPlain extends Error {}
const notPlain = new NotPlain('not plain');

/** A scanner keeps its buffers from block to block. */
export function createScanner(): (
  input: Uint8Array,
  length: number,
  block: number,
  terms: ScanTerms,
) => BlockScan {
  // The block's bytes, and behind them the texts that had entities, decoded: values are spans of this one buffer.
  let bytes = new Uint8Array(0);
  let decodedEnd = 0;
  const out = new RowBuffer();
  let keys = new Int32Array(0);
  let keysEnd = 0;
  let at = 0;
  let lines = 0;
  const from = new Int32Array(ACCOUNT_SLOTS);
  const to = new Int32Array(ACCOUNT_SLOTS);
  const billFrom = new Int32Array(LIMITS.billsPerAccount * BILL_SLOTS);
  const billTo = new Int32Array(LIMITS.billsPerAccount * BILL_SLOTS);
  const amounts = new Float64Array(LIMITS.billsPerAccount);

  const skipWhite = (): void => {
    for (;;) {
      const byte = bytes[at];
      if (byte === LF) lines += 1;
      else if (byte === CR) {
        if (bytes[at + 1] !== LF) throw notPlain;
      } else if (byte !== BLANK && byte !== TAB) return;
      at += 1;
    }
  };

  const matches = (text: Uint8Array): boolean => {
    for (let i = 0; i < text.length; i += 1) if (bytes[at + i] !== text[i]) return false;
    return true;
  };

  /** Copies a value from its first entity on to the end of the buffer, decoded. */
  const decode = (start: number, quote: number, stop: Uint8Array): number => {
    const decodedFrom = decodedEnd;
    bytes.copyWithin(decodedEnd, start, at);
    decodedEnd += at - start;
    for (;;) {
      const byte = bytes[at] ?? 0;
      if (stop[byte] === 0) {
        bytes[decodedEnd++] = byte;
        at += 1;
      } else if (byte === AMPERSAND) {
        const entity = ENTITIES.find(({ text }) => matches(text));
        if (entity === undefined) throw notPlain;
        bytes[decodedEnd++] = entity.byte;
        at += entity.text.length;
      } else if (byte === 0xc2 && (bytes[at + 1] ?? 0) >= 0xa0) {
        bytes[decodedEnd++] = byte;
        at += 1;
      } else if (byte === quote) {
        return decodedFrom;
      } else {
        throw notPlain;
      }
    }
  };

  /** The slot of the attribute that begins here; -1 when it is none of them. They mostly come in order. */
  const slotAt = (names: readonly Uint8Array[], expected: number): number => {
    for (let i = 0; i < names.length; i += 1) {
      const slot = (expected + i) % names.length;
      const name = names[slot];
      if (name !== undefined && bytes[at + name.length] === EQUALS && matches(name)) return slot;
    }
    return -1;
  };

  /** Reads `name="value"` pairs up to the end of the tag; true when the tag closes itself. */
  const readAttributes = (
    names: readonly Uint8Array[],
    starts: Int32Array,
    ends: Int32Array,
    base: number,
  ): boolean => {
    for (let slot = 0; slot < names.length; slot += 1) starts[base + slot] = -1;
    let next = 0;
    for (;;) {
      const before = at;
      skipWhite();
      if (bytes[at] === GREATER) {
        at += 1;
        return false;
      }
      if (bytes[at] === SLASH) {
        if (bytes[at + 1] !== GREATER) throw notPlain;
        at += 2;
        return true;
      }
      // The blank after the tag's name has been taken already.
      if (at === before && bytes[at - 1] !== BLANK) throw notPlain;
      const slot = slotAt(names, next);
      const length = names[slot]?.length ?? 0;
      if (length === 0 || starts[base + slot] !== -1) throw notPlain;
      next = slot + 1;
      at += length + 1;
      const quote = bytes[at] ?? 0;
      if (quote !== QUOTE && quote !== APOSTROPHE) throw notPlain;
      const stop = quote === QUOTE ? IN_QUOTES : IN_APOSTROPHES;
      at += 1;
      let start = at;
      let valueEnd = -1;
      for (;;) {
        while (stop[bytes[at] ?? 0] === 0) at += 1;
        const byte = bytes[at];
        if (byte === quote) break;
        if (byte === AMPERSAND) {
          start = decode(start, quote, stop);
          valueEnd = decodedEnd;
          break;
        }
        if (byte !== 0xc2 || (bytes[at + 1] ?? 0) < 0xa0) throw notPlain;
        at += 2;
      }
      starts[base + slot] = start;
      ends[base + slot] = valueEnd === -1 ? at : valueEnd;
      at += 1;
    }
  };

  /** Takes blanks off both ends; the rest must be there and not longer than `most` UTF-16 units. */
  const trimText = (slot: number, most: number): void => {
    let start = from[slot] ?? -1;
    let stop = to[slot] ?? -1;
    if (start === -1) throw notPlain;
    while (start < stop && bytes[start] === BLANK) start += 1;
    while (start < stop && bytes[stop - 1] === BLANK) stop -= 1;
    if (start === stop) throw notPlain;
    from[slot] = start;
    to[slot] = stop;
    if (stop - start <= most) return;
    let units = 0;
    for (let p = start; p < stop; p += 1) {
      const byte = bytes[p] ?? 0;
      units += (byte & 0xc0) === 0x80 ? 0 : byte >= 0xf0 ? 2 : 1;
    }
    if (units > most) throw notPlain;
  };

  const readBills = (): number => {
    let bills = 0;
    for (;;) {
      skipWhite();
      if (!matches(BILL_TAG)) break;
      at += BILL_TAG.length;
      if (bills === LIMITS.billsPerAccount) throw notPlain;
      const base = bills * BILL_SLOTS;
      if (!readAttributes(BILL_NAMES, billFrom, billTo, base)) throw notPlain;
      for (let slot = 0; slot < BILL_SLOTS; slot += 1) if (billFrom[base + slot] === -1) throw notPlain;
      const [no = 0, noEnd = 0] = [billFrom[base], billTo[base]];
      if (!isMadeOf(bytes, no, noEnd, IN_BILL_NO, 1, LIMITS.billNo)) throw notPlain;
      for (let other = 0; other < bills; other += 1)
        if (sameBytes(bytes, billFrom[other * BILL_SLOTS] ?? 0, billTo[other * BILL_SLOTS] ?? 0, no, noEnd))
          throw notPlain;
      if (!isPeriod(bytes, billFrom[base + PERIOD] ?? 0, billTo[base + PERIOD] ?? 0)) throw notPlain;
      if (!isDate(bytes, billFrom[base + DUE] ?? 0, billTo[base + DUE] ?? 0)) throw notPlain;
      const amount = amountOf(bytes, billFrom[base + AMOUNT] ?? 0, billTo[base + AMOUNT] ?? 0);
      if (Number.isNaN(amount)) throw notPlain;
      amounts[bills] = amount;
      bills += 1;
    }
    if (!matches(ACCOUNT_END)) throw notPlain;
    at += ACCOUNT_END.length;
    return bills;
  };

  const putPlace = (action: number, block: number, record: number, line: number): void => {
    out.bytes[out.end++] = action;
    out.bytes[out.end++] = TAB;
    out.integer(block);
    out.bytes[out.end++] = TAB;
    out.integer(record);
    out.bytes[out.end++] = TAB;
    out.integer(line);
    out.bytes[out.end++] = TAB;
    const account = out.end;
    out.span(bytes, from[NO] ?? 0, to[NO] ?? 0);
    out.bytes[out.end++] = TAB;
    putKey(out.bytes, account, keys, keysEnd);
    keysEnd += 3;
  };

  const checkAccount = (mask: RegExp): void => {
    const start = from[NO] ?? -1;
    const stop = to[NO] ?? -1;
    if (start === -1) throw notPlain;
    if (!isMadeOf(bytes, start, stop, IN_ACCOUNT, 1, LIMITS.account)) throw notPlain;
    let text = '';
    for (let p = start; p < stop; p += 1) text += String.fromCharCode(bytes[p] ?? 0);
    if (!mask.test(text)) throw notPlain;
  };

  const putFolded = (): void => {
    const begin = out.end;
    const half = foldBytes(bytes, from[HOLDER] ?? 0, to[HOLDER] ?? 0, out.bytes, begin, begin);
    const whole =
      half === -1 ? -1 : foldBytes(bytes, from[ADDRESS] ?? 0, to[ADDRESS] ?? 0, out.bytes, begin, half);
    if (whole !== -1) {
      out.end = whole;
      return;
    }
    const text = (slot: number): string =>
      Buffer.from(
        bytes.buffer,
        bytes.byteOffset + (from[slot] ?? 0),
        (to[slot] ?? 0) - (from[slot] ?? 0),
      ).toString('utf8');
    const folded = Buffer.from(foldText(`${text(HOLDER)} ${text(ADDRESS)}`), 'utf8');
    // Ligatures and the like unfold into several letters.
    out.ensure(folded.length + 65_536);
    out.text(folded);
  };

  const putBills = (bills: number): number => {
    let total = 0;
    out.bytes[out.end++] = 0x5b;
    for (let bill = 0; bill < bills; bill += 1) {
      const base = bill * BILL_SLOTS;
      if (bill > 0) out.bytes[out.end++] = 0x2c;
      out.text(JSON_NO);
      out.span(bytes, billFrom[base] ?? 0, billTo[base] ?? 0);
      out.text(JSON_PERIOD);
      out.span(bytes, billFrom[base + PERIOD] ?? 0, billTo[base + PERIOD] ?? 0);
      out.text(JSON_AMOUNT);
      out.integer(amounts[bill] ?? 0);
      out.text(JSON_DUE);
      out.span(bytes, billFrom[base + DUE] ?? 0, billTo[base + DUE] ?? 0);
      out.text(JSON_END);
      total += amounts[bill] ?? 0;
    }
    out.bytes[out.end++] = 0x5d;
    return total;
  };

  const readRecord = (block: number, record: number, terms: ScanTerms): void => {
    const begin = at;
    const line = lines + 1;
    decodedEnd = decodedBase;
    if (matches(REMOVED_TAG)) {
      if (terms.kind !== 'delta') throw notPlain;
      at += REMOVED_TAG.length;
      if (!readAttributes(REMOVED_NAMES, from, to, 0)) throw notPlain;
      checkAccount(ANY);
      out.ensure(256);
      putPlace(0x72, block, record, line);
      out.text(NULLS);
      return;
    }
    if (!matches(ACCOUNT_TAG)) throw notPlain;
    at += ACCOUNT_TAG.length;
    const bills = readAttributes(ACCOUNT_NAMES, from, to, 0) ? 0 : readBills();
    checkAccount(terms.mask);
    trimText(HOLDER, LIMITS.holder);
    trimText(ADDRESS, LIMITS.address);
    trimText(DISTRICT, LIMITS.district);
    const phone = from[PHONE] !== -1 && to[PHONE] !== from[PHONE];
    if (phone && !isMadeOf(bytes, from[PHONE] ?? 0, to[PHONE] ?? 0, IN_PHONE, 3, LIMITS.phone))
      throw notPlain;

    out.ensure((at - begin) * 4 + 1024);
    putPlace(0x75, block, record, line);
    for (const slot of [HOLDER, ADDRESS, DISTRICT]) {
      out.span(bytes, from[slot] ?? 0, to[slot] ?? 0);
      out.bytes[out.end++] = TAB;
    }
    if (phone) out.span(bytes, from[PHONE] ?? 0, to[PHONE] ?? 0);
    else out.text(NULL);
    out.bytes[out.end++] = TAB;
    putFolded();
    out.bytes[out.end++] = TAB;
    const total = putBills(bills);
    if (Math.abs(total) > LIMITS.amount) throw notPlain;
    out.bytes[out.end++] = TAB;
    out.integer(total);
    out.bytes[out.end++] = LF;
  };

  let decodedBase = 0;

  return (input, length, block, terms) => {
    // Decoded texts are never longer than the record they stand in; a zero behind the block stops every loop.
    if (bytes.length < length * 2 + 16) bytes = new Uint8Array(length * 2 + 16);
    bytes.set(input.subarray(0, length));
    bytes[length] = 0;
    decodedBase = length + 16;
    out.end = 0;
    // No record is shorter than its tag.
    if (keys.length < length) keys = new Int32Array(length);
    keysEnd = 0;
    at = 0;
    lines = 0;
    out.ensure(length * 2);
    let records = 0;
    let closed = false;
    try {
      for (;;) {
        skipWhite();
        if (at === length) break;
        if (bytes[at + 1] === SLASH) {
          if (!matches(LIST_END)) throw notPlain;
          at += LIST_END.length;
          skipWhite();
          if (bytes[at] !== GREATER) throw notPlain;
          at += 1;
          skipWhite();
          if (at !== length) throw notPlain;
          closed = true;
          break;
        }
        readRecord(block, records, terms);
        records += 1;
      }
    } catch (error) {
      if (error !== notPlain) throw error;
      return {
        plain: false,
        rows: out.bytes.subarray(0, 0),
        keys: keys.subarray(0, 0),
        records: 0,
        lines: 0,
        closed: false,
      };
    }
    return {
      plain: true,
      rows: out.bytes.subarray(0, out.end),
      keys: keys.subarray(0, keysEnd),
      records,
      lines,
      closed,
    };
  };
}

const REMOVED_NAMES = ['no'].map(ascii);
const ANY = /^/;
const NULL = ascii('\\N');
const NULLS = ascii('\\N\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N\n');
