import { isUtf8 } from 'node:buffer';
import { SaxesParser, type SaxesTagNS } from 'saxes';
import { fail, ok, type Result } from '../../contracts/result.ts';
import { instantSchema, type Instant } from '../../contracts/time.ts';
import { HEAD_BYTES, LIST_NAMESPACE, LIST_VERSION } from './list-format.ts';

/** What the root element says of a list, and where the records begin. */
export type ListHead = {
  readonly company: string;
  readonly kind: 'full' | 'delta';
  readonly seq: number;
  readonly asOf: Instant;
  readonly paymentsThrough: Instant;
  readonly records: number;
  /** Everything up to and including the root's start tag, for parsers that take up further on. */
  readonly prefix: string;
  /** Bytes of the file before the first record. */
  readonly bodyOffset: number;
  /** The records' elements have no namespace prefix, so their names are plain. */
  readonly plain: boolean;
  readonly selfClosing: boolean;
};

export type HeadFault = 'listMalformed' | 'listHostile';

/** Thrown by a handler to leave the parser: carries the failure, or nothing when the root has been read. */
class Leave extends Error {
  readonly fault: { readonly code: HeadFault; readonly reason: string } | undefined;
  constructor(fault?: { readonly code: HeadFault; readonly reason: string }) {
    super('leave');
    this.fault = fault;
  }
}

/** Reads the root element from the first bytes of a file (HEAD_BYTES of them, or the whole file when it is shorter). */
export function readHead(bytes: Buffer): Result<ListHead, HeadFault> {
  const encoding = encodingFault(bytes);
  if (encoding !== undefined) return fail('listMalformed', { line: 1, reason: encoding });
  const whole = bytes.subarray(0, wholeCharacters(bytes));
  if (!isUtf8(whole)) return fail('listMalformed', { line: lineOfFirstBadByte(whole), reason: NOT_UTF8 });
  const text = whole.toString('utf8');

  const parser = new SaxesParser({ xmlns: true, position: true });
  let root: SaxesTagNS | undefined;
  const leave = (code: HeadFault, reason: string): never => {
    throw new Leave({ code, reason });
  };
  parser.on('error', (error) => leave('listMalformed', saxesReason(error)));
  parser.on('doctype', () => leave('listHostile', DOCTYPE));
  parser.on('xmldecl', (declaration) => {
    if (declaration.version !== '1.0')
      leave('listMalformed', `XML ${declaration.version} is not taken, only 1.0`);
    if (declaration.encoding !== undefined && !/^utf-?8$/i.test(declaration.encoding))
      leave(
        'listMalformed',
        `encoding ${declaration.encoding.slice(0, 40)} is declared, only UTF-8 is taken`,
      );
  });
  parser.on('opentag', (tag) => {
    root = tag;
    throw new Leave();
  });
  try {
    parser.write(text);
    if (bytes.length < HEAD_BYTES) parser.close();
    return /<!DOCTYPE/.test(text)
      ? fail('listHostile', { line: lineOf(text, text.indexOf('<!DOCTYPE')), reason: DOCTYPE })
      : fail('listHostile', {
          line: parser.line,
          reason: `the root element does not begin within the first ${HEAD_BYTES} bytes`,
        });
  } catch (error) {
    if (!(error instanceof Leave)) throw error;
    if (error.fault) return fail(error.fault.code, { line: parser.line, reason: error.fault.reason });
  }
  if (root === undefined) throw new Error('the parser was left without a reason');
  const prefix = text.slice(0, parser.position);
  const stated = statedBy(root);
  if (typeof stated === 'string') return fail('listMalformed', { line: parser.line, reason: stated });
  return ok({
    ...stated,
    prefix,
    bodyOffset: Buffer.byteLength(prefix),
    plain: root.prefix === '',
    selfClosing: root.isSelfClosing,
  });
}

type Stated = Pick<ListHead, 'company' | 'kind' | 'seq' | 'asOf' | 'paymentsThrough' | 'records'>;

/** The root's attributes, or what is wrong with them. */
function statedBy(root: SaxesTagNS): Stated | string {
  if (root.local !== 'list' || root.uri !== LIST_NAMESPACE)
    return `the root element is not list of ${LIST_NAMESPACE}`;
  const values = new Map<string, string>();
  for (const attribute of Object.values(root.attributes)) {
    if (attribute.uri === '') values.set(attribute.local, attribute.value);
    else if (!KNOWN_NAMESPACES.includes(attribute.uri))
      return `attribute ${attribute.name.slice(0, 60)} is not known`;
  }
  for (const name of values.keys())
    if (!ATTRIBUTES.includes(name)) return `attribute ${name.slice(0, 60)} is not known`;
  const value = (name: string): string => values.get(name) ?? '';
  if (value('version') !== LIST_VERSION)
    return `version ${value('version').slice(0, 20) || '(none)'} is not taken, only ${LIST_VERSION}`;
  if (!/^[A-Z0-9-]{2,20}$/.test(value('company'))) return 'company is not a company code';
  const kind = value('kind');
  if (kind !== 'full' && kind !== 'delta') return 'kind is neither full nor delta';
  if (!/^[1-9]\d{0,11}$/.test(value('seq'))) return 'seq is not a number from 1';
  if (!/^(0|[1-9]\d{0,11})$/.test(value('records'))) return 'records is not a number';
  const asOf = instantOf(value('asOf'));
  if (asOf === undefined) return 'asOf is not an instant in UTC such as 2026-11-20T02:00:00Z';
  const through = values.has('paymentsThrough') ? instantOf(value('paymentsThrough')) : asOf;
  if (through === undefined) return 'paymentsThrough is not an instant in UTC such as 2026-11-20T02:00:00Z';
  return {
    company: value('company'),
    kind,
    seq: Number(value('seq')),
    asOf,
    paymentsThrough: through,
    records: Number(value('records')),
  };
}

const ATTRIBUTES: readonly string[] = [
  'version',
  'company',
  'kind',
  'seq',
  'asOf',
  'paymentsThrough',
  'records',
];
/** Declarations of prefixes, and the hint where the schema lies. */
const KNOWN_NAMESPACES: readonly string[] = [
  'http://www.w3.org/2000/xmlns/',
  'http://www.w3.org/2001/XMLSchema-instance',
];

/** Whole milliseconds at most, so that nothing is lost on the way through the database and JSON. */
const instantOf = (text: string): Instant | undefined =>
  instantSchema.safeParse(text).success && /^[^.]+(\.\d{1,3})?Z$/.test(text)
    ? new Date(text).toISOString()
    : undefined;

export const NOT_UTF8 = 'bytes that are not UTF-8';
export const DOCTYPE = 'a DOCTYPE, which lists do not have';

/** What the first bytes give away of a file that is not UTF-8 or not text at all. */
function encodingFault(bytes: Buffer): string | undefined {
  const [a, b, c, d] = [bytes[0], bytes[1], bytes[2], bytes[3]];
  if (
    (a === 0xfe && b === 0xff) ||
    (a === 0xff && b === 0xfe) ||
    (a === 0 && b === 0) ||
    (a === 0x3c && b === 0) ||
    (a === 0 && b === 0x3c)
  ) {
    return 'UTF-16 or UTF-32, only UTF-8 is taken';
  }
  if (a === 0x4c && b === 0x6f && c === 0xa7 && d === 0x94) return 'EBCDIC, only UTF-8 is taken';
  if ((a === 0x1f && b === 0x8b) || (a === 0x50 && b === 0x4b)) return 'a compressed file, not XML';
  if (bytes.length === 0) return 'an empty file';
  return undefined;
}

/** How many of the bytes are whole characters, when the last may have been cut. */
export function wholeCharacters(bytes: Uint8Array): number {
  let lead = bytes.length - 1;
  while (lead >= 0 && lead > bytes.length - 4 && ((bytes[lead] ?? 0) & 0xc0) === 0x80) lead -= 1;
  const byte = bytes[lead] ?? 0;
  const size = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
  return bytes.length - lead < size ? Math.max(lead, 0) : bytes.length;
}

/** The line (from 1) of the first byte that is not UTF-8; the last line when all are. */
export function lineOfFirstBadByte(bytes: Uint8Array): number {
  let good = 0;
  let step = bytes.length;
  // Halving: everything before `good` is whole and good.
  while (step > 0) {
    const next = Math.min(good + step, bytes.length);
    const part = bytes.subarray(0, next);
    if (isUtf8(part.subarray(0, wholeCharacters(part)))) good = next;
    if (good === bytes.length) break;
    step = Math.floor(step / 2);
  }
  let line = 1;
  for (let p = 0; p < good; p += 1) if (bytes[p] === 0x0a) line += 1;
  return line;
}

const lineOf = (text: string, index: number): number => text.slice(0, index).split('\n').length;

/** The parser's own words without the place it puts in front, and cut: names in it come from the file. */
export const saxesReason = (error: Error): string => error.message.replace(/^\d+:\d+: /, '').slice(0, 160);
